"""Registered models, what happened to them, rollouts, and who was shown which model.

Revision: 0003
After: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def plain(length: int) -> sa.types.TypeEngine[str]:
    """Text compared byte by byte on both databases."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def one(table: str, state: str) -> None:
    """At most one row in a state."""
    where = sa.text(f"state = '{state}'")
    op.create_index(f"uq_{table}_{state}", table, ["state"], unique=True, sqlite_where=where, postgresql_where=where)


def refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    """A link that goes with what it points to."""
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "models",
        sa.Column("id", plain(16), nullable=False),
        sa.Column("state", plain(16), nullable=False),
        sa.Column("weights", plain(16), nullable=False),
        sa.Column("sha256", plain(64), nullable=False),
        sa.Column("lineage", sa.JSON(), nullable=False),
        sa.Column("replaced", plain(16), nullable=True),
        sa.Column("created", plain(24), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_models"),
        sa.CheckConstraint("state IN ('candidate', 'canary', 'champion', 'retired')", name="state"),
    )
    one("models", "champion")
    one("models", "canary")
    op.create_table(
        "model_events",
        sa.Column("id", plain(30), nullable=False),
        sa.Column("model_id", plain(16), nullable=False),
        sa.Column("before", plain(16), nullable=False),
        sa.Column("after", plain(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created", plain(24), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_model_events"),
        refers("model_events", "model_id", "models"),
    )
    op.create_index("ix_model_events_model_id", "model_events", ["model_id"])
    op.create_table(
        "rollouts",
        sa.Column("id", plain(30), nullable=False),
        sa.Column("control_id", plain(16), nullable=False),
        sa.Column("treatment_id", plain(16), nullable=False),
        sa.Column("state", plain(16), nullable=False),
        sa.Column("salt", plain(32), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("stage_began", plain(24), nullable=False),
        sa.Column("created", plain(24), nullable=False),
        sa.Column("ended", plain(24), nullable=True),
        sa.Column("conclusion", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_rollouts"),
        refers("rollouts", "control_id", "models"),
        refers("rollouts", "treatment_id", "models"),
        sa.CheckConstraint("state IN ('running', 'promoted', 'refused', 'stopped')", name="state"),
    )
    one("rollouts", "running")
    op.create_index("ix_rollouts_control_id", "rollouts", ["control_id"])
    op.create_index("ix_rollouts_treatment_id", "rollouts", ["treatment_id"])
    op.create_table(
        "exposures",
        sa.Column("rollout_id", plain(30), nullable=False),
        sa.Column("unit", plain(64), nullable=False),
        sa.Column("stage", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", plain(30), nullable=False),
        sa.Column("segment", plain(16), nullable=False),
        sa.Column("arm", plain(16), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("chance", sa.Double(), nullable=False),
        sa.Column("created", plain(24), nullable=False),
        sa.Column("until", plain(24), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("rollout_id", "unit", "stage", name="pk_exposures"),
        refers("exposures", "rollout_id", "rollouts"),
        refers("exposures", "user_id", "users"),
        sa.CheckConstraint("arm IN ('control', 'treatment')", name="arm"),
        sa.CheckConstraint("chance BETWEEN 0 AND 1", name="chance"),
    )
    op.create_index("ix_exposures_order", "exposures", ["rollout_id", "until"])
    op.create_index("ix_exposures_user_id", "exposures", ["user_id"])


def downgrade() -> None:
    """Drop them."""
    for table in ("exposures", "rollouts", "model_events", "models"):
        op.drop_table(table)
