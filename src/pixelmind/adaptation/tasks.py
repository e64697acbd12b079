"""Tasks from styles: a task is a style's pictures, k of which are the support and others the query (Finn et al. 2017, sec. 3.1).

A style is what the store calls so (a pack, an art style of drawn scenes); a task keeps to one kind of picture of it. Whole styles are
held out for meta-test, by a hash of their names: neither pictures nor drawn palettes of theirs are seen in meta-training.
Held-out tasks take pictures of the `val` and `test` splits, which the networks were not trained on either; but the networks do
know the held-out styles from the training pictures. Only evaluation-only art is new to them altogether.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.generator.canvas import coarse_size, frame_size
from pixelmind.generator.config import below
from pixelmind.generator.task import recolor
from pixelmind.pixels.png import decode_png
from pixelmind.records import U8

MAX_SIDE = 64
MIN_GROUP = 8  # a support and a query of four; larger shots need larger groups
UPPER_FRAME = 32  # px; tasks of an upper level keep to pictures with this frame, so that they stack


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture of a task: uint8 RGBA [H, W, 4], and what is told of it."""

    rgba: U8
    caption: str
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Pictures of one style and kind."""

    style: str
    kind: str
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, kw_only=True)
class Episode:
    """One task: k support pictures and the query."""

    style: str
    support: tuple[Picture, ...]
    query: tuple[Picture, ...]
    recolored: bool = False


def held_out_styles(styles: Sequence[str], share: float) -> frozenset[str]:
    """A share of the styles (rounded up), the first by a hash of their names: the same in any store that has them."""
    names = sorted(set(styles), key=lambda name: hashlib.blake2b(name.encode(), digest_size=8).digest())
    return frozenset(names[: -int(-len(names) * share // 1)])


def fits(height: int, width: int, level: int, patch: int) -> bool:
    """Whether a picture can be in tasks of a level: any on the first, those of one frame on an upper one."""
    if level <= 16:
        return max(height, width) <= MAX_SIDE
    if not below(level) < max(height, width) <= level:
        return False
    return frame_size(*coarse_size(height, width, level), level, patch) == (UPPER_FRAME, UPPER_FRAME)


def read_groups(
    store: Store,
    level: int,
    patch: int,
    *,
    splits: Sequence[str],
    styles: frozenset[str] | None = None,
    without: frozenset[str] = frozenset(),
    limit: int = 256,
    seed: int = 0,
    evaluation_only: bool = False,
) -> list[Group]:
    """Groups of at least `MIN_GROUP` pictures of some splits, of the named styles or of all but some, at most `limit` pictures each,
    drawn by the seed. Pictures come from different clusters, so that a query is no near copy of its support."""
    columns = store.columns("style", "source", "kind", "split", "height", "width", "cluster", "evaluation_only")
    names = np.array([s or source for s, source in zip(columns["style"], columns["source"])], dtype=object)
    fit = np.array(
        [fits(h, w, level, patch) for h, w in zip(columns["height"].tolist(), columns["width"].tolist())], dtype=bool
    )
    fit &= np.isin(columns["split"].astype(str), list(splits))
    fit &= columns["evaluation_only"].astype(bool) == evaluation_only
    members: dict[tuple[str, str], list[int]] = {}
    for row in np.random.default_rng((seed, 11)).permutation(np.flatnonzero(fit)).tolist():
        style = str(names[row])
        if style not in without and (styles is None or style in styles):
            members.setdefault((style, str(columns["kind"][row] or "")), []).append(row)
    groups = []
    for (style, kind), rows in sorted(members.items()):
        first: dict[str, int] = {}
        for row in rows:
            first.setdefault(str(columns["cluster"][row]), row)
        chosen = list(first.values())[:limit]
        if len(chosen) < MIN_GROUP:
            continue
        pictures = tuple(
            Picture(rgba=decode_png(row["png"]), caption=row["captions"][0], kind=kind)
            for row in store.take(chosen, ["png", "captions"])
        )
        groups.append(Group(style=style, kind=kind, pictures=pictures))
    return groups


class Tasks:
    """Draws episodes: styles evenly, then a kind of it, then pictures. Everything is a function of the generator given."""

    def __init__(self, groups: Sequence[Group]) -> None:
        if not groups:
            raise BadInput(f"no style has {MIN_GROUP} pictures that fit; import more art, or lower maml.held_out")
        self.by_style: dict[str, list[Group]] = {}
        for group in groups:
            self.by_style.setdefault(group.style, []).append(group)
        self.styles = sorted(self.by_style)

    def captions(self) -> list[str]:
        """Every caption a task can have."""
        return sorted({p.caption for groups in self.by_style.values() for group in groups for p in group.pictures})

    def draw(
        self,
        rng: np.random.Generator,
        shots: int,
        query: int,
        *,
        style: str | None = None,
        recolored: bool = False,
    ) -> Episode:
        """An episode of `shots` support pictures and up to `query` others, of a drawn style or of this one. Where a group is too small
        for both, the support takes half of it."""
        style = style or self.styles[int(rng.integers(len(self.styles)))]
        large = [g for g in self.by_style[style] if len(g.pictures) >= 2 * shots] or [
            max(self.by_style[style], key=lambda g: len(g.pictures))
        ]
        sizes = np.sqrt([len(g.pictures) for g in large])
        group = large[int(rng.choice(len(large), p=sizes / sizes.sum()))]
        order = rng.permutation(len(group.pictures)).tolist()
        k = min(shots, len(order) // 2)
        picked = [group.pictures[i] for i in order[: k + query]]
        if recolored:
            changed = recolor([p.rgba for p in picked], [style] * len(picked), rng)
            picked = [Picture(rgba=rgba, caption=p.caption, kind=p.kind) for rgba, p in zip(changed, picked)]
        return Episode(style=style, support=tuple(picked[:k]), query=tuple(picked[k:]), recolored=recolored)
