"""PixelBench, `eval external`: score any generator's pictures by the same metrics as ours, and hand out the prompts.

    prompts file + pictures ─▶ native size (an enlargement is undone) ─▶ judge features ─▶ retrieval, Pixel-Accuracy@K, Intent Fidelity
                           └─▶ pixels ─▶ conformance, grid score, palette adherence, colours, flats, orphans
    with --data: the real pictures of the prompts' ids ─▶ ceilings, FID, KID, styles, near copies

Captions that a picture's own is told from: with --data and ids those of the store's test pictures, as in `eval core`, so that figures
compare; else the other prompts of the file. A soft alpha, a drifting grid and a wrong size count against conformance; what is ranked by the
judge is the picture brought to the size asked for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pixelmind.errors import BadInput
from pixelmind.evaluation import measures, picture_measures, prompts_file, testset
from pixelmind.evaluation.config import EvaluationConfig
from pixelmind.evaluation.core import FORMAT, store_line
from pixelmind.evaluation.figures import Figure, environment
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.measures import Asked, Report
from pixelmind.evaluation.metrics import bootstrap, conformance, grid_score, retrieval
from pixelmind.evaluation.prompts_file import Line
from pixelmind.evaluation.testset import TestItem
from pixelmind.files import write_bytes, write_json
from pixelmind.pixels import palettes
from pixelmind.pixels.png import encode_rgba_png, read_image
from pixelmind.records import U8, Conditioning, GenerationRequest

MAX_SIDE = 4096


@dataclass(frozen=True)
class Picture:
    """A picture that is no sprite of ours: any colours, any alpha."""

    cells: U8

    def rgba(self) -> U8:
        """uint8 [H, W, 4]."""
        return self.cells


def image_names(index: int, count: int) -> tuple[str, ...]:
    """Names of the pictures of a prompt in an exported list."""
    return tuple(f"{index:04d}-{k}.png" for k in range(count))


def export(config: EvaluationConfig, data: Sequence[Path | str], path: Path) -> int:
    """Write the prompts of `eval core` (real test pictures) as a prompts file and return how many.

    Raises:
        BadInput: no store, or no real test pictures in it.
    """
    lines = [
        Line(
            id=item.id, prompt=r.conditioning.prompt, images=image_names(n, config.num_images), width=r.conditioning.width,
            height=r.conditioning.height, max_colors=r.conditioning.max_colors,
        )
        for n, (item, r) in enumerate(prompts_of(config, data))
    ]  # fmt: skip
    prompts_file.write(path, lines)
    return len(lines)


def prompts_of(config: EvaluationConfig, data: Sequence[Path | str]) -> list[tuple[TestItem, GenerationRequest]]:
    """The real test prompts that `eval core` asks for, with its requests."""
    items = [i for i in testset.load_items(data, max_size=config.max_size) if i.origin == "real"]
    if not items:
        raise BadInput("no real test pictures in the store; import art first: pixelmind data import DIR --out STORE")
    chosen = [items[i] for i in testset.choose(items, config.num_prompts, config.seed)]
    return [
        (item, testset.request_for(item, n, num_images=config.num_images, seed=config.seed))
        for n, item in enumerate(chosen)
    ]


def _request(line: Line, first: U8) -> GenerationRequest:
    asked = Conditioning(
        prompt=line.prompt,
        height=line.height or first.shape[0],
        width=line.width or first.shape[1],
        palette=palettes.resolve(line.palette) if line.palette else None,
        max_colors=line.max_colors,
    )
    return GenerationRequest(conditioning=asked, num_images=len(line.images))


def read_pictures(lines: Sequence[Line], folder: Path) -> list[tuple[U8, ...]]:
    """The pictures of every line.

    Raises:
        BadInput: no such folder, pictures missing, unreadable or over 4,096 px a side.
    """
    if not folder.is_dir():
        raise BadInput(f"{folder} is no folder; name the one that holds the pictures: --images DIR")
    missing = [name for line in lines for name in line.images if not (folder / name).is_file()]
    if missing:
        raise BadInput(
            f"{len(missing)} pictures are not in {folder}, the first is {missing[0]}; draw them or leave their prompts out"
        )
    out = []
    for line in lines:
        group = tuple(read_image(folder / name) for name in line.images)
        large = [n for n, p in zip(line.images, group) if max(p.shape[:2]) > MAX_SIDE]
        if large:
            raise BadInput(
                f"{folder / large[0]} is over {MAX_SIDE:,} px a side; bring it to its true size: pixelmind snap"
            )
        out.append(group)
    return out


def ask(
    lines: Sequence[Line],
    pictures: Sequence[tuple[U8, ...]],
    items: Sequence[TestItem],
    judge: Judge,
    config: EvaluationConfig,
) -> tuple[Asked, list[float]]:
    """Rank every picture's own prompt, as `core.ask` does; the grid score of each picture. `items`: the real test pictures, or none."""
    requests = [_request(line, group[0]) for line, group in zip(lines, pictures)]
    place = {item.id: n for n, item in enumerate(items)}
    known = bool(items) and all(line.id in place for line in lines)
    grids, native, conforms = [], [], []
    for r, group in zip(requests, pictures):
        c = r.conditioning
        grids += [grid_score.grid_score(p, c.height, c.width) for p in group]
        on_grid = [g == 1 for g in grids[-len(group) :]]
        native.append(tuple(Picture(grid_score.at_size(p, c.height, c.width)) for p in group))
        told = [Picture(p) if not ok else small for p, ok, small in zip(group, on_grid, native[-1])]
        conforms.append([not conformance.violations(p, c) for p in told])
    if known:
        own = [place[line.id] for line in lines]
        captions, groups, chosen = [i.captions for i in items], [i.cluster for i in items], [items[i] for i in own]
    else:
        own = list(range(len(lines)))
        captions, groups = [(line.prompt,) for line in lines], [str(n) for n in own]
        chosen = [
            TestItem(
                id=line.id, cluster=str(n), source="prompts file", kind="", origin="real", captions=(line.prompt,), rgba=native[n][0].cells,
            )
            for n, line in enumerate(lines)
        ]  # fmt: skip
    texts, pools = retrieval.build_pools(captions, groups, own, pool_size=config.pool_size, seed=config.seed)
    count = len(lines[0].images)
    text_features = judge.text_features(texts)
    flat = judge.image_features([p.rgba() for group in native for p in group])
    real = judge.image_features([i.rgba for i in chosen]) if known else None
    asked = Asked(
        items=chosen,
        requests=requests,
        sprites=native,
        pools=pools,
        text_features=text_features,
        generated=flat.reshape(len(lines), count, -1),
        ranks=retrieval.ranks(flat, text_features, pools.repeat(count, axis=0)).reshape(-1, count),
        real=real,
        real_ranks=None if real is None else retrieval.ranks(real, text_features, pools),
        conforms=np.array(conforms, bool),
    )
    return asked, grids


def run(
    prompts: Path,
    images: Path,
    out: Path,
    judge: Judge,
    config: EvaluationConfig,
    *,
    data: Sequence[Path | str] = (),
    copies: bool = True,
    name: str = "",
    progress: Callable[[str], None] = lambda _: None,
) -> list[Figure]:
    """Score the pictures in `images` and write OUT/report.json and OUT/report.html.

    Args:
        prompts, images: the prompts file, and the folder that its pictures lie in.
        out: where the report goes.
        judge: the ruler.
        config: pool size, sizes and seed; the prompts are those of the file.
        data: stores whose test split holds the real pictures; none: no ceilings, FID, KID or copies.
        copies: whether near copies among the stores' training pictures are searched.
        name: what is scored; default: the images folder's name.

    Raises:
        BadInput: the file, a picture or a store cannot be read, or fewer than two different prompts.
    """
    from pixelmind.evaluation import report as card

    lines = prompts_file.read(prompts)
    pictures = read_pictures(lines, images)
    items = [i for i in testset.load_items(data, max_size=config.max_size) if i.origin == "real"] if data else []
    progress(f"{len(lines)} prompts x {len(lines[0].images)} pictures")
    asked, grids = ask(lines, pictures, items, judge, config)
    report = Report()
    measures.measure_retrieval(report, asked, "prompts")
    measures.measure_alignment(report, asked)
    if asked.real is not None:
        progress("FID, KID, styles")
        measures.measure_distribution(report, judge, asked, items, config.seed)
        picture_measures.measure_styles(report, judge, asked, items, config.seed)
    else:
        why = "name the store with --data, and the ids of its pictures in the prompts file"
        report.lacks("distribution", f"FID, KID and ceilings need real pictures; {why}")
        report.lacks("copies", f"near copies need training pictures; {why}")
    whole = [bool(g) for row in (asked.conforms if asked.conforms is not None else ()) for g in row]
    low, high = bootstrap.wilson(sum(whole), len(whole))
    note = "size, alpha, palette and colours as asked, of the picture or of what it enlarges exactly"
    report.add(
        "pixels",
        "conformance",
        np.mean(whole),
        len(whole),
        spread=(high - low) / 2,
        ceiling=1.0,
        note=note,
        unit="target 1",
    )
    note = "share of blocks of one colour at the size asked for"
    report.add(
        "pixels", "grid score", np.mean(grids), len(grids), spread=bootstrap.half_width(grids), ceiling=1.0, note=note
    )
    picture_measures.measure_adherence(report, asked.requests, asked.sprites)
    real = [i.rgba for i in asked.items] if asked.real is not None else []
    picture_measures.measure_pictures(report, asked.sprites, real)
    if copies and asked.real is not None:
        progress("near copies")
        measures.measure_copies(report, asked.sprites, items, data, config.seed)
    elif asked.real is not None:
        report.lacks("copies", "not searched in this run (--no-copies)")
    for section in ("procedural prompts", "unseen sources", "speed"):
        report.lacks(section, "not measured from files")
    for i, group in enumerate(asked.sprites):
        write_bytes(out / "pictures" / f"{i:04d}.png", encode_rgba_png(group[0].rgba()))
        if asked.real is not None:
            write_bytes(out / "pictures" / f"{i:04d}-real.png", encode_rgba_png(asked.items[i].rgba))
    write_json(
        out / "report.json",
        {
            "format": FORMAT,
            "kind": "external",
            "weights": name or images.resolve().name,
            "environment": environment(),
            "judge": judge.card,
            "data": {"stores": [store_line(p) for p in data], "test_pictures": {"real": len(items)}},
            "config": {**dataclasses.asdict(config), "num_prompts": len(lines), "num_images": len(lines[0].images)},
            "figures": [f.to_dict() for f in report.figures],
            "missing": report.missing,
            "prompts": report.prompts,
            "curves": report.curves,
        },
    )
    card.render(out)
    return report.figures
