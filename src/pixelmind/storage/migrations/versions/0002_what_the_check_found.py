"""What the check after drawing found of a sprite.

Revision: 0002
After: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column; sprites of before were not checked."""
    op.add_column("sprites", sa.Column("quality", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("sprites", "quality")
