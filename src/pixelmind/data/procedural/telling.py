"""What is said of a composed scene, and its record: counts, sides and relations are read from what is visible on the canvas."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelmind.data.procedural import weather as wt
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import NUMBERS, Fact, Words, pluralize
from pixelmind.data.procedural.family import Family, Params
from pixelmind.data.procedural.setting import Place, Setting
from pixelmind.data.procedural.sight import anchored

STANDS = {
    "rock": ("a rock", "a big rock"),
    "crate": ("a wooden crate", "a crate"),
    "pedestal": ("a stone pedestal", "a pedestal"),
}


@dataclass
class Part:
    """One kind of subject in a composed scene, drawn `count` times; boxes are (x, y, w, h) of what is visible of each."""

    family: Family
    params: Params
    words: Words
    canvas: Canvas
    count: int = 1
    role: str = "main"
    at: list[tuple[int, int]] = field(default_factory=list)
    boxes: list[tuple[int, int, int, int]] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)

    @property
    def noun(self) -> str:
        return self.words.nouns[0]

    @property
    def flies(self) -> bool:
        return self.role == "flyer"


@dataclass
class Scene:
    """A finished composition, ready to be coloured and told."""

    canvas: Canvas
    place: Place
    setting: Setting
    parts: list[Part]
    stand: str
    genre: str
    relations: list[tuple[int, str, int]]
    owner: NDArray[np.uint8]


def relations(scene: Scene) -> list[tuple[int, str, int]]:
    """(subject, relation, other) for pairs of single subjects, read from the boxes of what is visible; indices into `parts`."""
    out = []
    singles = [i for i, p in enumerate(scene.parts) if p.count == 1]
    for i in singles:
        for j in singles:
            if i != j:
                out += [(i, relation, j) for relation in relation_of(scene.parts[i], scene.parts[j])]
    return out


def relation_of(a: Part, b: Part) -> list[str]:
    """What holds of the visible boxes of two single subjects: left of, right of, next to, above, below, in front of, behind."""
    (ax, ay, aw, ah), (bx, by, bw, bh) = a.boxes[0], b.boxes[0]
    across = min(ax + aw, bx + bw) - max(ax, bx)
    down = min(ay + ah, by + bh) - max(ay, by)
    out = []
    level = down >= 0.4 * min(ah, bh)
    if across < 0 and level:
        out.append("left of" if ax < bx else "right of")
        if -across <= max(5, 0.5 * min(aw, bw)) and abs(ay + ah - by - bh) <= 0.35 * max(ah, bh):
            out.append("next to")
    if across >= 0.5 * min(aw, bw):
        if down <= 0:
            out.append("above" if ay < by else "below")
        elif "behind" in (a.role, b.role) and a.role != b.role and down > 0 and not (a.flies or b.flies):
            out.append("in front of" if b.role == "behind" else "behind")
    return out


def _np(part: Part, key: str, *, adjective: bool = True) -> Fact:
    """Ways to name a subject with its article or number: "a red dragon", "two slimes"."""
    words = anchored(part.words, key)
    options: list[str] = []
    first = [t for f in words.adjectives[:1] for t in ((f,) if isinstance(f, str) else f)] if adjective else []
    for adj in [*first, ""]:
        for noun in dict.fromkeys(words.nouns[:3]):
            if {*adj.split()} & {*noun.split()}:
                continue  # "an undead undead"
            phrase = f"{adj} {noun}".strip()
            if part.words.plural:
                options.append(phrase)
            elif part.count == 1:
                options.append(f"a~{phrase}")
            else:
                many = f"{adj} {pluralize(noun)}".strip()
                options += [f"{NUMBERS[part.count]} {many}", f"{part.count} {many}"]
    return tuple(options)


_SAY = {
    "left of": ("to the left of {}", "left of {}"),
    "right of": ("to the right of {}", "right of {}"),
    "next to": ("next to {}", "beside {}", "near {}"),
    "above": ("above {}", "over {}"),
    "below": ("below {}", "under {}"),
    "in front of": ("in front of {}",),
    "behind": ("behind {}",),
}


def _joined(frames: tuple[str, ...], things: Fact) -> Fact:
    options = (things,) if isinstance(things, str) else things
    return tuple(frame.replace("{}", thing) for frame in frames for thing in options)


def tell(scene: Scene) -> tuple[Words, ...]:
    """What may be said: of the main subject first, then of the place and, where there is one, of the second subject."""
    place, setting = scene.place, scene.setting
    when: list[Fact] = []
    hidden = setting.weather in ("rain", "storm", "snow", "fog") and setting.time in ("sunset", "dawn")
    if (not place.inside or place.name == "interior") and not hidden:
        when.append(wt.TIMES[setting.time])
    if not place.inside:
        when += wt.WEATHER[setting.weather]
    views = [_view(scene, 0, when)]
    having: list[Fact] = [_np(p, str(i)) for i, p in enumerate(scene.parts)]
    views.append(Words(nouns=place.nouns, having=tuple(having), place=tuple(when)))
    singles = [i for i, p in enumerate(scene.parts) if i and p.role in ("beside", "flyer", "behind", "swimmer")]
    if singles:
        views.append(_view(scene, singles[0], when))
    return tuple(views)


def _view(scene: Scene, index: int, when: list[Fact]) -> Words:
    """The words with one of the subjects in the middle of the sentence."""
    part, w = scene.parts[index], scene.canvas.w
    words = anchored(part.words, str(index))
    whole = min(part.shares) > 0.93
    place: list[Fact] = list(words.place)
    for j, other in enumerate(scene.parts):
        said = [r for i, r, k in scene.relations if (i, k) == (index, j)]
        if said and other.role != "things":
            frames = tuple(f for r in said for f in _SAY[r])
            if "above" in said and part.flies:
                frames = ("flying above {}", "above {}", "flying over {}", "over {}")
            place.append(_joined(frames, _np(other, str(j))))
    if scene.stand and index == 0:
        place.append(
            _joined(
                ("on {}", "standing on {}") if part.family.kind in ("character", "creature") else ("on {}",),
                STANDS[scene.stand],
            )
        )
    if not (part.flies and scene.place.habitat != ("float",)):
        place.append(scene.place.at)
    place += when
    if part.count == 1 and w >= 32:
        x, _, bw, _ = part.boxes[0]
        middle = (x + bw / 2) / w
        if middle < 0.36 or middle > 0.64:
            side = "left" if middle < 0.36 else "right"
            place.append((f"on the {side}", f"on the {side} side", f"at the {side}"))
        elif 0.45 < middle < 0.55 and bw < w * 0.6:
            place.append(("in the middle", "in the centre", "in the center"))
    things = [_np(p, str(j)) for j, p in enumerate(scene.parts) if j != index and p.role == "things"]
    if things:
        floor = "floor" if scene.place.inside else "ground"
        joined = [" and ".join(t[k % len(t)] for t in things) for k in range(max(map(len, things)))]
        place.append(_joined(("with {}", f"with {{}} on the {floor}"), tuple(joined)))
    if part.count > 1:
        many = _np(part, str(index))
        plain = tuple(t for t in many if "{" not in t)
        return Words(
            nouns=(*plain[:1], *many, pluralize(part.noun)),
            place=tuple(f for f in place if f not in words.place),
            plural=True,
        )
    return replace(
        words,
        having=words.having if whole else (),
        place=tuple(place),
        lacking=words.lacking if whole else (),
    )


def record(scene: Scene) -> dict[str, Any]:
    """The composition as stored: place, time, weather, light, and every subject with its parameters and visible boxes."""
    return {
        "place": scene.place.name,
        "time": scene.setting.time,
        "weather": scene.setting.weather,
        "light": f"top {scene.setting.light}",
        "stand": scene.stand or None,
        "subjects": [
            {
                "family": p.family.name,
                "noun": p.noun,
                "role": p.role,
                "count": p.count,
                "mirrored": scene.setting.light == "right",
                "boxes": [list(b) for b in p.boxes],
                "visible": [round(s, 3) for s in p.shares],
                "params": p.params,
            }
            for p in scene.parts
        ],
        "relations": [[i, r, j] for i, r, j in scene.relations],
    }


def cluster_key(scene: Scene) -> str:
    """Hash of what is where: compositions alike in all but style, size and details share it."""
    facts = [scene.place.name, scene.setting.time, scene.setting.weather]
    subjects = [
        [p.family.name, p.count, {k: p.params[k] for k, v in p.family.parameters.items() if not v.minor}]
        for p in scene.parts
    ]
    return hashlib.sha256(json.dumps([facts, subjects], sort_keys=True).encode()).hexdigest()[:16]
