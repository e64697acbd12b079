"""What is really seen in a rendered picture: whether a colour word holds on the cells it speaks of, and which hex value they have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.ramps import basic_name, says
from pixelmind.data.procedural.styles import keeps

#: Share of the cells of a named part, and of a whole subject, that must bear a colour word out.
PART_SHARE, SUBJECT_SHARE = 0.12, 0.05


@lru_cache(maxsize=65536)
def named(packed: int) -> str:
    """Basic colour word of a little-endian packed RGBA value."""
    return basic_name((packed & 255, packed >> 8 & 255, packed >> 16 & 255))


def _stem(word: str) -> str:
    return word[:-1] if word.endswith("s") and len(word) > 3 else word


@lru_cache(maxsize=65536)
def _anchored(text: str, subject: str) -> str:
    def mark(match: re.Match[str]) -> str:
        about = " ".join(re.findall(r"[a-z]+", re.split(r"\b(?:with|of|on|and|in|from|for)\b", match[2])[0])[:3])
        return f"{{{match[1]}@{subject}:{about}}}{match[2]}"

    return re.sub(r"\{([^}@]*)\}([^{}]*)", mark, text) if "{" in text else text


def anchored(words: Words, subject: str = "") -> Words:
    """The words with every colour brace told whose it is and what it is said of: "{red} flags" to "{red@2:flags} flags"."""
    return each_fact(words, lambda text: _anchored(text, subject))


def each_fact(words: Words, change: Callable[[str], str]) -> Words:
    """The words with every fact changed."""

    def changed(facts: Iterable[Fact]) -> tuple[Fact, ...]:
        return tuple(change(f) if isinstance(f, str) else tuple(change(t) for t in f) for f in facts)

    return replace(
        words,
        adjectives=changed(words.adjectives),
        having=changed(words.having),
        place=changed(words.place),
        lacking=tuple(change(t) for t in words.lacking),
    )


def mirrored(words: Words) -> Words:
    """The words of a picture whose left and right were swapped."""
    return each_fact(
        words,
        lambda text: re.sub(r"\b(left|right)\b", lambda m: "right" if m[1] == "left" else "left", text),
    )


class Sight:
    """Colours by part of a rendered picture.

    `rgba` uint8 [H, W, 4]; `part` uint8 [H, W] into `names`; `subjects`: part numbers of each subject, "" for all of the picture.
    """

    def __init__(
        self,
        rgba: NDArray[np.uint8],
        part: NDArray[np.uint8],
        names: Sequence[str],
        style: str,
        subjects: Mapping[str, Iterable[int]] | None = None,
    ) -> None:
        packed = np.ascontiguousarray(rgba).view(np.uint32)[..., 0]
        colors, inverse = np.unique(packed, return_inverse=True)
        flat = part.ravel().astype(np.int64) * len(colors) + inverse.reshape(-1)
        self.counts = np.bincount(flat, minlength=len(names) * len(colors)).reshape(len(names), len(colors))
        self.counts[:, colors == 0] = 0
        self.colors = [int(c) for c in colors]
        self.names, self.style = names, style
        self.subjects = {k: tuple(v) for k, v in (subjects or {}).items()}
        self.cache: dict[str, tuple[bool, str]] = {}

    def _read(self, brace: str) -> tuple[bool, str]:
        name, _, rest = brace.partition("@")
        subject, _, about = rest.partition(":")
        parts = self.subjects.get(subject, tuple(range(1, len(self.names))))
        words = [_stem(w) for w in about.split()]
        meant: list[int] = []
        for word in reversed(words):  # "{white} coffee mug" speaks of the mug
            meant = meant or [i for i in parts if word in map(_stem, self.names[i].rpartition("/")[2].split())]
        seen = self.counts[meant or list(parts)].sum(0)
        good = [i for i in np.flatnonzero(seen) if says(name, named(self.colors[i]))]
        share = sum(int(seen[i]) for i in good) / max(1, int(seen.sum()))
        if not good or share < (PART_SHARE if meant else SUBJECT_SHARE) or not keeps(self.style, name):
            return False, ""
        best = self.colors[max(good, key=lambda i: int(seen[i]))]
        exact = meant or not words  # of a part that is in the mask, or of the subject itself
        return True, f"#{best & 255:02x}{best >> 8 & 255:02x}{best >> 16 & 255:02x}" if exact else ""

    def __call__(self, brace: str) -> bool:
        """Whether the colour of a brace ("red@2:flags") may be said."""
        if brace not in self.cache:
            self.cache[brace] = self._read(brace)
        return self.cache[brace][0]

    def hex(self, brace: str) -> str:
        """The commonest hex value there that the colour word fits, or "" where the part cannot be told."""
        return self.cache[brace][1] if self(brace) else ""
