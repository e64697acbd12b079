"""The first tables.

Revision: 0001
After: None
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def plain(length: int) -> sa.types.TypeEngine[str]:
    """Text compared byte by byte on both databases."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "audit",
        sa.Column("id", plain(30), nullable=False),
        sa.Column("user", plain(72), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("created", plain(24), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_user", "audit", ["user", "id"])
    op.create_table(
        "users",
        sa.Column("id", plain(30), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created", plain(24), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
    )
    op.create_table(
        "idempotency",
        sa.Column("user_id", plain(30), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created", plain(24), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_idempotency_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_created", "idempotency", ["created"])
    op.create_table(
        "keys",
        sa.Column("id", plain(30), nullable=False),
        sa.Column("user_id", plain(30), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("created", plain(24), nullable=False),
        sa.Column("expires", plain(24), nullable=True),
        sa.Column("revoked", plain(24), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_keys_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
    )
    op.create_index("ix_keys_user_id", "keys", ["user_id"])
    op.create_table(
        "memory",
        sa.Column("user_id", plain(30), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("updated", plain(24), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_memory_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="pk_memory"),
    )
    op.create_table(
        "palettes",
        sa.Column("user_id", plain(30), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("colors", sa.LargeBinary(), nullable=False),
        sa.Column("created", plain(24), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_palettes_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "name", name="pk_palettes"),
    )
    op.create_table(
        "quotas",
        sa.Column("user_id", plain(30), nullable=False),
        sa.Column("what", plain(64), nullable=False),
        sa.Column("window_seconds", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("start", sa.Double(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_quotas_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "what", "window_seconds", name="pk_quotas"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", plain(30), nullable=False),
        sa.Column("user_id", plain(30), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", plain(24), nullable=False),
        sa.Column("updated", plain(24), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_owner", "sessions", ["user_id", "id"])
    op.create_table(
        "messages",
        sa.Column("session_id", plain(30), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created", plain(24), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="fk_messages_session_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("session_id", "number", name="pk_messages"),
    )
    op.create_table(
        "sprites",
        sa.Column("id", plain(30), nullable=False),
        sa.Column("user_id", plain(30), nullable=False),
        sa.Column("parent_id", plain(30), nullable=True),
        sa.Column("session_id", plain(30), nullable=True),
        sa.Column("created", plain(24), nullable=False),
        sa.Column("source", plain(16), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("weights", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("num_colors", sa.Integer(), nullable=False),
        sa.Column("transparent", sa.Boolean(), nullable=False),
        sa.Column("palette", sa.JSON(), nullable=False),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.CheckConstraint("source IN ('generated', 'edited', 'uploaded')", name=op.f("ck_sprites_source")),
        sa.ForeignKeyConstraint(["parent_id"], ["sprites.id"], name="fk_sprites_parent_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="fk_sprites_session_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sprites_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_sprites"),
    )
    op.create_index("ix_sprites_owner", "sprites", ["user_id", "id"])
    op.create_index("ix_sprites_parent_id", "sprites", ["parent_id"])
    op.create_index("ix_sprites_session_id", "sprites", ["session_id"])
    op.create_table(
        "pairs",
        sa.Column("id", plain(30), nullable=False),
        sa.Column("user_id", plain(30), nullable=False),
        sa.Column("left_id", plain(30), nullable=False),
        sa.Column("right_id", plain(30), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created", plain(24), nullable=False),
        sa.Column("answered", plain(24), nullable=True),
        sa.ForeignKeyConstraint(["left_id"], ["sprites.id"], name="fk_pairs_left_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["right_id"], ["sprites.id"], name="fk_pairs_right_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_pairs_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_pairs"),
    )
    op.create_index("ix_pairs_left_id", "pairs", ["left_id"])
    op.create_index("ix_pairs_owner", "pairs", ["user_id", "answered", "id"])
    op.create_index("ix_pairs_right_id", "pairs", ["right_id"])
    op.create_table(
        "reviews",
        sa.Column("id", plain(30), nullable=False),
        sa.Column("user_id", plain(30), nullable=False),
        sa.Column("sprite_id", plain(30), nullable=False),
        sa.Column("status", plain(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("heatmap", sa.LargeBinary(), nullable=True),
        sa.Column("created", plain(24), nullable=False),
        sa.Column("decided", plain(24), nullable=True),
        sa.Column("decision", plain(16), nullable=True),
        sa.Column("reviewer_id", plain(30), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("replacement_id", plain(30), nullable=True),
        sa.CheckConstraint("(status = 'done') = (decision IS NOT NULL)", name=op.f("ck_reviews_decided")),
        sa.CheckConstraint("decision IN ('approve', 'fix', 'reject')", name=op.f("ck_reviews_decision")),
        sa.CheckConstraint("status IN ('open', 'done')", name=op.f("ck_reviews_status")),
        sa.ForeignKeyConstraint(
            ["replacement_id"], ["sprites.id"], name="fk_reviews_replacement_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["users.id"], name="fk_reviews_reviewer_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["sprite_id"], ["sprites.id"], name="fk_reviews_sprite_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_reviews_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
    )
    op.create_index("ix_reviews_replacement_id", "reviews", ["replacement_id"])
    op.create_index("ix_reviews_reviewer_id", "reviews", ["reviewer_id"])
    op.create_index("ix_reviews_sprite_id", "reviews", ["sprite_id"])
    op.create_index("ix_reviews_status", "reviews", ["status", "id"])
    op.create_index("ix_reviews_user_id", "reviews", ["user_id"])
    op.create_index(
        "uq_reviews_open",
        "reviews",
        ["sprite_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "sprite_cells",
        sa.Column("sprite_id", plain(30), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["sprite_id"], ["sprites.id"], name="fk_sprite_cells_sprite_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sprite_id", name="pk_sprite_cells"),
    )
    op.create_table(
        "feedback",
        sa.Column("id", plain(30), nullable=False),
        sa.Column("user_id", plain(30), nullable=False),
        sa.Column("kind", plain(16), nullable=False),
        sa.Column("sprite_id", plain(30), nullable=False),
        sa.Column("other_id", plain(30), nullable=True),
        sa.Column("pair_id", plain(30), nullable=True),
        sa.Column("left_id", plain(30), nullable=True),
        sa.Column("created", plain(24), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("accuracy", sa.SmallInteger(), nullable=True),
        sa.Column("aesthetics", sa.SmallInteger(), nullable=True),
        sa.Column("technical", sa.SmallInteger(), nullable=True),
        sa.Column("event", plain(16), nullable=False),
        sa.Column("verdict", plain(16), nullable=True),
        sa.Column("tie", sa.Boolean(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.CheckConstraint("(kind = 'preference') = (other_id IS NOT NULL)", name=op.f("ck_feedback_other")),
        sa.CheckConstraint("kind IN ('rating', 'event', 'preference', 'verdict')", name=op.f("ck_feedback_kind")),
        sa.CheckConstraint("verdict IN ('approve', 'reject')", name=op.f("ck_feedback_verdict")),
        sa.CheckConstraint("accuracy BETWEEN 1 AND 5", name=op.f("ck_feedback_accuracy")),
        sa.CheckConstraint("aesthetics BETWEEN 1 AND 5", name=op.f("ck_feedback_aesthetics")),
        sa.CheckConstraint("technical BETWEEN 1 AND 5", name=op.f("ck_feedback_technical")),
        sa.ForeignKeyConstraint(["other_id"], ["sprites.id"], name="fk_feedback_other_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.id"], name="fk_feedback_pair_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["sprite_id"], ["sprites.id"], name="fk_feedback_sprite_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_feedback_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.UniqueConstraint("pair_id", name="uq_feedback_pair_id"),
    )
    op.create_index("ix_feedback_kind", "feedback", ["kind", "id"])
    op.create_index("ix_feedback_other_id", "feedback", ["other_id"])
    op.create_index("ix_feedback_owner", "feedback", ["user_id", "id"])
    op.create_index("ix_feedback_sprite_id", "feedback", ["sprite_id"])


def downgrade() -> None:
    """Drop all tables, with everything in them."""
    op.drop_table("feedback")
    op.drop_table("sprite_cells")
    op.drop_table("reviews")
    op.drop_table("pairs")
    op.drop_table("sprites")
    op.drop_table("messages")
    op.drop_table("sessions")
    op.drop_table("quotas")
    op.drop_table("palettes")
    op.drop_table("memory")
    op.drop_table("keys")
    op.drop_table("idempotency")
    op.drop_table("users")
    op.drop_table("audit")
