"""The tables. The migrations make them; a test holds that both say the same.

Ids and times are text in the order of their bytes on both databases. Everything of a person hangs on `users.id` and goes with it, but
the audit log, which has no such link. Pictures lie in a table of their own, so that no list reads them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Text,
    TypeDecorator,
    column,
    select,
    table,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column

from pixelmind.storage.ids import ID_LENGTH

Object = dict[str, Any]
AXES = ("accuracy", "aesthetics", "technical")
KINDS = ("rating", "event", "preference", "verdict")
DECISIONS = ("approve", "fix", "reject")
MODEL_STATES = ("candidate", "canary", "champion", "retired")
ROLLOUT_STATES = ("running", "promoted", "refused", "stopped")
ARMS = ("control", "treatment")


class Words(TypeDecorator[str]):
    """What people type. NUL and lone surrogates, which no database takes as text, become U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Text that every database takes."""
        if value is None:
            return None
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def plain(length: int) -> String:
    """Text of our own making, compared byte by byte."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


ID, TIME = plain(ID_LENGTH), plain(24)
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {Object: JSON, list[Any]: JSON, bytes: LargeBinary}  # noqa: RUF012


def one_of(column: str, values: tuple[str, ...], name: str) -> CheckConstraint:
    """A column holds one of these words, or nothing."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(v) for v in values)})", name=name)


def owner(**kwargs: Any) -> Mapped[str]:
    """The person a row belongs to and goes with."""
    return mapped_column(ID, ForeignKey("users.id", ondelete="CASCADE"), **kwargs)


class UserTable(Base):
    """People by name."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    created: Mapped[str] = mapped_column(TIME)


class KeyTable(Base):
    """API keys; of the secret only an argon2id hash."""

    __tablename__ = "keys"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = owner(index=True)
    name: Mapped[str] = mapped_column(Words)
    scopes: Mapped[list[Any]]
    secret_hash: Mapped[str] = mapped_column(Text)
    created: Mapped[str] = mapped_column(TIME)
    expires: Mapped[str | None] = mapped_column(TIME)
    revoked: Mapped[str | None] = mapped_column(TIME)


class SessionTable(Base):
    """Dialogues; `version` rises with each save."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_owner", "user_id", "id"),)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = owner()
    name: Mapped[str] = mapped_column(Words)
    settings: Mapped[Object]
    state: Mapped[Object] = mapped_column(deferred=True)
    version: Mapped[int]
    created: Mapped[str] = mapped_column(TIME)
    updated: Mapped[str] = mapped_column(TIME)


class MessageTable(Base):
    """What was said in a dialogue, numbered from 0."""

    __tablename__ = "messages"
    session_id: Mapped[str] = mapped_column(ID, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    created: Mapped[str] = mapped_column(TIME)
    body: Mapped[Object]


OPEN = table("reviews", column("sprite_id"), column("status"), column("reason"))


class SpriteTable(Base):
    """What is known of a sprite without its cells; `quality` is what the check after drawing found, `review` an open review's reason."""

    __tablename__ = "sprites"
    __table_args__ = (
        Index("ix_sprites_owner", "user_id", "id"),
        one_of("source", ("generated", "edited", "uploaded"), "source"),
    )
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = owner()
    parent_id: Mapped[str | None] = mapped_column(ID, ForeignKey("sprites.id", ondelete="SET NULL"), index=True)
    session_id: Mapped[str | None] = mapped_column(ID, ForeignKey("sessions.id", ondelete="SET NULL"), index=True)
    created: Mapped[str] = mapped_column(TIME)
    source: Mapped[str] = mapped_column(plain(16))
    prompt: Mapped[str] = mapped_column(Words)
    operation: Mapped[str] = mapped_column(Words)
    instruction: Mapped[str] = mapped_column(Words)
    seed: Mapped[int | None] = mapped_column(BigInteger)
    weights: Mapped[str] = mapped_column(Words)
    width: Mapped[int]
    height: Mapped[int]
    num_colors: Mapped[int]
    transparent: Mapped[bool]
    palette: Mapped[list[Any]]
    regions: Mapped[list[Any]]
    quality: Mapped[Object | None] = mapped_column(JSON(none_as_null=True))
    review: Mapped[str | None] = column_property(
        select(OPEN.c.reason)
        .where(OPEN.c.sprite_id == id, OPEN.c.status == "open")
        .correlate_except(OPEN)
        .scalar_subquery()
    )


class CellsTable(Base):
    """The sprite itself: a deflated record, lossless."""

    __tablename__ = "sprite_cells"
    sprite_id: Mapped[str] = mapped_column(ID, ForeignKey("sprites.id", ondelete="CASCADE"), primary_key=True)
    record: Mapped[bytes]


class PairTable(Base):
    """Pairs put before a person."""

    __tablename__ = "pairs"
    __table_args__ = (Index("ix_pairs_owner", "user_id", "answered", "id"),)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = owner()
    left_id: Mapped[str] = mapped_column(ID, ForeignKey("sprites.id", ondelete="CASCADE"), index=True)
    right_id: Mapped[str] = mapped_column(ID, ForeignKey("sprites.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(Words)
    created: Mapped[str] = mapped_column(TIME)
    answered: Mapped[str | None] = mapped_column(TIME)


class FeedbackTable(Base):
    """Everything people say or do about sprites. In a preference `sprite_id` is the chosen one, `other_id` the rejected."""

    __tablename__ = "feedback"
    __table_args__ = (
        Index("ix_feedback_owner", "user_id", "id"),
        Index("ix_feedback_kind", "kind", "id"),
        one_of("kind", KINDS, "kind"),
        one_of("verdict", ("approve", "reject"), "verdict"),
        *(CheckConstraint(f"{axis} BETWEEN 1 AND 5", name=axis) for axis in AXES),
        CheckConstraint("(kind = 'preference') = (other_id IS NOT NULL)", name="other"),
    )
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = owner()
    kind: Mapped[str] = mapped_column(plain(16))
    sprite_id: Mapped[str] = mapped_column(ID, ForeignKey("sprites.id", ondelete="CASCADE"), index=True)
    other_id: Mapped[str | None] = mapped_column(ID, ForeignKey("sprites.id", ondelete="CASCADE"), index=True)
    pair_id: Mapped[str | None] = mapped_column(ID, ForeignKey("pairs.id", ondelete="SET NULL"), unique=True)
    left_id: Mapped[str | None] = mapped_column(ID)
    created: Mapped[str] = mapped_column(TIME)
    simulated: Mapped[bool]
    accuracy: Mapped[int | None] = mapped_column(SmallInteger)
    aesthetics: Mapped[int | None] = mapped_column(SmallInteger)
    technical: Mapped[int | None] = mapped_column(SmallInteger)
    event: Mapped[str] = mapped_column(plain(16))
    verdict: Mapped[str | None] = mapped_column(plain(16))
    tie: Mapped[bool]
    prompt: Mapped[str] = mapped_column(Words)
    comment: Mapped[str] = mapped_column(Words)
    seconds: Mapped[float | None]
    details: Mapped[Object]


class ReviewTable(Base):
    """Sprites that a person must look at; one open row a sprite at most."""

    __tablename__ = "reviews"
    __table_args__ = (
        Index("ix_reviews_status", "status", "id"),
        Index(
            "uq_reviews_open",
            "sprite_id",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        one_of("status", ("open", "done"), "status"),
        one_of("decision", DECISIONS, "decision"),
        CheckConstraint("(status = 'done') = (decision IS NOT NULL)", name="decided"),
    )
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = owner(index=True)
    sprite_id: Mapped[str] = mapped_column(ID, ForeignKey("sprites.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(plain(16))
    reason: Mapped[str] = mapped_column(Words)
    score: Mapped[float | None]
    candidates: Mapped[list[Any]]
    heatmap: Mapped[bytes | None] = mapped_column(deferred=True)
    created: Mapped[str] = mapped_column(TIME)
    decided: Mapped[str | None] = mapped_column(TIME)
    decision: Mapped[str | None] = mapped_column(plain(16))
    reviewer_id: Mapped[str | None] = mapped_column(ID, ForeignKey("users.id", ondelete="SET NULL"), index=True)
    comment: Mapped[str] = mapped_column(Words)
    replacement_id: Mapped[str | None] = mapped_column(ID, ForeignKey("sprites.id", ondelete="SET NULL"), index=True)


class PaletteTable(Base):
    """A person's own palettes by name; `colors` are K x 3 bytes."""

    __tablename__ = "palettes"
    user_id: Mapped[str] = owner(primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    colors: Mapped[bytes]
    created: Mapped[str] = mapped_column(TIME)


class MemoryTable(Base):
    """What the dialogue remembers of a person: the state of the memory network."""

    __tablename__ = "memory"
    user_id: Mapped[str] = owner(primary_key=True)
    state: Mapped[bytes]
    about: Mapped[Object]
    updated: Mapped[str] = mapped_column(TIME)


class AuditTable(Base):
    """Who did what. `user` is an id, or its hash once the account is gone."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_user", "user", "id"),)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user: Mapped[str] = mapped_column(plain(72))
    action: Mapped[str] = mapped_column(Words)
    target: Mapped[str] = mapped_column(Words)
    details: Mapped[Object]
    request_id: Mapped[str] = mapped_column(Words)
    created: Mapped[str] = mapped_column(TIME)


class IdempotencyTable(Base):
    """Answers kept by the key the client gave, so that a repeated request gets the same."""

    __tablename__ = "idempotency"
    user_id: Mapped[str] = owner(primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    request_hash: Mapped[str] = mapped_column(Text)
    answer: Mapped[Object | None] = mapped_column(JSON(none_as_null=True))
    created: Mapped[str] = mapped_column(TIME, index=True)


class QuotaTable(Base):
    """How much of something a person used since `start` (seconds since 1970)."""

    __tablename__ = "quotas"
    user_id: Mapped[str] = owner(primary_key=True)
    what: Mapped[str] = mapped_column(plain(64), primary_key=True)
    window_seconds: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    start: Mapped[float]
    used: Mapped[int] = mapped_column(BigInteger)


def _one(table: str, state: str) -> Index:
    """At most one row of a table is in this state."""
    where = text(f"state = '{state}'")
    return Index(f"uq_{table}_{state}", "state", unique=True, sqlite_where=where, postgresql_where=where)


class ModelTable(Base):
    """Registered weights; their files lie under PIXELMIND_HOME/models/ID. `lineage` tells where they come from, `replaced` which champion
    they took the place of."""

    __tablename__ = "models"
    __table_args__ = (one_of("state", MODEL_STATES, "state"), _one("models", "champion"), _one("models", "canary"))
    id: Mapped[str] = mapped_column(plain(16), primary_key=True)
    state: Mapped[str] = mapped_column(plain(16))
    weights: Mapped[str] = mapped_column(plain(16))
    sha256: Mapped[str] = mapped_column(plain(64))
    lineage: Mapped[Object]
    replaced: Mapped[str | None] = mapped_column(plain(16))
    created: Mapped[str] = mapped_column(TIME)


class ModelEventTable(Base):
    """Each change of a model's state, and why; `before` is empty for a new one."""

    __tablename__ = "model_events"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    model_id: Mapped[str] = mapped_column(plain(16), ForeignKey("models.id", ondelete="CASCADE"), index=True)
    before: Mapped[str] = mapped_column(plain(16))
    after: Mapped[str] = mapped_column(plain(16))
    reason: Mapped[str] = mapped_column(Words)
    created: Mapped[str] = mapped_column(TIME)


class RolloutTable(Base):
    """A comparison of two models in use. `share` of the units get the treatment in this `stage`, which began at `stage_began`."""

    __tablename__ = "rollouts"
    __table_args__ = (one_of("state", ROLLOUT_STATES, "state"), _one("rollouts", "running"))
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    control_id: Mapped[str] = mapped_column(plain(16), ForeignKey("models.id", ondelete="CASCADE"), index=True)
    treatment_id: Mapped[str] = mapped_column(plain(16), ForeignKey("models.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(plain(16))
    salt: Mapped[str] = mapped_column(plain(32))
    settings: Mapped[Object]
    stage: Mapped[int]
    share: Mapped[float]
    stage_began: Mapped[str] = mapped_column(TIME)
    created: Mapped[str] = mapped_column(TIME)
    ended: Mapped[str | None] = mapped_column(TIME)
    conclusion: Mapped[Object | None] = mapped_column(JSON(none_as_null=True))


class ExposureTable(Base):
    """Who was shown which model: one row for each unit (a person, or a person's day) and stage of a rollout.

    `chance` is that of the treatment, given what the unit was shown in earlier stages. What happens before `until` counts: requests, those
    of them that failed, seconds of those that did not; sprites and feedback lie in their own tables.
    """

    __tablename__ = "exposures"
    __table_args__ = (
        Index("ix_exposures_order", "rollout_id", "until"),
        one_of("arm", ARMS, "arm"),
        CheckConstraint("chance BETWEEN 0 AND 1", name="chance"),
    )
    rollout_id: Mapped[str] = mapped_column(ID, ForeignKey("rollouts.id", ondelete="CASCADE"), primary_key=True)
    unit: Mapped[str] = mapped_column(plain(64), primary_key=True)
    stage: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[str] = owner(index=True)
    segment: Mapped[str] = mapped_column(plain(16))
    arm: Mapped[str] = mapped_column(plain(16))
    share: Mapped[float]
    chance: Mapped[float]
    created: Mapped[str] = mapped_column(TIME)
    until: Mapped[str] = mapped_column(TIME)
    requests: Mapped[int]
    errors: Mapped[int]
    seconds: Mapped[float]
