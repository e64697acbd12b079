"""What is really seen in a rendered picture: whether a colour word holds on the cells it speaks of, and which hex value they have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
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
def _stems(part_name: str) -> frozenset[str]:
    return frozenset(map(_stem, part_name.rpartition("/")[2].split()))


@lru_cache(maxsize=65536)
def _anchored(fact: Fact, subject: str) -> Fact:
    if not isinstance(fact, str):
        return tuple(str(_anchored(text, subject)) for text in fact)

    def mark(match: re.Match[str]) -> str:
        about = " ".join(re.findall(r"[a-z]+", re.split(r"\b(?:with|of|on|and|in|from|for)\b", match[2])[0])[:3])
        return f"{{{match[1]}@{subject}:{about}}}{match[2]}"

    return re.sub(r"\{([^}@]*)\}([^{}]*)", mark, fact) if "{" in fact else fact


def anchored(words: Words, subject: str = "") -> Words:
    """The words with every colour brace told whose it is and what it is said of: "{red} flags" to "{red@2:flags} flags"."""
    return each_fact(words, lambda fact: _anchored(fact, subject))


def each_fact(words: Words, change: Callable[[Fact], Fact]) -> Words:
    """The words with every fact changed."""
    return Words(
        nouns=words.nouns,
        adjectives=tuple(map(change, words.adjectives)),
        having=tuple(map(change, words.having)),
        place=tuple(map(change, words.place)),
        lacking=tuple(str(change(text)) for text in words.lacking),
        plural=words.plural,
    )


@lru_cache(maxsize=65536)
def _mirrored(fact: Fact) -> Fact:
    if not isinstance(fact, str):
        return tuple(str(_mirrored(text)) for text in fact)
    return re.sub(r"\b(left|right)\b", lambda m: "right" if m[1] == "left" else "left", fact)


def mirrored(words: Words) -> Words:
    """The words of a picture whose left and right were swapped."""
    return each_fact(words, _mirrored)


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
        colors = np.unique(packed)
        flat = part.ravel() * np.intp(len(colors)) + np.searchsorted(colors, packed).ravel()
        self.counts = np.bincount(flat, minlength=len(names) * len(colors)).reshape(len(names), len(colors))
        self.counts[:, colors == 0] = 0
        self.colors = colors.tolist()
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
            meant = meant or [i for i in parts if word in _stems(self.names[i])]
        seen = self.counts[meant or list(parts)].sum(0).tolist()
        good = [i for i, count in enumerate(seen) if count and says(name, named(self.colors[i]))]
        share = sum(seen[i] for i in good) / max(1, sum(seen))
        if not good or share < (PART_SHARE if meant else SUBJECT_SHARE) or not keeps(self.style, name):
            return False, ""
        best = self.colors[max(good, key=seen.__getitem__)]
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
