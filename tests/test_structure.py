"""The rules of the house: which way imports point, where SQL lives, how long things are, what they are called."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RINGS = ("gis", "layers", "webapp")
FORBIDDEN_IMPORTS = {
    "gis": {
        "flask",
        "flask_login",
        "flask_babel",
        "flask_wtf",
        "flask_limiter",
        "folium",
        "branca",
        "layers",
        "webapp",
    },
    "layers": {"flask", "flask_login", "flask_babel", "flask_wtf", "flask_limiter", "webapp"},
    "webapp": {"geoalchemy2", "shapely", "geopandas"},
}
TOP = {
    ".ci", ".gitattributes", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md",
    "README.zh-CN.md", "docs", "gis", "layers", "migrations", "pyproject.toml", "requirements-bench.lock",
    "requirements-node.lock", "requirements.lock", "static", "tests", "webapp",
}  # fmt: skip
VAGUE = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "service",
    "services",
    "manager",
    "managers",
    "dao",
    "misc",
    "base",
}
TOUCHES_SQL = re.compile(r"(?<![\w.])(select|insert|update|delete|text)\(|\.(execute|scalars?|commit|rollback|flush)\(")
SQL_IN_WEBAPP = {
    "webapp/transaction.py": "the one place that opens, commits and rolls back",
    "webapp/commands/": "the command line is its own edge: it opens transaction() itself",
    "webapp/audit.py": "pages a Select that gis.audit made",
    "webapp/plans/pages.py": "pages Selects that gis.plans.store made",
}
"""File or folder → why it may touch the session all the same."""
STATEMENT = re.compile(
    r"^\s*(SELECT\b.+\bFROM|INSERT INTO|UPDATE\b.+\bSET|DELETE FROM|CREATE (TABLE|INDEX|ROLE|EXTENSION|DATABASE)|"
    r"ALTER TABLE|DROP (TABLE|DATABASE)|GRANT |COPY )",
    re.S,
)
SQL_TEXT = {
    "gis/database.py": "row security and COPY",
    "gis/cluster/": "roles and databases of the private cluster, before there is a schema",
    "gis/schema.py": "extensions, before there is a schema",
    "layers/geojson.py": "COPY … TO has no expression in SQLAlchemy",
    "layers/files/table.py": "COPY … TO has no expression in SQLAlchemy",
    "layers/files/geopackage.py": "a GeoPackage is a database of its own",
}
REGISTRY_HOSTS = re.compile(
    r"https?://[\w.-]*(pypi|python" + r"hosted|npmjs|npmmirror|tuna\.tsinghua|aliyun)[\w.-]*|"
    r"https?://[\w.-]*(unpkg|jsdelivr|cdnjs|googleapis)[\w.-]*|"
    r"registry\.[a-z]+\.(org|com|cn)"
)
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(home/[a-z]|work/|Users/[A-Z]|tmp/[a-z])")
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HACK)\b")


@cache
def tracked() -> tuple[Path, ...]:
    """The files of the project: what git tracks or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def sources(*folders: str) -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py" and named(path).split("/")[0] in folders]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(path)}:{node.lineno} imports relatively"
            yield (node.module or "").split(".")[0]


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef):
            yield node


def length(node: ast.FunctionDef) -> int:
    """Lines of a function without its decorators."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def body_length(node: ast.FunctionDef) -> int:
    """Lines of a function after its signature and docstring."""
    first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
    return (node.end_lineno or 0) - first.lineno + 1


@pytest.mark.parametrize("ring", RINGS)
def test_imports_point_down(ring: str) -> None:
    wrong = [f"{named(p)}: {name}" for p in sources(ring) for name in imported(p) if name in FORBIDDEN_IMPORTS[ring]]
    assert wrong == []


def test_no_module_imports_in_a_circle_of_rings() -> None:
    assert [named(p) for p in sources("migrations") for name in imported(p) if name in ("webapp", "layers")] == []


def test_webapp_touches_no_sql() -> None:
    wrong = []
    for path in sources("webapp"):
        if named(path).startswith(tuple(SQL_IN_WEBAPP)):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if TOUCHES_SQL.search(line):
                wrong.append(f"{named(path)}:{number} {line.strip()}")
    assert wrong == []


def test_every_exception_is_still_needed() -> None:
    for listed, pattern in ((SQL_IN_WEBAPP, TOUCHES_SQL), (SQL_TEXT, re.compile("[A-Z]{4}"))):
        for start in listed:
            texts = [
                p.read_text(encoding="utf-8") for p in tracked() if named(p).startswith(start) and p.suffix == ".py"
            ]
            assert any(pattern.search(text) for text in texts), f"{start} needs no exception any more"


def test_sql_text_lives_in_a_few_places() -> None:
    wrong = []
    for path in sources(*RINGS):
        if named(path).startswith(tuple(SQL_TEXT)):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.match(node.value):
                wrong.append(f"{named(path)}:{node.lineno} {node.value.strip()[:60]}")
    assert wrong == []


def test_core_functions_never_commit() -> None:
    wrong = [named(p) for p in sources("gis", "layers") if ".commit(" in p.read_text(encoding="utf-8")]
    assert wrong == [], "gis and layers flush; the edge commits"


@pytest.mark.parametrize("folder", [*RINGS, "tests"])
def test_files_are_short(folder: str) -> None:
    long = {named(p): n for p in sources(folder) if (n := len(p.read_text(encoding="utf-8").splitlines())) > 300}
    assert long == {}


@pytest.mark.parametrize("folder", [*RINGS, "tests"])
def test_functions_are_short(folder: str) -> None:
    long = {f"{named(p)}:{f.name}": length(f) for p in sources(folder) for f in functions(p) if length(f) > 40}
    assert long == {}


def test_views_have_at_most_a_dozen_lines() -> None:
    def is_view(node: ast.FunctionDef) -> bool:
        calls = [d.func for d in node.decorator_list if isinstance(d, ast.Call)]
        return any(isinstance(c, ast.Attribute) and c.attr in ("get", "post", "route") for c in calls)

    views = {f"{named(p)}:{f.name}": body_length(f) for p in sources("webapp") for f in functions(p) if is_view(f)}
    assert len(views) > 10, "the test does not find the views any more"
    assert {name: n for name, n in views.items() if n > 12} == {}


def test_templates_scripts_and_styles_are_short() -> None:
    limits = {".html": 120, ".js": 300, ".css": 300}
    own = [p for p in tracked() if p.suffix in limits and named(p).startswith(("webapp/", "static/"))]
    lengths = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in own}
    assert {named(p): n for p, n in lengths.items() if n > limits[p.suffix]} == {}


def test_public_names_say_in_a_sentence_what_they_are() -> None:
    silent = []
    for path in sources(*RINGS):
        if not ast.get_docstring(tree(path)):
            silent.append(named(path))
        for node in tree(path).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                text = (ast.get_docstring(node) or "").split("\n\n")[0].strip()
                if not text.endswith((".", ":")):
                    silent.append(f"{named(path)}:{node.name}")
    assert silent == []


def test_core_functions_are_annotated() -> None:
    bare = []
    for path in sources("gis", "layers"):
        for node in functions(path):
            parameters = [a for a in (*node.args.args, *node.args.kwonlyargs) if a.arg not in ("self", "cls")]
            if node.returns is None or any(a.annotation is None for a in parameters):
                bare.append(f"{named(path)}:{node.name}")
    assert bare == []


def test_no_file_has_a_vague_name() -> None:
    own = [p for p in tracked() if "node_modules" not in named(p)]
    vague = [named(p) for p in own if set(re.split(r"[/._-]", named(p).lower())) & (VAGUE - {"base"})]
    assert vague == []
    assert [named(p) for p in sources(*RINGS) if p.stem in VAGUE] == []


def test_the_top_level_is_the_one_of_the_design() -> None:
    assert {named(p).split("/")[0] for p in tracked()} - TOP == set()


def test_no_registry_no_machine_path_nothing_unfinished() -> None:
    wrong = []
    for path in tracked():
        if path.suffix in (".png", ".jpg", ".gpkg", ".zip", ".shp", ".dbf", ".shx") or path == Path(__file__).resolve():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if any(pattern.search(line) for pattern in (REGISTRY_HOSTS, MACHINE_PATH, UNFINISHED)):
                wrong.append(f"{named(path)}:{number} {line.strip()[:80]}")
    assert wrong == []


def test_nothing_reads_the_environment_but_the_edges() -> None:
    edges = (
        "gis/settings.py",
        "gis/machine.py",
        "gis/bootstrap.py",
        "gis/cluster/",
        "webapp/wsgi.py",
        "webapp/commands/",
    )
    wrong = [
        named(p) for p in sources(*RINGS)
        if not named(p).startswith(edges) and re.search(r"os\.(environ|getenv)", p.read_text(encoding="utf-8"))
    ]  # fmt: skip
    assert wrong == []


def test_the_clock_is_passed_in() -> None:
    clock = re.compile(r"(datetime\.now|date\.today|time\.time)\(|func\.(now|current_date|current_timestamp)\(")
    wrong = []
    for path in sources("gis", "layers"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if clock.search(line) and "server_default" not in line:
                wrong.append(f"{named(path)}:{number} {line.strip()}")
    assert wrong == []
