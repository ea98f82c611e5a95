"""How a shapefile travels: its parts, its zip file, and the encoding of its text."""

from __future__ import annotations

import codecs
import shutil
import zipfile
from pathlib import Path

from gis.imports.findings import Finding, Unreadable

READABLE = (".shp", ".gpkg", ".geojson", ".json", ".geojsonl")
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
NEEDED = (".shx", ".dbf")
MAX_UNPACKED_GB = 8
_HEADER, _FIELD, _NAME = 32, 32, 11


def in_folder(folder: Path) -> Path:
    """Return the one layer file in a folder."""
    return _only([path for path in sorted(folder.iterdir()) if path.suffix.lower() in READABLE])


def _only(paths: list[Path]) -> Path:
    if not paths:
        raise Unreadable("empty_file")
    if len(paths) > 1:
        raise Unreadable("layer_choice", layers=", ".join(path.name for path in paths))
    return paths[0]


def require_parts(path: Path) -> None:
    """Raise Unreadable when a shapefile came without its index or its table."""
    beside = {other.suffix.lower() for other in path.parent.glob("*") if other.stem == path.stem}
    missing = [part for part in NEEDED if part not in beside]
    if missing:
        raise Unreadable("parts_missing", missing=", ".join(path.stem + part for part in missing))


def unzip(path: Path, folder: Path) -> Path:
    """Unpack the one layer of a zip file under plain names: names in a zip may be in any encoding."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if "__MACOSX" not in member.filename]
            if sum(member.file_size for member in members) > MAX_UNPACKED_GB * 1e9:
                raise Unreadable("too_large", limit=MAX_UNPACKED_GB)
            chosen = _only([Path(m.filename) for m in members if Path(m.filename).suffix.lower() in READABLE])
            wanted = PARTS if chosen.suffix.lower() == ".shp" else (chosen.suffix.lower(),)
            for member in members:
                name = Path(member.filename)
                if name.with_suffix("") == chosen.with_suffix("") and name.suffix.lower() in wanted:
                    with archive.open(member) as packed, (folder / f"layer{name.suffix.lower()}").open("wb") as file:
                        shutil.copyfileobj(packed, file)
    except (zipfile.BadZipFile, RuntimeError) as error:
        raise Unreadable("unreadable", reason=str(error)) from error
    target = folder / f"layer{chosen.suffix.lower()}"
    if target.suffix == ".shp":
        require_parts(target)
    return target


def with_whole_names(path: Path, folder: Path) -> Path:
    """Return the shapefile, or a copy whose headers do not end in half a character: ten bytes cut Chinese names."""
    table = _beside(path, ".dbf")
    data = bytearray(table.read_bytes())
    if not any(_mend_name(data, at) for at in _fields(data)):
        return path
    for part in PARTS:
        if _beside(path, part).exists():
            shutil.copyfile(_beside(path, part), folder / f"layer{part}")
    (folder / "layer.dbf").write_bytes(data)
    return folder / "layer.shp"


def _mend_name(table: bytearray, at: int) -> bool:
    name = bytes(table[at : at + _NAME]).split(b"\0")[0]
    if len(name) < _NAME - 1 or _fits(name, "utf-8") or _fits(name, "gb18030"):
        return False
    kept = next((name[:-cut] for cut in (1, 2) if _fits(name[:-cut], "utf-8") or _fits(name[:-cut], "gb18030")), name)
    table[at : at + _NAME] = kept.ljust(_NAME, b"\0")
    return kept != name


def _fields(table: bytes | bytearray) -> list[int]:
    start = int.from_bytes(table[8:10], "little")
    return [at for at in range(_HEADER, start - 1, _FIELD) if table[at : at + 1] != b"\r"]


def encoding(path: Path) -> tuple[str, list[Finding]]:
    """Return the codec of a shapefile's table, by its .cpg file and by what its bytes can be."""
    text = _table_text(_beside(path, ".dbf"))
    fitting = next((codec for codec in ("utf-8", "gb18030") if _fits(text, codec)), None)
    said_file = _beside(path, ".cpg")
    said = said_file.read_text("ascii", "replace").strip() if said_file.exists() else ""
    codec = _codec(said)
    if codec and _fits(text, codec):
        return codec, []
    if fitting is None:
        raise Unreadable("encoding_unknown")
    shown = {"utf-8": "UTF-8", "gb18030": "GBK"}[fitting]
    if said:
        return fitting, [Finding("encoding_wrong", params={"said": said, "encoding": shown})]
    return fitting, [] if text.isascii() else [Finding("encoding_guessed", params={"encoding": shown})]


def _beside(path: Path, suffix: str) -> Path:
    found = [other for other in path.parent.glob("*") if other.stem == path.stem and other.suffix.lower() == suffix]
    return found[0] if found else path.with_suffix(suffix)


def _codec(said: str) -> str | None:
    for name in (said, f"cp{said}"):
        try:
            codec = codecs.lookup(name).name if name else ""
        except LookupError:
            continue
        return "gb18030" if codec in ("gbk", "gb2312", "cp936", "hz") else codec or None
    return None


def _fits(text: bytes, codec: str) -> bool:
    try:
        text.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _table_text(path: Path) -> bytes:
    """Return the field names and the cells of a dBASE table, one field after the other, without the binary header."""
    data = path.read_bytes()
    start, fields = int.from_bytes(data[8:10], "little"), _fields(data)
    names = b"\n".join(data[at : at + _NAME].split(b"\0")[0] for at in fields)
    if not any(data[at + _NAME : at + _NAME + 1] == b"C" for at in fields):
        return names
    return names + b"\n" + data[start:].rstrip(b"\x1a")
