"""The memory of dialogues (`dialogue.memory`) kept in step with what a person took.

A dialogue writes into its person's memory what a vague word meant when they answer a question. What they show without being asked was lost:
a picture drawn under a default reading and then taken (approved, exported, chosen at the end) says that the default was meant, and one
corrected says what else was. Each such point is written once.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from pixelmind.adaptation.online.state import State
from pixelmind.dialogue.defaults import entry
from pixelmind.dialogue.memory import PART, load_memory
from pixelmind.dialogue.outcomes import Sign, dialogues
from pixelmind.dialogue.stored import sign_of
from pixelmind.encoder.text_tower import TextTower
from pixelmind.errors import CorruptFile
from pixelmind.generator.bundle import Bundle
from pixelmind.storage import Database

if TYPE_CHECKING:
    from pixelmind.dialogue.memory import Memory

SESSIONS = 8  # newest dialogues looked through


def confirm(db: Database, user: str, bundle: Bundle, tower: TextTower, kept: State) -> int:
    """Write into the person's memory what they confirmed since; how many points."""
    told = list(_confirmed(db, user, kept))
    if not told or PART not in bundle:
        return 0
    machine: Memory = load_memory(bundle.folder, tower)
    before = db.memory.load(user)
    if before is not None:
        try:
            if not machine.unpack(*before):
                return 0  # written by other weights: left alone
        except CorruptFile:
            return 0
    for key, word, label in told:
        machine.remember(word, label)
        kept.remembered = [*kept.remembered, key][-1000:]
    db.memory.save(user, *machine.packed())
    return len(told)


def _confirmed(db: Database, user: str, kept: State) -> list[tuple[str, str, str]]:
    """(key, word, reading) of points that were not asked about, and were confirmed or corrected."""
    signs: dict[str, list[Sign]] = defaultdict(list)
    for row in db.feedback.each(user):
        if row.simulated == kept.simulated and (sign := sign_of(row)) is not None:
            signs[sign.sprite].append(sign)
    found = []
    for session in db.sessions.list(user, SESSIONS):
        messages: list[dict[str, Any]] = []
        while more := db.sessions.messages(user, session.id, messages[-1]["number"] if messages else -1):
            messages += more
        shown = {str(s) for m in messages for s in m.get("sprites", ())}
        given = sorted((s for sprite in shown for s in signs[sprite]), key=lambda s: s.created)
        about = {"session": session.id, "user": user, "simulated": kept.simulated, "quiet": ""}
        for dialogue in dialogues(messages, given, **about):  # type: ignore[arg-type]
            for point in dialogue.points:
                labels = [r.label for r in entry(point.slot, point.word)[1]]
                meant = point.meant or (labels[0] if dialogue.outcome == "accepted" and labels else "")
                key = f"{session.id}:{point.slot}:{point.word}:{meant}"
                if point.word and not point.asked and meant in labels and key not in kept.remembered:
                    found.append((key, point.word, meant))
    return found
