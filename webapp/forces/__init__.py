"""The forces on the screen: who is responsible, what is vacant, the Party chain, meetings, projects and honours."""

from __future__ import annotations

from webapp.forces import honours, meetings, pages, party, posts, projects

BLUEPRINTS = (pages.bp, posts.bp, party.bp, meetings.bp, projects.bp, honours.bp)
