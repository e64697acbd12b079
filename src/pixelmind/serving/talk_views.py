"""A kept dialogue as the API tells it: from its row, its state, and the rows of its sprites. No network is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pixelmind.serving.editing import packed
from pixelmind.serving.objects import SpriteObject, sprite_object
from pixelmind.serving.shelf import Shelf
from pixelmind.serving.talk_objects import (
    EditObject,
    FileObject,
    MessageObject,
    OptionObject,
    QuestionObject,
    ReplyObject,
    SessionObject,
    VersionObject,
    WholeSession,
)
from pixelmind.storage import Database, SessionRow, SpriteRow

if TYPE_CHECKING:
    from pixelmind.dialogue.session import Reply

State = Mapping[str, Any]


def sprite_id_of(identity: str | None, shelf: Shelf) -> str | None:
    """The id, where its sprite is still there."""
    return identity if shelf.row(identity) is not None else None


def _shown(shelf: Shelf, identity: str | None) -> SpriteObject | None:
    row = shelf.row(identity)
    return None if row is None else sprite_object(row)


def _question(shelf: Shelf, asked: State | None) -> QuestionObject | None:
    if asked is None:
        return None
    options = [OptionObject(label=o["label"], sprite=_shown(shelf, o["sprite"])) for o in asked["options"]]
    return QuestionObject(slot=asked["slot"], kind=asked["kind"], text=asked["text"], options=options)


def _current(state: State) -> str | None:
    history = state.get("history") or {"current": None}
    number = history["current"]
    return None if number is None else str(history["versions"][number]["sprite"])


def session_object(db: Database, user: str, row: SessionRow, state: State) -> SessionObject:
    """A dialogue."""
    shelf, dialogue = Shelf(db, user), state.get("dialogue") or {"turns": [], "candidates": []}
    candidates = [_shown(shelf, identity) for identity in dialogue["candidates"]]
    return SessionObject(
        id=row.id,
        created=row.created,  # type: ignore[arg-type]  # pydantic reads the text
        updated=row.updated,  # type: ignore[arg-type]
        name=row.name,
        turns=len(dialogue["turns"]),
        version=row.version,
        current=_shown(shelf, _current(state)),
        candidates=[c for c in candidates if c is not None],
        question=_question(shelf, state.get("question")),
    )


def whole_session(db: Database, user: str, row: SessionRow, state: State) -> WholeSession:
    """A dialogue with what was said and drawn."""
    history = state.get("history") or {"current": None, "versions": []}
    versions = [
        VersionObject(
            number=number,
            parent=version["parent"],
            said=version["said"],
            done=version["done"],
            sprite_id=version["sprite"],
            current=number == history["current"],
        )
        for number, version in enumerate(history["versions"])
    ]
    messages: list[dict[str, Any]] = []
    while page := db.sessions.messages(user, row.id, messages[-1]["number"] if messages else -1):
        messages += page
    told = [MessageObject(**{k: m[k] for k in ("role", "text", "kind", "sprites", "created")}) for m in messages]
    return WholeSession(**dict(session_object(db, user, row, state)), messages=told, history=versions)


def reply_object(
    db: Database, user: str, row: SessionRow, state: State, reply: Reply, rows: Sequence[SpriteRow]
) -> ReplyObject:
    """The answer to a turn that was just kept."""
    edit, download = None, None
    if reply.edit is not None:
        edit = EditObject(
            region=reply.edit.place,
            operation=reply.edit.operation,
            changed_cells=reply.edit.changed_cells,
            changed_outside=reply.edit.changed_outside,
            changed=packed(reply.edit.changed),  # type: ignore[arg-type]  # bool cells
        )
    if reply.file is not None and rows:
        name, format = reply.file
        url = f"/v1/sprites/{rows[0].id}/download?format={format}"
        download = FileObject(name=name, format=format, sprite_id=rows[0].id, url=url)
    session = session_object(db, user, row, state)
    return ReplyObject(
        kind=reply.kind,
        text=reply.text,
        sprites=[sprite_object(found) for found in rows],
        question=session.question if reply.question is not None else None,
        edit=edit,
        download=download,
        session=session,
    )
