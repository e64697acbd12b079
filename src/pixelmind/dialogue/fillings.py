"""What the names in braces of a template say: places, colours, amounts, references, pairs that clash."""

from __future__ import annotations

import re
from collections.abc import Callable

from pixelmind.data.edits.instructions import plural
from pixelmind.data.procedural.captions import pluralize
from pixelmind.dialogue.lexicon import mass
from pixelmind.dialogue.schema import POINTED, SUBJECT, WHOLE
from pixelmind.dialogue.speech import SPOKEN, Speech, place_of, words


def _whose(s: Speech, word: str) -> None:
    """A part with its article, owner or pronoun."""
    roll = s.rng.unit()
    if roll < 0.8 or " on " in word or " in " in word:
        s.say("the ")
        s.label("region", word)
    elif roll < 0.88:
        s.say(s.rng.choice(("his ", "her ", "its ", "their ", "his ", "my ")))
        s.label("region", word)
    elif roll < 0.93:
        s.say(f"the {s.rng.choice(words()['nouns.' + s.rng.choice(('person', 'animal', 'monster', 'building'))])}'s ")
        s.label("region", word)
    elif roll < 0.96:
        s.say("the ")
        s.label("region", word)
        s.say(f" of the {s.rng.choice(words()['nouns.' + s.rng.choice(('person', 'animal', 'monster', 'building'))])}")
    else:
        s.label("region", word)


def _pronoun(s: Speech) -> bool:
    """The pronoun that stands for the part spoken of, where one does."""
    if s.pronoun is None:
        return False
    word, region, s.many = s.pronoun
    s.place(region, 3)
    s.resolved[word] = region
    s.out.append((word, "reference"))
    return True


def _part_the(s: Speech) -> None:
    if _pronoun(s):
        return
    _whose(s, s.part())


def _whole(s: Speech) -> None:
    s.many = False
    if s.rng.chance(0.62) and not s.it_taken:
        word = s.rng.choice(("it", "it", "it", "it", "this", "that"))
        s.place(WHOLE, 0)
        s.label("reference", word)
        return
    word = s.rng.choice(words()["whole.words"])
    if word in ("everything", "all of it"):
        s.place(WHOLE, 0)
    else:
        s.say("the ")
    s.label("region", word)


def _figure(s: Speech) -> None:
    s.many = False
    s.say("the ")
    if s.rng.chance(0.35):
        s.label("region", s.rng.choice(words()["figure.words"]))
        return
    kind = s.rng.choice(("person", "person", "animal", "monster", "item", "building", "vehicle"))
    noun = s.rng.choice(words()[f"nouns.{kind}"])
    s.place(place_of(noun), 1)
    s.out.append((noun, "region"))


def _him(s: Speech) -> None:
    roll = s.rng.unit()
    if roll < 0.55:
        word = s.rng.choice(("him", "him", "her", "it", "them", "it"))
        s.label("reference", word)
        if word != "it":
            s.place(SUBJECT, 1)
    else:
        _figure(s)


def _the(s: Speech) -> None:
    if _pronoun(s):
        return
    roll, (part, whole, figure) = s.rng.unit(), s.places
    if roll < part:
        _part_the(s)
    elif roll < whole:
        _whole(s)
    elif roll < figure:
        _figure(s)
    else:
        s.many = False
        said = s.rng.choice(words()["pointed.words"])
        if said.startswith("the "):
            s.say("the ")
        s.label("region", said.removeprefix("the "))


def _bare(s: Speech) -> None:
    if s.rng.chance(0.08):
        s.many = False
        s.label("region", s.rng.choice(words()["whole.words"][:3]))
        return
    s.label("region", s.part(False if s.after_article() else None))


def _part_bare(s: Speech) -> None:
    s.label("region", s.part(False if s.after_article() else None, False))


def _part_many(s: Speech) -> None:
    s.label("region", s.part(True))


def _background(s: Speech) -> None:
    s.many = False
    s.out.append((s.rng.choice(("background", "background", "background", "background", "backdrop", "bg")), "region"))
    s.place("background", 2)


def _soft(s: Speech) -> None:
    if s.rng.chance(0.5):
        return
    if s.after_article():
        s.label(
            "amount",
            s.rng.choice(("slightly", "much", "somewhat", "way", "slightly", "considerably", "far", "little bit")),
        )
    else:
        s.label("amount", s.rng.choice(words()["amount.soft" if s.rng.chance(0.55) else "amount.strong"]))
    s.say(" ")


def _after(s: Speech) -> None:
    if s.rng.chance(0.4):
        s.say(" ")
        s.word("amount.after", "amount")


def _by(s: Speech) -> None:
    if s.rng.chance(0.5):
        s.label("amount", f"by {s.rng.choice(words()['amount.percent'])}")
    else:
        s.label("amount", s.rng.choice(("a bit", "a little", "a lot", "slightly")))


def _by_pixels(s: Speech) -> None:
    roll = s.rng.unit()
    if roll < 0.5:
        s.label("amount", f"by {s.rng.choice(words()['amount.pixels'])}")
    elif roll < 0.8:
        s.word("amount.after", "amount")


def _hue(s: Speech) -> None:
    said = s.rng.choice(words()["amount.hue"])
    tail = s.out[-1][0] if s.out else ""
    s.label(
        "amount",
        said
        if tail.endswith("by ") or said.startswith(("by ", "a ", "slightly")) or s.rng.chance(0.5)
        else f"by {said}",
    )


def _color(s: Speech) -> None:
    rng = s.rng
    for _ in range(4):
        roll = rng.unit()
        if roll < 0.6:
            said = rng.choice(words()["color.plain"])
        elif roll < 0.8:
            said = rng.choice(words()["color.fancy"])
        elif roll < 0.92:
            said = f"{rng.choice(words()['color.shade'])} {rng.choice(words()['color.plain'])}"
        else:
            said = rng.choice(words()["color.hex"]) if s.curriculum == "pixel" else rng.choice(words()["color.fancy"])
        if said not in s.colors:
            break
    s.label("color", said)


def _old_color(s: Speech) -> None:
    s.out.append((s.rng.choice(words()["color.plain" if s.rng.chance(0.8) else "color.fancy"]), "old_color"))


def _vague(slot: str, key: str, words_key: str) -> Callable[[Speech], None]:
    def run(s: Speech) -> None:
        s.ambiguous[key] = None
        s.word(words_key, slot)

    return run


def _either(plain: str, vague: str, slot: str, share: float) -> Callable[[Speech], None]:
    """A clear word, or with this probability an open one, which is then marked."""

    def run(s: Speech) -> None:
        if s.rng.chance(share):
            s.ambiguous[slot] = None
            s.word(vague, slot)
        else:
            s.word(plain, slot)

    return run


def _style(s: Speech) -> None:
    if s.rng.chance(0.05):
        s.ambiguous["style"] = None
        s.word("style.vague", "style")
    else:
        s.word("style.art" if s.curriculum == "art" and s.rng.chance(0.6) else "style.plain", "style")


def _size(s: Speech) -> None:
    s.word("size.cross" if s.rng.chance(0.82) else "size.px", "size")


def _palette(s: Speech) -> None:
    s.word("palette.console" if s.rng.chance(0.72) else "palette.named", "palette")


def _absent(article: bool) -> Callable[[Speech], None]:
    def run(s: Speech) -> None:
        kind = SPOKEN.get(s.kind(), s.kind())
        key = f"absent.{kind}"
        noun = s.rng.choice(words()[key if key in words() else "absent.thing"])
        before = s.memo.setdefault("absent", "")
        if noun in before or any(noun.rstrip("s") in t for t, slot in s.out if slot == "attribute"):
            noun = s.rng.choice(("text", "signature", "watermark", "frame", "border", "extra objects", "animals"))
        s.memo["absent"] = before + noun
        if (
            article
            and not plural(noun)
            and noun
            not in (
                "armor",
                "hair",
                "blood",
                "text",
                "grass",
                "fur",
                "fog",
                "snow",
                "smoke",
                "glow",
                "rust",
                "fire",
                "water",
                "decoration",
            )
        ):
            s.say("a~ " if s.rng.chance(0.6) else "the " if s.rng.chance(0.5) else "any ")
        s.label("absent", noun)

    return run


def _attr(s: Speech) -> None:
    kind = SPOKEN.get(s.kind(), s.kind())
    s.thing(s.rng.choice(words().get(f"attributes.{kind}_has", words()["attributes.thing_has"])))


def _attr_the(s: Speech) -> None:
    kind = SPOKEN.get(s.kind(), s.kind())
    s.say("the ")
    s.colored("attribute", s.rng.choice(words().get(f"attributes.{kind}_has", words()["attributes.thing_has"])))


def _attr_bare(s: Speech) -> None:
    kind = SPOKEN.get(s.kind(), s.kind())
    s.colored("attribute", s.rng.choice(words().get(f"attributes.{kind}_has", words()["attributes.thing_has"])))


def _does(s: Speech) -> None:
    kind = SPOKEN.get(s.kind(), s.kind())
    what = s.rng.choice(words().get(f"attributes.{kind}_does", words()["attributes.animal_does"]))
    if what.startswith("with "):
        s.say("with ")
        what = what[5:]
    s.colored("attribute", what)


def _clauses(s: Speech) -> None:
    for _ in range(s.rng.choice((0, 1, 2, 3, 4), (42, 30, 17, 8, 3))):
        s.clause("clause")


def _tags(s: Speech) -> None:
    joint = s.rng.choice((", ", ", ", ", ", ", ", ", ", " / ", "; ", " - ", ",", " | "))
    for _ in range(s.rng.choice((1, 2, 3, 4, 5, 6), (20, 30, 25, 14, 7, 4))):
        s.say(joint)
        s.clause("tag")


def _loose_tags(s: Speech) -> None:
    for _ in range(s.rng.integer(1, 3)):
        s.clause("tag")
        s.say(", ")


def _noun(s: Speech) -> None:
    noun = s.pick_noun()
    s.label("subject", noun)


def _a_noun(s: Speech) -> None:
    noun = s.pick_noun()
    s.say("" if noun in mass() or plural(noun) else "a~ ")
    s.label("subject", noun)


def _nouns(s: Speech) -> None:
    s.label("subject", pluralize(s.pick_noun()))


def _of_kind(kind: str, how: str) -> Callable[[Speech], None]:
    def run(s: Speech) -> None:
        if how == "phrase":
            s.noun_phrase(True, 1, kind, 0)
        elif how == "bare":
            s.noun_phrase(False, 1, kind, 0)
        else:
            s.memo["noun"] = s.rng.choice(words()[f"nouns.{kind}"])
            s.memo["kind"] = kind
            s.label("subject", s.memo["noun"])

    return run


def _same_noun(many: bool, slot: str = "subject") -> Callable[[Speech], None]:
    def run(s: Speech) -> None:
        noun = s.memo.get("noun", "house")
        s.out.append((pluralize(noun) if many else noun, slot))

    return run


def _reference(s: Speech) -> None:
    s.word("reference.sprite", "reference")


def _a_thing(s: Speech) -> None:
    if s.wide and s.rng.chance(s.wide):
        s.thing(s.rare(), "subject", 0.3)
        return
    s.thing(
        s.rng.choice(
            words()["addable." + s.rng.choice(("figure", "figure", "sky", "ground", "wall", "thing", "whole", "water"))]
        ),
        "subject",
        0.3,
    )


def _n_things(s: Speech) -> None:
    s.label("count", s.rng.choice(words()["count.exact"]))
    s.say(" ")
    if s.rng.chance(0.25):
        s.fill("color")
        s.say(" ")
    _things(s)


def _things(s: Speech) -> None:
    if s.wide and s.rng.chance(s.wide):
        s.label("subject", s.rare(True))
        return
    noun = s.rng.choice(
        words()["addable." + s.rng.choice(("figure", "sky", "ground", "wall", "thing", "whole", "water"))]
    )
    if re.search(
        r"(grass|moss|ivy|rain|snow|fog|foam|smoke|blood|rust|lightning|armor|glow|shine|confetti|space|blush|water)$",
        noun,
    ):
        noun = "flower"
    s.memo["thing"] = noun
    s.label("subject", noun if plural(noun) else pluralize(noun))


def _thing_noun(s: Speech) -> None:
    s.label(
        "subject",
        s.rng.choice(words()["addable." + s.rng.choice(("figure", "sky", "ground", "wall", "thing", "whole"))]),
    )


def _to_the(s: Speech) -> None:
    s.say(s.rng.choice(words()["spot.preposition"]) + " ")
    roll = s.rng.unit()
    if roll < 0.7:
        _part_the(s)
    elif roll < 0.9:
        _figure(s)
    else:
        _whole(s)


def _the_place(s: Speech) -> None:
    s.say("the ")
    s.label(
        "region",
        s.rng.choice(words()["open_place.named"]),
    )


def _subject_a(s: Speech) -> None:
    noun = s.pick_noun()
    s.say("" if noun in mass() or plural(noun) else "a~ ")
    if s.rng.chance(0.2):
        s.adjectives(SPOKEN.get(s.kind(), s.kind()), 1)
    s.label("subject", noun)


def _verb(one: str, more: str) -> Callable[[Speech], None]:
    return lambda s: s.say(more if s.many else one)


def _open_place(s: Speech) -> None:
    s.ambiguous["region"] = None
    said = s.rng.choice(words()["open_place.words"])
    if said in ("the other one", "one of them", "that one over there"):
        s.out.append((said, "reference"))
        s.place(POINTED, 3)
        return
    article, _, rest = said.partition(" ")
    if article == "the":
        s.say("the ")
        said = rest
    s.out.append((said, "region"))
    s.place(POINTED, 3)


def _without_region(inner: Callable[[Speech], None]) -> Callable[[Speech], None]:
    """Words of a place in a turn that changes nothing."""

    def run(s: Speech) -> None:
        kept = s.region, s._rank
        inner(s)
        s.region, s._rank = kept

    return run


def _open_reference(key: str) -> Callable[[Speech], None]:
    def run(s: Speech) -> None:
        s.ambiguous["reference"] = None
        said = s.rng.choice(words()["reference.open"])
        likes = ("like ", "as ", "the same ", "the usual")
        while said.startswith(likes) != (key == "like") and not (
            key == "like" and said.startswith("the ") and s.rng.chance(0.3)
        ):
            said = s.rng.choice(words()["reference.open"])
        if key == "like" and not said.startswith(likes):
            s.say("like ")
        s.out.append((said, "reference"))

    return run


def _mark(key: str) -> Callable[[Speech], None]:
    return lambda s: s.ambiguous.__setitem__(key, None)


def _is(one: str, more: str) -> Callable[[Speech], None]:
    return _verb(one, more)


#: Name in braces to what says it.
TABLE: dict[str, Callable[[Speech], None]] = {
    "np": lambda s: s.noun_phrase(True),
    "np_small": lambda s: s.noun_phrase(True, 1, "", 0),
    "bare_np": lambda s: s.noun_phrase(False, 2, "", 1),
    "noun": _noun,
    "a_noun": _a_noun,
    "nouns": _nouns,
    "place_np": _of_kind("place", "phrase"),
    "place_bare": _of_kind("place", "bare"),
    "place_noun": _of_kind("place", "noun"),
    "person_np": _of_kind("person", "phrase"),
    "person": _of_kind("person", "noun"),
    "monster": _of_kind("monster", "noun"),
    "animal": _of_kind("animal", "noun"),
    "building_noun": _of_kind("building", "noun"),
    "noun_same": _same_noun(False),
    "nouns_same": _same_noun(True),
    "noun_same_plain": _same_noun(False, ""),
    "clauses": _clauses,
    "tags": _tags,
    "loose_tags": _loose_tags,
    "tag1": lambda s: s.clause("tag"),
    "front": Speech.front,
    "count_vague": _vague("count", "count", "count.vague"),
    "color": _color,
    "old_color": _old_color,
    "style": _style,
    "style_vague": _vague("style", "style", "style.vague"),
    "style_phrase": _vague("style", "style", "style.vague_phrase"),
    "mood": _either("mood.plain", "mood.vague", "mood", 0.12),
    "mood_vague": _vague("mood", "mood", "mood.vague"),
    "mood_phrase": _vague("mood", "mood", "mood.vague_phrase"),
    "size": _size,
    "size_word": _vague("size", "size", "size.word"),
    "palette": _palette,
    "absent": _absent(False),
    "absent_a": _absent(True),
    "attr": _attr,
    "attr_the": _attr_the,
    "attr_bare": _attr_bare,
    "does": _does,
    "does2": _does,
    "subject_vague": _vague("", "subject", "subject_vague.generate"),
    "reference_open": _open_reference("noun"),
    "reference_open_like": _open_reference("like"),
    "open_size": _mark("size"),
    "open_mood": _mark("mood"),
    "open_reference": _mark("reference"),
    "mood_edit": lambda s: s.word(
        s.rng.choice(("mood.more_plain", "mood.more_vague", "mood.more_vague", "mood.vague", "mood.plain")), "mood"
    ),
    "mood_any": lambda s: s.word(s.rng.choice(("mood.vague", "mood.plain")), "mood"),
    "the": _the,
    "bare": _bare,
    "part_the": _part_the,
    "part_bare": _part_bare,
    "part_many": _part_many,
    "whole": _whole,
    "the_figure": _figure,
    "the_figure_plain": _without_region(_figure),
    "him": _him,
    "bg": _background,
    "open_place": _open_place,
    "is": _is("is", "are"),
    "is_plain": lambda s: s.say("is"),
    "looks": _is("looks", "look"),
    "needs": _is("needs", "need"),
    "feels": _is("feels", "feel"),
    "has": _is("has", "have"),
    "lacks": _is("lacks", "lack"),
    "isnt": _is("isn't", "aren't"),
    "doesnt": _is("doesn't", "don't"),
    "soft": _soft,
    "after": _after,
    "by": _by,
    "by_pixels": _by_pixels,
    "hue": _hue,
    "a_thing": _a_thing,
    "n_things": _n_things,
    "things": _things,
    "thing_noun": _thing_noun,
    "thing_add": _thing_noun,
    "to_the": _to_the,
    "the_place": _the_place,
    "things_same": _things,
    "a_subject": _subject_a,
    "a_subject_part": lambda s: s.say(f"a~ {s.rng.choice(words()['nouns.animal'])}"),
    "color_again": lambda s: s.label("color", s.colors[1] if len(s.colors) > 1 else "blue"),
    "color_first": lambda s: s.label("color", s.colors[0]),
    "reference": _reference,
    "answer_reference": lambda s: s.word("reference.bare" if s.rng.chance(0.7) else "reference.sprite", "reference"),
    "part_bare_any": lambda s: s.label("region", s.part(False, False)),
    "part_the_any": _part_the,
    "part_many_any": _part_many,
    "whole_any": _whole,
    "amount_any": lambda s: s.word(
        s.rng.choice(("amount.pixels", "amount.after", "amount.degrees", "amount.direction", "amount.times")), "amount"
    ),
    # clashes,
}
