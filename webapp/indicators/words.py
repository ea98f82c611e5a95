"""How each figure of the dashboard is counted, in a sentence."""

from gis.words import N_

ABOUT: dict[str, str] = {
    "weeks": N_("Cases reported and ended in each week, Monday to Sunday; the line is what was open at its end."),
    "categories": N_("Share of each category in the cases filed in the month."),
    "boxes": N_(
        "Working hours from filing to closing: the box holds half of the cases, its line is the median, "
        "the whiskers reach from one tenth to nine tenths."
    ),
    "sources": N_("Cases filed in the month by where they came from; a grid patrol finds them before residents do."),
    "levels": N_("Cases closed in the month by the level that closed them."),
    "chain": N_("Organisations of each tier on the day; every tier stands on the one below it."),
    "functional": N_(
        "Branches of the seconded forces and of the social forces; members keep their home branch and "
        "are not added to totals."
    ),
    "sizes": N_("General grids by their registered households; the marked range is wanted."),
    "workers": N_("Registered households over full-time grid workers on the day."),
    "skills": N_(
        "Active members of the teams with a skill, and the month's cases of the categories it serves; "
        "who has two skills counts twice."
    ),
    "care": N_(
        "Enrolments of the elder-care action that were visited within their tier; fewer than 5 are not "
        "shown, nor what would tell them."
    ),
    "ageing": N_("Open cases over their limit and not suspended, by days over."),
}
"""Figure → its formula."""
