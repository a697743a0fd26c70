"""What identifies records, kept beside them, and ids that stand for others (SEMANTICS A3, D5)."""

import shutil
import sqlite3
from pathlib import Path

from app.roster.entities import ENTITIES
from app.roster.values import Plain
from app.store import identities, linkage, matching, migrations, records
from app.store.database import Database, Location

USERS = ENTITIES["users"]


def test_records_from_before_there_were_identifiers_are_found(tmp_path: Path) -> None:
    """A roster of an earlier version is caught up with, a few records at a time."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations.FOLDER, folder)
    for later in (folder / "versions").glob("000[3-9]*"):
        later.unlink()
    path = tmp_path / "roster.db"
    migrations.upgrade(path, folder)
    connection = sqlite3.connect(path)
    with connection:
        connection.executemany(
            "INSERT INTO users (id, version, alive, created_in, changed_in, user_ids) "
            "VALUES (?, 1, 1, 1, 1, ?)",
            [(n, f'[["State ID","{n}"],["LDAP",null]]') for n in (1, 2, 3)],
        )
        connection.execute(
            "INSERT INTO links (id, stream, key, record, held) VALUES (1, 1, 'u', 3, 0)"
        )
    connection.close()
    with Database(Location(path)) as database, database.writing() as tx:
        asked = ['user_ids:["State ID","3"]']
        assert identities.holders(tx, 1, USERS, asked) == {}
        assert identities.catch_up(tx, USERS, 2)
        assert not identities.catch_up(tx, USERS, 2)
        assert not identities.catch_up(tx, USERS, 2)
        assert identities.holders(tx, 1, USERS, asked) == {asked[0]: (3, 3)}


def test_people_are_found_by_all_that_another_sis_may_know_them_by_once_there_is_one(
    tmp_path: Path,
) -> None:
    """Email and IDs without their kind are owed from then on, and noted of whoever comes later."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations.FOLDER, folder)
    for later in (folder / "versions").glob("000[6-9]*"):
        later.unlink()
    path = tmp_path / "roster.db"
    migrations.upgrade(path, folder)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(
            "INSERT INTO users (id, version, alive, created_in, changed_in, email, user_ids) "
            """VALUES (3, 1, 1, 1, 1, 'z@x.example', '[["State ID","77"]]')"""
        )
        connection.execute('INSERT INTO identifiers VALUES (\'user_ids:["State ID","77"]\', 3)')
    connection.close()
    with Database(Location(path)) as database, database.writing() as tx:
        asked = ["email:z@x.example", "id:77"]
        assert not identities.catch_up(tx, USERS, 2)
        assert matching.marked(tx, asked) == {}
        identities.note_marks(tx, USERS)
        assert not identities.catch_up(tx, USERS, 2)
        assert matching.marked(tx, asked) == {key: [3] for key in asked}
        row: list[Plain] = [None] * len(USERS.fields)
        row[USERS.by_name["email"].index] = "z@x.example"
        records.insert_records(tx, "users", [(4, 1, 1, 1, 1, *row)])
        assert matching.marked(tx, asked)[asked[0]] == [3, 4]
        identities.note_marks(tx, USERS)
        assert not identities.catch_up(tx, USERS, 2)


def test_a_stand_in_is_its_original_in_fields_and_in_lists(data_dir: Path) -> None:
    """Guardians are people, too; who stands for nobody, and what says nothing, stays as it is."""
    agents, roles = USERS.by_name["agents"], USERS.by_name["roles"]
    demographics = ENTITIES["demographics"]
    with Database(Location.of(data_dir)) as database, database.writing() as tx:
        assert not identities.stand_ins(tx, USERS)
        identities.stand(tx, [(9, 1), (8, 2)])
        identities.settle(tx, [8])
        same = identities.stand_ins(tx, USERS)
        assert same.plain(agents, ((9, "mother"), (7, None))) == ((1, "mother"), (7, None))
        assert same.plain(agents, None) is None
        assert same.plain(roles, (("student", 7, None, None, None),))[0][1] == 7
        row: list[Plain] = [None] * len(USERS.fields)
        row[agents.index] = '[[9,"mother"]]'
        assert same.values(row)[agents.index] == '[[1,"mother"]]'
        assert same.unsure(row)
        row[agents.index] = '[[8,"mother"]]'
        assert same.values(row)[agents.index] == '[[2,"mother"]]'
        assert not same.unsure(row)
        assert identities.stand_ins(tx, demographics).plain(demographics.by_name["user"], 9) == 1
        assert not identities.stand_ins(tx, ENTITIES["categories"])
        assert identities.originals(tx, [9, 8, 7]) == {9: 1, 8: 2}


def test_identifiers_follow_every_write(data_dir: Path) -> None:
    """A new record, a changed one: what identifies it is what stands there now."""
    place = USERS.by_name["identifier"].index

    def values(identifier: str | None) -> list[object]:
        row: list[object] = [None] * len(USERS.fields)
        row[place] = identifier
        return row

    def found() -> set[str]:
        return set(identities.holders(tx, 1, USERS, ["identifier:a", "identifier:b"]))

    with Database(Location.of(data_dir)) as database, database.writing() as tx:
        linkage.insert_links(tx, [(1, 1, "u", 5, 1, 0, None, None, None, None)])
        records.insert_records(tx, "users", [(5, 1, 1, 1, 1, *values("a"))])
        assert found() == {"identifier:a"}
        for alive, identifier, expected in (
            (True, "b", {"identifier:b"}),
            (False, "b", set()),
            (True, None, set()),
        ):
            record = records.read_records(tx, "users", [5])[5]
            records.update_records(tx, "users", 2, [(record, alive, values(identifier))])
            assert found() == expected
