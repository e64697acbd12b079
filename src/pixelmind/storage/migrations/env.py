"""Alembic's environment: runs on the connection and in the transaction that `pixelmind.storage.schema` gives."""

from alembic import context

from pixelmind.storage.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
