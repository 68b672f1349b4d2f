from __future__ import annotations

import pytest

from models.pool.roster import Cost, Roster, Verdict

COSTS = {
    "server": Cost(memory_mb=40, is_llm=False, ttl_s=300),
    "large": Cost(memory_mb=2_000, is_llm=True, ttl_s=120),
    "vision": Cost(memory_mb=3_000, is_llm=True, ttl_s=60),
    "translation": Cost(memory_mb=800, is_llm=False, ttl_s=90),
}


def roster(*loaded: str, most_llms: int = 1, most_mb: float = 4_000) -> Roster:
    """Return the books of a house in which `loaded` were used one after the other."""
    books = Roster(COSTS, most_llms=most_llms, most_mb=most_mb, keep_free_mb=100)
    for now_s, name in enumerate(loaded):
        books.use(name, now_s)
    return books


def test_what_fits_is_loaded_beside_the_others() -> None:
    """Nobody has to go."""
    assert roster("server", "translation").judge("large", 2_100, ()) == Verdict()
    assert roster("large").judge("large", 0, ()) == Verdict()


def test_a_second_language_model_takes_the_place_of_the_first() -> None:
    """Of the first alone: what is small and in nobody's way stays."""
    books = roster("server", "large", most_mb=6_000)
    assert books.judge("vision", 3_100, ()) == Verdict(unload=("large",))
    assert "max_concurrent_llms" in books.judge("vision", 9_000, {"large"}).refusal


def test_the_plan_of_memory_is_kept() -> None:
    """Those longest unused go, as many as needed."""
    books = roster("translation", "server", "large", most_llms=2, most_mb=3_500)
    assert books.judge("vision", 9_000, ()).unload == ("translation", "large")
    assert books.judge("vision", 9_000, {"large"}).unload == ()
    assert "pool.memory_mb" in books.judge("vision", 9_000, {"large"}).refusal


@pytest.mark.parametrize(
    ("free_mb", "verdict"),
    [(2_100, Verdict()), (2_099, Verdict(unload=("translation",))), (None, Verdict())],
)
def test_the_machine_keeps_what_it_needs(free_mb: float | None, verdict: Verdict) -> None:
    """What those give back who go counts as free."""
    assert roster("translation").judge("large", free_mb, ()) == verdict


def test_where_all_of_it_does_not_do_nobody_goes() -> None:
    """A refusal names the numbers and unloads nothing."""
    verdict = roster("translation").judge("large", 1_299, ())
    assert verdict.unload == ()
    assert verdict.refusal == (
        "large takes 2000 MB and 2099 MB are free, of which 100 MB are kept; end other programs"
    )


def test_unused_ones_are_due() -> None:
    """After their time to live, counted from the last use; not while they work."""
    books = roster("vision", "server")
    assert books.due(59.9, ()) == ()
    assert books.due(60, ()) == ("vision",)
    assert books.due(60, {"vision"}) == ()
    books.use("vision", 50)
    assert books.due(109, ()) == ()
    books.drop("vision")
    assert books.due(1_000, ()) == ("server",)
