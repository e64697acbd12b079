"""A turn being said: its words with their slots, and what they mean so far; noun phrases and clauses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

from pixelmind.data.edits.instructions import plural
from pixelmind.data.procedural.captions import pluralize
from pixelmind.data.procedural.rng import Rng
from pixelmind.dialogue import values
from pixelmind.dialogue.lexicon import Words, colors, lists, mass, place_class, read, wide_parts
from pixelmind.dialogue.pieces import Segment
from pixelmind.dialogue.schema import NO_REGION, OUTLINE, POINTED, SUBJECT, WHOLE
from pixelmind.dialogue.templates import compiled

FILES = (
    "templates_generate.toml",
    "templates_clash.toml",
    "templates_edit.toml",
    "templates_talk.toml",
    "templates_turns.toml",
    "templates_wide.toml",
    "templates_more.toml",
)
#: Nouns of these kinds have things and do things as those of another.
SPOKEN = {"furniture": "thing", "item": "thing", "effect": "icon"}


@cache
def weights(name: str) -> Any:
    """A table of weights.toml by its dotted name."""
    table: Any = read("weights.toml")
    for key in name.split("."):
        table = table[key]
    return table


_CUT = re.compile(r" (?:on|in|at|behind|of|next) .*$")
_NAMED_OUTLINE = frozenset(("outline", "outlines", "border", "lines", "line", "outer line", "contour"))


@lru_cache(maxsize=1)
def _whole_words() -> frozenset[str]:
    return frozenset(lists()["whole.words"])


@lru_cache(maxsize=1)
def rules() -> dict[str, tuple[str, ...]]:
    """All rules, clauses ("clause.size") and tags of the template files."""
    out: dict[str, tuple[str, ...]] = {}
    for file in FILES:
        table = read(file)
        for group in ("rules", "clause", "tag"):
            for name, templates in table.get(group, {}).items():
                out[name if group == "rules" else f"{group}.{name}"] = tuple(templates)
        if "it_line" in table.get("generate", {}):
            out |= {name: tuple(table["generate"][name]) for name in ("it_line", "of_kind")}
    return out


@lru_cache(maxsize=1)
def words() -> dict[str, Words]:
    """Every word list, those of the template files with them."""
    out = dict(lists())
    for file, groups in zip(
        FILES, (("story", "material"), ("clash",), ("patterns",), ("file", "complaint", "place_of"), ("which",))
    ):
        table = read(file)
        out |= {
            f"{g}.{k}": tuple(w.strip() for w in re.split(r",(?![^<]*>)", v))
            for g in groups
            for k, v in table[g].items()
        }
    return out


@cache
def _parts(kind: str, many: bool | None) -> tuple[str, ...]:
    if kind == "popular":
        found = list(lists()["popular.words"])
    else:
        found = [w for c in lists()[f"kinds.{kind}"] for w in lists()[f"region.{c}"]]
    return tuple(w for w in found if many is None or plural(w) is many)


def place_of(said: str) -> str:
    """The region name that the words of a place mean, without article or pronoun."""
    table, low = lists(), said.lower()
    if low in _NAMED_OUTLINE:
        return OUTLINE
    for name, key in ((WHOLE, "whole.words"), (SUBJECT, "figure.words"), (POINTED, "pointed.words")):
        if low in table[key] or (name == POINTED and any(low == w.lower().removeprefix("the ") for w in table[key])):
            return name
    return place_class(_CUT.sub("", low))


#: What the names in braces say, by name; `grammar` fills it.
FILLINGS: dict[str, Callable[[Speech], None]] = {}


@lru_cache(maxsize=1)
def opposites() -> tuple[frozenset[str], ...]:
    """Groups of adjectives that one thing cannot have together."""
    return tuple(frozenset(group.split()) for group in lists()["opposites.words"])


class Speech:
    """A turn being said: its segments so far and what they mean."""

    def __init__(self, rng: Rng, curriculum: str = "pixel") -> None:
        self.rng = rng
        self.curriculum = curriculum
        self.out: list[Segment] = []
        self.ambiguous: dict[str, None] = {}
        self.contradictions: tuple[str, ...] = ()
        self.resolved: dict[str, str] = {}
        self.used: set[str] = set()
        self.colors: list[str] = []
        self.memo: dict[str, str] = {}
        self.region, self._rank = NO_REGION, -1
        self.many = False
        #: In a dialogue: the pronoun that stands for the part spoken of, its region and whether it is plural; and whether "it" is taken.
        self.pronoun: tuple[str, str, bool] | None = None
        self.it_taken = False
        #: How often a place is a part, the whole, the figure (the rest is pointed at), each with those before it.
        self.places = (0.66, 0.85, 0.95)
        #: How often a part or a new thing is called by a word that is in none of the usual lists.
        self.wide = 0.0

    # ---- the ways to say something ----

    def say(self, text: str) -> None:
        """Words without a label."""
        self.out.append((text, ""))

    def label(self, slot: str, text: str) -> None:
        """Words of a slot; those of a place set the region."""
        if slot == "region":
            self.place((wide_parts().get(text, "") if self.wide else "") or place_of(text), 2)
            slot = "" if text.lower() in _whole_words() else slot  # words for the picture itself are no place
        elif slot == "reference":
            self.refer(text)
        elif slot == "color":
            self.colors.append(text)
        self.out.append((text, slot))

    def word(self, key: str, slot: str = "") -> None:
        """A word of a list."""
        chosen = self.rng.choice(words()[key])
        if slot == "color":
            for _ in range(4):
                if chosen not in self.colors:
                    break
                chosen = self.rng.choice(words()[key])
        if "<" in chosen:
            compiled(chosen)(self)
        elif slot:
            self.label(slot, chosen)
        else:
            self.say(chosen)

    def run(self, template: str) -> None:
        """A template."""
        compiled(template)(self)

    def fill(self, name: str) -> None:
        """A filling or a rule by its name in braces."""
        filling = FILLINGS.get(name)
        if filling:
            filling(self)
        else:
            self.run(self.rng.choice(rules()[name]))

    def place(self, region: str, rank: int) -> None:
        """Name the region; a part (2) counts more than the figure (1) or the whole (0), the first more than later ones."""
        if rank > self._rank:
            self.region, self._rank = region, rank

    def refer(self, text: str) -> None:
        """Note what a reference points to, where the words tell."""
        low = text.lower()
        if low in ("him", "her", "he", "she", "them"):
            self.resolved[text] = SUBJECT
            return
        if low in ("it", "this", "that", "this one", "that one", "the last one", "the latest", "the latest one"):
            self.resolved[text] = "last"
            return
        index = values.reference(low)
        if index is not None and index > 0:
            self.resolved[text] = f"candidate {index}"

    def weighted(self, table: Mapping[str, float]) -> str:
        """A key drawn by its weight."""
        return self.rng.choice(list(table), list(table.values()))

    def after_article(self) -> bool:
        """Whether the words before end in an article and at most two adjectives."""
        tail = "".join(t for t, _ in self.out[-5:])
        return re.search(r"\ba~? (?:[\w-]+ ){0,4}$", tail) is not None

    @property
    def named_part(self) -> bool:
        """Whether a part was named, not only the figure or the whole."""
        return self._rank == 2

    # ---- nouns ----

    def kind(self) -> str:
        """The kind of the thing spoken of."""
        if "kind" not in self.memo:
            self.memo["kind"] = self.weighted(weights("kinds." + self.curriculum))
        return self.memo["kind"]

    def pick_noun(self) -> str:
        """A noun of a fresh kind, kept as the one spoken of."""
        self.memo["kind"] = self.weighted(weights("kinds." + self.curriculum))
        noun = self.rng.choice(words()[f"nouns.{self.memo['kind']}"])
        self.memo["noun"] = noun
        return noun

    def noun_phrase(self, article: bool, most: int = 2, kind: str = "", attributes: int = 2) -> None:
        """A thing with adjectives before and what it has or does behind."""
        rng = self.rng
        noun = self.pick_noun()
        if kind:
            noun = self.memo["noun"] = rng.choice(words()[f"nouns.{kind}"])
            self.memo["kind"] = kind
        kind = self.kind()
        spoken = SPOKEN.get(kind, kind)
        many = ""
        if article and attributes and rng.chance(0.04):
            noun, article = rng.choice(words()["mass.plural"]), False
        elif article and rng.chance(0.09) and noun not in mass() and not plural(noun):
            many = rng.choice(words()["count.exact"])
        if many:
            self.label("count", many)
            self.say(" ")
        elif article and noun not in mass() and not plural(noun):
            self.article(0.02)
        said = self.adjectives(spoken, rng.integer(0, most) if rng.chance(0.62) else 0)
        if rng.chance(0.16):
            self.fill("color")
            self.say(" ")
        if "genre" not in self.used and rng.chance(0.05):
            self.used.add("genre")
            self.fill("genre")
            self.say(" ")
        self.label("subject", pluralize(noun) if many else noun)
        if attributes and rng.chance(0.34):
            self.attributes(spoken, 1 if attributes == 1 or rng.chance(0.72) else 2, said)

    def adjectives(self, kind: str, count: int) -> set[str]:
        """Up to `count` adjectives that do not gainsay each other."""
        rng, said = self.rng, set[str]()
        for i in range(count):
            roll = rng.unit()
            if roll < 0.1 and "mood" not in self.used:
                self.used.add("mood")
                self.label("mood", rng.choice(words()["mood.plain"]))
            elif roll < 0.13 and kind in ("place", "building") and "time" not in self.used:
                self.used.add("time")
                self.label(
                    "time",
                    rng.choice(
                        ("snowy", "rainy", "foggy", "sunny", "stormy", "misty", "wintry", "moonlit", "sunlit", "autumn")
                    ),
                )
            else:
                key = "more.like" if rng.chance(0.3) else f"adjectives.{kind}"
                word = rng.choice(words()[key] if key in words() and rng.chance(0.6) else words()["adjectives.any"])
                if word in said or any(word in group and group & said for group in opposites()):
                    continue
                said.add(word)
                self.label("attribute", word)
            self.say(", " if count > 1 and i == 0 and rng.chance(0.35) else " ")
        return said

    def attributes(self, kind: str, count: int, said: set[str]) -> None:
        """What the thing has or does, with the words that lead there."""
        rng = self.rng
        for i in range(count):
            if rng.chance(0.4):
                self.long_attribute(not i)
                continue
            has, does = words().get(f"attributes.{kind}_has"), words().get(f"attributes.{kind}_does")
            if has and (rng.chance(0.55) or not does or i):
                self.say(
                    (" with ", " with ", " with ", " and ", " that has ", " having ", " w/ ")[rng.integer(0, 6)]
                    if not i
                    else rng.choice((" and ", " and ", ", with "))
                )
                self.thing(rng.choice(has))
            elif does:
                what = rng.choice(does)
                if "empty" in said and "full" in what:
                    continue
                if what.startswith("with "):
                    self.say(" with ")
                    what = what[5:]
                else:
                    self.say(" " if rng.chance(0.9) else ", ")
                self.colored("attribute", what)

    def long_attribute(self, first: bool) -> None:
        """A phrase put together from words."""
        if self.rng.chance(0.4):
            self.say(
                (" with ", " with ", " with ", " that has ", " and ", ", ")[self.rng.integer(0, 5)]
                if first
                else " and "
            )
            self.fill("having" if self.rng.chance(0.8) else "having_bare")
        else:
            self.say(" " if self.rng.chance(0.8) else ", ")
            self.fill("does_long" if self.rng.chance(0.6) else "at_place")

    def thing(self, noun: str, slot: str = "attribute", color: float = 0.2) -> None:
        """A thing had: counted, coloured or plain, with its article."""
        rng = self.rng
        if plural(noun) and rng.chance(0.22) and not noun.startswith("pair "):
            self.label("count", rng.choice(words()["count.exact"]))
            self.say(" ")
        elif plural(noun) and rng.chance(0.05):
            self.fill("count_vague")
            self.say(" ")
        elif not plural(noun) and noun.split()[-1] not in words()["mass.parts"]:
            self.article(0.05)
        if rng.chance(color) and not noun.startswith(colors()):
            self.fill("color")
            self.say(" ")
        self.colored(slot, noun)

    def article(self, one: float) -> None:
        """The article of a noun phrase; "one" with this probability."""
        if self.rng.chance(one):
            self.label("count", "one")
            self.say(" ")
        else:
            self.say("a~ " if self.rng.chance(0.96) else "the ")

    def colored(self, slot: str, words_: str) -> None:
        """Label words, a leading colour by itself."""
        first, _, rest = words_.partition(" ")
        if rest and first in colors():
            self.label("color", first)
            self.say(" ")
            self.label(slot, rest)
        else:
            self.label(slot, words_)

    # ---- clauses ----

    def clause(self, form: str) -> None:
        """A clause of a kind not said yet, in its sentence or tag form."""
        table = {k: w for k, w in weights("clauses." + self.curriculum).items() if k not in self.used}
        if table:
            kind = self.weighted(table)
            self.used.add(kind)
            self.run(self.rng.choice(rules()[f"{form}.{kind}"]))

    def front(self) -> None:
        """A look said before the thing."""
        table = {k: w for k, w in weights("front." + self.curriculum).items() if k not in self.used}
        kind = self.weighted(table or {"genre": 1})
        self.used.add("palette" if kind in ("console", "limit_compound") else kind)
        if kind == "time":
            self.word("time.before", "time")
        else:
            self.fill(kind)

    def rare(self, many: bool | None = None) -> str:
        """A part or thing that is in none of the usual lists; sets whether it is plural."""
        word = self.rng.choice([w for w in wide_parts() if many is None or plural(w) is many])
        self.many = plural(word)
        return word

    def part(self, many: bool | None = None, spots: bool = True) -> str:
        """A part of a sprite, perhaps with its position; sets whether it is plural."""
        rng = self.rng
        if self.wide and rng.chance(self.wide):
            return self.rare(many)
        kind = rng.choice(("person", "person", "creature", "building", "scene", "scene", "thing", "vehicle"))
        word = rng.choice(_parts("popular" if rng.chance(0.45) else kind, many))
        self.many = plural(word)
        if (
            spots
            and rng.chance(0.11)
            and not re.match(r"(left|right|upper|lower|front|back|top|middle|big|small|second|tall|second)\b", word)
        ):
            if rng.chance(0.7):
                return f"{rng.choice(words()['spot.before'][:16])} {word}"
            return f"{word} {rng.choice(words()['spot.after'])}"
        return word
