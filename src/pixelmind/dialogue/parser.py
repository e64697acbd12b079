"""The Dynamic Intent Parser: the words of a turn, and the turns before it, to an `Intent` with calibrated confidences.

Confidences are softmax and sigmoid outputs at temperatures fitted on held-out examples (Guo et al. 2017, arXiv 1706.04599, sec. 4.2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pixelmind.data.procedural.regions import UNKNOWN
from pixelmind.dialogue.conventions import tidy
from pixelmind.dialogue.extents import head_of
from pixelmind.dialogue.flags import operation_told, settled
from pixelmind.dialogue.focus import (
    OUTLINES,
    PRONOUNS,
    also,
    elsewhere,
    focus,
    of_outline,
    one_of_several,
    part_at_hand,
    pictures,
    place_by_focus,
    repeated,
)
from pixelmind.dialogue.intent_network import CHOICES, FLAGS, TAGS, IntentNetwork, IntentNetworkConfig
from pixelmind.dialogue.lexicon import nouns
from pixelmind.dialogue.pointing import (
    PERSONS,
    candidate_told,
    choice_told,
    marked,
    mentioned,
    other_creature,
    pointed_turn,
    region_of,
    spoken_of,
    version_told,
)
from pixelmind.dialogue.reading import Kept, Reader, best_tags, slots_of, through_tower
from pixelmind.dialogue.schema import NO_OPERATION, NO_REGION, OUTLINE, POINTED, SUBJECT, UNCLEAR, WHOLE
from pixelmind.dialogue.spelling import as_typed, corrected
from pixelmind.dialogue.values import find_values, value_of
from pixelmind.encoder.text_tower import TextTower
from pixelmind.errors import BadInput
from pixelmind.records import Intent
from pixelmind.training.bundle import load_into
from pixelmind.training.config import build
from pixelmind.training.weights import Bundle

PART = "intent"
KEPT = 512  # turns that are kept as read
#: Acts about pictures: nothing in them points to a part.
_NO_PART = ("undo", "redo", "compare", "approve", "reject", "save", "refine")
_CHOOSING = ("compare", "approve", "refine", "answer", "save", "generate")
#: Words for the picture at hand.
_AT_HAND = ("this", "it", "this one", "that", "these", "the new one")
#: What an earlier picture is called right after it was shown: "go back to that one".
_SHOWN_LAST = ("that one", "that", "the old one", "the older one", "the other one", "the other")
#: Changes of the picture even where a person is named: "turn him around".
_OF_PICTURE = frozenset(("mirror", "flip", "shift", "crop", "pad", "enlarge", "tile", "symmetric", "center"))
_SPEAKS_OF_ALL = re.compile(
    r"\b(?:everything|every ?where|all|overall|altogether|whole|entire|pictures?|images?|sprite|scene|colou?rs|tones)\b",
    re.IGNORECASE,
)
#: A pronoun that says what the picture is for, not what a part is.
_NOT_PART = re.compile(
    r"\b(?:it|this|that)(?:'s| is|'ll be| isn'?t|'s not) (?:for|a|an|my|our|not a|not for)\b", re.IGNORECASE
)
#: What stands between a thing and where it goes: "bring it closer to the water".
_TOWARDS = re.compile(
    r"\b(?:to|towards?|near(?:er)?|by|beside|behind|under|below|above|over|onto|on|in|into|next to|in front of)(?: the| his| her| its)?$"
)
#: A pronoun behind a preposition is another thing than the place named before it: "the skull is too big for it", "the sun lower in it".
_BESIDE_IT = re.compile(
    r"^[^.,;!?]*?\b(?:behind|under|below|above|over|beside|near|by|around|next to|in front of|for|as|than|like|in)"
    r" (?:it|them|that|this|those|these)\b",
    re.IGNORECASE,
)
_THAN = re.compile(r"\bthan(?: the| his| her| its| their)?$", re.IGNORECASE)
#: Another picture, where no thing was put in before.
_ANOTHER = re.compile(
    r"(?:(?:ok(?:ay)?|please|and|now|hm+|no|draw|show me|give me|try|make)[, ]+)*(?:another(?: one)?|a (?:new|different) one)"
    r"(?:,? (?:please|pls|thanks|then))?[.! ]*",
    re.IGNORECASE,
)
#: Letters and no word: a hand on the keyboard.
_NOTHING_SAID = re.compile(r"[asdfghjkl]{4,}|[b-df-hj-np-tv-xz]{4,}", re.IGNORECASE)
MAX_WORDS = 1000  # of a turn; more is refused


def values_of(references: Sequence[str]) -> list[int]:
    """The numbers that references name."""
    return [v for v in (value_of("reference", piece) for piece in references) if isinstance(v, int)]


def _behind(text: str, place: str, references: Sequence[str]) -> bool:
    """Whether a pronoun stands behind the place that it then is: "the roof is too dark, make it lighter"."""
    at = text.find(place) + len(place)
    rest = _NOT_PART.sub("", _BESIDE_IT.sub("", text[at:]))
    return any(r.lower() in PRONOUNS and re.search(rf"\b{re.escape(r)}\b", rest) for r in references)


def _unnamed(operation: str) -> str:
    """The region of a change that names no place."""
    if operation.endswith("_outline") and operation != "add_outline":
        return OUTLINE
    return "background" if operation.endswith("_background") else WHOLE


def _plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return list(value) if isinstance(value, tuple) else value


class IntentParser:
    """Reads turns. Loaded once; a call takes a few milliseconds for a turn.

    Args:
        network: the trained network, in evaluation mode.
        temperatures: of each head; 1 where none is told.
        tower: the text tower, where one is at hand.
    """

    def __init__(
        self, network: IntentNetwork, temperatures: Mapping[str, float] | None = None, tower: TextTower | None = None
    ) -> None:
        self.network, self.temperatures = network, dict(temperatures or {})
        self.tower = tower or TextTower(precision="auto")
        self.reader = Reader()
        self.vocabulary = self.reader.vocabulary()
        self._read: dict[tuple[str, ...], Intent] = {}
        self._texts: Kept = {}

    @torch.inference_mode()
    def parse_batch(
        self, texts: Sequence[str], histories: Sequence[Sequence[str]] = (), asked: Sequence[str] = ()
    ) -> list[Intent]:
        """Read several turns; those of one dialogue in their order, as each is kept for what comes after it.

        Args:
            texts: what was said.
            histories: the person's turns before each, oldest first; none where empty.
            asked: what each answers, one of QUESTIONS or "".

        Raises:
            BadInput: nothing was said, or more than `MAX_WORDS` words.
        """
        texts = [" ".join(text.split()) for text in texts]
        for text in texts:
            if not text:
                raise BadInput("nothing was said; say what to draw or change")
            if len(text.split()) > MAX_WORDS:
                raise BadInput(f"{len(text.split())} words are too many for one turn; say it in at most {MAX_WORDS}")
        put_right = [corrected(text, self.vocabulary) for text in texts]
        before = histories or [()] * len(texts)
        reading, encodings = self.reader.read([t for t, _ in put_right], before, asked or [""] * len(texts))
        logits = {k: v.float() for k, v in self.network(through_tower(self.tower, reading, self._texts)).items()}
        out = []
        for i, (text, (right, changed)) in enumerate(zip(texts, put_right)):
            intent = self._intent(right, before[i], encodings[i], logits, i, asked[i] if asked else "")
            if changed:
                intent = replace(intent, text=text, slots=as_typed(text, intent.slots, changed))
            if len(self._read) >= KEPT:
                self._read.clear()
            self._read[(*(" ".join(said.split()) for said in before[i]), text)] = intent
            out.append(intent)
        return out

    def forget(self) -> None:
        """Drop what is kept of texts and turns that were read."""
        self._read.clear()
        self._texts.clear()

    def parse(self, text: str, history: Sequence[str] = (), asked: str = "") -> Intent:
        """Read one turn; see `parse_batch`."""
        return self.parse_batch([text], [history], [asked])[0]

    def read_before(self, history: Sequence[str]) -> list[Intent]:
        """What was read of the turns before, oldest first; each is read once."""
        out = []
        said = tuple(" ".join(text.split()) for text in history)
        if not all(0 < len(text.split()) <= MAX_WORDS for text in said):
            return []
        for number in range(len(said)):
            key = said[: number + 1]
            if key not in self._read:
                self.parse(key[-1], key[:-1])
            out.append(self._read[key])
        return out

    def _same_color(self, found: Mapping[str, str], slots: Mapping[str, Sequence[str]], history: Sequence[str]) -> bool:
        """Whether a change without a colour takes that of the change before it: "no, the other tower"."""
        last = next((t for t in reversed(self.read_before(history)) if t.act != "ask"), None)
        elsewhere_said = bool(slots.get("region") or slots.get("reference"))
        return (
            elsewhere_said
            and last is not None
            and last.operation == found["operation"]
            and bool(last.slots.get("color"))
        )

    def _added(self, history: Sequence[str]) -> bool:
        """Whether the last change put something in, of which there can be another."""
        last = next((t for t in reversed(self.read_before(history)) if t.act not in ("ask", "answer")), None)
        return last is not None and last.operation in ("add", "duplicate", "replace")

    def _shown(self, history: Sequence[str]) -> bool:
        """Whether pictures to choose from were shown last."""
        before = self.read_before(history)
        return bool(before) and before[-1].act in ("generate", "refine", "compare")

    def _since_wish(self, history: Sequence[str]) -> Sequence[str]:
        """The turns from the last one that asked for new pictures on."""
        wishes = [k for k, turn in enumerate(self.read_before(history)) if turn.act in ("generate", "refine")]
        return history[wishes[-1] :] if wishes else history

    def _compared(self, history: Sequence[str]) -> int | None:
        """The earlier picture that was just shown beside the one at hand."""
        before = self.read_before(history)
        last = before[-1] if before else None
        return last.number if last is not None and last.act == "compare" and last.refers == "turn" else None

    def _pictures(self, history: Sequence[str]) -> list[int]:
        return pictures(self.read_before(history)) if history else []

    def _intent(
        self, text: str, history: Sequence[str], encoding: Any, logits: Mapping[str, Tensor], row: int, asked: str = ""
    ) -> Intent:
        found: dict[str, str] = {}
        confidence: dict[str, float] = {}
        chances = {name: self._cool(logits[name][row], name).softmax(-1) for name in CHOICES}
        found["act"] = CHOICES["act"][int(chances["act"].argmax())]
        taken = None
        if history and not asked and _ANOTHER.fullmatch(text) and not self._added(history):
            found["act"] = "refine"
        if not history and not asked and _NOTHING_SAID.fullmatch(text):
            found["act"] = "generate"
        if history and not asked and (said := choice_told(text)) and self._shown(history):
            taken, changed = said
            if not changed:
                found["act"] = "approve"
            elif found["act"] in ("refine", "approve"):
                found["act"] = "edit"
        for name in ("operation", "region"):  # an edit, and nothing else, has both
            none = NO_OPERATION if name == "operation" else NO_REGION
            p = chances[name].clone()
            p[CHOICES[name].index(none)] = 0.0
            found[name] = CHOICES[name][int(p.argmax())] if found["act"] == "edit" else none
        found["refers"] = CHOICES["refers"][int(chances["refers"].argmax())]
        for name, value in found.items():
            confidence[name] = float(chances[name][CHOICES[name].index(value)])
        flags: dict[str, dict[str, float]] = {}
        for name, all_ in FLAGS.items():
            p = self._cool(logits[name][row], name).sigmoid()
            flags[name] = {x: float(chance) for x, chance in zip(all_, p)}
        words = self.reader.words(encoding)
        tags = self._cool(logits["tags"][row], "tags").softmax(-1)
        scores = tags.log().double().numpy()
        slots = slots_of(text, best_tags(text, scores[[w.piece for w in words]], words), words)
        if found["act"] == "edit":
            found["operation"] = operation_told(text, found["operation"], slots)
        slots = tidy(text, found["act"], slots, found["operation"])
        if taken is not None:
            others = tuple(r for r in slots.get("reference", ()) if r not in taken and taken not in r)
            slots = {k: v for k, v in slots.items() if k != "count" or found["act"] == "edit"} | {
                "reference": (taken, *others)
            }
        self._settle(text, found, chances["region"], slots, history)
        if found["act"] == "edit":
            found["operation"] = of_outline(found["operation"], found["region"])
        if taken is not None:
            found["refers"] = "candidate"
            found.pop("turn", None)
        if found["act"] == "edit" and found["region"] == NO_REGION:
            found["region"] = WHOLE
        if found["act"] == "edit" and found["operation"] == NO_OPERATION:
            found["operation"] = UNCLEAR
        open_points, clashes = settled(text, found, slots, history, flags["ambiguous"], flags["contradictions"])
        if "color" in open_points and history and self._same_color(found, slots, history):
            open_points = tuple(x for x in open_points if x != "color")
        confidence |= {x: max(0.5, flags["ambiguous"][x]) for x in open_points}
        confidence |= {x: max(0.5, flags["contradictions"][x]) for x in clashes}
        for slot in slots:
            own = [float(tags[w.piece].max()) for w in words if self._slot(int(tags[w.piece].argmax())) == slot]
            confidence[slot] = min(own, default=1.0)  # none: found by the conventions alone
        values = {
            slot: [v for v in (value_of(slot, piece) for piece in slots[slot]) if v is not None] for slot in slots
        }
        number = None
        if "turn" in found:
            number = int(found["turn"])
        elif found["refers"] == "turn" and logits["pointer"].shape[1]:
            back = int(logits["pointer"][row].argmax())
            number = int(torch.isfinite(logits["pointer"][row]).sum()) - back
        elif found["refers"] == "candidate":
            number = candidate_told((taken.removeprefix("the "),) if taken else slots.get("reference", ()))
            if number is None:
                number = next(
                    (v for slot, _, _, v in find_values(text) if slot == "reference" and isinstance(v, int)), None
                )
        return Intent(
            text=text,
            act=found["act"],
            slots=dict(slots),
            values={slot: [_plain(v) for v in found_] for slot, found_ in values.items() if found_},
            operation=found["operation"],
            region=found["region"],
            refers=found["refers"],
            number=number,
            antecedent=self._antecedent(text, found["region"], slots, history)
            if found["refers"] == "region"
            else NO_REGION,
            confidence=confidence,
            ambiguous=open_points,
            contradictions=clashes,
        )

    def _settle(
        self,
        text: str,
        found: dict[str, str],
        region: Tensor,
        slots: Mapping[str, Sequence[str]],
        history: Sequence[str],
    ) -> None:
        """What follows from the words for the region and what is pointed to, put into `found`."""
        references = slots.get("reference", ())
        persons = any(piece.lower() in PERSONS for piece in references)
        act = found["act"]
        at_hand = act == "compare" and bool(references) and references[0].lower() in _AT_HAND
        if act == "edit":
            again = repeated(text, self.read_before(history)) if history else ""
            found["operation"] = again or found["operation"]
            if (
                history
                and found["operation"] == "enlarge"
                and not slots.get("size")
                and not _SPEAKS_OF_ALL.search(text)
                and part_at_hand(references, self.read_before(history))
            ):
                found["operation"] = "resize_part"  # "too big, make it a pixel": the thing just put in
            if again == "move" and (thing := elsewhere(text, self.read_before(history))):
                found["region"] = thing
            elif again and (place := also(text)) and again not in OUTLINES:
                found["region"] = place
            elif found["operation"] in OUTLINES:
                found["region"] = OUTLINE
            elif marked(text):
                found["region"], found["refers"] = POINTED, "region"
            elif slots.get("region") and not self._aside(text, found["operation"], slots, history):
                found["region"] = region_of(slots["region"]) or self._unclassed(
                    slots["region"][0], found["region"], region, history
                )
                if _behind(text, slots["region"][0], references):
                    found["refers"] = "region"
            elif found["operation"] == "add" and not references:
                found["region"] = WHOLE  # a new thing with no place
            elif persons:
                found["region"] = "creature" if other_creature(history) else SUBJECT
                if found["operation"] in _OF_PICTURE or found["operation"].endswith("_background"):
                    found["region"] = _unnamed(found["operation"])
                    found["refers"] = "region"
            elif references and not history and found["refers"] != "region":
                found["region"] = _unnamed(found["operation"])  # "it" at the start is the picture
            elif not persons and (near := spoken_of(text, references)):
                found["region"], found["refers"] = near, "region"
            elif history and (
                told := place_by_focus(
                    found["operation"],
                    references,
                    found["refers"],
                    self.read_before(history),
                    _SPEAKS_OF_ALL.search(text) is not None,
                    text,
                )
            ):
                found["region"], found["refers"] = told
                found["operation"] = of_outline(found["operation"], told[0])
            elif (
                history
                and found["refers"] != "candidate"
                and one_of_several(references)
                and (several := mentioned(self._since_wish(history), "they"))
            ):
                found["region"], found["refers"] = several[0], "region"
            elif not references and float(region[CHOICES["region"].index(_unnamed(found["operation"]))]) > 0.1:
                found["region"] = _unnamed(found["operation"])
            elif found["refers"] == "region":
                named = mentioned(self._since_wish(history), references[0] if references else "")
                chances = {
                    name: float(region[CHOICES["region"].index(name)]) * 0.3**k
                    for k, name in enumerate(named)
                    if name in CHOICES["region"]
                }
                found["region"] = max(chances, key=chances.__getitem__, default=found["region"])
                if history and not named and references:
                    found["region"], found["refers"] = WHOLE, "last"
        elif at_hand:
            found["refers"] = "last"
        elif ((turn := version_told(text, history)) is not None and act in ("compare", "undo")) or (
            (found["refers"] != "turn" or act not in ("answer", "generate"))
            and (turn := pointed_turn(references, history, act, self._pictures(references and history))) is not None
            and (not values_of(references) or (act in ("compare", "undo") and len(references) < 3))
        ):
            found["refers"], found["turn"] = "turn", str(turn)
        if act == "answer" and found["refers"] in ("region", "last") and references and history:  # "make it smaller"
            about = focus(self.read_before(history))
            if about and about != WHOLE and any(r.lower() in PRONOUNS for r in references):
                found["refers"], found["region"] = "region", about
        if act == "edit" and found["refers"] == "region" and slots.get("region") and references and not persons:
            first = references[0].lower()
            after = _BESIDE_IT.match(text[text.find(slots["region"][0]) + len(slots["region"][0]) :])
            about = focus(self.read_before(history)) if after is not None else ""
            beside = (
                after is not None and after[0].lower().endswith(f" {first}") and about in ("", WHOLE, found["region"])
            )
            if (
                first == "this"
                or (beside and found["operation"] not in ("add", "move", "duplicate"))
                or (not history and first in PRONOUNS and not _behind(text, slots["region"][0], references))
            ):
                found["refers"] = "last"  # "shrink the head, this isn't a baby": the picture
        if act in _NO_PART and found["refers"] == "region":
            found["refers"] = "last"
        if (
            act in ("undo", "approve")
            and references
            and references[0].lower() in _SHOWN_LAST
            and (shown := self._compared(history))
        ):
            found["refers"], found["turn"] = "turn", str(shown)
        if act in ("undo", "redo") and references and all(r.lower() in PRONOUNS for r in references):
            found["refers"] = "last"  # "take that back": the change just made
            found.pop("turn", None)
        if found["refers"] in ("nothing", "last") and act in _CHOOSING and candidate_told(references) and not at_hand:
            found["refers"] = "candidate"
        if references and found["refers"] == "nothing":
            if act == "edit" and found["region"] not in (WHOLE, NO_REGION):
                found["refers"] = "region"
            else:
                found["refers"] = "last"

    def _antecedent(self, text: str, region: str, slots: Mapping[str, Sequence[str]], history: Sequence[str]) -> str:
        """The part that the words point to, which need not be the one that is changed: "he should look left", "his cape is like hers"."""
        references = slots.get("reference", ())
        if any(piece.lower() in PERSONS for piece in references):
            return "creature" if other_creature(history) else SUBJECT
        if not slots.get("region") or not history or _behind(text, slots["region"][0], references):
            return region
        about = focus(self.read_before(history))
        return region if about in ("", WHOLE) else about

    def _aside(self, text: str, operation: str, slots: Mapping[str, Sequence[str]], history: Sequence[str]) -> bool:
        """Whether the place named is not what is changed, but where it goes or what it is compared with: "bring it closer to the water",
        "it is darker than the stones"."""
        if not history or not any(r.lower() in PRONOUNS for r in slots.get("reference", ())):
            return False
        before = text[: text.find(slots["region"][0])].rstrip()
        if _THAN.search(before):
            return True
        said = any(re.search(rf"\b{r}\b", before, re.IGNORECASE) for r in PRONOUNS)
        return operation == "move" and said and _TOWARDS.search(before) is not None

    def _unclassed(self, place: str, region: str, chances: Tensor, history: Sequence[str]) -> str:
        """The region of a known word that names no class of parts: the figure where the wish is of it, else a thing of its own."""
        head = head_of(place.lower()).split()[-1]
        stem = head.removesuffix("s")
        if region in (POINTED, OUTLINE):
            return region
        if history and re.search(rf"\b{re.escape(stem)}", history[0].lower()):
            return SUBJECT
        if any(re.search(rf"\b{re.escape(stem)}", turn.lower()) for turn in history[1:]):
            return UNKNOWN
        if not {head, stem} & nouns():
            return region
        figure, thing = (float(chances[CHOICES["region"].index(name)]) for name in (SUBJECT, UNKNOWN))
        return SUBJECT if figure > thing else UNKNOWN

    def _cool(self, logits: Tensor, head: str) -> Tensor:
        return logits / self.temperatures.get(head, 1.0)

    @staticmethod
    def _slot(tag: int) -> str:
        return TAGS[tag].partition("-")[2]

    def save(self, folder: Path | str, **about: Any) -> Path:
        """Put the parser into the bundle at `folder` (made where there is none)."""
        network = {f: getattr(self.network.config, f) for f in self.network.config.__dataclass_fields__}
        told = {"network": network, "temperatures": self.temperatures, **about}
        return Bundle.create(folder).put(PART, self.network.state_dict(), **told)


def load_parser(folder: Path | str | None = None, tower: TextTower | None = None) -> IntentParser:
    """Load the parser of a bundle (default: the released one).

    Raises:
        BadInput: no parser there. CorruptFile: damaged, or the hash differs.
    """
    tensors, about = Bundle(folder).get(PART)
    network = IntentNetwork(build(IntentNetworkConfig, about["network"], "intent.network"))
    load_into({PART: network}, {PART: tensors}, "the intent parser")
    return IntentParser(network.requires_grad_(False).eval(), about["temperatures"], tower)
