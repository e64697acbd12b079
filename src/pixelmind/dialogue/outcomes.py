"""Kept dialogues with outcomes: what of a turn is kept for learning, which points came up, and how it ended.

The unit is a wish: a session is cut where its subject changes. The rule of outcomes, on the signs a person gave:

accepted   A picture was approved, saved, exported, shared, or rated 4 or more in the mean, and nothing was changed after that; or a
           candidate was chosen as the last thing said.
iterated   Else, the first picture was followed by a change: an edit, another drawing, an undo.
abandoned  Else: no picture at all, or one that was left as it came, or rejected.
open       Not accepted by a sign, and the last turn is younger than the idle time: not over yet, and not learned from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pixelmind.dialogue.answers import label_named, left_open
from pixelmind.dialogue.defaults import entry, open_points
from pixelmind.dialogue.grounding import Open, Wish, from_dict, normal, to_dict
from pixelmind.dialogue.labels import Label, labels, reading
from pixelmind.records import Record

if TYPE_CHECKING:
    from pixelmind.dialogue.policy import Question
    from pixelmind.dialogue.session import Reply, Session

Outcome = Literal["accepted", "iterated", "abandoned", "open"]
#: What a dialogue came to, as a share of its wish; assumed, not measured.
REWARD: dict[str, float] = {"accepted": 1.0, "iterated": 0.5, "abandoned": 0.0}
GOOD_RATING, BAD_RATING = 4.0, 2.0
_CHANGES = ("edit", "history")
OWN_WORDS = "?"

Message = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Point(Record):
    """An open point that came up: its slot and word, the wish then (as `grounding.to_dict`), whether it was asked about.

    `meant` is the label of the reading that the person showed to mean: the answer, or the correction of a default. Empty where the
    default was taken and nothing was said about it, `OWN_WORDS` where a question was answered by none of its options.
    """

    slot: str
    word: str
    wish: dict[str, Any]
    asked: bool
    meant: str = ""

    @property
    def open(self) -> Open:
        """The point itself."""
        return Open(slot=self.slot, word=self.word)


@dataclass(frozen=True, kw_only=True, eq=False)
class Dialogue(Record):
    """One wish of a kept dialogue: whose, what came of it, the points that came up in order, the sprite taken (its id, or empty), the words
    it began with, and the turns that its end labels."""

    session: str
    user: str
    simulated: bool
    created: str
    outcome: str
    points: tuple[Point, ...] = ()
    taken: str = ""
    request: str = ""
    turns: int = 0
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sign:
    """Something that a person showed about a sprite: good or not, and when (UTC text)."""

    sprite: str
    good: bool
    created: str


def note(session: Session, reply: Reply, asked: Question | None) -> dict[str, Any]:
    """What is kept beside an answer for learning: the wish after the turn, how the turn was read, what is asked, and what was answered to
    the question `asked` before it, or else the number of the candidate taken. Empty for a turn that could not be done."""
    if reply.kind == "error":
        return {}
    out: dict[str, Any] = {"wish": to_dict(session.wish)}
    if read := reading(reply):
        out["reading"] = read
    if reply.question is not None and reply.question.slot != "operation":
        out["asked"] = {"slot": reply.question.slot, "word": reply.question.word}
    if asked is not None and asked.slot != "operation":
        label = asked.options[reply.chosen - 1].label if reply.chosen and reply.chosen <= len(asked.options) else ""
        out["answered"] = {"slot": asked.slot, "word": asked.word, "label": label}
    elif reply.chosen is not None:
        out["chosen"] = reply.chosen
    return out


# ---- turns of a session ----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Turn:
    """What was said ("" for a button) and the answer's message."""

    said: str
    answer: Message

    @property
    def note(self) -> Mapping[str, Any]:
        found = self.answer.get("learning")
        return found if isinstance(found, Mapping) else {}

    @property
    def reading(self) -> Mapping[str, Any]:
        """How it was read; empty for a button, and in what older versions kept."""
        found = self.note.get("reading")
        return found if isinstance(found, Mapping) else {}

    @property
    def text(self) -> str:
        """The words as they were read."""
        return str(self.reading.get("text", self.said))

    @property
    def kind(self) -> str:
        return str(self.answer.get("kind", ""))

    @property
    def sprites(self) -> list[str]:
        return [str(s) for s in self.answer.get("sprites", ())]

    @property
    def created(self) -> str:
        return str(self.answer.get("created", ""))

    @property
    def changes(self) -> bool:
        """Whether the picture in view was changed or drawn."""
        return self.kind in _CHANGES or (self.kind == "sprites" and "chosen" not in self.note)


def _turns(messages: Sequence[Message]) -> list[Turn]:
    out, said = [], ""
    for message in messages:
        if message.get("role") == "user":
            said = str(message.get("text", ""))
        else:
            out.append(Turn(said, message))
            said = ""
    return [turn for turn in out if turn.kind != "error"]


def wishes(messages: Sequence[Message]) -> list[list[Turn]]:
    """The turns of a session, cut where its subject changes."""
    parts: list[list[Turn]] = []
    subject = ""
    for turn in _turns(messages):
        now = normal(str(turn.note.get("wish", {}).get("subject", ""))).split()[-1:]
        if not parts or (now and subject and now[0] != subject):
            parts.append([])
        subject = now[0] if now else subject
        parts[-1].append(turn)
    return parts


def dialogues(
    messages: Sequence[Message], signs: Sequence[Sign], *, session: str, user: str, simulated: bool, quiet: str
) -> Iterator[Dialogue]:
    """The dialogues of one session, oldest first.

    Args:
        messages: as kept, in order.
        signs: all that was shown about the person's sprites, oldest first.
        session, user, simulated: whose it is.
        quiet: UTC text; a last turn after this moment is of a dialogue that may go on.
    """
    parts, said = wishes(messages), list[str]()
    for number, turns in enumerate(parts):
        over = number + 1 < len(parts) or turns[-1].created <= quiet
        outcome, taken = _outcome(turns, signs, over)
        yield Dialogue(
            session=session,
            user=user,
            simulated=simulated,
            created=turns[0].created,
            outcome=outcome,
            points=tuple(_points(turns)),
            taken=taken,
            request=turns[0].said,
            turns=len(turns),
            labels=tuple(labels(turns, said, taken)) if outcome == "accepted" else (),
        )
        said += [turn.text for turn in turns if turn.text]


def _outcome(turns: Sequence[Turn], signs: Sequence[Sign], over: bool) -> tuple[Outcome, str]:
    """How a dialogue ended, and the sprite that was taken."""
    shown = {sprite for turn in turns for sprite in turn.sprites}
    changes = [turn for turn in turns if turn.changes]
    since = changes[-1].created if changes else ""
    given = [s for s in signs if s.sprite in shown and s.created >= since]
    given += [Sign(sprite=t.sprites[0], good=True, created=t.created)
              for t in turns if t.kind == "saved" and t.sprites and t.created >= since]  # fmt: skip
    last = max(given, key=lambda s: s.created, default=None)
    if last is not None and last.good:
        return "accepted", last.sprite
    if not over:
        return "open", ""
    final = turns[-1]
    if last is None and "chosen" in final.note and final.kind == "sprites" and final.sprites:
        return "accepted", final.sprites[0]
    return ("iterated", "") if len(changes) > 1 else ("abandoned", "")


def _points(turns: Sequence[Turn]) -> Iterator[Point]:
    """The points that came up, each once: those asked about with the answer, those closed by a default with its correction."""
    found: dict[tuple[str, str], Point] = {}
    for number, turn in enumerate(turns):
        if not isinstance(told := turn.note.get("wish"), Mapping):
            continue
        later = turns[number + 1 :]
        if asked := turn.note.get("asked"):
            key = (str(asked["slot"]), str(asked["word"]))
            found[key] = Point(
                slot=key[0], word=key[1], wish=dict(told), asked=True, meant=_answer(key, later[0] if later else None)
            )
        elif turn.kind == "sprites" and "chosen" not in turn.note:
            for point in open_points(from_dict(told)):
                key = (point.slot, point.word)
                if key not in found:
                    meant = _corrected(point, [t.said for t in later])
                    found[key] = Point(slot=point.slot, word=point.word, wish=dict(told), asked=False, meant=meant)
    yield from found.values()


def _answer(key: tuple[str, str], turn: Turn | None) -> str:
    """The label that a question was answered by; empty where nobody answered."""
    answered = turn.note.get("answered") if turn is not None else None
    if turn is None or not answered or (answered["slot"], answered["word"]) != key:
        return ""
    labels = [r.label for r in entry(*key)[1]]
    if answered["label"]:
        return str(answered["label"])
    return labels[0] if left_open(turn.said) and labels else OWN_WORDS


def _corrected(point: Open, later: Sequence[str]) -> str:
    """The reading, other than the default, that a later turn names first."""
    labels = [r.label for r in entry(point.slot, point.word)[1]]
    for said in later:
        which = label_named(said, labels)
        if which:
            return labels[which]
    return ""


def wish_of(point: Point) -> Wish:
    """The wish at a point."""
    return from_dict(point.wish)
