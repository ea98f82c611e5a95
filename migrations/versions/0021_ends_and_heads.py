"""Tokens end with a day, a password, an account; repeats of a case that is a repeat itself point at the first."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

ROLE = "wangge_app"
TOKEN = """
CREATE OR REPLACE FUNCTION wangge_token(given text, today date) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE found tokens;
BEGIN
  SELECT t.* INTO found FROM tokens t JOIN users u ON u.id = t.user_id AND u.active
   WHERE t.hash = given AND t.revoked_at IS NULL{last};
  IF found.id IS NOT NULL AND found.last_used_on IS DISTINCT FROM today THEN
    UPDATE tokens SET last_used_on = today WHERE id = found.id;
  END IF;
  RETURN found.user_id;
END $$
"""

# Whoever changes the password ends the tokens too, and may not write to their table.
ENDED = """
CREATE FUNCTION wangge_end_tokens() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE tokens SET revoked_at = clock_timestamp() WHERE user_id = NEW.id AND revoked_at IS NULL;
  RETURN NULL;
END $$
"""

# Who parts cases may not read the log of a restricted one, and puts it back into the state from before all the same.
BEFORE = """
CREATE FUNCTION wangge_before_repeat(asked bigint) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT e.from_status FROM case_events e JOIN cases c ON c.id = e.case_id
   WHERE c.id = asked AND e.to_status = 'duplicate' AND wangge_may('case.dispatch')
     AND elem_contained_by_multirange(c.territory, wangge_territory())
   ORDER BY e.id DESC LIMIT 1
$$
"""

# It fires inside wangge_case_step, which runs with the owner's rights: nobody else writes this column.
HEAD = """
CREATE FUNCTION wangge_follow_head() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE cases SET duplicate_of = NEW.duplicate_of WHERE duplicate_of = NEW.id;
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    """Give tokens an end, and repeats their first."""
    tokens()
    op.execute(BEFORE)
    op.execute("REVOKE ALL ON FUNCTION wangge_before_repeat(bigint) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION wangge_before_repeat(bigint) TO {ROLE}")
    op.execute("UPDATE cases c SET duplicate_of = p.duplicate_of FROM cases p "
               "WHERE p.id = c.duplicate_of AND p.duplicate_of <> c.id")  # fmt: skip
    op.execute(HEAD)
    op.execute(
        "CREATE TRIGGER follow_head AFTER UPDATE OF duplicate_of ON cases FOR EACH ROW "
        "WHEN (NEW.duplicate_of IS DISTINCT FROM OLD.duplicate_of AND NEW.duplicate_of IS NOT NULL) "
        "EXECUTE FUNCTION wangge_follow_head()"
    )


def tokens() -> None:
    """Give every token a last day, a year after it was made; at the earliest a month from today."""
    op.add_column("tokens", sa.Column("expires_on", sa.Date(), nullable=True))
    op.execute("UPDATE tokens SET expires_on = greatest(created_at::date + 365, current_date + 30)")
    op.alter_column("tokens", "expires_on", nullable=False)
    op.execute(f"GRANT SELECT (expires_on) ON tokens TO {ROLE}")
    op.execute(TOKEN.format(last=" AND t.expires_on >= today"))
    op.execute(ENDED)
    op.execute("REVOKE ALL ON FUNCTION wangge_end_tokens() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER end_tokens AFTER UPDATE OF password_hash, active ON users FOR EACH ROW "
        "WHEN (OLD.password_hash <> NEW.password_hash OR NOT NEW.active) EXECUTE FUNCTION wangge_end_tokens()"
    )


def downgrade() -> None:
    """Let tokens hold until they are revoked, and repeats point where they do."""
    op.execute("DROP TRIGGER follow_head ON cases")
    op.execute("DROP FUNCTION wangge_follow_head(), wangge_before_repeat(bigint)")
    op.execute("DROP TRIGGER end_tokens ON users")
    op.execute("DROP FUNCTION wangge_end_tokens()")
    op.execute(TOKEN.format(last=""))
    op.drop_column("tokens", "expires_on")
