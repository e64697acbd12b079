"""`eval copies`: does a generator give its training pictures back? (the question of Carlini et al. 2023, "Extracting
training data from diffusion models", section 4: ask with training captions, look for the nearest training picture).

    captions of the `train` split ─▶ generate ─┬▶ pixels         ─▶ `near_copies`: the figures of `eval core`
    held-out pictures (the floor) ─────────────┼▶ hash, mirrored ─▶ the store's near-duplicate rule
                                               └▶ judge features ─▶ cosine
    all of it ─▶ report.json, report.html, copies.png (the outputs nearest to a training picture, side by side)

Every search is exact; pictures are read in blocks. Held-out pictures are drawn like the prompts, from the `test` split.

Fails when: the store is not the one the weights were trained on (told under "missing"); a copy is recoloured and its
parts are moved (no search finds it by a number, though the side-by-side sheet may show it).
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelmind.data import dedup
from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.evaluation import measures, testset
from pixelmind.evaluation import report as card
from pixelmind.evaluation.core import FORMAT, generate, store_line
from pixelmind.evaluation.figures import Figure, environment
from pixelmind.evaluation.judge import Judge, to_canvas
from pixelmind.evaluation.measures import Report
from pixelmind.evaluation.metrics import near_copies
from pixelmind.evaluation.metrics.bootstrap import wilson
from pixelmind.evaluation.oracles import Generator
from pixelmind.evaluation.stage import find_judge
from pixelmind.files import write_bytes, write_json
from pixelmind.pixels.png import decode_png, encode_rgba_png
from pixelmind.pixels.preview import contact_sheet
from pixelmind.records import MIN_SIZE_PX, U8, Conditioning, GenerationRequest, Sprite, content_id

MAX_SIZE = 64  # px, longest side asked for
SHOWN = 32
_BATCH, _BLOCK = 32, 4096
Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """A caption of a training picture (its `id` and size), which is asked for."""

    id: str
    text: str
    height: int
    width: int
    source: str

    @property
    def procedural(self) -> bool:
        """Whether the training picture was drawn by the scene grammar."""
        return self.source.startswith(testset.PROCEDURAL_SOURCE)


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """The nearest training picture: `score` is the Hamming distance of hashes (0 to 64) or the cosine of features.

    `near`: a near duplicate by the store's own rule (`data/dedup.py`), only told by `by_hash`.
    """

    id: str
    score: float
    mirrored: bool = False
    near: bool = False


def training_prompts(
    data: Sequence[Path | str], count: int, *, max_size: int = MAX_SIZE, seed: int = 0
) -> list[Prompt]:
    """Draw at most `count` training pictures evenly, and for each one of its captions; no caption twice.

    Raises:
        BadInput: no store there, or no training picture of 8 to `max_size` px with words.
    """
    where = f"split = 'train' AND width <= {max_size} AND height <= {max_size}"
    where += f" AND width >= {MIN_SIZE_PX} AND height >= {MIN_SIZE_PX}"
    columns = ["id", "captions", "height", "width", "source"]
    rows = [row for path in data for row in Store.open(path).scan(columns, filter=where)]
    rng = np.random.default_rng(seed)
    chosen: dict[str, Prompt] = {}
    for i in rng.permutation(len(rows)).tolist():
        if len(chosen) == count:
            break
        captions = rows[i].pop("captions")
        text = captions[int(rng.integers(len(captions)))]
        chosen.setdefault(text, Prompt(text=text, **rows[i]))
    if not chosen:
        raise BadInput(
            f"no training pictures up to {max_size} px in {', '.join(map(str, data))}; name the store the weights were trained on"
        )
    return list(chosen.values())


def by_hash(pictures: Sequence[U8], data: Sequence[Path | str]) -> list[Neighbour]:
    """Find the training picture with the nearest perceptual hash, as the store keeps it, mirrored ones too.

    The same pixels come first, then the fewest differing bits, then the nearest colour signature.
    """
    views = [(n, np.ascontiguousarray(p[:, ::step])) for step in (1, -1) for n, p in enumerate(pictures)]
    prints = [dedup.fingerprint(v) for _, v in views]
    best = [(65.0, 0.0)] * len(pictures)
    found = [Neighbour(id="", score=64.0)] * len(pictures)
    for path in data:
        store = Store.open(path)
        table = store.columns("id", "split", "phash")
        rows = np.flatnonzero(table["split"] == "train")
        if not len(rows):
            continue
        ids, hashes, signatures = table["id"][rows], table["phash"][rows].astype(np.uint64), store.signatures()[rows]
        place = {name: i for i, name in enumerate(ids.tolist())}
        for row, ((n, view), (phash, signature)) in enumerate(zip(views, prints)):
            bits = np.bitwise_count(hashes ^ np.uint64(phash))
            close = np.flatnonzero(bits <= max(int(bits.min()), dedup.MAX_BITS))
            gap = np.abs(signatures[close].astype(np.int16) - np.frombuffer(signature, np.uint8))
            mean = gap.mean(axis=1)
            near = (bits[close] <= dedup.MAX_BITS) & (mean <= dedup.MAX_MEAN) & (gap.max(axis=1) <= dedup.MAX_CELL)
            first = int(np.lexsort((mean, bits[close]))[0])
            key, at = (float(bits[close[first]]), float(mean[first])), int(close[first])
            if (same := place.get(content_id(view))) is not None:
                key, at = (0.0, -1.0), same
            mirrored, rule = row >= len(pictures), bool(near.any()) or found[n].near
            if key < best[n]:
                best[n] = key
                found[n] = Neighbour(id=str(ids[at]), score=key[0], mirrored=mirrored)
            found[n] = dataclasses.replace(found[n], near=rule)
    return found


def by_features(
    pictures: Sequence[U8],
    training: Iterable[tuple[str, U8]],
    judge: Judge,
    progress: Progress = lambda _: None,
) -> list[Neighbour]:
    """Find the training picture with the largest cosine of judge features: exact, in blocks, constant memory."""
    queries = judge.image_features(pictures)
    score, names = np.full(len(pictures), -np.inf), np.full(len(pictures), "", dtype=object)
    source, done = iter(training), 0
    while block := list(islice(source, _BLOCK)):
        cosines = queries @ judge.image_features([p for _, p in block]).T
        first = cosines.argmax(axis=1)
        top = cosines[np.arange(len(queries)), first]
        better = top > score
        score[better] = top[better]
        names[better] = np.array([name for name, _ in block], dtype=object)[first[better]]
        done += len(block)
        progress(f"judge features: {done:,} training pictures")
    return [Neighbour(id=str(n), score=float(s)) for n, s in zip(names, score)]


def with_interval(figure: Figure, num_held: int) -> Figure:
    """Put the Wilson intervals of a share and of its baseline (`num_held` held-out pictures) into a figure."""
    low, high = wilson(round(figure.value * figure.n), figure.n)
    note = f"95 % Wilson interval {low:.4f} to {high:.4f}"
    if figure.baseline is not None and num_held:
        floor = wilson(round(figure.baseline * num_held), num_held)
        note += f"; held-out: {floor[0]:.4f} to {floor[1]:.4f} (n = {num_held})"
    return dataclasses.replace(figure, spread=(high - low) / 2, note="; ".join(filter(None, (figure.note, note))))


def most_alike(
    distance: NDArray[np.float64], bits: NDArray[np.float64], cosine: NDArray[np.float64], k: int
) -> list[int]:
    """Return `k` outputs in turns: the nearest by pixels, the nearest by hash, the nearest by features, the next …"""
    ranked = [np.argsort(v, kind="stable") for v in (distance, bits, -cosine)]
    return list(dict.fromkeys(np.stack(ranked, axis=1).ravel().tolist()))[:k]


def audit(
    generator: Generator,
    judge: Judge,
    data: Sequence[Path | str],
    out_dir: Path,
    *,
    count: int = 1000,
    weights_id: str,
    trained_on: str | None = None,
    max_size: int = MAX_SIZE,
    seed: int = 0,
    progress: Progress = lambda _: None,
) -> list[Figure]:
    """Ask for `count` training captions, search, and write report.json, report.html and copies.png into `out_dir`.

    Args:
        generator: anything with `generate_batch`.
        judge: the trained ruler.
        data: the stores that the generator was trained on.
        out_dir: made where it is missing.
        count: pictures, one a prompt.
        weights_id: name of what is audited.
        trained_on: content hash of the store the weights were trained on, where it is known.
        max_size: longest side in px of what is asked for.
        progress: called with a line as work goes on.

    Raises:
        BadInput: no training pictures, or no held-out ones.
    """
    report = Report()
    stores = [store_line(p) for p in data]
    if trained_on and trained_on not in [s["content_hash"] for s in stores]:
        report.lacks("training data", f"the weights were trained on content {trained_on[:12]}, which is not in --data")
    prompts = training_prompts(data, count, max_size=max_size, seed=seed)
    items = [i for i in testset.load_items(data, max_size=max_size) if i.origin != "unseen"]
    held = [items[i] for i in testset.choose(items, count, seed)]
    if not held:
        raise BadInput(f"no held-out pictures in {', '.join(map(str, data))} that could have been trained on")
    sprites: list[tuple[Sprite, ...]] = []
    for i in range(0, len(prompts), _BATCH):
        sprites += generate(generator, [_request(p, i + n) for n, p in enumerate(prompts[i : i + _BATCH])], _BATCH)
        progress(f"{len(sprites)} of {len(prompts)} pictures drawn")
    made, n = [s.rgba() for (s,) in sprites], len(sprites)
    pictures = made + [i.rgba for i in held]

    progress("near copies by pixels")
    measures.measure_copies(report, sprites, held, data, seed)
    report.figures = [with_interval(f, len(held)) for f in report.figures]
    curve = report.curves["copies"]
    distance = np.array(curve["generated"] + curve["held-out real"])
    near = distance <= curve["threshold"]
    drawn = np.array([p.procedural for p in prompts] + [i.origin == "procedural" for i in held])
    for name, rows in (("game art", ~drawn), ("procedural pictures", drawn)):
        _share(report, "by origin", f"near copies, captions of {name}", near[:n][rows[:n]], near[n:][rows[n:]])

    progress("nearest by hash")
    hashed = by_hash(pictures, data)
    progress("nearest by judge features")
    felt = by_features(pictures, testset.training_pictures(data), judge, progress)
    bits, cosine = np.array([h.score for h in hashed]), np.array([f.score for f in felt])
    rule = np.array([h.near for h in hashed])
    _share(report, "hash", "near duplicates by the store's rule", rule[:n], rule[n:])
    for section, metric, values in (
        ("hash", "bits to the nearest", bits),
        ("features", "cosine to the nearest", cosine),
    ):
        report.add(section, f"{metric}, median", np.median(values[:n]), n, baseline=np.median(values[n:]))
    own = np.array([f.id == p.id for f, p in zip(felt, prompts)])
    note = "not copying by itself: the words lead there"
    _share(report, "features", "nearest is the picture the caption was taken from", own, note=note)

    shown = most_alike(distance[:n], bits[:n], cosine[:n], SHOWN)
    matches = near_copies.nearest([made[i] for i in shown], testset.training_pictures(data))
    outputs = [
        {
            **dataclasses.asdict(p),
            "seed": i,
            "distance": round(float(distance[i]), 6),
            "near": bool(near[i]),
            "hash": {"id": h.id, "bits": int(h.score), "mirrored": h.mirrored, "near": h.near},
            "features": {"id": f.id, "cosine": round(f.score, 4)},
        }
        for i, (p, h, f) in enumerate(zip(prompts, hashed, felt))
    ]
    cards = _cards(data, outputs, made, shown, matches)
    content: dict[str, Any] = {
        "format": FORMAT,
        "weights": weights_id,
        "environment": environment(),
        "judge": judge.card,
        "data": {"stores": stores, "held_out_pictures": len(held)},
        "config": {"count": count, "max_size": max_size, "seed": seed, "shown": shown},
        "figures": [f.to_dict() for f in report.figures],
        "missing": report.missing,
        "outputs": outputs,
        "curves": report.curves,
    }
    out_dir = Path(out_dir)
    write_json(out_dir / "report.json", content)
    write_bytes(out_dir / "copies.png", _sheet(cards))
    write_bytes(out_dir / "report.html", _page(content, cards))
    return report.figures


def run(
    weights: Path | str | Generator | None,
    data: Sequence[Path | str],
    out_dir: Path | str,
    *,
    count: int = 1000,
    judge: Judge | Path | str | None = None,
    progress: Progress = lambda _: None,
) -> list[Figure]:
    """Audit a bundle's folder (None: the released weights) or any object with `generate_batch`; see `audit`.

    Raises:
        BadInput: no weights, no judge, no store, or settings out of range.
    """
    out_dir = Path(out_dir)
    if not data:
        raise BadInput("name at least one store: --data STORE")
    if count < 1:
        raise BadInput(f"-n must be at least 1, got {count}")
    if out_dir.exists() and not out_dir.is_dir():
        raise BadInput(f"{out_dir} is a file; name a folder for the report: --out DIR")
    for path in data:
        Store.open(path)
    generator: Generator
    trained_on, max_size, folder = None, MAX_SIZE, None
    if weights is None or isinstance(weights, (str, Path)):
        from pixelmind.generator.pipeline import load

        folder = weights
        generator = pipeline = load(folder)
        name, trained_on = pipeline.bundle.id, pipeline.bundle.manifest.get("data_sha256")
        max_size = min(MAX_SIZE, max(pipeline.denoisers))
    else:
        generator, name = weights, str(getattr(weights, "name", type(weights).__name__))
    ruler = judge if isinstance(judge, Judge) else find_judge(folder, judge)
    return audit(
        generator,
        ruler,
        data,
        out_dir,
        count=count,
        weights_id=name,
        trained_on=trained_on,
        max_size=max_size,
        progress=progress,
    )


def _request(prompt: Prompt, seed: int) -> GenerationRequest:
    asked = Conditioning(prompt=prompt.text, height=prompt.height, width=prompt.width)
    return GenerationRequest(conditioning=asked, seed=seed)


def _share(
    report: Report,
    section: str,
    metric: str,
    made: NDArray[np.bool_],
    held: NDArray[np.bool_] | None = None,
    note: str = "",
) -> None:
    """Add the share of outputs that are so, with intervals, beside that of held-out pictures."""
    if not len(made):
        report.lacks(section, f"{metric}: no such caption was drawn")
        return
    floor = None if held is None or not len(held) else held.mean()
    report.add(section, metric, made.mean(), len(made), baseline=floor, note=note)
    report.figures[-1] = with_interval(report.figures[-1], 0 if held is None else len(held))


def _cards(
    data: Sequence[Path | str],
    outputs: Sequence[dict[str, Any]],
    made: Sequence[U8],
    shown: Sequence[int],
    matches: Sequence[near_copies.Match],
) -> list[list[dict[str, Any]]]:
    """For each output shown: itself, and its nearest training pictures by pixels, hash and features, with their words."""
    near: list[list[tuple[str, str, bool]]] = []
    for i, match in zip(shown, matches):
        h, f = outputs[i]["hash"], outputs[i]["features"]
        exact = "same pixels" if match.exact else f"pixels {match.distance:.3f}"
        near.append([
            (match.id, exact, match.mirrored),
            (h["id"], f"hash {h['bits']} bits", h["mirrored"]),
            (f["id"], f"features {f['cosine']:.2f}", False),
        ])  # fmt: skip
    names = ", ".join(f"'{name}'" for name in sorted({name for group in near for name, _, _ in group if name}))
    columns = ["id", "png", "captions", "source", "licence", "credit"]
    rows = {r["id"]: r for path in data for r in Store.open(path).scan(columns, filter=f"id IN ({names})")}
    cards = []
    for rank, (i, group) in enumerate(zip(shown, near), start=1):
        o = outputs[i]
        mark = " near copy" if o["near"] else ""
        about = f"asked: {o['text']} ({o['width']}x{o['height']}, seed {o['seed']})"
        line = [{"label": f"{rank}: generated{mark}", "about": about, "rgba": made[i]}]
        for name, label, mirrored in group:
            row = rows[name]
            rgba = decode_png(row["png"])
            own = ", its own picture" if name == o["id"] else ""
            line.append({
                "label": label + (" mirrored" if mirrored else "") + own,
                "about": f"{row['captions'][0]} ({row['source']}, {row['licence']}, {row['credit']})",
                "rgba": np.ascontiguousarray(rgba[:, ::-1]) if mirrored else rgba,
            })  # fmt: skip
        cards.append(line)
    return cards


def _sheet(cards: Sequence[Sequence[dict[str, Any]]]) -> bytes:
    """PNG of two outputs a row, each beside its nearest training pictures, all brought to 64 px."""
    cells = [c for line in cards for c in line]
    file = io.BytesIO()
    contact_sheet([to_canvas(c["rgba"]) for c in cells], [c["label"] for c in cells], columns=8).save(file, "PNG")
    return file.getvalue()


def _page(content: dict[str, Any], cards: Sequence[Sequence[dict[str, Any]]]) -> bytes:
    page = card.template("copies.html.j2").render(
        data=content,
        plots=card.plots(content["curves"]),
        cards=cards,
        inline=lambda rgba: card.inline(encode_rgba_png(rgba)),
    )
    return page.encode()
