"""When a limit is near, and how long a case stood still: a limit that was put off is no longer one for that."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

READER = (
    "c.visibility <> 'restricted' OR c.handler_id = (SELECT wangge_staff()) OR c.reporter_id = (SELECT wangge_user())"
)

# As in 0009, with the two columns at the end.
CASE_FACTS = f"""
CREATE OR REPLACE VIEW case_facts WITH (security_barrier) AS
SELECT c.id, c.grid_id, c.outline_id, c.territory, c.category, c.status, c.source, c.urgency, c.visibility, c.lead_body,
       c.reported_at, c.accepted_at, c.filed_at, c.dispatched_at, c.handled_at, c.verified_at, c.closed_at, c.due_at,
       c.suspended_from, c.rework_count, c.return_count, c.extension_count, c.closing_level, c.closure_reason, c.project_id,
       c.revision, c.handler_id, c.reporter_id, c.duplicate_of, c.before_suspension, c.limit_amount, c.limit_unit, c.helpers,
       c.subcategory, CASE WHEN s.clear THEN c.description END AS description, s.clear,
       CASE WHEN (SELECT wangge_may('case.view')) THEN c.case_no END AS case_no,
       CASE WHEN s.clear THEN c.title END AS title,
       CASE WHEN s.clear THEN c.address END AS address,
       CASE WHEN s.clear THEN c.point ELSE o.centre END AS point,
       CASE WHEN s.clear THEN c.point_tile ELSE st_transform(o.centre, 3857) END AS point_tile{{more}}
  FROM cases c
  LEFT JOIN grid_outlines o ON o.id = c.outline_id
 CROSS JOIN LATERAL (SELECT (SELECT wangge_may('case.view')) AND ({READER}) AS clear) s
 WHERE elem_contained_by_multirange(c.territory, (SELECT wangge_territory()))
    OR c.id IN (SELECT m.case_id FROM plan_cases m
                 WHERE elem_contained_by_multirange(m.from_territory, (SELECT wangge_territory())))
"""
# As in 0015, and the two columns are written too.
STEP = """
CREATE OR REPLACE FUNCTION wangge_case_step(
  asked bigint, seen integer, step_name text, target text, moment timestamptz, why text, words text, given jsonb)
RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE was cases; made cases; who text;
BEGIN
  PERFORM FROM cases WHERE id IN (asked, (given ->> 'duplicate_of')::bigint) ORDER BY id FOR UPDATE;
  SELECT * INTO was FROM cases WHERE id = asked FOR UPDATE;
  IF NOT FOUND OR elem_contained_by_multirange(was.territory, wangge_territory()) IS NOT TRUE
     OR (wangge_may('case.dispatch') OR wangge_may('case.suspend')
         OR (step_name = 'urge' AND target = was.status AND given = '{}' AND wangge_may('case.urge'))
         OR (wangge_may('case.handle') AND (was.visibility <> 'restricted' OR was.handler_id = wangge_staff()))) IS NOT TRUE THEN
    RAISE insufficient_privilege USING MESSAGE = 'this case is not theirs';
  END IF;
  IF was.revision <> seen THEN RETURN NULL; END IF;
  made := jsonb_populate_record(was, given);
  IF made.duplicate_of IS DISTINCT FROM was.duplicate_of AND made.duplicate_of IS NOT NULL AND NOT EXISTS (
       SELECT FROM cases p WHERE p.id = made.duplicate_of AND p.closed_at IS NULL AND p.duplicate_of IS NULL) THEN
    RETURN NULL;
  END IF;
  UPDATE cases SET status = target, revision = revision + 1, lead_body = made.lead_body, helpers = made.helpers,
         handler_id = made.handler_id, accepted_at = made.accepted_at, filed_at = made.filed_at,
         dispatched_at = made.dispatched_at, handled_at = made.handled_at, verified_at = made.verified_at,
         closed_at = made.closed_at, due_at = made.due_at, suspended_from = made.suspended_from,
         before_suspension = made.before_suspension, limit_amount = made.limit_amount, limit_unit = made.limit_unit,
         rework_count = made.rework_count,
         return_count = made.return_count, extension_count = made.extension_count, satisfied = made.satisfied,STILL
         closing_level = made.closing_level, closure_reason = made.closure_reason, duplicate_of = made.duplicate_of
   WHERE id = asked;
  SELECT name INTO who FROM users WHERE id = wangge_user();
  INSERT INTO case_events (case_id, at, from_status, to_status, step, actor, actor_id, reason, note)
  VALUES (asked, moment, was.status, target, step_name, coalesce(who, '—'), wangge_user(), why, words);
  RETURN was.revision + 1;
END $$
"""
STILL = "\n         suspended_ms = made.suspended_ms, soon_at = made.soon_at,"
# What the log tells of the pauses since a case was filed.
PAUSED = """
UPDATE cases c SET suspended_ms = p.ms FROM (
  SELECT e.case_id, sum(extract(epoch FROM e.at - s.at) * 1000)::bigint AS ms
    FROM case_events e JOIN cases k ON k.id = e.case_id
   CROSS JOIN LATERAL (SELECT max(b.at) AS at FROM case_events b
                        WHERE b.case_id = e.case_id AND b.step = 'suspend' AND b.id < e.id) s
   WHERE e.step = 'resume' AND s.at >= coalesce(k.filed_at, k.reported_at) GROUP BY e.case_id
) p WHERE p.case_id = c.id
"""


def upgrade() -> None:
    """Add the columns with what the log tells, and let view and step know them."""
    op.add_column("cases", sa.Column("soon_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("suspended_ms", sa.BigInteger(), server_default="0", nullable=False))
    op.execute(PAUSED)
    op.execute(CASE_FACTS.format(more=",\n       c.suspended_ms, c.soon_at"))
    op.execute(STEP.replace("STILL", STILL))


def downgrade() -> None:
    """Forget them; the view, which policies name, keeps columns of them."""
    op.execute(STEP.replace("STILL", ""))
    op.execute(CASE_FACTS.format(more=",\n       0::bigint AS suspended_ms, NULL::timestamptz AS soon_at"))
    op.drop_column("cases", "suspended_ms")
    op.drop_column("cases", "soon_at")
