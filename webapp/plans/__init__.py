"""Plans in the browser: their pages, the editor, and what its scripts read and write."""

from webapp.plans import cells, decisions, drafts, editor, exchange, pages, reports

BLUEPRINTS = (pages.bp, decisions.bp, reports.bp, exchange.bp, editor.bp, drafts.bp, cells.bp)
"""What the application registers for plans."""
