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


def require_parts(path: Path, called: str | None = None) -> None:
    """Raise Unreadable when a shapefile came without its index or its table; a zip file calls it otherwise."""
    beside = {other.suffix.lower() for other in path.parent.glob("*") if other.stem == path.stem}
    missing = [part for part in NEEDED if part not in beside]
    if missing:
        raise Unreadable("parts_missing", missing=", ".join((called or path.stem) + part for part in missing))


def unzip(path: Path, folder: Path, most_gb: float | None = None) -> Path:
    """Unpack the one layer of a zip file under plain names: names in a zip may be in any encoding."""
    limit = most_gb or MAX_UNPACKED_GB
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if "__MACOSX" not in member.filename]
            size = sum(member.file_size for member in members) / 1e9
            if size > limit:
                raise Unreadable("too_large", limit=limit, size=round(size, 1))
            chosen = _only([Path(m.filename) for m in members if Path(m.filename).suffix.lower() in READABLE])
            wanted = PARTS if chosen.suffix.lower() == ".shp" else (chosen.suffix.lower(),)
            for member in members:
                name = Path(member.filename)
                if name.with_suffix("") == chosen.with_suffix("") and name.suffix.lower() in wanted:
                    with archive.open(member) as packed, (folder / f"layer{name.suffix.lower()}").open("wb") as file:
                        shutil.copyfileobj(packed, file)
    except (zipfile.BadZipFile, RuntimeError) as error:
        raise Unreadable("unreadable", kind="zip") from error
    target = folder / f"layer{chosen.suffix.lower()}"
    if target.suffix == ".shp":
        require_parts(target, chosen.stem)
    return target


def encoding(path: Path) -> tuple[str, list[Finding]]:
    """Return the codec of a shapefile's table, by its .cpg file and by what its bytes can be."""
    names, text = _names(path), _text(path)
    fitting = next((codec for codec in ("utf-8", "gb18030") if _written_in(codec, names, text)), None)
    said_file = _beside(path, ".cpg")
    said = said_file.read_text("ascii", "replace").strip() if said_file.exists() else ""
    codec = _codec(said)
    if codec and _written_in(codec, names, text):
        return codec, []
    if fitting is None:
        raise Unreadable("encoding_unknown")
    shown = {"utf-8": "UTF-8", "gb18030": "GBK"}[fitting]
    if said:
        return fitting, [Finding("encoding_wrong", params={"said": said, "encoding": shown})]
    plain = text.isascii() and all(name.isascii() for name in names)
    return fitting, [] if plain else [Finding("encoding_guessed", params={"encoding": shown})]


def with_whole_names(path: Path, codec: str, folder: Path) -> Path:
    """Return the shapefile, or a copy whose headers do not end in half a character: ten bytes cut Chinese names."""
    names = _names(path)
    kept = [_whole(name, codec) or name for name in names]
    if kept == names:
        return path
    for part in PARTS:
        if _beside(path, part).exists():
            shutil.copyfile(_beside(path, part), folder / f"whole{part}")
    table = bytearray((folder / "whole.dbf").read_bytes())
    for at, name in zip(_fields(table), kept, strict=True):
        table[at : at + _NAME] = name.ljust(_NAME, b"\0")
    (folder / "whole.dbf").write_bytes(table)
    return folder / "whole.shp"


def _written_in(codec: str, names: list[bytes], text: bytes) -> bool:
    return _fits(text, codec) and all(_whole(name, codec) is not None for name in names)


def _whole(name: bytes, codec: str) -> bytes | None:
    """Return a header without the half character at its end, none when it is not written in the codec."""
    cuts = range(3) if len(name) == _NAME - 1 else range(1)
    return next((name[: len(name) - cut] for cut in cuts if _fits(name[: len(name) - cut], codec)), None)


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


def _fields(table: bytes | bytearray) -> list[int]:
    start = int.from_bytes(table[8:10], "little")
    return [at for at in range(_HEADER, start - 1, _FIELD) if table[at : at + 1] != b"\r"]


def _names(path: Path) -> list[bytes]:
    table = _beside(path, ".dbf")
    with table.open("rb") as file:
        head = file.read(_HEADER)
        length = int.from_bytes(head[8:10], "little")
        if length <= _HEADER:
            raise Unreadable("unreadable", kind="Shapefile (.dbf)")
        head += file.read(length - _HEADER)
    return [head[at : at + _NAME].split(b"\0")[0] for at in _fields(head)]


def _text(path: Path) -> bytes:
    """Return the cells of a dBASE table when any of its columns is text."""
    data = _beside(path, ".dbf").read_bytes()
    if not any(data[at + _NAME : at + _NAME + 1] == b"C" for at in _fields(data)):
        return b""
    return data[int.from_bytes(data[8:10], "little") :].rstrip(b"\x1a")
