"""How well turns are read: the intent parser against words that people wrote (`pixelmind eval dialogue`).

F1 over slots: exact pieces, counted over all turns together (Tjong Kim Sang & De Meulder 2003). F1 over flags: likewise over names.
Calibration: expected calibration error over 15 bins of equal width (Guo et al. 2017, eq. 3). Fails when: labels of one annotator
decide; the agreement between people is not known.
"""

from __future__ import annotations

import time
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pixelmind.dialogue.examples import read_dialogues, read_requests
from pixelmind.dialogue.intent_task import points_to
from pixelmind.dialogue.parser import IntentParser, load_parser
from pixelmind.dialogue.schema import NO_OPERATION, Example
from pixelmind.evaluation.figures import Figure, environment
from pixelmind.evaluation.metrics import bootstrap
from pixelmind.files import write_bytes, write_json
from pixelmind.records import Intent

F64 = NDArray[np.float64]
#: What is to be reached, shown beside each figure.
ASKED = {
    "act": 0.93,
    "slot F1": 0.85,
    "region and operation": 0.85,
    "ambiguous F1": 0.8,
    "contradictions F1": 0.8,
    "coreference": 0.8,
}


def pieces(slots: dict[str, Sequence[str]]) -> Counter[tuple[str, str]]:
    """Slots as (slot, piece) with how often each is told, whatever the case."""
    return Counter((slot, piece.lower()) for slot, found in slots.items() for piece in found)


def overlap(told: Counter[tuple[str, str]], found: Counter[tuple[str, str]]) -> tuple[int, int, int]:
    """(true positives, found, told) of one turn."""
    return sum((told & found).values()), sum(found.values()), sum(told.values())


def f1(counts: F64) -> float:
    """Micro F1 of rows (true positives, found, told) [N, 3]: 2 TP / (found + told); 1 where there is nothing to find and nothing was."""
    right, found, told = counts.sum(0)
    return float(2 * right / (found + told)) if found + told else 1.0


def interval(counts: F64, statistic: Callable[[F64], float], resamples: int = 1000) -> float:
    """Half the width of the 95 % bootstrap interval of a statistic of rows (turns)."""
    rng = np.random.default_rng(0)
    found = [statistic(counts[rng.integers(0, len(counts), len(counts))]) for _ in range(resamples)]
    low, high = np.quantile(found, [0.025, 0.975])
    return float(high - low) / 2


def calibration_error(confidence: F64, right: F64, bins: int = 15) -> float:
    """Expected calibration error: over bins of confidence, the mean gap between confidence and share right, weighted by turns."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(float((confidence[place == b] - right[place == b]).sum())) for b in range(bins) if (place == b).any()]
    return sum(gaps) / max(len(confidence), 1)


def pointed_right(example: Example, intent: Intent) -> bool:
    """Whether what a turn points to was found: the part, the turn, the candidate, or the picture at hand."""
    kind, back = points_to(example)
    if intent.refers != kind:
        return False
    if kind == "region":
        return intent.antecedent == next(
            t for t in example.resolved.values() if not t.startswith(("turn", "candidate", "last"))
        )
    if kind == "turn":
        return intent.number == len(example.history) - back
    if kind == "candidate":
        return f"candidate {intent.number}" in example.resolved.values()
    return True


def measure(parser: IntentParser, examples: Sequence[Example], section: str) -> tuple[list[Figure], list[Intent]]:
    """The figures of a set of turns, each with its interval, and what was read."""
    intents = [
        intent
        for first in range(0, len(examples), 64)
        for part in [examples[first : first + 64]]
        for intent in parser.parse_batch([e.text for e in part], [e.history for e in part], [e.asked for e in part])
    ]
    pairs = list(zip(examples, intents))
    acts = np.array([e.act == i.act for e, i in pairs], float)
    edits = [(e, i) for e, i in pairs if e.operation != NO_OPERATION]
    exact = np.array([e.operation == i.operation and e.region == i.region for e, i in edits], float)
    slots = np.array([overlap(pieces(dict(e.slots)), pieces(i.slots)) for e, i in pairs], float)
    found: list[Figure] = []

    def add(metric: str, value: float, n: int, spread: float | None) -> None:
        found.append(
            Figure(metric=metric, value=value, n=n, spread=spread, section=section, baseline=ASKED.get(metric))
        )

    add("act", float(acts.mean()), len(acts), bootstrap.half_width(acts))
    add("slot F1", f1(slots), len(slots), interval(slots, f1))
    if edits:
        add("region and operation", float(exact.mean()), len(exact), bootstrap.half_width(exact))
    for name in ("ambiguous", "contradictions"):
        names = [
            (Counter((name, x) for x in getattr(e, name)), Counter((name, x) for x in getattr(i, name)))
            for e, i in pairs
        ]
        flags = np.array([overlap(told, seen) for told, seen in names], float)
        add(f"{name} F1", f1(flags), len(flags), interval(flags, f1))
    pointing = [(e, i) for e, i in pairs if points_to(e)[0] != "nothing"]
    if pointing:
        right = np.array([pointed_right(e, i) for e, i in pointing], float)
        add("coreference", float(right.mean()), len(right), bootstrap.half_width(right))
    confidence = np.array([i.confidence["act"] for i in intents])
    add("calibration error of the act", calibration_error(confidence, acts), len(acts), None)
    return found, intents


def run(weights: Path | None, requests: Path, out: Path, development: bool = False) -> list[Figure]:
    """Measure the parser of a bundle on the hand-written turns in the folder `requests`; write OUT/report.json and OUT/report.md.

    Four in ten single requests and dialogues, chosen by a hash of their words, are for development: their errors may be looked at
    (`development` writes them to OUT/errors.txt). The figures are those of the other six.

    Raises:
        BadInput: no parser in the bundle, or no such files.
    """
    parser = load_parser(weights)
    single, dialogues = read_requests(requests / "requests.jsonl"), read_dialogues(requests / "dialogues.jsonl")
    single = [e for e in single if for_development(e.text) == development]
    turns = [e for d in dialogues if for_development(d[0].text) == development for e in d]
    figures: list[Figure] = []
    lines = []
    for section, examples in (
        ("single requests", single),
        ("turns of dialogues", turns),
        ("all turns", single + turns),
    ):
        told, intents = measure(parser, examples, section)
        figures += told
        if section != "all turns":
            lines += [line for e, i in zip(examples, intents) for line in _errors(e, i)]
    parser.forget()  # or the texts would be known
    begun = time.perf_counter()
    for example in single[:100]:
        parser.parse(example.text, example.history, example.asked)
    spent = (time.perf_counter() - begun) / max(1, len(single[:100])) * 1000
    figures.append(
        Figure(metric="milliseconds a turn", value=spent, n=len(single[:100]), section="speed", baseline=30.0)
    )
    part = "development" if development else "test"
    about = {"format": 1, "part": part, "environment": environment(), "figures": [f.to_dict() for f in figures]}
    write_json(out / "report.json", about)
    rows = [
        f"| {f.section} | {f.metric} | {f.value:.3f} | {'' if f.spread is None else f'{f.spread:.3f}'} | {f.n} |"
        for f in figures
    ]
    head = "| turns | figure | value | ± (95 %) | n |\n|---|---|--:|--:|--:|\n"
    write_bytes(out / "report.md", (head + "\n".join(rows) + "\n").encode())
    if development:
        write_bytes(out / "errors.txt", ("\n".join(lines) + "\n").encode())
    return figures


def for_development(text: str) -> bool:
    """Whether a request or dialogue (by its first words) may be looked at while the parser is built: four in ten."""
    return zlib.crc32(text.encode()) % 10 < 4


def _errors(example: Example, intent: Intent) -> list[str]:
    """What was misread, a line each."""
    out = []
    for name in ("act", "operation", "region", "ambiguous", "contradictions"):
        told, seen = getattr(example, name), getattr(intent, name)
        if (set(told), set(seen)) != (set(seen), set(told)) if isinstance(told, tuple) else told != seen:
            out.append(f"{name}: {told} read as {seen}: {example.text}")
    told_slots, seen_slots = pieces(dict(example.slots)), pieces(intent.slots)
    out += [f"slot missed {x}: {example.text}" for x in told_slots - seen_slots]
    out += [f"slot invented {x}: {example.text}" for x in seen_slots - told_slots]
    if points_to(example)[0] != "nothing" and not pointed_right(example, intent):
        out.append(
            f"refers: {example.resolved} read as {intent.refers} {intent.number} {intent.antecedent}: {example.history} | {example.text}"
        )
    return out
