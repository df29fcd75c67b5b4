"""Alembic's entry: runs the migrations on the connection it is handed by `monitor.db.engine`."""

from alembic import context
from sqlmodel import SQLModel

from monitor.db import tables  # noqa: F401  # fills SQLModel.metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
