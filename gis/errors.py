"""What can go wrong, in domain words; every message is an English message id with its parameters."""

from __future__ import annotations

from typing import Any


class WanggeError(Exception):
    """Anything that the user can be told in one sentence."""

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message, params)
        self.message = message
        self.params = params

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class NotFound(WanggeError):
    """The thing does not exist, or lies outside the viewer's territory: the two look the same."""


class NotAllowed(WanggeError):
    """The viewer's role does not include this."""


class Invalid(WanggeError):
    """The input is wrong; the message says what, where and how to mend it."""


class Conflict(WanggeError):
    """The input is right but contradicts what is stored."""


class Refused(WanggeError):
    """The input holds what the product never stores."""


class TooMany(WanggeError):
    """It was tried too often; the message says how long to wait."""


class Unavailable(WanggeError):
    """A part that the work needs does not answer."""
