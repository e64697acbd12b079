"""Alembic migrations of the tables in `pixelmind.storage.models`. Run by `pixelmind.storage.schema`."""
