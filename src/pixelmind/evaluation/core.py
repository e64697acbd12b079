"""`eval core`: ask a generator for the test split's prompts and measure what comes back.

    prompts ─▶ generate ─▶ judge features ─▶ retrieval, Pixel-Accuracy@K, Intent Fidelity, FID, KID, diversity
                      └──▶ pixels ─────────▶ conformance, near copies, seconds
    all figures ─▶ report.json ─▶ report.html

A section that cannot be measured (no procedural test pictures, say) is listed under "missing" with the reason.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixelmind.errors import BadInput
from pixelmind.evaluation import measures, picture_measures, testset
from pixelmind.evaluation.config import EvaluationConfig
from pixelmind.evaluation.figures import Figure, environment
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.measures import Asked, Report
from pixelmind.evaluation.metrics import retrieval
from pixelmind.evaluation.metrics.conformance import Drawn
from pixelmind.evaluation.metrics.inception import Inception
from pixelmind.evaluation.oracles import Generator
from pixelmind.evaluation.testset import TestItem
from pixelmind.files import write_bytes, write_json
from pixelmind.pixels import palettes
from pixelmind.pixels.png import encode_rgba_png
from pixelmind.records import Conditioning, GenerationRequest, Sprite

FORMAT = 1
#: Requests of the methodology's time limit.
MANY = 500


def generate(generator: Generator, requests: list[GenerationRequest], batch: int) -> list[tuple[Sprite, ...]]:
    """Ask for all requests, `batch` at a time.

    Raises:
        BadInput: the generator returned another number of results or sprites than asked for.
    """
    out: list[tuple[Sprite, ...]] = []
    for i in range(0, len(requests), batch):
        results = generator.generate_batch(requests[i : i + batch])
        out += [r.sprites for r in results]
    if [len(s) for s in out] != [r.num_images for r in requests]:
        raise BadInput("the generator did not return one result a request with num_images sprites each")
    return out


def ask(
    generator: Generator,
    judge: Judge,
    items: Sequence[TestItem],
    config: EvaluationConfig,
    *,
    count: int,
    num_images: int,
) -> Asked:
    """Choose prompts among `items`, generate, and rank every picture's own caption among its pool."""
    own = testset.choose(items, count, config.seed)
    texts, pools = retrieval.build_pools(
        [i.captions for i in items], [i.cluster for i in items], own, pool_size=config.pool_size, seed=config.seed
    )
    chosen = [items[i] for i in own]
    requests = [testset.request_for(item, n, num_images=num_images, seed=config.seed) for n, item in enumerate(chosen)]
    sprites = generate(generator, requests, config.batch)
    text_features = judge.text_features(texts)
    flat = judge.image_features([s.rgba() for group in sprites for s in group])
    real = judge.image_features([i.rgba for i in chosen])
    ranks = retrieval.ranks(flat, text_features, pools.repeat(num_images, axis=0)).reshape(-1, num_images)
    return Asked(
        items=chosen,
        requests=requests,
        sprites=sprites,
        pools=pools,
        text_features=text_features,
        generated=flat.reshape(len(chosen), num_images, -1),
        real=real,
        ranks=ranks,
        real_ranks=retrieval.ranks(real, text_features, pools),
    )


def constraint_requests(items: Sequence[TestItem], count: int, seed: int, max_size: int) -> list[GenerationRequest]:
    """Random sizes (8 to `max_size` px, any aspect), built-in palettes and colour limits, for the conformance
    section.
    """
    rng = np.random.default_rng((seed, 1))
    names = palettes.names()
    out = []
    for n in range(count):
        height, width = (int(v) for v in rng.integers(8, max_size + 1, 2))
        palette = palettes.get(names[int(rng.integers(len(names)))]) if rng.random() < 0.6 else None
        limit = int(rng.integers(2, 33)) if rng.random() < 0.5 else None
        if limit is not None and palette is not None:
            limit = min(limit, len(palette))
        prompt = items[int(rng.integers(len(items)))].prompt
        asked = Conditioning(prompt=prompt, height=height, width=width, palette=palette, max_colors=limit)
        out.append(GenerationRequest(conditioning=asked, seed=n))
    return out


def save_pictures(folder: Path, asked: Asked) -> None:
    """Write the first picture of every real prompt, and the real ones that are shown beside the first 64."""
    for i, group in enumerate(asked.sprites):
        write_bytes(folder / f"{i:04d}.png", encode_rgba_png(group[0].rgba()))
        write_bytes(folder / f"{i:04d}-real.png", encode_rgba_png(asked.items[i].rgba))


def run_core(
    config: EvaluationConfig,
    generator: Generator,
    judge: Judge,
    data: Sequence[Path | str],
    out_dir: Path,
    *,
    weights_id: str,
    inception: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Figure]:
    """Measure everything and write `report.json`, `report.html` and `pictures/` into `out_dir`.

    Args:
        config: how much.
        generator: anything with `generate_batch`.
        judge: the trained ruler.
        data: store folders; their test split is asked for, their train split is searched for copies.
        out_dir: made where it is missing.
        weights_id: name of what is evaluated.
        inception: TorchScript weights; FID and KID in their features too.
        progress: called with a line before each section.

    Raises:
        BadInput: no usable test pictures.
    """
    from pixelmind.evaluation import report as card

    report, begun = Report(), time.perf_counter()
    network = None if inception is None else Inception(inception)
    items = testset.load_items(data, max_size=config.max_size)
    by_origin = {o: [i for i in items if i.origin == o] for o in ("real", "procedural", "unseen")}
    main_name = "real" if by_origin["real"] else "procedural"
    main_items = by_origin[main_name]
    if main_name != "real":
        report.lacks("prompts", "no real test pictures in the store; prompts come from procedural ones")
    if not main_items:
        raise BadInput(
            "the store holds only evaluation-only art; import art that may be trained on, or run: pixelmind data synth"
        )
    progress(f"{config.num_prompts} prompts x {config.num_images} pictures")
    main = ask(generator, judge, main_items, config, count=config.num_prompts, num_images=config.num_images)
    measures.measure_retrieval(report, main, "prompts")
    measures.measure_alignment(report, main)
    progress("FID, KID, diversity, styles")
    measures.measure_distribution(report, judge, main, main_items, config.seed)
    if network is not None:
        progress("FID and KID in Inception features")
        measures.measure_distances(report, network, main, main_items, config.seed, "Inception")
    picture_measures.measure_styles(report, judge, main, main_items, config.seed)
    extra: list[tuple[Sequence[GenerationRequest], Sequence[tuple[Drawn, ...]]]] = [(main.requests, main.sprites)]
    for section, origin, count in (
        ("procedural prompts", "procedural", config.num_procedural),
        ("unseen sources", "unseen", config.num_unseen),
    ):
        try:
            if origin == main_name or not count or not by_origin[origin]:
                raise BadInput(f"no {origin} test pictures beside the main ones" if count else "not asked for")
            progress(section)
            asked = ask(generator, judge, by_origin[origin], config, count=count, num_images=1)
        except BadInput as error:
            report.lacks(section, str(error))
            continue
        measures.measure_retrieval(report, asked, section)
        if origin == "procedural":
            picture_measures.measure_concepts(report, judge, asked, by_origin[origin])
        extra.append((asked.requests, asked.sprites))
    if config.num_conformance:
        progress("conformance")
        requests = constraint_requests(main_items, config.num_conformance, config.seed, config.max_size)
        extra.append((requests, generate(generator, requests, config.batch)))
    everything = [r for rs, _ in extra for r in rs], [s for _, ss in extra for s in ss]
    measures.measure_conformance(report, *everything)
    picture_measures.measure_adherence(report, *everything)
    picture_measures.measure_pictures(report, main.sprites, [i.rgba for i in main.items])
    progress("near copies")
    measures.measure_copies(report, main.sprites, main_items, data, config.seed)
    progress("speed")
    measures.measure_speed(report, generator, config, main.items[0].prompt)

    minutes, asked_for = (time.perf_counter() - begun) / 60, sum(len(rs) for rs, _ in extra)
    report.add("run", "minutes", minutes, asked_for, note="all of this run; n counts requests", unit="min")
    if asked_for >= MANY:
        report.add(
            "run",
            f"minutes for {MANY} prompts",
            minutes * MANY / asked_for,
            asked_for,
            note="in proportion",
            unit="min",
        )
    out_dir = Path(out_dir)
    save_pictures(out_dir / "pictures", main)
    write_json(
        out_dir / "report.json",
        {
            "format": FORMAT,
            "weights": weights_id,
            "environment": environment(),
            "judge": judge.card,
            "data": {
                "stores": [store_line(p) for p in data],
                "test_pictures": {k: len(v) for k, v in by_origin.items()},
            },
            "config": dataclasses.asdict(config),
            "figures": [f.to_dict() for f in report.figures],
            "missing": report.missing,
            "prompts": report.prompts,
            "curves": report.curves,
        },
    )
    progress("report.html")
    card.render(out_dir)
    return report.figures


def store_line(path: Path | str) -> dict[str, Any]:
    from pixelmind.data.store import Store

    store = Store.open(path)
    return {
        "path": str(path),
        "pictures": len(store),
        "content_hash": store.manifest_hash,
        "splits": store.manifest["splits"],
    }
