"""What people made or liked in the studio, as styles: each person's own sprites are a style, their words its captions.

A sprite counts where its owner uploaded it, approved, exported or shared it, rated it 4 or more on every axis they rated, or chose it
over another; one they rejected or rated below 3 since does not. Real and simulated people are never mixed without being told to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pixelmind.adaptation.tasks import MIN_GROUP, Group, Picture, fits
from pixelmind.errors import BadInput
from pixelmind.storage import Database, DatabaseDown, NotFound
from pixelmind.storage.rows import FeedbackRow, User

Whose = Literal["", "human", "simulated", "both"]
OWN_SOURCES = ("uploaded",)
LIKED_EVENTS = ("export", "share")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with sprites of theirs, newest first. `simulated`: all that they said was said by a simulated person."""

    id: str
    name: str
    simulated: bool
    pictures: tuple[Picture, ...]

    @property
    def style(self) -> str:
        """A name for their style that does not tell who they are."""
        return f"person-{hashlib.blake2b(self.id.encode(), digest_size=4).hexdigest()}"


def liking(row: FeedbackRow) -> dict[str, bool]:
    """The sprites that a reaction is for (True) and against (False)."""
    if row.kind == "preference":
        return {} if row.tie or row.other is None else {row.sprite: True}
    if row.kind == "verdict":
        return {row.sprite: row.verdict == "approve"}
    if row.kind == "rating" and row.ratings:
        lowest = min(row.ratings.values())
        return {row.sprite: lowest >= 4} if lowest >= 4 or lowest < 3 else {}
    return {row.sprite: True} if row.event in LIKED_EVENTS else {}


def people(source: Path | str, whose: Whose = "", user: str | None = None, limit: int = 1000) -> list[Person]:
    """Everybody with at least one sprite of theirs, at most `limit` sprites each, each picture once.

    Args:
        source: database (URL or SQLite file).
        whose: "human", "simulated" or "both"; empty where only one kind is there.
        user: this person only, by name.

    Raises:
        BadInput: no such database or person, both kinds without `whose`, or nobody made or liked anything.
    """
    with _open(source) as db:
        try:
            users = [db.users.find(user)] if user is not None else db.users.list()
        except NotFound as error:
            known = ", ".join(sorted(u.name for u in db.users.list())[:8])
            raise BadInput(f"{source} knows nobody called {user!r}; people there: {known or 'none'}") from error
        found = [person for person in (_person(db, u, limit) for u in users) if person.pictures]
    kinds = {p.simulated for p in found}
    if whose in ("human", "simulated"):
        found = [p for p in found if p.simulated == (whose == "simulated")]
    elif len(kinds) > 1 and whose != "both":
        raise BadInput(
            f"{source} holds sprites of real people ({sum(not p.simulated for p in found)}) and of simulated ones "
            f"({sum(p.simulated for p in found)}); say whose to learn from: --whose human, simulated or both"
        )
    if not found:
        raise BadInput(
            f"{source} holds no sprites that {user or 'anybody'} uploaded or liked; upload, approve, export or choose some in the studio"
        )
    return found


def _person(db: Database, user: User, limit: int) -> Person:
    liked: dict[str, bool] = {}
    simulated: list[bool] = []
    for reaction in db.feedback.each(user):
        liked |= liking(reaction)
        simulated.append(reaction.simulated)
    pictures: dict[bytes, Picture] = {}
    before: str | None = None
    while len(pictures) < limit and (page := db.sprites.list(user, limit=200, before=before)):
        before = page[-1].id
        for row in page:
            if liked.get(row.id, row.source in OWN_SOURCES) and len(pictures) < limit:
                rgba = row.sprite.rgba()
                pictures.setdefault(rgba.tobytes() + bytes(rgba.shape), Picture(rgba=rgba, caption=row.prompt))
    fake = bool(simulated) and all(simulated)
    return Person(id=user.id, name=user.name, simulated=fake, pictures=tuple(pictures.values()))


@contextmanager
def _open(source: Path | str) -> Iterator[Database]:
    where = str(source)
    if "://" not in where:
        path = Path(where).expanduser()
        if not path.is_file():
            raise BadInput(f"there is no database {path}; name the service's, PIXELMIND_HOME/pixelmind.db")
        where = f"sqlite:///{path}"
    try:
        with Database(where) as db:
            db.upgrade()
            yield db
    except DatabaseDown as error:
        raise BadInput(f"{source} cannot be opened: {error}") from error


def groups(found: Sequence[Person], level: int, patch: int, without: frozenset[str] = frozenset()) -> list[Group]:
    """The people with enough pictures for a level's tasks, as styles, but those held out."""
    made = []
    for person in found:
        pictures = tuple(p for p in person.pictures if fits(p.rgba.shape[0], p.rgba.shape[1], level, patch))
        if len(pictures) >= MIN_GROUP and person.style not in without:
            made.append(Group(style=person.style, kind="", pictures=pictures))
    return made
