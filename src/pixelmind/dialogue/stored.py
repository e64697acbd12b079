"""Dialogues for learning: read from a service's database or from JSON Lines, real people's and simulated ones' never mixed unasked."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from pixelmind import files
from pixelmind.dialogue.outcomes import BAD_RATING, GOOD_RATING, Dialogue, Sign, dialogues
from pixelmind.errors import BadInput

if TYPE_CHECKING:
    from pixelmind.storage import Database, FeedbackRow

Whose = Literal["", "human", "simulated", "both"]
IDLE_HOURS = 24.0
_TAKEN = ("export", "share")


@contextmanager
def opened(source: str) -> Iterator[Database]:
    """A database by its URL or SQLite file, its tables up to date.

    Raises:
        BadInput: no such place, or it cannot be opened.
    """
    from pixelmind.storage import Database, DatabaseDown

    if "://" not in source:
        path = Path(source).expanduser()
        if not path.is_file():
            raise BadInput(f"there is no database {path}; name one, or a .jsonl file of pixelmind data from-dialogues")
        source = f"sqlite:///{path}"
    try:
        with Database(source) as db:
            db.upgrade()
            yield db
    except DatabaseDown as error:
        raise BadInput(f"{source} cannot be opened: {error}") from error


def whose_of(text: str) -> Whose:
    """A choice of people by its name.

    Raises:
        BadInput: unknown.
    """
    for known in get_args(Whose):
        if text == known:
            return known
    raise BadInput(f"unknown --whose {text!r}; use one of {', '.join(w for w in get_args(Whose) if w)}")


def read(source: Path | str, whose: Whose = "", *, idle_hours: float = IDLE_HOURS) -> list[Dialogue]:
    """All dialogues that are over, oldest first.

    Args:
        source: a database (URL or SQLite file), or a .jsonl file as `write` makes it.
        whose: "human", "simulated" or "both"; empty where only one kind is there.
        idle_hours: how long nothing must have been said in a session for its last dialogue to be over. Simulated people do not come back.

    Raises:
        BadInput: no such place, an unreadable line, no dialogue, both kinds without `whose`.
    """
    if str(source).endswith(".jsonl"):
        found = _lines(Path(source))
    else:
        with opened(str(source)) as db:
            found = list(stored(db, idle_hours))
    return chosen(found, whose, str(source))


def chosen(found: Sequence[Dialogue], whose: Whose, source: str) -> list[Dialogue]:
    """Those of the people asked for that are over, oldest first.

    Raises:
        BadInput: none, or both kinds without `whose`.
    """
    kinds = Counter("simulated" if d.simulated else "human" for d in found)
    if not kinds:
        raise BadInput(f"{source} holds no dialogues; talk in the studio first, or let simulated people talk")
    if len(kinds) > 1 and not whose:
        raise BadInput(
            f"{source} holds dialogues of real people ({kinds['human']}) and of simulated ones ({kinds['simulated']}); "
            "say whose to learn from: --whose human, simulated or both"
        )
    if whose not in ("", "both") and whose not in kinds:
        raise BadInput(f"{source} holds no dialogues of {whose} people, only of {next(iter(kinds))} ones")
    kept = [d for d in found if whose in ("", "both") or d.simulated == (whose == "simulated")]
    over = [d for d in kept if d.outcome != "open"]
    if not over:
        raise BadInput(f"all {len(kept)} dialogues in {source} may still go on; wait, or lower idle_hours")
    return sorted(over, key=lambda d: (d.created, d.session))


def stored(db: Database, idle_hours: float = IDLE_HOURS, now: datetime | None = None) -> Iterator[Dialogue]:
    """The dialogues of everyone in a database, person by person."""
    moment = (now or datetime.now(UTC)) - timedelta(hours=idle_hours)
    quiet = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    for user in db.users.list():
        signs: dict[str, list[Sign]] = defaultdict(list)
        for row in db.feedback.each(user):
            if (sign := sign_of(row)) is not None:
                signs[sign.sprite].append(sign)
        before: str | None = None
        while page := db.sessions.list(user, 100, before):
            before = page[-1].id
            for session in page:
                messages: list[dict[str, Any]] = []
                while more := db.sessions.messages(user, session.id, messages[-1]["number"] if messages else -1):
                    messages += more
                simulated = bool(session.settings.get("simulated", False))
                shown = {str(s) for m in messages for s in m.get("sprites", ())}
                given = sorted((s for sprite in shown for s in signs[sprite]), key=lambda s: s.created)
                yield from dialogues(
                    messages,
                    given,
                    session=session.id,
                    user=user.id,
                    simulated=simulated,
                    quiet="9999" if simulated else quiet,
                )


def sign_of(row: FeedbackRow) -> Sign | None:
    """What a reaction shows: a verdict (a reviewer's is not the person's own), an export or share, a high or low mean rating."""
    good: bool | None = None
    if row.verdict is not None and not row.details:
        good = row.verdict == "approve"
    elif row.event in _TAKEN:
        good = True
    elif row.ratings:
        mean = sum(row.ratings.values()) / len(row.ratings)
        good = True if mean >= GOOD_RATING else False if mean <= BAD_RATING else None
    return None if good is None else Sign(sprite=row.sprite, good=good, created=row.created)


# ---- JSON Lines ------------------------------------------------------------------------------------------------------
def write(found: Sequence[Dialogue], path: Path) -> Path:
    """Write dialogues as JSON Lines, whole or not at all: what was said by their owners stands in them.

    Raises:
        BadInput: the place cannot be written.
    """
    text = "".join(json.dumps(d.to_dict(), ensure_ascii=False, separators=(",", ":")) + "\n" for d in found)
    try:
        return files.write_bytes(path, text.encode())
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror or error}") from error


def _lines(path: Path) -> list[Dialogue]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(Dialogue.from_dict(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, BadInput) as error:
            raise BadInput(
                f"{path}, line {number} is no dialogue of pixelmind data from-dialogues ({str(error).splitlines()[0]})"
            ) from error
    return found


# ---- held out --------------------------------------------------------------------------------------------------------
def split(found: Sequence[Dialogue], share: float) -> tuple[list[Dialogue], list[Dialogue]]:
    """(train, held out): whole people where there are four or more, drawn evenly; else the newest dialogues of all."""
    users = sorted({d.user for d in found}, key=lambda u: hashlib.sha256(u.encode()).hexdigest())
    if len(users) < 4:
        cut = len(found) - max(1, round(share * len(found)))
        return list(found[:cut]), list(found[cut:])
    aside = set(users[: max(1, round(share * len(users)))])
    return [d for d in found if d.user not in aside], [d for d in found if d.user in aside]
