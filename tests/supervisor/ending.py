"""An exit code in; a process that ends with it out."""

from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Return the given code."""
    return int(arguments[0])
