"""The held half of the labelled set in; how often the router is right, and what it costs, out."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from statistics import median, quantiles
from typing import Any, Final

from benchmarks.router_utterances import Utterance, utterances
from config.load import load_settings
from models.router.router import ROUTES, Routed, Router, read_head
from models.sentence_encoder import open_sentence_encoder

_REPEATS: Final = 5


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(prog="bench router", description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    encoder = open_sentence_encoder(load_settings("default"))
    if encoder is None:
        sys.stderr.write("bench router: memory.embedding is empty; name the sentence encoder\n")
        return 2
    router = Router(read_head())
    rows = utterances()
    latents = {each.text: encoder.embed(each.text) for each in rows}
    router.route("Hola.", latents[rows[0].text])  # the first call is slow
    times_ms: list[float] = []
    routed: list[tuple[Utterance, Routed]] = []
    for _ in range(_REPEATS):
        routed.clear()
        for each in rows:
            began_ns = time.perf_counter_ns()
            routed.append((each, router.route(each.text, latents[each.text])))
            times_ms.append((time.perf_counter_ns() - began_ns) / 1e6)
    figures = measured(routed) | {
        "route_ms_p50": round(median(times_ms), 3),
        "route_ms_p95": round(quantiles(times_ms, n=20)[-1], 3),
    }
    sys.stdout.write(json.dumps(figures) + "\n" if arguments.json else _table(figures))
    return 0 if figures["accuracy"] >= 0.92 and not figures["harmful"] else 1


def measured(routed: Sequence[tuple[Utterance, Routed]]) -> dict[str, Any]:
    """Return accuracy and confusion on the held half; harmful errors in both halves. Pure."""
    held = [(row, found) for row, found in routed if row.split == "held"]
    confusion = Counter((row.label, found.route) for row, found in held)
    return {
        "held": len(held),
        "accuracy": round(sum(row.label == found.route for row, found in held) / len(held), 4),
        "by_language": {
            language: round(
                sum(row.label == found.route for row, found in held if row.language == language)
                / sum(row.language == language for row, _ in held),
                4,
            )
            for language in ("en", "es")
        },
        "confusion": {
            label: {route: confusion[label, route] for route in ROUTES} for label in ROUTES
        },
        "private": sum(row.private for row, _ in routed),
        "harmful": sum(row.private and found.route == "expert" for row, found in routed),
        "unmarked_private": sum(row.private and not found.private for row, found in routed),
        "wrong": [
            f"{row.text} ({row.label}, not {found.route})"
            for row, found in held
            if row.label != found.route
        ],
    }


def _table(figures: dict[str, Any]) -> str:
    lines = [
        f"held {figures['held']}  accuracy {figures['accuracy']:.3f}  by language "
        + "  ".join(f"{name} {each:.3f}" for name, each in figures["by_language"].items()),
        (
            f"private sentences {figures['private']}  sent to an expert {figures['harmful']}  "
            f"not marked by the rules {figures['unmarked_private']}"
        ),
        f"{'':12}" + "".join(f"{route:>13}" for route in ROUTES),
    ]
    for label, row in figures["confusion"].items():
        lines.append(f"{label:12}" + "".join(f"{row[route]:13}" for route in ROUTES))
    lines += [f"  {each}" for each in figures["wrong"]]
    lines.append(f"route {figures['route_ms_p50']:.3f} ms, p95 {figures['route_ms_p95']:.3f} ms")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
