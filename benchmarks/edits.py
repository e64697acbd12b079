"""How exactly edits are done: procedural edit pairs of a seed no training saw, done again by `dialogue.edits.apply`.

Each pair's exact operation is asked for with its true arguments and the words for its region, once with the picture's true mask and
once with the mask that the segmenter finds. Reported: edits with no changed cell outside the region allowed, edits whose picture
equals the pair's exactly, and cells that do (outlines, shadows and backdrops depend on what is taken for the figure). Then an
instruction of each pair is read by `read_instruction`, as `pixelmind edit` does.

    python benchmarks/edits.py --pairs 2000 [--weights BUNDLE] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from pixelmind.data.edits import exact
from pixelmind.data.edits.color import opaque
from pixelmind.data.edits.operations import EXACT, draw
from pixelmind.data.edits.pair import Edit
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.styles import STYLES
from pixelmind.dialogue import edits
from pixelmind.dialogue.edits import EditRequest
from pixelmind.dialogue.instruction import read_instruction
from pixelmind.errors import BadInput
from pixelmind.records import Sprite

SEED = 990_000_000  # far from the seeds that stores of edits are drawn from
COLOR = (*exact.COLOR, "replace_color", "swap_colors")


@dataclass
class Score:
    """Counts of one way of asking for one operation."""

    edits: int = 0
    clean: int = 0
    equal: int = 0
    refused: int = 0
    cells: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def pairs(count: int) -> list[Edit]:
    """Exact edit pairs, operations in turn."""
    names, out, index = list(EXACT), [], 0
    while len(out) < count:
        edit = draw(names[index % len(names)], SEED + index)
        index += 1
        if edit is not None:
            out.append(edit)
    return out


def sprite_of(edit: Edit) -> Sprite:
    """The picture before, with its true mask; made for its style's palette where the edit keeps to that."""
    before = edit.before
    sprite = Sprite.from_rgba(before.rgba, mask=before.mask, mask_names=before.mask_names)
    if "within" not in edit.arguments:
        return sprite
    fixed = np.array(STYLES[edit.arguments["within"]].palette, dtype=np.uint8)
    clear = int(not opaque(before.rgba).all())
    palette = np.zeros((len(fixed) + clear, 4), np.uint8)
    palette[clear:, :3], palette[clear:, 3] = fixed, 255
    place = {tuple(c): i for i, c in enumerate(palette.tolist())}
    indices = np.array([[place[tuple(c)] for c in row] for row in before.rgba.tolist()], np.uint8)
    return replace(sprite, indices=indices, palette=palette, provenance={"palette": edit.arguments["within"]})


def region_words(edit: Edit) -> tuple[str, str]:
    """(words, region class) for the cells a pair's exact operation was about: the name of a part, or the whole, figure or backdrop."""
    raw, name = edit.before, EXACT[edit.operation].applies or edit.operation
    assert raw.mask is not None
    if name in edits.ON_FIGURE[:5]:
        return "", "figure"
    if name in edits.ON_BACKGROUND:
        return "", "background"
    if name in exact.GRID or name in ("replace_color", "swap_colors", "fewer_colors", "restrict_palette", "tone_map"):
        return "", "whole"
    full, said = opaque(raw.rgba), edit.region & opaque(raw.rgba)
    parts = {n: (raw.mask == i) & full for i, n in enumerate(raw.mask_names) if i}
    for subject in {n.split("/")[0] for n in parts if "/" in n}:
        parts[subject] = np.logical_or.reduce([c for n, c in parts.items() if n.startswith(subject + "/")])
    if name in exact.COLOR:  # all cells of the part may change: it is found by them
        if (said == full).all():
            return "", "whole"
        fits = [n for n, c in parts.items() if (c == said).all()]
        return (fits[0], "") if fits else ("", "background" if name == "fog" else "figure")
    text = edit.instruction.lower()  # the edges of a part change: it is found by its words
    spoken = {n: n.replace("/", "'s ").lower() for n in parts}
    fits = sorted((n for n in parts if f"{spoken[n]}" in text), key=lambda n: -len(n))
    everything = re.search(r"everything|picture|image|\bit\b", text)
    return (fits[0], "") if fits else ("", "whole" if everything else "figure")


def request_for(edit: Edit) -> EditRequest:
    """The request for a pair's operation with its true arguments."""
    name = EXACT[edit.operation].applies or edit.operation
    arguments = {k: v for k, v in edit.arguments.items() if k != "within"}
    words, region = region_words(edit)
    told: dict[str, Any] = {"color": arguments.get("color", ""), "palette": arguments.get("palette", "")}
    if name in ("replace_color", "swap_colors"):
        told = {"old_color": arguments["color"], "color": arguments.get("to") or arguments["other"]}
    return EditRequest(operation=name, place=words, region=region, arguments=arguments, **told)


def measure(score: Score, sprite: Sprite, request: EditRequest, edit: Edit) -> None:
    """Do one edit and compare."""
    score.edits += 1
    start = time.perf_counter()
    try:
        result = edits.apply(sprite, request)
    except BadInput:
        score.refused += 1
        score.clean += 1  # nothing was changed at all
        score.cells.append(0.0)
        return
    score.seconds.append(time.perf_counter() - start)
    score.clean += result.changed_outside == 0
    after, true = result.sprite.rgba(), edit.after.rgba
    if after.shape != true.shape:
        score.cells.append(0.0)
        return
    same = (after == true).all(-1) | ((after[..., 3] == 0) & (true[..., 3] == 0))
    score.equal += bool(same.all())
    score.cells.append(float(same[edit.region].mean()) if same.shape == edit.region.shape else float(same.mean()))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row an operation and a sum for colour operations."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument(
        "--weights", type=Path, help="bundle with a segmenter; without one only true masks are measured"
    )
    parser.add_argument("--json", type=Path)
    args = parser.parse_args(arguments)
    from pixelmind.training.weights import Bundle

    segmenter = tower = None
    if "segmenter" in Bundle(args.weights):
        from pixelmind.encoder.text_tower import TextTower
        from pixelmind.generator.segmenter import load_segmenter

        segmenter, tower = load_segmenter(args.weights), TextTower()
    scores: dict[tuple[str, str], Score] = defaultdict(Score)
    for edit in pairs(args.pairs):
        sprite, request = sprite_of(edit), request_for(edit)
        measure(scores["true mask", edit.operation], sprite, request, edit)
        wording = edit.wordings[Rng(0, "wording", edit.operation).integer(0, len(edit.wordings) - 1)]
        try:
            read = read_instruction(wording)
        except BadInput:
            scores["read by rules", edit.operation].edits += 1
            scores["read by rules", edit.operation].refused += 1
            scores["read by rules", edit.operation].clean += 1
        else:
            if not edits.needs_drawing(read):
                measure(scores["read by rules", edit.operation], sprite, read, edit)
        if segmenter is not None:
            told = replace(sprite, provenance={**sprite.provenance, "prompt": edit.before.captions[0]})
            guess = edits.with_parts(told, segmenter, tower)
            measure(scores["found mask", edit.operation], guess, request, edit)
    report: dict[str, Any] = {"pairs": args.pairs, "seed": SEED}
    for way in dict.fromkeys(way for way, _ in scores):
        print(f"\n{way:34} edits  refused  none outside  equal  cells equal")
        mine = {name: s for (w, name), s in scores.items() if w == way}
        colors = [s for n, s in mine.items() if (EXACT[n].applies or n) in COLOR]
        rows = [*sorted(mine.items()), ("colour operations", _sum(colors)), ("all", _sum(list(mine.values())))]
        for name, s in rows:
            print(
                f"{name:34} {s.edits:5} {s.refused:8} {s.clean / s.edits:13.3f} {s.equal / s.edits:6.3f} {_mean(s.cells):12.3f}"
            )
            report.setdefault(way, {})[name] = {
                **{
                    "edits": s.edits,
                    "refused": s.refused,
                    "none_outside": s.clean / s.edits,
                    "equal": s.equal / s.edits,
                },
                **{"cells_equal": _mean(s.cells), "milliseconds": 1000 * _mean(s.seconds)},
            }
        spent = _sum(list(mine.values())).seconds
        print(f"milliseconds an edit: {1000 * _mean(spent):.1f}")
    if args.json is not None:
        args.json.write_text(json.dumps(report, indent=1) + "\n")


def _sum(scores: Sequence[Score]) -> Score:
    out = Score()
    for s in scores:
        out.edits, out.clean, out.equal = out.edits + s.edits, out.clean + s.clean, out.equal + s.equal
        out.refused, out.cells, out.seconds = out.refused + s.refused, out.cells + s.cells, out.seconds + s.seconds
    return out


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0


if __name__ == "__main__":
    main()
