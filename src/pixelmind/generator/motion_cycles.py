"""Motion cycles from real art: Liberated Pixel Cup people composed standing, breathing and walking, frame by frame.

Walkers come from the LPC generator's layers (five builds, eight frames of walking, four directions) in recoloured clothes; their
heads also wear the hair and helmets of LPC Revised, moved with the head as the generator's own hair is. People who breathe come
from both sets. A character that wears anything of `HELD_OUT` is for the test: no pair of it is trained on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from pixelmind.data.sources import lpc
from pixelmind.data.sources.lpc import CELL_PX, PART, VIEWS_BY_ROW, Layer, Person, compose
from pixelmind.errors import BadInput
from pixelmind.generator.motion import Action, grounded
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import U8

#: Layers that only test characters have: a build, hair, a helmet, a beard and clothes.
HELD_OUT = re.compile(r"body/teen|hair/afro|Curly|Cowlick|Norman|Chevron|Polo|V-neck Longsleeve|Overalls|Leggings")
#: Build -> heads that fit it, the folder of its trousers and cape ("" where it has none: its skin is recoloured as cloth).
BUILDS = {
    "male": (("male", "male-elderly"), "male"),
    "female": (("female", "female-elderly"), "female"),
    "male-muscular": (("male", "male-elderly"), "male"),
    "teen": (("female", "male"), ""),
    "child": (("child",), ""),
}
WALK_FRAMES = 8
#: Frame of the walk in which the legs pass each other, as they stand, for back, left, front and right.
PASSING = (0, 2, 0, 2)
FEET_ROW = 54  # of the 64 px cell: below it a body is feet, which get shoes


@dataclass(frozen=True)
class Cycle:
    """One character, seen from one side, in one action.

    `labels` uint8 [F, H, W] index `palette` uint8 [K, 4] (0 is clear); labels[0] is the standing figure, labels[i] what is
    seen at `phases[i]` in [0, 1) of the cycle.
    """

    labels: U8
    palette: U8
    phases: tuple[float, ...]
    action: Action
    view: str
    held_out: bool


def read_cycles(art: Path, walkers: int, idlers: int, seed: int = 0) -> list[Cycle]:
    """Compose `walkers` and `idlers` people in four directions each from the LPC checkouts at, or in folders of, `art`.

    Raises:
        BadInput: no LPC generator there (walking), or no LPC Revised (clothes).
    """
    folders = [art, *sorted(p for p in art.glob("*") if p.is_dir())] if art.is_dir() else []
    found = [next((f for f in folders if i.detect(f)), None) for i in (lpc.LpcGeneratorImporter(), lpc.IMPORTER)]
    if found[0] is None or found[1] is None:
        raise BadInput(
            f"{art} holds no LPC {'generator' if found[0] is None else 'Revised'} checkout; "
            "name the folder that holds both with --data"
        )
    walking = _Wardrobe(found[0] / "resources", found[1] / "Characters")
    out: list[Cycle] = []
    for number in range(walkers):
        out += walking.walk(np.random.default_rng([seed, 1, number]))
    for number in range(idlers):
        out += walking.idle(np.random.default_rng([seed, 2, number]))
    return out


def as_cycle(frames: Sequence[U8], phases: Sequence[float], action: Action, view: str, held_out: bool) -> Cycle | None:
    """Index frames uint8 [H, W, 4] by the colours of the first; a colour it lacks becomes its nearest in OKLab.

    All frames stand on the first one's ground line (`grounded`). Returns None where the first frame is clear.
    """
    stack = np.stack(frames)
    seen = stack[..., 3] >= 128
    if not seen[0].any():
        return None
    colors, inverse = np.unique(stack[seen][:, :3], axis=0, return_inverse=True)
    own = np.unique(inverse.ravel()[: int(seen[0].sum())])
    lab = srgb_to_oklab(colors)
    nearest = ((lab[:, None] - lab[own]) ** 2).sum(-1).argmin(1)
    labels = np.zeros(seen.shape, np.uint8)
    labels[seen] = nearest[inverse.ravel()] + 1
    labels = np.stack([grounded(frame, labels[0]) for frame in labels])
    rows, cols = (np.flatnonzero(labels.any(axis=axes)) for axes in ((0, 2), (0, 1)))
    labels = labels[:, rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    palette = np.zeros((len(own) + 1, 4), np.uint8)
    palette[1:, :3], palette[1:, 3] = colors[own], 255
    return Cycle(labels, palette, tuple(phases), action, view, held_out)


class _Wardrobe:
    """The layers of both checkouts, and people dressed from them."""

    def __init__(self, resources: Path, revised: Path) -> None:
        self.sheets = resources / "spritesheets"
        self.ramps = {p.stem: json.loads(p.read_text()) for p in sorted((resources / "palette-definitions").glob("*"))}
        self.index = lpc._index(revised)
        self.bob = _head_moves(self.sheets)

    def walk(self, rng: np.random.Generator) -> Iterator[Cycle]:
        """A walker seen from four sides, and the same person breathing."""
        person, shoes, worn = self._dress(rng)
        names = " ".join(str(layer.path) for layer in (*person.layers, *worn.layers))
        held_out = HELD_OUT.search(names) is not None
        for row, view in enumerate(VIEWS_BY_ROW):
            stand, breath = (_standing(p, shoes, worn, row, frame) for p, frame in ((person, 0), (person, 1)))
            cycle = as_cycle([stand, breath, breath, stand], (0, 0.25, 0.5, 0.75), "idle", view, held_out)
            if cycle is not None:
                yield cycle
            frames, phases = [stand], [0.0]
            for step in range(1, WALK_FRAMES):
                frame = (PASSING[row] + step) % WALK_FRAMES
                frames.append(
                    _shod(_posed(person, "walk"), _posed(shoes, "walk"), worn, row, frame, self.bob[row][frame])
                )
                phases.append(step / WALK_FRAMES)
            cycle = as_cycle(frames, phases, "walk", view, held_out)
            if cycle is not None:
                yield cycle

    def idle(self, rng: np.random.Generator) -> Iterator[Cycle]:
        """A dressed person of LPC Revised breathing, seen from four sides."""
        person = lpc.IMPORTER._dress(self.index, rng)
        if person is None:
            return
        held_out = HELD_OUT.search(" ".join(str(layer.path) for layer in person.layers)) is not None
        for row, view in enumerate(VIEWS_BY_ROW):
            stand, breath = (compose(replace(person, frames=(f,) * 4), row)[0] for f in (0, 2))
            cycle = as_cycle([stand, breath, breath, stand], (0, 0.25, 0.5, 0.75), "idle", view, held_out)
            if cycle is not None:
                yield cycle

    def _dress(self, rng: np.random.Generator) -> tuple[Person, Person, Person]:
        """A person in the generator's layers, the same one with its skin as shoe leather, and what moves with the head."""

        def choose(options: Sequence[str]) -> str:
            return str(options[int(rng.integers(len(options)))])

        def ramp(kind: str, base: str, to: str = "") -> tuple[tuple[str, ...], tuple[str, ...]]:
            return tuple(self.ramps[kind][base]), tuple(self.ramps[to or kind][choose(sorted(self.ramps[to or kind]))])

        def layer(name: str, part: str, recolor: tuple[tuple[str, ...], tuple[str, ...]] | None = None) -> Layer:
            return Layer(self.sheets / name / "idle.png", part, "", recolor)

        build = choose(list(BUILDS))
        heads, clothes = BUILDS[build]
        tone, eyes = ramp("skin", "light"), ramp("eyes", "blue")
        shirt = tone if clothes and rng.random() < 0.3 and "female" not in build else ramp("skin", "light", "cloth")
        leather = ramp("skin", "light", "cloth")
        layers = [layer(f"body/{build}", "body", shirt)]
        if clothes:
            layers.append(layer(f"pants/{clothes}", "legs", ramp("cloth", "white")))
            if rng.random() < 0.25:
                white = ("#fafafa", "#ececed", "#e4e4e5", "#d5d7da", "#c6c7c9")
                cape = (white, ramp("cloth", "white")[1][:5])
                layers.insert(0, layer(f"cape/solid-{clothes}/solid_behind", "cape", cape))
                layers.append(layer(f"cape/solid-{clothes}", "cape", cape))
        layers.append(layer(f"head/{choose(heads)}", "head", (tone[0] + eyes[0], tone[1] + eyes[1])))
        worn: list[Layer] = []
        if rng.random() < 0.3:
            if build != "child" and rng.random() < 0.8:
                layers.append(layer(f"hair/{choose(('afro', 'bangs', 'buzzcut'))}", "hair", ramp("hair", "orange")))
        else:
            worn = self._headwear(rng)
        if build != "child" and rng.random() < 0.15:
            layers.append(layer("weapon/halberd", "weapon"))
        shod = [replace(part, recolor=leather) if part.part == "body" else part for part in layers]
        return Person("walker", layers), Person("walker", shod), Person("headwear", worn)

    def _headwear(self, rng: np.random.Generator) -> list[Layer]:
        """Hair or a helmet of LPC Revised, and at times a beard or glasses."""

        def pick(kind: str, pattern: str) -> list[Layer]:
            names = [n for n in sorted(self.index[f"{kind}|Idle.png"]) if re.search(pattern, n)]
            name = names[int(rng.integers(len(names)))]
            colors = self.index[f"{kind}|Idle.png"][name]
            color = sorted(colors)[int(rng.integers(len(colors)))]
            return [Layer(colors[color], "hair")]

        helm = rng.random() < 0.35
        out = pick("Head Accessories", r"^Helm \d") if helm else pick("Hair", "^(Short|Medium)")
        if rng.random() < 0.15:
            out = pick("Hair", "^Facial") + out
        return out + (pick("Head Accessories", "^Eyewear") if rng.random() < 0.1 else [])


def _posed(person: Person, animation: str) -> Person:
    return replace(person, layers=[replace(x, path=x.path.with_name(f"{animation}.png")) for x in person.layers])


def _standing(person: Person, shoes: Person, worn: Person, row: int, frame: int) -> U8:
    """A breath lifts the head of the front view only as its own layer does: what is worn stays with it."""
    head = next(layer for layer in person.layers if layer.part == "head")
    return _shod(person, shoes, worn, row, frame, _moved(head.path, head.path, row, frame))


def _shod(person: Person, shoes: Person, worn: Person, row: int, frame: int, bob: int) -> U8:
    """One frame uint8 [128, 128, 4]: feet in shoes, and over it what is worn, `bob` px lower than it stands."""
    frames = (frame,) * 4
    rgba, mask, _ = compose(replace(person, frames=frames), row)
    feet = mask == PART["body"]
    feet[: FEET_ROW + CELL_PX // 2] = False
    if feet.any():
        rgba = np.where(feet[..., None], compose(replace(shoes, frames=frames), row)[0], rgba)
    if worn.layers:
        over = np.roll(compose(worn, row)[0], bob, axis=0)
        rgba = np.where(over[..., 3:] >= 128, over, rgba)
    return rgba


@lru_cache(maxsize=4096)
def _moved(still: Path, moving: Path, row: int, frame: int) -> int:
    """How many px a layer's frame lies lower than its standing one: the shift under which most cells agree."""
    one, other = lpc._column(still, (0,) * 4)[row], lpc._column(moving, (frame,) * 4)[row]
    agree = [int((np.roll(one, dy, 0) == other).all(-1).sum()) for dy in (0, 1, -1, 2, -2)]
    return (0, 1, -1, 2, -2)[int(np.argmax(agree))]


def _head_moves(sheets: Path) -> list[list[int]]:
    """How far a head lies below its standing place in each direction and frame of the walk, as its hair is drawn."""
    hair = sheets / "hair/buzzcut"
    return [[_moved(hair / "idle.png", hair / "walk.png", r, f) for f in range(WALK_FRAMES)] for r in range(4)]
