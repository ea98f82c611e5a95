"""Marks the message ids that the interface translates where it shows them."""


def N_(message: str) -> str:
    """Return the message id unchanged, marked for the translation catalogue."""
    return message
