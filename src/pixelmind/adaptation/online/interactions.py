"""From stored reactions to what can be learned of them.

| what was done | what is learned |
|---|---|
| chose one of two | a pair; a tie says that neither is better |
| approved, exported, shared, rated 4 or more | a liked sprite, better than up to two others of its words and size not liked (trust 0.5) |
| rejected, rated below 3 | up to two others of its words and size are better (trust 0.5) |
| edited | the picture after the edit is better than the one before (trust 0.5) |
| said which tone of a drawing is best | it is better than each other one shown |
| undid an edit | the one before is better (trust 0.5) |
| uploaded | a liked sprite |

Views, selections and returns say too little.
"""

from __future__ import annotations

from collections.abc import Iterator

from pixelmind.adaptation.feedback import OWN_SOURCES, liking
from pixelmind.adaptation.online import tone
from pixelmind.adaptation.online.replay import Entry
from pixelmind.storage import Database, NotFound
from pixelmind.storage.rows import FeedbackRow, SpriteRow

IMPLIED = 0.5  # trust in what was done without saying which is better
OTHERS = 2
NEAR = 24  # sprites looked through for others of the same words
UPLOADS = 64


def entries_of(db: Database, row: FeedbackRow, turn: int) -> list[Entry]:
    """What a reaction teaches, best known first; nothing where its sprites are gone or it says too little."""
    try:
        if row.kind == "preference":
            assert row.other is not None
            same = _size(db.sprites.get(row.user, row.sprite)) == _size(db.sprites.get(row.user, row.other))
            told = {"one": row.sprite, "other": row.other, "prompt": row.prompt, "tie": row.tie, "turn": turn}
            return [Entry(key=row.id, kind="pair", **told)] if same else []  # type: ignore[arg-type]
        sprite = db.sprites.get(row.user, row.sprite)
        if row.event == "tone":
            shown, best = tone.question(sprite.sprite), row.details.get("tone")
            told = {"kind": "tone", "one": f"{sprite.id}{tone.MARK}{best}", "prompt": row.prompt, "turn": turn}
            rest = [f"{sprite.id}{tone.MARK}{name}" for name in shown if name != best] if best in shown else []
            return [Entry(key=f"{row.id}-{n}", other=other, **told) for n, other in enumerate(rest)]  # type: ignore[arg-type]
        if row.event == "edit":
            after = [child for child in db.sprites.children(row.user, row.sprite) if child.source == "edited"]
            return _pairs(row, turn, [(child.id, row.sprite) for child in after[-1:] if _size(child) == _size(sprite)])
        if row.event == "undo" and sprite.parent is not None:
            before = db.sprites.get(row.user, sprite.parent)
            return _pairs(row, turn, [(before.id, sprite.id)] if _size(before) == _size(sprite) else [])
        liked = liking(row).get(row.sprite)
        if liked is None:
            return []
        known = {s: good for r in db.feedback.list(row.user, sprite=row.sprite) for s, good in liking(r).items()}
        others = [s for s in _others(db, sprite) if not (liked and known.get(s.id))][:OTHERS]
        if not liked:
            return _pairs(row, turn, [(other.id, sprite.id) for other in others])
        entry = Entry(key=row.id, kind="liked", one=sprite.id, prompt=sprite.prompt, turn=turn)
        return [entry, *_pairs(row, turn, [(sprite.id, other.id) for other in others])]
    except NotFound:
        return []


def uploads(db: Database, user: str, known: set[str], turn: int, since: str = "") -> list[Entry]:
    """Sprites that the person brought since a UTC time and that are not known yet, oldest first."""
    found = [s for s in db.sprites.list(user, UPLOADS) if s.source in OWN_SOURCES and s.created >= since]
    return [
        Entry(key=f"up-{s.id}", kind="liked", one=s.id, prompt=s.prompt, turn=turn)
        for s in reversed(found)
        if f"up-{s.id}" not in known
    ]


def _pairs(row: FeedbackRow, turn: int, pairs: list[tuple[str, str]]) -> list[Entry]:
    return [
        Entry(key=f"{row.id}-{n}", kind="pair", one=a, other=b, prompt=row.prompt, turn=turn, trust=IMPLIED)
        for n, (a, b) in enumerate(pairs)
    ]


def _others(db: Database, sprite: SpriteRow) -> Iterator[SpriteRow]:
    """Sprites drawn for the same words in the same size, nearest in time first."""
    near = {s.id: s for s in db.sprites.list(sprite.user, NEAR)}
    near |= {s.id: s for s in db.sprites.list(sprite.user, NEAR, sprite.id)}
    for other in near.values():
        same = other.prompt == sprite.prompt and _size(other) == _size(sprite)
        if same and other.id != sprite.id and other.source == "generated":
            yield other


def _size(sprite: SpriteRow) -> tuple[int, int]:
    return sprite.height, sprite.width
