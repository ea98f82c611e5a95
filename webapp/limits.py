"""How often somebody may try: the counters of log-ins, tokens and notices."""

from __future__ import annotations

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse

from gis.errors import TooMany
from gis.words import N_

limiter = Limiter(get_remote_address)
WRONG_TOKENS = parse("200 per 15 minutes")
"""As for wrong passwords from one address, behind which a whole office may be."""


def check_tokens() -> None:
    """Raise TooMany after many wrong tokens from the address that asks."""
    if limiter.enabled and not limiter.limiter.test(WRONG_TOKENS, "token", get_remote_address()):
        raise TooMany(N_("Too many wrong tokens. Wait 15 minutes, then try again."))


def note_wrong_token() -> None:
    """Count a token that is none."""
    if limiter.enabled:
        limiter.limiter.hit(WRONG_TOKENS, "token", get_remote_address())
