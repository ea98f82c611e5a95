"""Drawing in a plan: strokes and their way back, by several planners at a time, none of whose work is lost."""

from gis.plans.edits.back import reach, redo, undo
from gis.plans.edits.drawing import apply
from gis.plans.edits.edit import KINDS, Edit, Outcome, outcome

__all__ = ["KINDS", "Edit", "Outcome", "apply", "outcome", "reach", "redo", "undo"]
