"""From what was understood to what the generator is told: the wish that a dialogue builds up, and its `Conditioning`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from pixelmind.data.procedural.captions import pluralize
from pixelmind.dialogue.values import PaletteChoice, find_values, value_of
from pixelmind.pixels import palettes
from pixelmind.records import MAX_SIZE_PX, MIN_SIZE_PX, Conditioning, Intent

DEFAULT_SIZE = (32, 32)
MAX_PROMPT_CHARS = 1000
MIN_COLORS, MAX_COLORS = 2, 255
#: Slots that are one line of words in a wish.
LOOKS = ("view", "style", "genre", "mood", "time")
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_AFTER = re.compile(r"(?:with|without|holding|made|wearing|riding|in|on|of|full|covered|under|over|\w+ing)\b")
_CORRECTS = re.compile(
    r"(?:no|nope|actually|sorry|oops|wait|instead|i mean|i meant|rather|make (?:it|that))\b", re.IGNORECASE
)
_KINDS = (
    ("portrait", re.compile(r"\b(?:portrait|bust|head ?shot)\b")),
    ("icon", re.compile(r"\bicons?\b")),
    ("tile", re.compile(r"\b(?:tiles?|tileset|texture)\b")),
)


@dataclass(frozen=True, kw_only=True)
class Open:
    """A point left open: the slot, and the word that leaves it open ("" where nothing was said)."""

    slot: str
    word: str = ""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a person wants so far.

    `size` is (height, width) as said, in px, and may lie out of range until `contradictions.resolve` has seen it. `palette` is the name
    of a built-in one. `size_word` and `count_word` are sizes and numbers told by a word ("tiny", "some"). `references` are numbers of
    pictures shown, from 1. `settled`: slots that were answered or left to us, and are not asked about again.
    """

    subject: str = ""
    attributes: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    palette: str = ""
    max_colors: int | None = None
    count: int | None = None
    count_word: str = ""
    size: tuple[int, int] | None = None
    size_word: str = ""
    view: str = ""
    style: str = ""
    genre: str = ""
    mood: str = ""
    time: str = ""
    references: tuple[int, ...] = ()
    settled: tuple[str, ...] = ()

    def named_colors(self) -> tuple[str, ...]:
        """Every colour named, of the subject and of its parts, in order, each once."""
        found = list(self.colors)
        for part in (*self.attributes, self.subject):
            found += [part[start:end] for slot, start, end, _ in find_values(part) if slot == "color"]
        return tuple(dict.fromkeys(found))

    def settle(self, slot: str) -> Wish:
        """The wish with a slot closed to questions."""
        return self if slot in self.settled else replace(self, settled=(*self.settled, slot))


def normal(word: str) -> str:
    """A word as it is looked up: small letters, single blanks, hyphens as blanks."""
    return " ".join(word.lower().replace("-", " ").split()).strip(" .,!?'\"")


# ---- hearing a turn --------------------------------------------------------------------------------------------------
def update(wish: Wish, intent: Intent, asked: Open | None = None) -> Wish:
    """The wish after a turn. Later turns correct earlier ones; another subject starts a new wish unless the turn corrects
    ("no, a castle"). With `asked`, an answer fills that slot. Turns that say nothing of the wish (undo, save, …) leave it."""
    if intent.act == "answer":
        return _answered(wish, intent, asked)
    if intent.act not in ("generate", "edit", "refine", "reject"):
        return wish
    heard = _heard(intent)
    if intent.act == "edit":
        heard = _of_edit(heard, intent)
    if intent.act == "generate" and heard.get("subject") and wish.subject and not _CORRECTS.match(intent.text):
        same = normal(heard["subject"]).split()[-1] == normal(wish.subject).split()[-1]
        wish = wish if same else Wish()
    return _merge(wish, heard)


def _answered(wish: Wish, intent: Intent, asked: Open | None) -> Wish:
    """An answer in own words: what it says of any slot, and where it says nothing of the one asked, its words as they stand."""
    heard = _heard(intent)
    if asked is None:
        return _merge(wish, heard)
    own = {"color": ("colors", "palette", "max_colors"), "amount": ("size", "max_colors"), "mood": ("palette", "time")}
    said = any(heard.get(name) for name in (asked.slot, *own.get(asked.slot, ())))
    words = " ".join(intent.text.split()).strip(" .,!")
    if not said and words and asked.slot in ("subject", *LOOKS):
        heard[asked.slot] = re.sub(r"^(?:an?|the) ", "", words[:200])
    return _merge(wish, heard).settle(asked.slot)


def _merge(wish: Wish, heard: dict[str, Any]) -> Wish:
    new = {k: v for k, v in heard.items() if v}
    gone = {normal(a) for a in new.get("absent", ())}
    back = {normal(p) for p in (*new.get("attributes", ()), new.get("subject", ""))}
    kept = tuple(a for a in wish.attributes if not any(_names(a, word) for word in gone))
    new["attributes"] = tuple(dict.fromkeys((*kept, *new.get("attributes", ()))))
    absent = tuple(a for a in wish.absent if not any(_names(p, normal(a)) for p in back))
    new["absent"] = tuple(dict.fromkeys((*absent, *new.get("absent", ()))))
    if new.get("size"):
        new["size_word"] = ""
    elif new.get("size_word"):
        new["size"] = None
    if new.get("count"):
        new["count_word"] = ""
    elif new.get("count_word"):
        new["count"] = None
    if new.get("palette") and not new.get("max_colors"):
        new["max_colors"] = None  # the palette said now takes the place of a limit said earlier
    reopened = {
        s for s in ("style", "mood", "size", "count") if new.get(s) or new.get(f"{s}_word")
    }  # said anew, so open anew
    new["settled"] = tuple(s for s in wish.settled if s not in reopened)
    return replace(wish, **new)


def _names(phrase: str, word: str) -> bool:
    """Whether a phrase names the thing: "with red flags" names "flags" and "flag"."""
    words = normal(phrase).split()
    return bool(word) and (
        word in words or word.rstrip("s") in [w.rstrip("s") for w in words] or word == normal(phrase)
    )


def _heard(intent: Intent) -> dict[str, Any]:
    """The slots of a turn as fields of a wish."""
    slots, low = intent.slots, intent.text
    out: dict[str, Any] = {name: ", ".join(dict.fromkeys(slots.get(name, ()))) for name in LOOKS}
    out["absent"] = tuple(slots.get("absent", ()))
    subjects = [s.strip() for s in slots.get("subject", ()) if s.strip()]
    # later subjects of a request stand beside the first; of one thing named twice, once
    out["subject"] = " and ".join(dict.fromkeys(subjects))
    places = _joined(low, sorted(_places(low, slots), key=lambda p: p[0]))
    colors, attributes, bound = [], [], set()
    for i, (start, _, slot, piece) in enumerate(places):
        if slot == "attribute":
            words, first = piece, start
            j = i - 1  # colours and numbers that stand right before it are its own
            while j >= 0 and places[j][2] in ("color", "count") and _adjoining(low[places[j][1] : first]):
                words, first = f"{places[j][3]} {words}", places[j][0]
                bound.add(places[j][:2])
                j -= 1
            link = re.search(r"\bwith(?: \w+){0,2} ?$|\band(?: an?| the)? ?$", low[:first], re.IGNORECASE)
            own = not _AFTER.match(words.lower()) and link
            attributes.append(f"with {words}" if own else words)
    out["attributes"] = tuple(attributes)
    for start, end, slot, piece in places:
        if (start, end) in bound:
            continue
        if slot == "color":
            colors.append(piece)
        elif slot == "count":
            value = value_of("count", piece)
            if isinstance(value, int) and value > 0:
                out.setdefault("count", value)
            elif value is None:
                out.setdefault("count_word", normal(piece))
        elif slot == "size":
            value = value_of("size", piece)
            if isinstance(value, tuple) and len(value) == 2:
                out.setdefault("size", (value[0] or value[1], value[1] or value[0]))
            elif value is None:
                out.setdefault("size_word", normal(piece))
        elif slot == "palette":
            choice = value_of("palette", piece)
            if isinstance(choice, PaletteChoice):
                if choice.name:
                    out.setdefault("palette", choice.name)
                if choice.limit:
                    out.setdefault("max_colors", choice.limit)
            elif not out["style"]:
                out["style"] = piece
        elif slot == "reference":
            number = value_of("reference", piece)
            if isinstance(number, int) and number > 0:
                out["references"] = (*out.get("references", ()), number)
    out["colors"] = tuple(dict.fromkeys(colors))
    return out


def _places(text: str, slots: dict[str, Any]) -> list[tuple[int, int, str, str]]:
    """(start, end, slot, piece) of every piece, each found after the one before it of the same slot."""
    found = []
    for slot, pieces in slots.items():
        at = 0
        for piece in pieces:
            start = text.find(piece, at)
            start = text.find(piece) if start < 0 else start
            start = max(start, 0)
            at = start + len(piece)
            found.append((start, at, slot, piece))
    return found


def _joined(text: str, places: list[tuple[int, int, str, str]]) -> list[tuple[int, int, str, str]]:
    """The pieces with attributes that follow each other without a word or sign between as one: "under a" and "wide sky"."""
    out: list[tuple[int, int, str, str]] = []
    for start, end, slot, piece in places:
        if out and slot == out[-1][2] == "attribute" and not text[out[-1][1] : start].strip() and start > out[-1][1]:
            begun = out.pop()[0]
            start, piece = begun, text[begun:end]
        out.append((start, end, slot, piece))
    return out


def _adjoining(between: str) -> bool:
    return re.fullmatch(r"[\s-]*(?:and|&|,)?[\s-]*", between) is not None


def _of_edit(heard: dict[str, Any], intent: Intent) -> dict[str, Any]:
    """What an edit changes of the wish: things added or taken away, and the look of the whole."""
    subject = heard.pop("subject", "")
    color = " ".join(heard.pop("colors", ()))
    regions = tuple(intent.slots.get("region", ()))
    whole = intent.region in ("whole", "none", "figure", "background")
    if intent.operation == "add" and subject:
        heard["attributes"] = (*heard["attributes"], f"with {color} {subject}".replace("  ", " "))
    elif intent.operation == "replace" and subject:
        if intent.region == "figure":
            heard["subject"] = subject
        else:
            heard["attributes"] = (*heard["attributes"], f"with {subject}")
            heard["absent"] = (*heard["absent"], *(r for r in regions if not _names(subject, normal(r))))
    elif intent.operation == "remove":
        heard["absent"] = (*heard["absent"], *regions)
    elif color and intent.region in ("whole", "figure") and intent.operation in ("recolor", "restyle"):
        heard["colors"] = (color,)
    if not whole:
        for name in (*LOOKS, "palette", "size", "count"):
            heard.pop(name, None)
    return heard


# ---- telling the generator -------------------------------------------------------------------------------------------
def describe(wish: Wish) -> str:
    """The wish as one noun phrase, without size and palette."""
    before = [a for a in wish.attributes if not _AFTER.match(a.lower())]
    after = [a for a in wish.attributes if _AFTER.match(a.lower())]
    subject = wish.subject or ("sprite" if not (before or after) else "thing")
    number = ""
    if wish.count:
        number = _NUMBERS[wish.count] if wish.count < len(_NUMBERS) else str(wish.count)
        subject = pluralize(subject) if wish.count > 1 and not subject.lower().endswith("s") else subject
    color = " and ".join(c for c in wish.colors if c.lower() not in subject.lower())
    thing = " ".join(w for w in (number, *before, color, subject) if w)
    looks = (wish.time, wish.view, wish.style, wish.genre, wish.mood)
    return ", ".join((" ".join((thing, *after)), *(look for look in looks if look)))


def ground(wish: Wish, styles: Sequence[str] = ()) -> Conditioning:
    """What the generator is told of a wish; open points take the generator's own defaults.

    Args:
        wish: as built by `update`, after `contradictions.resolve` and the defaults. Values still out of range are brought into it.
        styles: names of styles that the weights know (`pipe.styles`); one is told only where the wish names it.
    """
    height, width = wish.size or DEFAULT_SIZE
    palette = palettes.get(wish.palette) if wish.palette else None
    limit = None
    if wish.max_colors is not None:
        most = MAX_COLORS if palette is None else len(palette)
        limit = min(max(wish.max_colors, MIN_COLORS), most)
    said = {normal(w) for w in wish.style.split(",")}
    prompt = " ".join(describe(wish).split())[:MAX_PROMPT_CHARS].strip()
    negative = ", ".join(wish.absent)[:MAX_PROMPT_CHARS].strip()
    about = f"{wish.view} {wish.subject} {wish.size_word}".lower()
    return Conditioning(
        prompt=prompt,
        height=min(max(height, MIN_SIZE_PX), MAX_SIZE_PX),
        width=min(max(width, MIN_SIZE_PX), MAX_SIZE_PX),
        negative="" if negative.lower() == prompt.lower() else negative,
        palette=palette,
        max_colors=limit,
        style=next((s for s in styles if normal(s) in said), None),
        kind=next((kind for kind, pattern in _KINDS if pattern.search(about)), None),
    )


def to_dict(wish: Wish) -> dict[str, Any]:
    """The wish as plain JSON, without what is empty."""
    out = {f.name: getattr(wish, f.name) for f in fields(wish)}
    return {k: list(v) if isinstance(v, tuple) else v for k, v in out.items() if v not in ("", None, ())}


def from_dict(told: Mapping[str, Any]) -> Wish:
    """The wish of `to_dict`.

    Raises:
        TypeError: a field that no wish has.
    """
    tuples = {f.name for f in fields(Wish) if isinstance(f.default, tuple)} | {"size"}
    values: dict[str, Any] = {k: tuple(v) if k in tuples else v for k, v in told.items()}
    return Wish(**values)
