"""Wishes that cannot all hold: each is named and answered with the compromise that is taken and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from pixelmind.dialogue.grounding import Wish, normal
from pixelmind.dialogue.values import color as color_value
from pixelmind.pixels import palettes
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import MAX_SIZE_PX, MIN_SIZE_PX, Intent

#: Farther than this from every colour of a palette (OKLab distance), a named colour is not in it.
FAR = 0.16
_REAL = re.compile(
    r"\b(?:photo\s?-?realis\w*|realistic|photo|hd|4k|8k|smooth gradients?|anti-?aliased|high resolution|3d render)\b",
    re.I,
)
_NEW = re.compile(r"\b(?:ps\s?[345]|playstation [345]|xbox\w*|unreal|ray ?traced|4k|8k|modern aaa|next gen)\b", re.I)
_TEXT = re.compile(r"\b(?:words?|text|letters?|saying|says|reads?|written|logo)\b", re.I)
_PLAIN = re.compile(r"\b(?:minimal\w*|simple|plain|basic)\b", re.I)
_RICH = re.compile(r"\b(?:(?:highly|very|super) detailed|intricate|complex|elaborate|ornate)\b", re.I)
_TIMES = (
    ("night", re.compile(r"\b(?:night|midnight|moonlit|moonlight|full moon|starry)\b", re.I)),
    ("day", re.compile(r"\b(?:noon|midday|sunny|daylight|daytime|broad day)\b", re.I)),
    ("winter", re.compile(r"\b(?:snow\w*|blizzard|winter\w*|frosty)\b", re.I)),
    ("summer", re.compile(r"\b(?:summer\w*|heat ?wave|hot day)\b", re.I)),
)
_OPPOSED = ({"night", "day"}, {"winter", "summer"})
_VIEWS = re.compile(r"\b(?:isometric|top[- ]down|side[- ](?:view|on)|front[- ]view|bird'?s[- ]eye)\b", re.I)


@dataclass(frozen=True, kw_only=True)
class Compromise:
    """What contradicts (a name of `schema.CONTRADICTIONS`), and the sentence that names it, the choice, and why."""

    kind: str
    sentence: str


Found = tuple[Wish, str] | None


def _text(wish: Wish, intent: Intent) -> str:
    return " ".join((wish.style, wish.view, wish.time, *wish.attributes, wish.subject, intent.text))


def _size(wish: Wish, intent: Intent) -> Found:
    if wish.size is None:
        return None
    height, width = wish.size
    if min(height, width) >= MIN_SIZE_PX and max(height, width) <= MAX_SIZE_PX:
        return None
    kept = tuple(min(max(v, MIN_SIZE_PX), MAX_SIZE_PX) for v in wish.size)
    if max(wish.size) > MAX_SIZE_PX and min(wish.size) > 0:  # the shape is kept where it can be
        scale = MAX_SIZE_PX / max(wish.size)
        kept = tuple(max(MIN_SIZE_PX, round(v * scale)) for v in wish.size)
    h, w = kept
    return replace(wish, size=(h, w)), (
        f"{width}x{height} px cannot be drawn, sides go from {MIN_SIZE_PX} to {MAX_SIZE_PX} px; I take {w}x{h}, "
        + ("enlarge it on saving." if max(wish.size) > MAX_SIZE_PX else "the nearest.")
    )


def _palette_color(wish: Wish, intent: Intent) -> Found:
    if not wish.palette:
        return None
    chosen = palettes.get(wish.palette)
    lab = srgb_to_oklab(chosen.colors[:, :3]).astype(float)
    missing = []
    for name in wish.named_colors():
        value = color_value(name)
        if value is None:
            continue
        own = srgb_to_oklab(np.array([value], np.uint8)).astype(float)[0]
        if np.sqrt(((lab - own) ** 2).sum(-1)).min() > FAR:
            missing.append(name)
    if not missing:
        return None
    said = " and ".join(missing)
    return (
        wish,
        f"the palette {chosen.name} has no {said}; I keep the palette and take its nearest tones.",
    )


def _budget(wish: Wish, intent: Intent) -> Found:
    named = wish.named_colors()
    if wish.max_colors is None:
        return None
    if wish.max_colors < 2:
        return replace(wish, max_colors=2), "one colour alone shows nothing; I take two."
    if len(named) <= wish.max_colors:
        return None
    raised = len(named) + 1
    return replace(wish, max_colors=raised), (
        f"{len(named)} colours are named ({', '.join(named)}) and at most {wish.max_colors} allowed; "
        f"I allow {raised}, so that each of them shows."
    )


def _presence(wish: Wish, intent: Intent) -> Found:
    wanted = {w.rstrip("s") for part in (*wish.attributes, wish.subject) for w in normal(part).split()}
    both = [a for a in wish.absent if normal(a).split() and normal(a).split()[-1].rstrip("s") in wanted]
    if not both:
        return None
    absent = tuple(a for a in wish.absent if a not in both)
    return (
        replace(wish, absent=absent),
        f"{both[0]} is both asked for and excluded; I draw it, since something named is easier to take away than to guess.",
    )


def _realism(wish: Wish, intent: Intent) -> Found:
    if not (found := _REAL.search(_text(wish, intent))):
        return None
    size = wish.size or (64, 64)
    return replace(wish, size=size), (
        f'"{found[0]}" and pixel art exclude each other; I draw pixel art at {size[1]}x{size[0]} px with more tones, the nearest to it.'
    )


def _detail(wish: Wish, intent: Intent) -> Found:
    text = _text(wish, intent)
    if not (_PLAIN.search(text) and _RICH.search(text)):
        return None
    style = ", ".join(w.strip() for w in wish.style.split(",") if not _PLAIN.search(w)) or "detailed"
    return replace(wish, style=style, size=wish.size or (48, 48), max_colors=wish.max_colors or 8), (
        "minimal and highly detailed pull apart; I keep few colours (8) and give the shapes room for detail (48x48), so that both show."
    )


def _era(wish: Wish, intent: Intent) -> Found:
    if not (_NEW.search(_text(wish, intent)) and wish.palette):
        return None
    return (
        wish,
        f"{palettes.get(wish.palette).name} colours and a new machine's quality exclude each other; I keep the old machine's colours.",
    )


def _time(wish: Wish, intent: Intent) -> Found:
    text = f"{wish.time} {intent.text}"
    said = [(m.start(), name, m[0]) for name, pattern in _TIMES if (m := pattern.search(text))]
    names = {name for _, name, _ in said}
    for pair in _OPPOSED:
        if pair <= names:
            first, second = sorted(p for p in said if p[1] in pair)[:2]
            return replace(
                wish, time=first[2]
            ), f"{first[2]} and {second[2]} cannot both be; I take {first[2]}, which was said first."
    return None


def _view(wish: Wish, intent: Intent) -> Found:
    said = list(dict.fromkeys(m[0].lower() for m in _VIEWS.finditer(f"{wish.view} {intent.text}")))
    if len(said) < 2:
        return None
    return replace(
        wish, view=said[0]
    ), f"{said[0]} and {said[1]} are two views; I take {said[0]}, which was said first."


def _writing(wish: Wish, intent: Intent) -> Found:
    height, width = wish.size or (32, 32)
    if not _TEXT.search(intent.text):
        if not (wish.count and wish.count > height * width // 64):
            return None
        fits = max(1, height * width // 64)
        return replace(
            wish, count=fits
        ), f"{wish.count} of them do not fit on {width}x{height} px; I draw about {fits}, 8 px each."
    return wish, f"readable writing does not fit on {width}x{height} px; I draw signs that suggest it."


def _count(wish: Wish, intent: Intent) -> Found:
    numbers = [v for v in intent.values.get("count", ()) if isinstance(v, int)]
    if "count" not in intent.contradictions or len(set(numbers)) < 2:
        return None
    return replace(
        wish, count=max(numbers)
    ), f"{numbers[0]} and {numbers[1]} of the same cannot both be; I draw {max(numbers)}, so that nothing is missing."


def _color(wish: Wish, intent: Intent) -> Found:
    if "color" not in intent.contradictions or len(wish.colors) < 2:
        return None
    first, second = wish.colors[:2]
    return wish, f"it cannot be all {first} and all {second}; I draw it {first} with {second} parts."


#: Tests in the order in which they act on a wish, each of one kind.
RULES: tuple[tuple[str, Callable[[Wish, Intent], Found]], ...] = (
    ("size", _size), ("realism", _realism), ("detail", _detail), ("era", _era), ("palette_color", _palette_color),
    ("color_budget", _budget), ("presence", _presence), ("time", _time), ("view", _view), ("count", _count), ("text", _writing),
    ("color", _color),
)  # fmt: skip


def resolve(wish: Wish, intent: Intent) -> tuple[Wish, tuple[Compromise, ...]]:
    """A wish that can be drawn, and what had to give.

    Values are tested as they stand in the wish; the words of the turn tell what no slot holds. What the parser flags and no rule
    finds is said as such.
    """
    said: list[Compromise] = []
    for kind, rule in RULES:
        if found := rule(wish, intent):
            wish, sentence = found
            said.append(Compromise(kind=kind, sentence=sentence[0].upper() + sentence[1:]))
    known = {c.kind for c in said}
    for kind in intent.contradictions:
        if kind not in known and intent.act == "generate":
            said.append(
                Compromise(
                    kind=kind,
                    sentence=f"Parts of this may exclude each other ({kind.replace('_', ' ')}); I draw it as near as I can.",
                )
            )
    return wish, tuple(said)
