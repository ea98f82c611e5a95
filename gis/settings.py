"""One frozen Settings, read from the environment once and handed on from there."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from gis.errors import Invalid, Unavailable
from gis.words import N_

ROOT = Path(__file__).resolve().parent.parent


def _set_by(env: str, help_: str, default: Any = MISSING) -> Any:
    """Declare a field with the environment variable that sets it and what it is for."""
    return field(default=default, metadata={"env": env, "help": help_})


@dataclass(frozen=True)
class Settings:
    """Everything that a deployment can choose; each field's metadata holds its variable (`env`) and its `help`."""

    secret_key: str = field(
        repr=False,
        metadata={
            "env": "SECRET_KEY",
            "help": N_("Signs the session cookies; without it a random one is made once and kept in var/secret."),
        },
    )
    database_url: str | None = _set_by(
        "DATABASE_URL", N_("The PostGIS database, as its owner; without it a private one runs under var/."), None
    )
    app_database_url: str | None = _set_by(
        "APP_DATABASE_URL",
        N_("The same database, as a role that owns nothing; without it each connection takes the role wangge_app."),
        None,
    )
    host: str = _set_by("HOST", N_("The address to listen on; 0.0.0.0 opens the server to the network."), "127.0.0.1")
    port: int = _set_by("PORT", N_("The port to listen on."), 8000)
    workers: int = _set_by("WORKERS", N_("How many processes serve requests."), 2)
    threads: int = _set_by("THREADS", N_("How many requests each process serves at a time."), 8)
    trusted_proxies: int = _set_by(
        "TRUSTED_PROXIES", N_("How many proxies stand in front and tell the browser's address; none are believed."), 0
    )
    cookie_secure: bool = _set_by(
        "COOKIE_SECURE",
        N_("1 when browsers come over https: they then send the session cookie over nothing else."),
        False,
    )
    demo_password: str | None = _set_by(
        "WANGGE_DEMO_PASSWORD", N_("The password of all demo accounts; without it a random one is printed."), None
    )
    metric_srid: int = _set_by(
        "METRIC_SRID", N_("The EPSG code of the CGCS2000 zone in which areas and lengths are measured."), 4549
    )
    grid_households_min: int = _set_by(
        "GRID_HOUSEHOLDS_MIN", N_("How many households a grid has at least; a plan may choose its own range."), 300
    )
    grid_households_max: int = _set_by(
        "GRID_HOUSEHOLDS_MAX", N_("How many households a grid has at most; a plan may choose its own range."), 500
    )
    tianditu_key: str | None = _set_by(
        "TIANDITU_KEY", N_("The key of the Tianditu base map; without it no base map is shown."), None
    )
    map_approval_no: str | None = _set_by(
        "MAP_APPROVAL_NO", N_("The map approval number (审图号) that maps for the public show."), None
    )
    supervision_phone: str | None = _set_by(
        "SUPERVISION_PHONE",
        N_("The supervision phone on notice boards; without it that of the town's Party organisation."),
        None,
    )
    root: Path = ROOT

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ, root: Path = ROOT) -> Settings:
        """Read the settings; an empty variable counts as not set, a wrong one raises Invalid with its name."""
        given = {
            each.name: environ[each.metadata["env"]].strip()
            for each in fields(cls)
            if each.metadata and environ.get(each.metadata["env"], "").strip()
        }
        values: dict[str, Any] = {name: READERS.get(name, _text)(name, value) for name, value in given.items()}
        _refuse_an_empty_range(values)
        if "secret_key" not in values:
            try:
                values["secret_key"] = _kept_secret(root / "var" / "secret")
            except OSError as error:
                message = N_(
                    "%(folder)s cannot be used by this user; be the one that owns the checkout, or set %(variable)s."
                )
                raise Unavailable(message, folder=root / "var", variable="SECRET_KEY") from error
        return cls(**values, root=root)

    @property
    def var(self) -> Path:
        """The folder for what this checkout makes for itself."""
        return self.root / "var"


def variable(name: str) -> str:
    """Return the environment variable that sets a field."""
    return next(str(each.metadata["env"]) for each in fields(Settings) if each.name == name)


def _text(_name: str, value: str) -> str:
    return value


def _between(low: int, high: int) -> Any:
    """Return a reader of whole numbers within bounds."""

    def read(name: str, value: str) -> int:
        if value.isascii() and value.isdigit() and low <= int(value) <= high:
            return int(value)
        message = N_("%(variable)s is “%(value)s”; it has to be a whole number from %(low)s to %(high)s.")
        raise Invalid(message, variable=variable(name), value=value, low=low, high=high)

    return read


def _database(name: str, value: str) -> str:
    """Read a PostgreSQL address, in libpq's or SQLAlchemy's way of writing, without ever repeating its password."""
    scheme, found, rest = value.partition("://")
    if found and rest and scheme in {"postgres", "postgresql", "postgresql+psycopg2"}:
        return f"postgresql+psycopg2://{rest}"
    message = N_("%(variable)s has to look like postgresql://user:password@host:5432/database.")
    raise Invalid(message, variable=variable(name))


def _switch(name: str, value: str) -> bool:
    """Read 0 or 1."""
    return bool(_between(0, 1)(name, value))


def _secret(name: str, value: str) -> str:
    """Read the key that signs cookies; a short one can be guessed."""
    if len(value) >= 16:
        return value
    message = N_("%(variable)s is too short; it has to have at least 16 characters.")
    raise Invalid(message, variable=variable(name))


READERS = {
    "secret_key": _secret,
    "database_url": _database,
    "app_database_url": _database,
    "port": _between(1, 65535),
    "workers": _between(1, 64),
    "threads": _between(1, 256),
    "trusted_proxies": _between(0, 10),
    "cookie_secure": _switch,
    "metric_srid": _between(4491, 4554),
    "grid_households_min": _between(0, 99_999),
    "grid_households_max": _between(1, 100_000),
}
"""Field → reader(name, text); the others are plain text. EPSG 4491 to 4554 are the CGCS2000 Gauss-Krüger zones."""


def _refuse_an_empty_range(values: Mapping[str, Any]) -> None:
    """Raise Invalid when a grid would have to have more households than it may."""
    low = values.get("grid_households_min", Settings.grid_households_min)
    high = values.get("grid_households_max", Settings.grid_households_max)
    if low >= high:
        message = N_("%(variable)s is %(low)s, which is not less than %(other)s, %(high)s.")
        names = {"variable": variable("grid_households_min"), "other": variable("grid_households_max")}
        raise Invalid(message, **names, low=low, high=high)


def _kept_secret(file: Path) -> str:
    """Return the checkout's own random key, made on first use, readable by its owner alone."""
    file.parent.mkdir(mode=0o755, exist_ok=True)
    if not file.exists() or file.stat().st_size < 16:
        fresh = file.with_name(f"secret.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(48))
        if file.exists():
            fresh.replace(file)  # a full disk left it empty
        with contextlib.suppress(FileExistsError, FileNotFoundError):  # another process was first: its key holds
            file.hardlink_to(fresh)
        fresh.unlink(missing_ok=True)
    return file.read_text().strip()
