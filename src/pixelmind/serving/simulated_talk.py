"""Simulated people who talk to the service's dialogues, turn by turn as over HTTP, into its database. All is kept as simulated.

Each says a wish with vague words, answers what is asked, and looks at what comes: the nearer to the wish, the more often a candidate is
taken and approved; else a default is corrected, or the person leaves. Some want a change of what they took, said in words of their own
(`regulars.SAYINGS`): where something else is done they undo it and say it again in plain words, once. They stand for nobody (see
`dialogue.simulated`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from pixelmind.dialogue.clicks import Pointing
from pixelmind.dialogue.defaults import fill
from pixelmind.dialogue.regulars import Change, Regular, answer, change, correction, regular, request
from pixelmind.dialogue.simulated import Person, match
from pixelmind.errors import BadInput
from pixelmind.serving import talk
from pixelmind.serving.networks import Networks
from pixelmind.storage import Database

if TYPE_CHECKING:
    from pixelmind.dialogue.policy import Policy
    from pixelmind.dialogue.session import Reply
    from pixelmind.generator.pipeline import PixelPipeline

MOST_TURNS, MOST_CHANGING = 8, 4  # of a dialogue; more with a change in own words
#: Chances: a dissatisfied person corrects a default; one who took a candidate says that it is good, saves it, or says no more.
CORRECTS, APPROVES, SAVES = 0.6, 0.5, 0.2


class LocalNetworks(Networks):
    """The networks of a pipeline in this thread; with `policy` in place of the weights' own."""

    def __init__(self, pipe: PixelPipeline, policy: Policy | None = None) -> None:
        self._own = pipe
        if policy is not None:
            self.__dict__["policy"] = policy

    @property
    def pipe(self) -> PixelPipeline:
        """The generator."""
        return self._own

    def check(self) -> None:
        """Nobody looks at what simulated people are shown."""


def simulate(
    db: Database,
    networks: Networks,
    people: int,
    wishes: int,
    seed: int = 0,
    *,
    world: int = 0,
    candidates: int = 2,
    remember: bool = True,
    own_words: float = 0.0,
    on_person: Callable[[int, int], None] | None = None,
) -> dict[str, int]:
    """Let `people` regulars of a population have `wishes` dialogues each; how many there were, and their turns, questions and errors.

    Args:
        remember: whether the service remembers what they meant, which spares them questions.
        own_words: chance that somebody who took a candidate wants it changed, and says so in words of their own.

    Raises:
        BadInput: a count below 1, a person who was in this database before, or weights without an intent parser.
    """
    if min(people, wishes) < 1 or not 0 <= own_words <= 1:
        raise BadInput("people and wishes must be at least 1, own_words from 0 to 1")
    if networks.parser is None:
        raise BadInput(
            f"the weights at {networks.pipe.bundle.folder} hold no intent parser; simulated people would not be understood"
        )
    counts: Counter[str] = Counter()
    for index in range(people):
        one = regular(index, seed, world)
        user = db.users.ensure(one.name).id
        if db.sessions.list(user, 1):
            raise BadInput(f"{one.name} has talked in this database before; use another --seed")
        rng = np.random.default_rng((seed, 18, index))
        for _ in range(wishes):
            _dialogue(db, networks, user, one, candidates, remember, own_words, rng, counts)
        if on_person is not None:
            on_person(index + 1, people)
    return {name: counts[name] for name in ("dialogues", "turns", "questions", "errors", "taken")}


def _dialogue(
    db: Database,
    networks: Networks,
    user: str,
    one: Regular,
    candidates: int,
    remember: bool,
    own_words: float,
    rng: np.random.Generator,
    counts: Counter[str],
) -> None:
    person = one.wish(rng)
    settings = {"candidates": candidates, "seed": int(rng.integers(1 << 31)), "simulated": True}
    session = db.sessions.create(user, "", settings).id
    said, counts["dialogues"] = request(person.says), counts["dialogues"] + 1
    wanted: Change | None = None
    for _ in range(MOST_TURNS + MOST_CHANGING * (own_words > 0)):
        opened = talk.opened(db, user, session)
        if not remember:
            opened = talk.Opened(opened.row, opened.state, opened.shelf, None)
        turn = talk.turned(networks, opened, said, Pointing())
        if not remember:
            turn = talk.Turned(turn.session, turn.reply, turn.shown, turn.viewed, None, turn.asked)
        db.write(lambda _, o=opened, t=turn, s=said: talk.Keeper(db, user, o, t).keep({"text": s}))  # type: ignore[misc]
        counts["turns"] += 1
        counts["questions"] += turn.reply.kind == "question"
        counts["errors"] += turn.reply.kind == "error"
        if wanted is not None:
            said = _insisting(wanted, said, turn.reply)
        elif own_words and _taken(turn.reply) and rng.random() < own_words:
            wanted = change(rng)
            said = wanted.own
        else:
            said = _next(person, turn, rng)
        if not said:
            break
    counts["taken"] += turn.reply.kind in ("saved", "answer") or turn.reply.chosen is not None


def _taken(reply: Reply) -> bool:
    """Whether somebody just took a candidate."""
    return reply.kind == "sprites" and reply.chosen is not None and len(reply.sprites) == 1


def _insisting(wanted: Change, said: str, reply: Reply) -> str:
    """What is said to the answer to a change wanted; empty: no more."""
    if reply.kind == "edit" and reply.edit is not None and reply.edit.operation == wanted.operation:
        return "I like it"
    if said in (wanted.plain, "I like it"):
        return ""
    return "undo" if reply.kind == "edit" else wanted.plain


def _next(person: Person, turn: Any, rng: np.random.Generator) -> str:
    """What the person says to a reply; empty: no more."""
    reply, session = turn.reply, turn.session
    if reply.kind == "question":
        asks = reply.question
        return answer(person, asks, rng) if asks.slot != "operation" else "darker"
    if reply.kind not in ("sprites", "edit"):
        return ""
    if _taken(reply):
        roll = rng.random()
        return "I like it" if roll < APPROVES else "save it" if roll < APPROVES + SAVES else ""
    nearness = match(fill(session.wish)[0], person)
    if rng.random() < nearness:
        return "the first one" if len(session.candidates) > 1 else "I like it"
    wrong = correction(person, session.wish)
    return wrong if wrong and rng.random() < CORRECTS else ""
