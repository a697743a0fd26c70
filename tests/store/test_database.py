"""Opening, upgrading and protecting the database file."""

import shutil
import sqlite3
import stat
import sys
from pathlib import Path
from sqlite3 import OperationalError

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from app.errors import Cancelled, StoreError
from app.store import migrations
from app.store.database import Database, Location, Tx
from app.store.tables import METADATA

NEXT = '''
"""One more column."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "{new}", "{old}", None, None

def upgrade() -> None:
    op.add_column("connectors", sa.Column("note", sa.Text))
    {more}
'''


def later(folder: Path, more: str = "pass") -> Path:
    """The migrations, and one that is still to come."""
    target = folder / "migrations"
    shutil.copytree(migrations.FOLDER, target)
    old = migrations.head(migrations.FOLDER)
    new = f"{int(old) + 1:04d}"
    text = NEXT.format(old=old, new=new, more=more)
    (target / "versions" / f"{new}_later.py").write_text(text)
    return target


def test_migrations_give_what_the_tables_declare(data_dir: Path) -> None:
    """The frozen migrations, run one after the other, make exactly the declared schema."""
    with Database(Location.of(data_dir)):
        pass
    engine = create_engine(f"sqlite:///{data_dir / 'roster.db'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_a_database_is_copied_before_it_is_upgraded(tmp_path: Path, data_dir: Path) -> None:
    """The copy holds what stood there, and the upgraded database has it too."""
    with Database(Location.of(data_dir)) as database, database.writing() as tx:
        tx.run("INSERT INTO sequences (name, next) VALUES ('test', 7)")
    upgraded = Database(Location.of(data_dir), migrations_at=later(tmp_path))
    with upgraded, upgraded.reading() as tx:
        assert tx.one("SELECT next FROM sequences WHERE name = 'test'") == (7,)
        assert list(tx.rows("SELECT note FROM connectors")) == []
    (copy,) = data_dir.glob("roster.before-*.db")
    connection = sqlite3.connect(copy)
    assert connection.execute("SELECT next FROM sequences").fetchall() == [(7,)]
    before = (migrations.head(migrations.FOLDER),)
    assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == before
    connection.close()


def test_a_failed_upgrade_leaves_the_database_as_it_was(tmp_path: Path, data_dir: Path) -> None:
    """An upgrade is one transaction: half of one never stands."""
    with Database(Location.of(data_dir)):
        pass
    with pytest.raises(StoreError) as told:
        Database(
            Location.of(data_dir),
            migrations_at=later(tmp_path, 'op.execute("INSERT INTO nowhere VALUES (1)")'),
        )
    assert told.value.code == "database_error"
    with Database(Location.of(data_dir)) as database, database.reading() as tx:
        assert "note" not in {row[1] for row in tx.rows("PRAGMA table_info(connectors)")}


def test_a_newer_database_is_refused_untouched(tmp_path: Path, data_dir: Path) -> None:
    """What a later version made is not opened by an earlier one."""
    with Database(Location.of(data_dir), migrations_at=later(tmp_path)):
        pass
    before = (data_dir / "roster.db").read_bytes()
    with pytest.raises(StoreError) as told:
        Database(Location.of(data_dir))
    assert told.value.code == "database_newer"
    assert (data_dir / "roster.db").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"not a database at all" * 100, "database_damaged", id="damaged"),
        pytest.param(None, "database_foreign", id="foreign"),
    ],
)
def test_a_file_that_is_not_ours_is_refused_untouched(
    data_dir: Path, content: bytes | None, code: str
) -> None:
    """A damaged file and another program's database are told apart and left alone."""
    path = data_dir / "roster.db"
    if content is None:
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE theirs (x)")
        connection.commit()
        connection.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(StoreError) as told:
        Database(Location.of(data_dir))
    assert told.value.code == code
    assert path.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
def test_nobody_else_on_the_computer_can_read_a_new_database(tmp_path: Path) -> None:
    """Student data: the file and its folder are the owner's alone, the log beside it too."""
    folder = tmp_path / "new"
    with Database(Location.of(folder)) as database, database.writing() as tx:
        insert(tx)
        modes = {path.name: path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())}
    assert set(modes.values()) == {0}


def insert(tx: Tx) -> None:
    """One row."""
    tx.run("INSERT INTO sequences (name, next) VALUES ('test', 1)")


def test_a_reader_cannot_write(data_dir: Path) -> None:
    """Reads are read-only, so a question can never change an answer."""
    refused = pytest.raises(OperationalError, match="readonly")
    with Database(Location.of(data_dir)) as database, database.reading() as tx, refused:
        insert(tx)


def test_a_query_cut_short_by_an_error_makes_no_later_one_stale(data_dir: Path) -> None:
    """However long somebody keeps the error, and with it the query, the next reader sees today."""
    with Database(Location.of(data_dir)) as database:

        def count() -> int:
            with database.reading() as tx:
                row = tx.one("SELECT count(*) FROM sequences")
            assert row is not None
            return int(row[0])

        def cut_short() -> None:
            with database.reading() as tx:
                names = tx.rows("SELECT name FROM sequences")
                raise ValueError(*next(names))

        names = [("one",), ("two",), ("three",)]
        with database.writing() as tx:
            tx.many("INSERT INTO sequences (name, next) VALUES (?, 1)", names[:2])
        before = count()
        with pytest.raises(ValueError, match=r"\w+") as kept:
            cut_short()
        with database.writing() as tx:
            tx.many("INSERT INTO sequences (name, next) VALUES (?, 1)", names[2:])
        assert count() == before + 1
        assert kept.value.__traceback__ is not None


def test_an_error_takes_back_the_whole_transaction(data_dir: Path) -> None:
    """Nothing of a transaction stands unless all of it does."""

    def half(database: Database) -> None:
        with database.writing() as tx:
            insert(tx)
            raise ZeroDivisionError

    with Database(Location.of(data_dir)) as database:
        with pytest.raises(ZeroDivisionError):
            half(database)
        with database.reading() as tx:
            assert tx.one("SELECT count(*) FROM sequences") == (0,)


def test_a_copy_is_of_one_moment(data_dir: Path) -> None:
    """What is written while it is copied is either wholly in it or not at all; it is private."""
    with Database(Location.of(data_dir)) as database:
        with database.writing() as tx:
            tx.run("INSERT INTO settings (name, value) VALUES ('before', ?)", ("x" * 20_000_000,))
        asked = iter([True])

        def written() -> bool:
            if next(asked, False):
                with database.writing() as tx:
                    tx.run("INSERT INTO settings (name, value) VALUES ('meanwhile', '')")
            return False

        database.copy_to(data_dir / "copies" / "copy.db", written)
        assert next(asked, None) is None
    path = data_dir / "copies" / "copy.db"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with Database(Location(path)) as copy, copy.reading() as tx:
        assert list(tx.rows("SELECT name FROM settings")) == [("before",)]


def test_copying_can_be_stopped(data_dir: Path) -> None:
    """Asked to stop, it leaves nothing behind."""
    with Database(Location.of(data_dir)) as database, pytest.raises(Cancelled):
        database.copy_to(data_dir / "copies" / "copy.db", lambda: True)
    assert list((data_dir / "copies").iterdir()) == []
