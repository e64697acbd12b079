"""Sprites that people took in dialogues, with the words that led to them, as a store that the generator can be tuned on.

What is in it was drawn by the program. It is labelled so and never measured with: the source is `SOURCE`, which counts as drawn and not as
real art wherever shares, figures and near copies are told apart, the tag "origin" is "generated", and the split is always `train`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixelmind.data.store import Store
from pixelmind.dialogue.outcomes import Dialogue
from pixelmind.dialogue.stored import IDLE_HOURS, Whose, chosen, opened, stored
from pixelmind.errors import BadInput
from pixelmind.pixels.png import encode_png
from pixelmind.records import Sample

if TYPE_CHECKING:
    from pixelmind.storage import Database, SpriteRow

SOURCE = "procedural-dialogue"
LICENCE = "LicenseRef-own"
MAX_WORDS = 500
_CORRECTING = re.compile(
    r"^(?:no|nope|actually|sorry|wait)\b[ ,]*(?:i (?:mean|meant)[ ,]+)?|^i (?:mean|meant)[ ,]+", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What went into a store, and what did not: uploaded pictures, deleted ones, those without words, those stored before."""

    store: Path
    added: int
    total: int
    left_out: dict[str, int]


def write(
    source: str,
    out: Path,
    whose: Whose = "",
    *,
    owner: str = "",
    licence: str = LICENCE,
    idle_hours: float = IDLE_HOURS,
) -> Taken:
    """Add the sprites taken in the dialogues of a database to a store, made where it is missing. The same call again adds nothing.

    Args:
        source: database (URL or SQLite file).
        whose: whose dialogues, where both of real and of simulated people are there.
        owner: whom the sprites are credited to; empty: each to its person by id.
        licence: under which the owners let them be learned from; the default names no public licence: they stay their owners' own.

    Raises:
        BadInput: see `stored.chosen`; nothing was taken, or the store cannot be written.
    """
    left: Counter[str] = Counter()
    with opened(source) as db:
        found = [d for d in chosen(list(stored(db, idle_hours)), whose, source) if d.outcome == "accepted"]
        if not found:
            raise BadInput(f"no picture was taken in the dialogues of {source}; there is nothing to write")
        samples = list(_samples(db, found, owner, licence, left))
    if not samples:
        raise BadInput(
            f"no picture taken in {source} can be learned from: {', '.join(f'{n} {why}' for why, n in left.items())}"
        )
    store = Store.open_or_create(out)
    added = store.append(samples)
    if stored_before := len(samples) - added:
        left["stored before"] = stored_before
    return Taken(store=out, added=added, total=len(store), left_out=dict(left))


def _samples(db: Database, found: Sequence[Dialogue], owner: str, licence: str, left: Counter[str]) -> Iterator[Sample]:
    from pixelmind.storage import NotFound

    for dialogue in found:
        try:
            row = db.sprites.get(dialogue.user, dialogue.taken)
            above, sprite = db.sprites.ancestors(dialogue.user, row.id), row.sprite
        except NotFound:
            left["deleted"] += 1
            continue
        words = captions(dialogue, row, above)
        if "uploaded" in (
            row.source,
            *(r.source for r in above),
        ):  # another's art may be in it, and it would pass for generated
            left["made from uploads"] += 1
        elif not words:
            left["without words"] += 1
        else:
            yield Sample(
                png=encode_png(sprite),
                height=sprite.height,
                width=sprite.width,
                captions=words,
                source=SOURCE,
                licence=licence,
                credit=owner or dialogue.user,
                tags={"origin": "generated", "simulated": "yes" if dialogue.simulated else "no", "subject": words[0]},
                params=_about(dialogue, row),
                split="train",
            )


def _about(dialogue: Dialogue, row: SpriteRow) -> dict[str, Any]:
    return {
        "group": f"{dialogue.session}:{dialogue.created}",
        "sprite": row.id,
        "weights": row.weights,
        "edited": row.source == "edited",
    }


def captions(dialogue: Dialogue, row: SpriteRow, above: Sequence[SpriteRow]) -> tuple[str, ...]:
    """Up to two wordings: what the generator was told of the drawing with the instructions of all edits since, and the same with the
    person's own request in its place where that is what was drawn. `above`: what the sprite was made from, nearest first."""
    chain = [row, *above]
    drawing = next((r for r in chain if r.source == "generated"), None)
    if drawing is None:
        return ()
    edits = [_CORRECTING.sub("", r.instruction) for r in chain[: chain.index(drawing)][::-1] if r.instruction]
    asked = dialogue.request if drawing.instruction == dialogue.request else ""
    wordings = (" ".join(", ".join((told, *edits)).split())[:MAX_WORDS] for told in (drawing.prompt, asked) if told)
    return tuple(dict.fromkeys(wordings))
