"""The history of the schema as frozen text, one file a revision (Alembic).

A migration never imports the tables it once made: it says them out. CI asserts that running all of
them gives what ``store.tables`` declares. Alembic itself is imported only when there is work.
"""

import re
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent


@lru_cache
def revisions(folder: Path) -> tuple[str, ...]:
    """The revisions, oldest first: the first four digits of each file's name."""
    names = sorted(path.name for path in (folder / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))
    return tuple(re.sub(r"_.*", "", name) for name in names)


def head(folder: Path) -> str:
    """The newest revision."""
    return revisions(folder)[-1]


def upgrade(path: Path, folder: Path) -> None:
    """Runs what is missing, in one transaction: a failed upgrade leaves the database as it was."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext, RevisionStep
    from alembic.script import ScriptDirectory
    from sqlalchemy import create_engine, event
    from sqlalchemy.engine import URL
    from sqlalchemy.pool import NullPool

    config = Config()
    config.set_main_option("script_location", str(folder))
    script = ScriptDirectory.from_config(config)
    engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool)
    event.listen(engine, "connect", lambda raw, record: setattr(raw, "isolation_level", None))
    event.listen(engine, "begin", lambda conn: conn.exec_driver_sql("BEGIN IMMEDIATE"))

    def steps(revision: object, context: MigrationContext) -> list[RevisionStep]:
        return script._upgrade_revs("head", revision)  # type: ignore[arg-type]

    try:
        with (
            engine.connect() as connection,
            EnvironmentContext(config, script, fn=steps, destination_rev="head") as environment,
        ):
            environment.configure(connection=connection, transactional_ddl=True)
            with environment.begin_transaction():
                environment.run_migrations()
    finally:
        engine.dispose()
