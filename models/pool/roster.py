"""Who is loaded and what is free in; who may be loaded, and who has to go for it, out. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct


class Cost(Struct, frozen=True, kw_only=True):
    """What a specialist takes."""

    memory_mb: int
    is_llm: bool
    ttl_s: float


class Verdict(Struct, frozen=True):
    """Whether a specialist may be loaded."""

    unload: tuple[str, ...] = ()
    """Those to be unloaded before."""
    refusal: str = ""
    """Why it may not; then nobody need go."""


class Roster:
    """Keeps the books; loads and unloads nothing itself.

    most_llms, most_mb: of all that are loaded. keep_free_mb: what must be left to others.
    """

    def __init__(
        self, costs: Mapping[str, Cost], *, most_llms: int, most_mb: float, keep_free_mb: float
    ) -> None:
        self._costs = costs
        self._most_llms = most_llms
        self._most_mb = most_mb
        self._keep_free_mb = keep_free_mb
        self._used_s: dict[str, float] = {}
        """When each of those that are loaded was last used."""

    @property
    def loaded(self) -> tuple[str, ...]:
        """Those that are loaded, the one longest unused first."""
        return tuple(sorted(self._used_s, key=self._used_s.__getitem__))

    def use(self, name: str, now_s: float) -> None:
        """Note that one is loaded, and used now."""
        self._used_s[name] = now_s

    def drop(self, name: str) -> None:
        """Note that one is not loaded any more."""
        self._used_s.pop(name, None)

    def due(self, now_s: float, busy: Collection[str]) -> tuple[str, ...]:
        """Return those whose time is over; one at work stays."""
        return tuple(
            name
            for name, used_s in self._used_s.items()
            if name not in busy and now_s - used_s >= self._costs[name].ttl_s
        )

    def judge(self, name: str, free_mb: float | None, busy: Collection[str]) -> Verdict:
        """Return whether `name` may be loaded now, and who has to go for it.

        free_mb: what may still be taken beside those that are loaded; None: nobody knows.
        busy: those at work, who stay. The one longest unused goes first.
        """
        if name in self._used_s:
            return Verdict()
        staying = list(self.loaded)
        going: list[str] = []
        candidates = [each for each in staying if each not in busy]
        while refusal := self._shortage(name, staying, going, free_mb):
            if not candidates:
                return Verdict(refusal=refusal)
            going.append(candidates.pop(0))
            staying.remove(going[-1])
        return Verdict(unload=self._without_needless(name, staying, going, free_mb))

    def _without_needless(
        self, name: str, staying: list[str], going: list[str], free_mb: float | None
    ) -> tuple[str, ...]:
        """Return those of `going` without whom it would not do: a small one need not go as well."""
        for each in tuple(going):
            fewer = [other for other in going if other != each]
            if not self._shortage(name, [*staying, each], fewer, free_mb):
                going, staying = fewer, [*staying, each]
        return tuple(going)

    def _shortage(
        self, name: str, staying: Collection[str], going: Collection[str], free_mb: float | None
    ) -> str:
        """Return what is lacking for `name` beside `staying`; empty: nothing."""
        wanted = self._costs[name]
        llms = sum(self._costs[each].is_llm for each in staying)
        if wanted.is_llm and llms >= self._most_llms:
            return f"{name}: {llms} language models are at work; pool.max_concurrent_llms"
        held_mb = sum(self._costs[each].memory_mb for each in staying)
        if held_mb + wanted.memory_mb > self._most_mb:
            return (
                f"{name} takes {wanted.memory_mb} MB and {self._most_mb - held_mb:.0f} MB of "
                "pool.memory_mb are left; raise it, or choose a smaller model"
            )
        if free_mb is None:
            return ""
        left_mb = free_mb + sum(self._costs[each].memory_mb for each in going)
        if wanted.memory_mb + self._keep_free_mb > left_mb:
            return (
                f"{name} takes {wanted.memory_mb} MB and {left_mb:.0f} MB are free, of which "
                f"{self._keep_free_mb:.0f} MB are kept; end other programs"
            )
        return ""
