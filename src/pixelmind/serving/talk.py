"""Dialogues on the database: a turn is read from it, done in the engine's thread, and kept in one transaction with all that belongs to it.

A row's state is plain JSON: {"format", "dialogue" (`dialogue.keeping`), "history" (`dialogue.history`), "question"}; sprites are told by
the ids of their rows, so that it does not grow with pictures. A turn that fails, or whose client has gone before it was drawn, changes
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pixelmind.errors import BadInput, CorruptFile
from pixelmind.records import Sprite
from pixelmind.serving import reviewing
from pixelmind.serving.shelf import Shelf, about_row
from pixelmind.serving.talk_views import reply_object, sprite_id_of
from pixelmind.storage import Database, SessionRow, SpriteRow

if TYPE_CHECKING:
    from pixelmind.dialogue.clicks import Pointing
    from pixelmind.dialogue.history import Version
    from pixelmind.dialogue.policy import Question
    from pixelmind.dialogue.session import Reply, Session
    from pixelmind.generator.own_styles import OwnStyle, Personal
    from pixelmind.quality.after import Check
    from pixelmind.serving.networks import Networks

FORMAT = 1


@dataclass(frozen=True, eq=False)
class Opened:
    """A dialogue as it was read: its row, state, sprites, and what is remembered of the person."""

    row: SessionRow
    state: dict[str, Any]
    shelf: Shelf
    memory: tuple[bytes, dict[str, Any]] | None


@dataclass(frozen=True, eq=False)
class Turned:
    """A done turn that is not kept yet: what was shown and in view before it, and the dialogue after it."""

    session: Session
    reply: Reply
    shown: tuple[Sprite, ...]
    viewed: Version | None
    memory: tuple[bytes, dict[str, Any]] | None  # where something was learned
    asked: Question | None = None  # the question that was open before it
    check: Check | None = None  # what was found of what it drew


# ---- reading ---------------------------------------------------------------------------------------------------------
def opened(db: Database, user: str, identity: str) -> Opened:
    """Read a dialogue.

    Raises:
        NotFound: none, or another person's. BadInput: its state is of a newer program.
    """
    row = db.sessions.get(user, identity)
    return Opened(row, read_state(row), Shelf(db, user), db.memory.load(user))


def read_state(row: SessionRow) -> dict[str, Any]:
    """The state of a row; that of a new one is empty.

    Raises:
        BadInput: of a newer program.
    """
    state = row.state
    if state.get("format", FORMAT) > FORMAT:
        raise BadInput(f"this session is of format {state['format']}, the service reads up to {FORMAT}; update it")
    return state


def session_of(from_: Opened, networks: Networks | None) -> Session:
    """The dialogue, ready for a turn (in the engine's thread); without `networks` for moves in its history alone.

    Raises:
        CorruptFile: the state does not hold together.
    """
    from pixelmind.dialogue.history import History
    from pixelmind.dialogue.policy import Policy
    from pixelmind.dialogue.session import Session

    settings, state, shelf = from_.row.settings, from_.state, from_.shelf
    with_: dict[str, Any] = {"policy": Policy()}
    if networks is not None:
        with_ = {"weights": networks.pipe.bundle.folder, "pipe": networks.pipe, "parser": networks.parser}
        with_ |= {"policy": networks.policy, "memory": networks.memory(from_.memory)}
    session = Session(
        out=None, seed=int(settings.get("seed", 0)), candidates=int(settings.get("candidates", 2)), **with_
    )
    if state:
        try:
            dialogue = dict(state["dialogue"])
            dialogue["candidates"] = shelf.there(dialogue["candidates"])
            session.restore(dialogue, shelf.get)
            session.history = History.restored(state["history"], lambda row: shelf.later(row["sprite"]))
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, BadInput):
                raise
            raise CorruptFile(f"this session is damaged ({type(error).__name__}); begin a new one") from error
    return session


def begun_with(db: Database, user: str, row: SessionRow, sprite_id: str) -> SessionRow:
    """Put a sprite of the person into a new dialogue as its first version.

    Raises:
        NotFound: no such sprite, or another person's.
    """
    kept = db.sprites.get(user, sprite_id)
    session = session_of(Opened(row, {}, Shelf(db, user), None), None)
    session.history.add(kept.sprite, kept.instruction or kept.prompt or "the picture you began with", "opened")
    state = {
        "format": FORMAT,
        "dialogue": session.state(),
        "history": session.history.state(lambda _: {"sprite": sprite_id}),
        "question": None,
    }
    return db.sessions.save(user, row.id, state, [], row.version)


# ---- turns -----------------------------------------------------------------------------------------------------------
def turned(
    networks: Networks,
    from_: Opened,
    text: str,
    pointing: Pointing,
    own_styles: Mapping[str, OwnStyle] = MappingProxyType({}),
    style: str | None = None,
    check: bool = True,
    personal: Personal | None = None,
) -> Turned:
    """Answer a turn, from which on `style` is drawn in (None: as before); nothing is kept yet. Call it in the engine's thread. `check` what
    it draws, where something can; `personal` is what was learned of who asks."""
    from pixelmind.generator.own_styles import lent

    session = session_of(from_, networks)
    session.own_styles = own_styles
    checked = networks.check() if check else None
    session.check = checked
    if style is not None:
        session.style = style or None
    shown = tuple(session.candidates)
    viewed = session.history.current if len(session.history) else None
    told = 0 if session.memory is None else session.memory.pairs
    asked = session.asked
    with lent(networks.pipe, own_styles, personal):
        reply = session.say(text, pointing)
    learned = session.memory is not None and session.memory.pairs > told
    memory = session.memory.packed() if learned and session.memory else None
    return Turned(session, reply, shown, viewed, memory, asked, checked)


def gone_to(from_: Opened, number: int) -> Turned:
    """View a version of the history; needs no network.

    Raises:
        BadInput: no such version, or its picture was deleted.
    """
    from pixelmind.dialogue.session import Reply

    session = session_of(from_, None)
    viewed = session.history.current if len(session.history) else None
    version = session.history.go(number)
    said = f'This is "{version.said}".' if version.said else f"This is version {number}."
    reply = Reply(text=said, kind="history", sprites=(version.sprite,))
    return Turned(session, reply, tuple(session.candidates), viewed, None)


# ---- keeping ---------------------------------------------------------------------------------------------------------
class Keeper:
    """Writes one turn. Call it inside one transaction; it may be called again where that was rolled back."""

    def __init__(self, db: Database, user: str, from_: Opened, turn: Turned) -> None:
        self.db, self.user, self.from_, self.turn = db, user, from_, turn
        self.names = from_.shelf.ids()
        self.simulated = bool(from_.row.settings.get("simulated", False))  # set by `simulated_talk` alone
        self.old = [row["sprite"] for row in from_.state.get("history", {}).get("versions", [])]

    def keep(self, message: Mapping[str, Any] | None) -> dict[str, Any]:
        """Keep the turn with the person's `message` (None: a button) and return the reply as the API tells it.

        Raises:
            Conflict: the dialogue went on meanwhile.
        """
        from pixelmind.dialogue.outcomes import note

        reply, row = self.turn.reply, self.from_.row
        new = [sprite for sprite in reply.sprites if id(sprite) not in self.names]
        rows = [self._stored(sprite, message) for sprite in reply.sprites]
        if self.turn.check is not None:
            found = {self._name(sprite): self.turn.check.of(sprite) for sprite in new}
            fresh = [(row, found[row.id]) for row in rows if row.id in found]
            flagged = {row.id: row for row in reviewing.flag(self.db, self.user, fresh)}
            rows = [flagged.get(row.id, row) for row in rows]
        self._reactions(message)
        state = self._state(rows)
        answer: dict[str, Any] = {
            "role": "assistant",
            "text": reply.text,
            "kind": reply.kind,
            "sprites": [r.id for r in rows],
        }
        answer["learning"] = note(self.turn.session, reply, self.turn.asked)
        messages = [] if message is None else [{"role": "user", "kind": "", "sprites": [], **message}]
        saved = self.db.sessions.save(self.user, row.id, state, [*messages, answer], row.version)
        if message is not None and not row.name:
            saved = self.db.sessions.rename(self.user, row.id, str(message["text"])[:60])
        if self.turn.memory is not None:
            self.db.memory.save(self.user, *self.turn.memory)
        return reply_object(self.db, self.user, saved, state, reply, rows).model_dump(mode="json")

    def fresh(self) -> int:
        """How many of the reply's sprites were drawn for it."""
        drawn = self.turn.reply.kind in ("question", "sprites") or self.turn.reply.edit is not None
        return sum(id(sprite) not in self.names for sprite in self.turn.reply.sprites) if drawn else 0

    def _name(self, sprite: Sprite) -> str:
        return self.names[id(sprite)]

    def _version(self, version: Version | None) -> str | None:
        """The id of a version's sprite."""
        if version is None:
            return None
        return self.old[version.number] if version.number < len(self.old) else self._name(version.sprite)

    def _stored(self, sprite: Sprite, message: Mapping[str, Any] | None) -> SpriteRow:
        """The row of a sprite of the reply; made where it is new, hung on what it was made from."""
        if id(sprite) in self.names:
            return self.db.sprites.get(self.user, self.names[id(sprite)])
        reply, said = self.turn.reply, "" if message is None else str(message["text"])
        values = about_row(sprite) | {"operation": "draw", "source": "generated"}
        if reply.kind == "edit" and reply.edit is not None:
            seed = reply.edit.arguments.get("seed")
            values |= {"parent": self._version(self.turn.viewed), "operation": reply.edit.operation, "seed": seed}
            values["source"] = "edited"
        elif reply.kind == "question":
            values["operation"] = "option"
        elif (source := self._varied()) is not None:
            values |= {"parent": source, "operation": "vary"}
        row = self.db.sprites.add(self.user, sprite, instruction=said, session=self.from_.row.id, **values)
        self.names[id(sprite)] = row.id
        return row

    def _varied(self) -> str | None:
        """The candidate that the reply shows variations of."""
        number = self.turn.reply.varied
        return None if number is None or number > len(self.turn.shown) else self._name(self.turn.shown[number - 1])

    def _state(self, rows: list[SpriteRow]) -> dict[str, Any]:
        session, reply = self.turn.session, self.turn.reply
        question = None
        if session.asked is not None:
            asked = self.from_.state.get("question")
            if reply.question is not None:
                shown: list[str | None] = [row.id for row in rows]
                shown += [None] * (len(reply.question.options) - len(shown))
                options = [{"label": o.label, "sprite": s} for o, s in zip(reply.question.options, shown)]
                asked = {"slot": reply.question.slot, "kind": reply.question.kind, "text": reply.question.text}
                asked["options"] = options
            question = asked
        return {
            "format": FORMAT,
            "dialogue": session.state(self._name),
            "history": session.history.state(lambda version: {"sprite": self._version(version)}),
            "question": question,
        }

    # ---- what the person showed of their taste by the turn -----------------------------------------------------------
    def _reactions(self, message: Mapping[str, Any] | None) -> None:
        reply, viewed = self.turn.reply, self._version(self.turn.viewed)
        act = "" if reply.intent is None else reply.intent.act
        if reply.chosen is not None and reply.kind == "sprites" and len(self.turn.shown) > 1 and not self._asked():
            self._chosen(reply.chosen)
        elif reply.chosen is not None and (option := self._option(reply.chosen)) is not None:
            self._event(option, "select", {"question": self._asked()})
        if viewed is None or self.from_.shelf.row(viewed) is None:
            return
        if reply.kind == "edit" and reply.edit is not None:
            self._event(viewed, "edit", {"operation": reply.edit.operation})
        elif reply.kind == "history" and message is None:
            self._moved(viewed)
        elif reply.kind == "history" and act == "undo":
            self._event(viewed, "undo")
        elif reply.kind == "sprites" and act == "refine":
            self._event(self._varied() or viewed, "iterate")
        elif reply.kind == "answer" and act in ("approve", "reject") and message is not None:
            self.db.feedback.verdict(self.user, viewed, act, str(message["text"]), simulated=self.simulated)

    def _event(self, sprite: str, event: str, details: Mapping[str, Any] | None = None) -> None:
        self.db.feedback.event(self.user, sprite, event, details=details, simulated=self.simulated)

    def _asked(self) -> str:
        """The slot of the question that this turn answered, "" where none was open."""
        return str((self.from_.state.get("question") or {}).get("slot", ""))

    def _option(self, number: int) -> str | None:
        options = (self.from_.state.get("question") or {}).get("options", [])
        found = options[number - 1]["sprite"] if number <= len(options) else None
        return found if self.from_.shelf.row(found) is not None else None

    def _chosen(self, number: int) -> None:
        """One of the candidates was taken, so it is preferred to the others shown."""
        shown = [self._name(sprite) for sprite in self.turn.shown]
        chosen = shown[number - 1]
        self._event(chosen, "select", {"shown": shown})
        for other in shown:
            if other != chosen:
                left = shown[0] if len(shown) == 2 else None
                self.db.feedback.prefer(self.user, chosen, other, left=left, simulated=self.simulated)

    def _moved(self, viewed: str) -> None:
        """Going back along the way is an undo of what was in view, any other move a return to what is in view now."""
        history, before = self.turn.session.history, self.turn.viewed
        now = history.current
        if before is None or now.number == before.number:
            return
        way, number = set(), before.parent
        while number is not None:
            way.add(number)
            number = history.versions[number].parent
        target = sprite_id_of(self._version(now), self.from_.shelf)
        if now.number in way:
            self._event(viewed, "undo")
        elif target is not None:
            self._event(target, "return")
