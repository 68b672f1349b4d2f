"""Failures and successes in; whether it is worth asking again out. Pure.

Source: M. Nygard, Release It!, "Circuit Breaker".
"""

from __future__ import annotations


class Breaker:
    """Leaves one alone that has failed `failures` times in a row.

    After `pause_s` it is asked once; when that fails too, the pause begins anew.
    """

    def __init__(self, failures: int, pause_s: float) -> None:
        self._most = failures
        self._pause_s = pause_s
        self._failed = 0
        self._again_s = 0.0

    def allows(self, now_s: float) -> bool:
        """Return whether to ask now. Of a pause that is over, only the first to come may."""
        if self._failed < self._most:
            return True
        if now_s < self._again_s:
            return False
        self._again_s = now_s + self._pause_s
        return True

    def failed(self, now_s: float) -> None:
        """Note a failure."""
        self._failed += 1
        self._again_s = now_s + self._pause_s

    def succeeded(self) -> None:
        """Note an answer that came to its end."""
        self._failed = 0
