"""Cells: the land of one building, the atom of redrawing."""
