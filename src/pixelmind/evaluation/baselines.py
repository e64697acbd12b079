"""PixelBench's table: ours beside retrieval baselines and oracles, all scored from files by `eval external` itself.

    shuffled           real pictures of other prompts: the floor
    procedural-oracle  the drawn scene nearest in words
    nearest-neighbour  the training picture nearest in words: copies, by its nature
    ours               the weights
    real               the real picture of the prompt: the ceiling

Pictures of other generators, the Five-Dollar-style model of `experiments/baselines` among them, are scored beside them where their
folder is named; else their row says that they were not run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pixelmind.errors import BadInput
from pixelmind.evaluation import external, oracles, prompts_file, testset
from pixelmind.evaluation.config import EvaluationConfig
from pixelmind.evaluation.core import generate
from pixelmind.evaluation.figures import Figure, environment
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.nearest_words import NearestWords
from pixelmind.evaluation.oracles import Generator
from pixelmind.files import write_bytes, write_json
from pixelmind.pixels.png import encode_png

NAMES = ("shuffled", "procedural-oracle", "nearest-neighbour", "ours", "real")
#: Models that the methodology names, and how their pictures are to be had.
OTHERS = {
    "five-dollar": "train it with experiments/baselines/run.py (docs there), draw the prompts, then --also five-dollar=DIR",
}
COLUMNS = (
    ("prompts", "judge R@1 of"),
    ("prompts", "Pixel-Accuracy@1"),
    ("prompts", "Pixel-Accuracy@3"),
    ("prompts", "Intent Fidelity share"),
    ("distribution", "FID"),
    ("distribution", "KID x 1000"),
    ("pixels", "conformance"),
    ("pixels", "orphan pixels"),
    ("copies", "near copies"),
)


def generator_of(
    name: str, data: Sequence[Path | str], config: EvaluationConfig, weights: Path | str | None
) -> Generator:
    """The generator of a row of the table."""
    if name in ("shuffled", "real"):
        items = [i for i in testset.load_items(data, max_size=config.max_size) if i.origin == "real"]
        return oracles.RealImages(items) if name == "real" else oracles.ShuffledReal(items)
    if name == "ours":
        from pixelmind.generator.pipeline import load

        return load(weights)
    return NearestWords(data, drawn=name == "procedural-oracle", max_size=config.max_size)


def run(
    weights: Path | str | None,
    data: Sequence[Path | str],
    out: Path,
    judge: Judge,
    config: EvaluationConfig,
    *,
    only: Sequence[str] = (),
    also: Mapping[str, Path] | None = None,
    copies: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, list[Figure] | str]:
    """Draw and score every row (a row whose pictures are there is not drawn again) and write OUT/table.json and OUT/table.md.

    Returns:
        The figures of each row, or why it was not run.

    Raises:
        BadInput: an unknown row, or as `external.run`.
    """
    unknown = [n for n in only if n not in NAMES]
    if unknown:
        raise BadInput(f"there is no baseline {unknown[0]!r}; use one of {', '.join(NAMES)}")
    listed = out / "prompts.jsonl"
    external.export(config, data, listed)
    rows: dict[str, list[Figure] | str] = {}
    seconds: dict[str, float] = {}
    also = dict(also or {})
    for name in (*(only or NAMES), *also):
        folder = also.get(name, out / name / "images")
        if name not in also:
            progress(f"{name}: drawing")
            begun = time.perf_counter()
            _draw(generator_of(name, data, config, weights), data, config, folder, listed)
            seconds[name] = round(time.perf_counter() - begun, 1)
        progress(f"{name}: scoring")
        rows[name] = external.run(listed, folder, out / name, judge, config, data=data, copies=copies, name=name)
    rows |= {name: f"not run: {why}" for name, why in OTHERS.items() if name not in also}
    plain: dict[str, Any] = {n: r if isinstance(r, str) else [f.to_dict() for f in r] for n, r in rows.items()}
    write_json(
        out / "table.json",
        {"format": 1, "kind": "baselines", "environment": environment(), "rows": plain, "drawing_seconds": seconds},
    )
    write_bytes(out / "table.md", table(rows).encode())
    return rows


def _draw(
    generator: Generator, data: Sequence[Path | str], config: EvaluationConfig, folder: Path, listed: Path
) -> None:
    lines = prompts_file.read(listed)
    if all((folder / name).is_file() for line in lines for name in line.images):
        return
    asked = [request for _, request in external.prompts_of(config, data)]
    for line, sprites in zip(lines, generate(generator, asked, config.batch)):
        for name, sprite in zip(line.images, sprites):
            write_bytes(folder / name, encode_png(sprite))


def table(rows: Mapping[str, list[Figure] | str]) -> str:
    """The rows as a Markdown table, each figure with half its 95 % interval."""
    head = (
        "| generator | " + " | ".join(f"{name} n".removesuffix(" n").removesuffix(" of") for _, name in COLUMNS) + " |"
    )
    lines = [head, "|---|" + "--:|" * len(COLUMNS)]
    for name, figures in rows.items():
        if isinstance(figures, str):
            lines.append(f"| {name} | {figures} |" + " |" * (len(COLUMNS) - 1))
            continue
        cells = []
        for section, start in COLUMNS:
            found = next(
                (f for f in figures if f.section == section and f.metric.startswith(start) and "real" not in f.metric),
                None,
            )
            spread = "" if found is None or found.spread is None else f" ± {found.spread:.3g}"
            cells.append("–" if found is None else f"{found.value:.3g}{spread}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
