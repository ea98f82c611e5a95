"""Marks the message ids that the interface translates where it shows them."""


class Word(str):
    """A parameter of a message that is itself a message id."""

    __slots__ = ()


def N_(message: str) -> str:
    """Return the message id unchanged, marked for the translation catalogue."""
    return message
