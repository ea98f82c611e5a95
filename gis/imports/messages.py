"""Every sentence of the import: finding code → severity, what is wrong, how to mend it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from gis.words import N_


class Message(NamedTuple):
    """The texts of one kind of finding."""

    severity: Literal["error", "warning", "note"]
    message: str
    remedy: str


SAVE_AGAIN = N_("Open the file in QGIS, save it again as GeoPackage or GeoJSON, and import that.")
GIVE_CRS = N_("Name the right one with --crs, for example --crs EPSG:4549, --crs gcj02 or --crs bd09.")
AS_TEXT = N_("Format the code column as text and fill the codes in again from the code list.")
DELETE_ROW = N_("Correct the value in the file, or delete the row.")
MEND_OUTLINE = N_("Redraw the outline at the place named, or import with --repair.")
MOVE_VERTICES = N_("Snap the outlines to one shared edge at the place named.")

FILE = {
    "unreadable": Message(
        "error", N_("The file is not the %(kind)s file that its name says, or is damaged."), SAVE_AGAIN
    ),
    "not_json": Message(
        "error", N_("The file is no GeoJSON: it breaks off in line %(line)s, column %(column)s."), SAVE_AGAIN
    ),
    "no_file": Message("error", N_("There is no file %(name)s."), N_("Check the name of the file and of its folder.")),
    "format_unknown": Message("error", N_("%(driver)s files are not imported."), SAVE_AGAIN),
    "parts_missing": Message(
        "error",
        N_("The shapefile is incomplete: %(missing)s is missing."),
        N_("Put the .shp, .shx, .dbf, .prj and .cpg files of the layer together, or into one zip file."),
    ),
    "layer_choice": Message(
        "error", N_("The file holds several layers: %(layers)s."), N_("Name the one to import with --layer.")
    ),
    "layer_unknown": Message(
        "error", N_("The file holds no layer “%(layer)s”, only: %(layers)s."), N_("Name one of these with --layer.")
    ),
    "too_large": Message(
        "error",
        N_("Unpacked, the zip file would hold %(size)s GB; %(limit)s GB is the most."),
        N_("Split the file by town."),
    ),
    "empty_file": Message(
        "error",
        N_("The file holds no features."),
        N_("Check that the layer was saved with its features, and not only the selected ones."),
    ),
    "same_file": Message(
        "error",
        N_("This very file was imported on %(day)s."),
        N_("There is nothing to do; after a correction, import the corrected file."),
    ),
    "crs_missing": Message(
        "error",
        N_("The file does not say which coordinate system it uses (there is no .prj)."),
        N_("Add the .prj file, or name the system with --crs, for example --crs EPSG:4549."),
    ),
    "crs_unknown": Message("error", N_("“%(crs)s” is not a coordinate system that is known here."), GIVE_CRS),
    "crs_datum": Message(
        "error",
        N_("The file uses %(crs)s; the way to CGCS2000 needs parameters that only the survey office has."),
        N_("Let the survey office convert the file to CGCS2000, then import it."),
    ),
    "crs_replaced": Message(
        "note",
        N_("The file says %(said)s; it was read as %(used)s, as --crs asks."),
        N_("Leave --crs out if the file is right."),
    ),
    "zone_file": Message(
        "warning",
        N_("The file is in %(crs)s, but its rows lie in the strip of %(fits)s."),
        N_("Ask where the file comes from; if its label is wrong, name the right system with --crs."),
    ),
    "zone_metric": Message(
        "warning",
        N_("Areas and lengths are measured in %(crs)s, but the rows lie in the strip of %(fits)s."),
        N_("If the rows lie where they should, set METRIC_SRID to the zone of the district; else give --crs."),
    ),
    "encoding_guessed": Message(
        "note",
        N_("No .cpg file says how the text is written; it was read as %(encoding)s."),
        N_("Look at a few names; if they are wrong, add a .cpg file with the right encoding."),
    ),
    "encoding_wrong": Message(
        "warning",
        N_("The .cpg file says %(said)s, but the text is %(encoding)s and was read as such."),
        N_("Correct the .cpg file before others use the file."),
    ),
    "encoding_unknown": Message(
        "error",
        N_("The text in the file is neither UTF-8 nor GBK."),
        N_("Save the layer again with the encoding UTF-8."),
    ),
    "maybe_shifted": Message(
        "warning",
        N_("%(share)s %% of the rows lie outside every grid: the file may be in a shifted system."),
        N_("If it comes from Amap or Tencent, try --crs gcj02; from Baidu, --crs bd09."),
    ),
}

PRIVATE = {
    "private_column": Message(
        "error",
        N_("The column “%(field)s” holds what is never stored here: %(what)s. The whole file is refused."),
        N_("Delete the column from the file and import it again."),
    ),
    "private_value": Message(
        "error",
        N_("A cell of the column “%(field)s” holds what looks like %(what)s. The whole file is refused."),
        N_("Delete it from the cell; look through the other rows of the column too."),
    ),
}

COLUMN = {
    "column_missing": Message(
        "error",
        N_("The column “%(field)s” is missing (accepted headers: %(headers)s)."),
        N_("Add the column, or rename the one that holds it."),
    ),
    "column_twice": Message(
        "error",
        N_("Two columns mean the same: %(headers)s."),
        N_("Keep one of them, and delete or rename the other."),
    ),
    "column_unknown": Message(
        "note", N_("The column “%(field)s” is not kept."), N_("Nothing to do, unless you expected it on the map.")
    ),
    "value_missing": Message("error", N_("“%(field)s” is empty."), DELETE_ROW),
    "word_unknown": Message("error", N_("“%(value)s” is not a known %(field)s; known are: %(known)s."), DELETE_ROW),
    "kind_guessed": Message(
        "note",
        N_("%(n)s rows have no kind; “%(kind)s” was taken because of their household counts."),
        N_("Add a column “kind” where that is wrong."),
    ),
    "count_wrong": Message("error", N_("“%(value)s” in “%(field)s” is not a whole number."), DELETE_ROW),
    "number_wrong": Message("error", N_("“%(value)s” in “%(field)s” is not a number."), DELETE_ROW),
    "number_negative": Message("error", N_("“%(field)s” is %(value)s, and cannot be below zero."), DELETE_ROW),
    "number_large": Message(
        "error", N_("“%(field)s” is %(value)s, more than the %(limit)s that is believable."), DELETE_ROW
    ),
    "day_wrong": Message(
        "error",
        N_("“%(value)s” in “%(field)s” is not a date."),
        N_("Write dates as 2026-01-31."),
    ),
    "text_long": Message("error", N_("“%(field)s” is longer than %(limit)s characters."), DELETE_ROW),
}

CODE = {
    "code_float": Message("error", N_("The code %(value)s was saved as a decimal number."), AS_TEXT),
    "code_digits": Message("error", N_("The code “%(value)s” holds other characters than digits."), AS_TEXT),
    "code_zeros": Message(
        "error",
        N_("The code %(value)s has %(n)s digits instead of %(wanted)s: leading zeros seem to be lost."),
        AS_TEXT,
    ),
    "code_length": Message("error", N_("The code %(value)s has %(n)s digits instead of %(wanted)s."), AS_TEXT),
    "code_twice": Message(
        "error",
        N_("The code %(value)s is also in row %(other)s."),
        N_("Give each row its own code; a code is never used for two things."),
    ),
    "code_there": Message(
        "error",
        N_("The code %(value)s is already there."),
        N_("Delete the row from the file; changed boundaries are published with a boundary plan."),
    ),
    "code_level": Message(
        "error",
        N_("The code %(value)s is that of a %(found)s, but the row says %(said)s."),
        N_("Correct the code or the level."),
    ),
    "parent_missing": Message(
        "error",
        N_("The area above, %(value)s, is neither in the file nor in the database."),
        N_("Import the area above first, or put it into the same file."),
    ),
    "parent_wrong": Message(
        "error",
        N_("The parent %(value)s does not fit the code; by its digits it is %(wanted)s."),
        N_("Correct the code or the parent."),
    ),
    "village_missing": Message(
        "error",
        N_("The village or community %(value)s does not exist."),
        N_("Import it with `wangge import areas` first, or correct the code."),
    ),
    "village_wrong": Message(
        "error",
        N_("The grid code begins with %(wanted)s, but the row names the village %(value)s."),
        N_("Correct the grid code or the village code."),
    ),
    "building_missing": Message(
        "error",
        N_("The building %(value)s does not exist."),
        N_("Import the buildings first, or correct the code."),
    ),
}

RING_CLOSED = N_("A ring of the outline was not closed; its last point was joined to its first.")
LOOK_AT_RING = N_("Look whether a corner is missing there.")

SHAPE = {
    "shape_broken": Message("error", N_("The outline cannot be read at all."), SAVE_AGAIN),
    "shape_closed": Message("note", RING_CLOSED, LOOK_AT_RING),
    "shape_empty": Message("error", N_("The row has no outline."), N_("Draw the outline, or delete the row.")),
    "shape_type": Message(
        "error",
        N_("The row is a %(type)s, where %(wanted)s is wanted."),
        N_("Delete the row, or save points, lines and polygons in files of their own."),
    ),
    "shape_invalid": Message("error", N_("The outline is not valid: %(reason)s."), MEND_OUTLINE),
    "shape_repaired": Message(
        "warning",
        N_("The outline was not valid (%(reason)s) and was repaired; %(area)s m² changed."),
        N_("Look at the place named on the map, and correct the file."),
    ),
    "shape_heavy": Message(
        "warning",
        N_("The outline has %(n)s vertices; it is kept as it is."),
        N_("If so many are not needed, simplify the layer in QGIS before the import."),
    ),
    "place_swapped": Message(
        "error",
        N_("Longitude and latitude are swapped."),
        N_("Save the file with longitude first (“Swap X and Y coordinates” in QGIS)."),
    ),
    "place_metres": Message(
        "error", N_("The coordinates are not degrees, so the coordinate system of the file is wrong."), GIVE_CRS
    ),
    "place_abroad": Message("error", N_("The row lies outside China."), GIVE_CRS),
    "place_far": Message("error", N_("The row lies %(km)s km outside the district."), GIVE_CRS),
}

FIT = {
    "parent_outside": Message(
        "error", N_("%(area)s m² of %(name)s lie outside %(parent)s, to which it belongs."), MOVE_VERTICES
    ),
    "parent_sliver": Message(
        "warning", N_("A strip of %(area)s m² of %(name)s lies outside %(parent)s."), MOVE_VERTICES
    ),
    "overlap": Message("error", N_("%(name)s and %(other)s overlap by %(area)s m²."), MOVE_VERTICES),
    "overlap_sliver": Message(
        "warning", N_("%(name)s and %(other)s overlap in a strip of %(area)s m²."), MOVE_VERTICES
    ),
    "gap": Message("warning", N_("%(area)s m² of %(name)s belong to no grid."), MOVE_VERTICES),
    "building_overlap": Message(
        "note",
        N_("The building overlaps the building of row %(other)s by %(area)s m²."),
        N_("Delete one of them if a building was drawn twice."),
    ),
    "building_cut": Message(
        "warning",
        N_("The building is cut by the line between the grids %(grid)s and %(other)s; it was put into %(grid)s."),
        N_("Move the grid line around the building with a boundary plan."),
    ),
    "building_outside": Message(
        "warning", N_("The building lies in no grid."), N_("Extend a grid over it with a boundary plan.")
    ),
    "household_alone": Message(
        "error",
        N_("No building stands where the household is."),
        N_("Import the buildings first, or correct the outline."),
    ),
    "household_outside": Message(
        "warning", N_("The household lies in no grid."), N_("Extend a grid over it with a boundary plan.")
    ),
    "territory_missing": Message(
        "error",
        N_("The row lies in no village or community."),
        N_("Import the areas first, or correct the outline."),
    ),
}

MESSAGES: dict[str, Message] = {**FILE, **PRIVATE, **COLUMN, **CODE, **SHAPE, **FIT}
