"""A token has a last day, and ends with the password of its account and with the account."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0019"

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


def upgrade() -> None:
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
    """Let tokens hold until they are revoked."""
    op.execute("DROP TRIGGER end_tokens ON users")
    op.execute("DROP FUNCTION wangge_end_tokens()")
    op.execute(TOKEN.format(last=""))
    op.drop_column("tokens", "expires_on")
