"""Stored choices as training pairs: read from the database or from exported JSON Lines, weighed by trust, parted by prompt, on canvases.

Pairs of real people and of simulated ones are never mixed without being told to.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from pixelmind.errors import BadInput
from pixelmind.generator.canvas import to_canvas
from pixelmind.generator.task import level_frames
from pixelmind.preference.aggregate import check
from pixelmind.preference.agreement import Choice
from pixelmind.preference.reliability import Crowd, crowd
from pixelmind.records import PreferencePair, Sprite, content_id

Whose = Literal["", "human", "simulated", "both"]
F32 = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """Choices to learn from. `weights` float32 [N] are the annotators' trust; `ties` and `passed` (two sizes, or one picture twice) were
    left out of N; `crowd` tells of the annotators."""

    pairs: Sequence[PreferencePair]
    weights: F32
    crowd: Crowd
    ties: int = 0
    passed: int = 0

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def sha256(self) -> str:
        """Hash of all pairs and weights."""
        digest = hashlib.sha256(self.weights.tobytes())
        for p in self.pairs:
            digest.update(
                f"{p.prompt}\n{p.user}\n{content_id(p.chosen.rgba())}{content_id(p.rejected.rgba())}\n".encode()
            )
        return digest.hexdigest()

    def rows(self, picks: Sequence[int]) -> Pairs:
        """Some of the pairs."""
        return Pairs(pairs=[self.pairs[i] for i in picks], weights=self.weights[list(picks)], crowd=self.crowd)

    def split(self, held_out: float) -> tuple[Pairs, Pairs]:
        """(train, held out) by prompt: the held-out share of prompts, rounded up, lowest hash first; none where there is one prompt."""
        prompts = sorted({_key(p.prompt) for p in self.pairs}, key=lambda w: hashlib.sha256(w.encode()).hexdigest())
        count = min(math.ceil(held_out * len(prompts)), len(prompts) - 1)
        aside = set(prompts[:count])
        rows = range(len(self))
        return (
            self.rows([i for i in rows if _key(self.pairs[i].prompt) not in aside]),
            self.rows([i for i in rows if _key(self.pairs[i].prompt) in aside]),
        )


def _key(prompt: str) -> str:
    return " ".join(prompt.lower().split())


@dataclass(frozen=True)
class _Said:
    """A choice with its sprites, or a tie."""

    pair: PreferencePair
    tie: bool


def read(source: Path | str, whose: Whose = "", *, reliability: bool = True) -> Pairs:
    """Read the pairs of a database (URL or SQLite file) or of a .jsonl file as `pixelmind preference export` writes it.

    Args:
        source: where they are.
        whose: "human", "simulated" or "both"; empty where only one kind is there.
        reliability: weigh pairs by their annotators' trust, see `reliability.crowd`; else all count 1.

    Raises:
        BadInput: no such place, an unreadable line, both kinds without `whose`, no pairs, all ties, answers that cancel out, or nobody
            who can be trusted.
    """
    said = list(_lines(Path(source)) if str(source).endswith(".jsonl") else _database(str(source)))
    kinds = Counter("simulated" if s.pair.simulated else "human" for s in said)
    if whose in ("human", "simulated"):
        said = [s for s in said if s.pair.simulated == (whose == "simulated")]
    elif len(kinds) > 1 and whose != "both":
        raise BadInput(
            f"{source} holds choices of real people ({kinds['human']}) and of simulated ones ({kinds['simulated']}); "
            "say whose to learn from: --whose human, simulated or both"
        )
    if not said and kinds:
        raise BadInput(f"{source} holds no choices of {whose} people, only of {next(iter(kinds))} ones")
    names = [(content_id(s.pair.chosen.rgba()), content_id(s.pair.rejected.rgba())) for s in said]
    choices = [
        Choice(annotator=s.pair.user, one=min(n), other=max(n), value=0.5 if s.tie else float(n[0] < n[1]))
        for s, n in zip(said, names)
        if n[0] != n[1]
    ]
    check(choices)
    known = crowd(choices, reliabilities=reliability)
    kept = [
        s.pair
        for s, n in zip(said, names)
        if not s.tie and n[0] != n[1] and s.pair.chosen.indices.shape == s.pair.rejected.indices.shape
    ]
    ties = sum(s.tie for s in said)
    weights = np.array([known.weight(p.user) if reliability else 1.0 for p in kept], np.float32)
    if not kept:
        raise BadInput("there are no pairs to learn from: every choice is between pictures of different sizes")
    if not weights.sum() > 0:
        raise BadInput("no annotator can be trusted: all answer against each other; see pixelmind preference stats")
    return Pairs(pairs=kept, weights=weights, crowd=known, ties=ties, passed=len(said) - ties - len(kept))


def _lines(path: Path) -> Iterator[_Said]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            pair = PreferencePair.from_dict(row) if "chosen" in row else None
        except (ValueError, KeyError, TypeError, AttributeError, BadInput) as error:
            raise BadInput(
                f"{path}, line {number} is no record of pixelmind preference export ({str(error).splitlines()[0]})"
            ) from error
        if pair is not None:
            yield _Said(pair, False)


def _database(source: str) -> Iterator[_Said]:
    from pixelmind.storage import Database, DatabaseDown, NotFound

    if "://" not in source:
        path = Path(source).expanduser()
        if not path.is_file():
            raise BadInput(f"there is no database {path}; name one, or a .jsonl file of pixelmind preference export")
        source = f"sqlite:///{path}"
    names: dict[str, str] = {}
    try:
        with Database(source) as db:
            db.upgrade()
            for choice in db.feedback.pairs(ties=True):
                if choice.user not in names:  # a simulated person's name tells whose taste it is
                    names[choice.user] = db.users.get(choice.user).name if choice.simulated else choice.user
                try:
                    record = choice.record()
                except NotFound:  # a sprite was deleted since
                    continue
                pair = PreferencePair(
                    prompt=record.prompt,
                    chosen=record.chosen,
                    rejected=record.rejected,
                    user=names[choice.user],
                    simulated=record.simulated,
                )
                yield _Said(pair, choice.tie)
    except DatabaseDown as error:
        raise BadInput(f"{source} cannot be opened: {error}") from error


@dataclass(frozen=True, kw_only=True)
class Frames:
    """Pairs on a level's frames: chosen, rejected [B, 4, H, W], valid [B, 1, H, W], their coarse frames above level 16."""

    chosen: Tensor
    rejected: Tensor
    valid: Tensor
    coarse_chosen: Tensor | None
    coarse_rejected: Tensor | None


def frames(pairs: Sequence[PreferencePair], level: int, patch: int, turned: Sequence[bool]) -> Frames:
    """Bring pairs whose frames are of one size onto a level, those that are `turned` mirrored left to right."""

    def canvases(sprites: Sequence[Sprite]) -> list[F32]:
        return [to_canvas(s.rgba()[:, ::-1] if turn else s.rgba()) for s, turn in zip(sprites, turned, strict=True)]

    chosen, valid, coarse = level_frames(canvases([p.chosen for p in pairs]), level, patch)
    rejected, _, other = level_frames(canvases([p.rejected for p in pairs]), level, patch)
    return Frames(chosen=chosen, rejected=rejected, valid=valid, coarse_chosen=coarse, coarse_rejected=other)


def batches(buckets: Sequence[Sequence[int]], size: int, step: int, seed: int) -> list[int]:
    """Rows of step `step`: epochs in random order in which every row comes once, each batch out of one bucket.

    The last batch of a bucket is filled up from its beginning. A pure function of its arguments.
    """
    per_epoch = sum(math.ceil(len(b) / size) for b in buckets)
    epoch, at = divmod(step, per_epoch)
    rng = np.random.default_rng((seed, epoch))
    found: list[list[int]] = []
    for bucket in buckets:
        order = [bucket[i] for i in rng.permutation(len(bucket))]
        for first in range(0, len(order), size):
            part = order[first : first + size]
            found.append(part + [order[i % len(order)] for i in range(size - len(part))])
    return found[int(rng.permutation(per_epoch)[at])]


def torch_rng(*seed: int) -> torch.Generator:
    """A generator whose draws depend on these numbers alone."""
    return torch.Generator().manual_seed(int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0] >> 1))
