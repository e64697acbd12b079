"""A session as plain JSON, and back: the wish, the open question, the turns and the candidates; the history is kept beside it.

Sprites are told by a name of the keeper's choice: whole records in a session's folder, ids of rows in a database, so that there the state
does not grow with pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pixelmind.dialogue.clicks import Pointing
from pixelmind.dialogue.grounding import Open, from_dict, to_dict
from pixelmind.dialogue.policy import Question, question
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.records import Intent, Sprite

if TYPE_CHECKING:
    from pixelmind.dialogue.session import Session

FORMAT = 1


def state(session: Session, name: Callable[[Sprite], Any] = Sprite.to_dict) -> dict[str, Any]:
    """The session as plain JSON, its candidates told by `name`; without the history."""
    asked, waiting, pointing = session.asked, session.waiting, session.pointing
    return {
        "format": FORMAT,
        "seed": session.seed,
        "turns": list(session.turns),
        "wish": to_dict(session.wish),
        "asked": None if asked is None else {"slot": asked.slot, "word": asked.word},
        "waiting": None if waiting is None else waiting.to_dict(),
        "pointing": {"points": [list(p) for p in pointing.points], "region": pointing.region} if pointing else None,
        "questions": session.questions,
        "style": session.style,
        "candidates": [name(sprite) for sprite in session.candidates],
    }


def restore(session: Session, kept: Mapping[str, Any], sprite: Callable[[Any], Sprite] = Sprite.from_dict) -> None:
    """Take up a kept state; `sprite` finds a candidate by its name.

    Raises:
        BadInput: of a newer format. CorruptFile: it does not hold together.
    """
    try:
        if kept["format"] > FORMAT:
            raise BadInput(
                f"the session is of format {kept['format']}, this program reads up to {FORMAT}; update pixelmind"
            )
        session.wish = from_dict(kept["wish"])
        session.seed, session.questions = int(kept["seed"]), int(kept["questions"])
        session.style = str(kept.get("style") or "") or None
        session.turns = [str(t) for t in kept["turns"]]
        session.candidates = [sprite(s) for s in kept["candidates"]]
        session.waiting = None if kept["waiting"] is None else Intent.from_dict(kept["waiting"])
        if pointing := kept.get("pointing"):
            points = tuple((int(x), int(y)) for x, y in pointing["points"])
            session.pointing = Pointing(points, str(pointing["region"]))
        if (asked := kept["asked"]) is not None:
            if asked["slot"] == "operation":
                session.asked = Question(
                    slot="operation", word=asked["word"], text="What shall change?", kind="technical"
                )
            else:
                session.asked = question(session.wish, Open(slot=asked["slot"], word=asked["word"]))
    except BadInput:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorruptFile(f"the session is damaged ({type(error).__name__}); name another one") from error
