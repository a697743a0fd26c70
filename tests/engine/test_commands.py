"""What people may ask of the engine, and what it refuses without doing half of it."""

from pathlib import Path
from typing import Any

import pytest

from app.connectors.contract import Finding
from app.errors import ConfigError, NotFound, SyncError, UsageError
from app.store import reads
from app.store.locks import ConnectorLock
from tests.engine.toy import district


@pytest.mark.parametrize(
    ("name", "kind", "settings", "code"),
    [
        ("north", "no such kind", {}, "kind_unknown"),
        ("north", "toy", {"nope": 1}, "setting_unknown"),
        ("north", "toy", {"note": {"a": 1}}, "setting_unfit"),
        (" north", "toy", {}, "connector_name_unfit"),
        ("", "toy", {}, "connector_name_unfit"),
        ("..", "toy", {}, "connector_name_unfit"),
        ("two\nlines", "toy", {}, "connector_name_unfit"),
        ("half \ud800", "toy", {}, "connector_name_unfit"),
        ("n" * 101, "toy", {}, "connector_name_unfit"),
        ("north", "toy", {"note": "two\nlines"}, "setting_not_one_line"),
        ("north", "toy", {"note": "half \udcff"}, "setting_not_one_line"),
        ("north", "toy", {"note": "n" * 2001}, "setting_not_one_line"),
        ("TOY", "toy", {}, "connector_name_clashes"),
    ],
)
def test_a_connector_that_cannot_work_is_not_saved(
    data_dir: Path, name: str, kind: str, settings: dict[str, Any], code: str
) -> None:
    """DESIGN §8: refused with a reason, and neither settings nor secrets are kept."""
    with district(data_dir) as d:
        with pytest.raises(SyncError) as told:
            d.engine.save_connector(name, kind, settings, {"client_secret": "x"})
        assert told.value.code == code
        assert [one.name for one in reads.connectors(d.database)] == ["toy"]
        assert d.vault.get(name, "client_secret") is None


def test_settings_are_replaced_and_secrets_kept_apart(data_dir: Path) -> None:
    """A secret is in the vault and nowhere in the database."""
    with district(data_dir) as d:
        d.engine.save_connector("north", "toy", {"note": "one"}, {"client_secret": "s3cr3t"})
        d.engine.save_connector("north", "toy", {"note": " two\n"})
        assert reads.connector(d.database, "north").settings == {"note": "two"}
        assert d.vault.get("north", "client_secret") == "s3cr3t"
    assert b"s3cr3t" not in (data_dir / "roster.db").read_bytes()


def test_settings_of_another_source_are_followed_by_a_whole_read(data_dir: Path) -> None:
    """B8, C3: a cursor of one roster says nothing about another; other changes keep it."""
    with district(data_dir) as d:
        d.sync()
        d.engine.save_connector("toy", "toy", {"note": ""}, {"client_secret": "x"})
        assert d.sync().mode == "incremental"
        d.engine.save_connector("toy", "toy", {"note": "another district"})
        run = d.sync()
        assert run.mode == "full"
        assert run.total("read") == sum(len(rows) for rows in d.sis.rows.values())
        assert d.sync().mode == "incremental"


def test_what_was_open_is_asked_again_when_a_connector_is_added_again(data_dir: Path) -> None:
    """B8: a row that stood open when it was removed is looked at again, though it is the same."""
    with district(data_dir) as d:
        d.sync()
        for key in ("u001", "u002"):
            d.engine.edit("users", d.id("users", key), {"given_name": "Ours"}, "Ana")
            d.sis.change("users", key, given_name="Theirs")
        assert d.sync().total("conflicts") == 2
        d.engine.remove_connector("toy")
        d.engine.edit("users", d.id("users", "u002"), {"given_name": "Given 2"}, "Ana")
        d.engine.save_connector("toy", "toy", {})
        run = d.sync()
        assert (run.total("conflicts"), run.total("updated")) == (1, 1)
        assert d.values("users", "u001")["given_name"] == "Ours"
        assert d.values("users", "u002")["given_name"] == "Theirs"


def test_a_busy_connector_is_not_removed(data_dir: Path) -> None:
    """H1: whoever syncs it is named, and nothing goes."""
    with district(data_dir) as d:
        lock = ConnectorLock(data_dir / "locks", reads.connector(d.database, "toy").id)
        lock.acquire()
        with pytest.raises(SyncError) as told:
            d.engine.remove_connector("toy")
        lock.release()
        assert told.value.code == "connector_busy"
        assert told.value.parameters["name"] == "toy"
        d.engine.remove_connector("toy")
        assert reads.connectors(d.database) == []


def test_trying_a_connector_tells_what_it_found(data_dir: Path) -> None:
    """The findings come on the engine thread."""
    with district(data_dir) as d:
        found: list[list[Finding] | SyncError] = []
        d.engine.check("toy", found.append)
        d.loop.run(until=lambda: bool(found))
        (findings,) = found
        assert not isinstance(findings, SyncError)
        assert [one.code for one in findings] == ["toy_answers"]


def test_trying_a_connector_tells_what_failed(data_dir: Path) -> None:
    """An error is handed over like a finding."""
    with district(data_dir) as d:

        def hook(url: str) -> None:
            raise ConfigError("host_unknown", host="toy")

        d.sis.hook = hook
        found: list[list[Finding] | SyncError] = []
        d.engine.check("toy", found.append)
        d.loop.run(until=lambda: bool(found))
        assert isinstance(found[0], ConfigError)


@pytest.mark.parametrize(
    ("entity", "fields", "error", "code"),
    [
        ("pupils", {"given_name": "A"}, NotFound, "entity_unknown"),
        ("users", {"nickname": "A"}, NotFound, "field_unknown"),
        ("users", {"enabled_user": "perhaps"}, UsageError, "value_unfit"),
        ("users", {"given_name": "half \ud800"}, UsageError, "value_unfit"),
        ("users", {"given_name": 10**5000}, UsageError, "value_unfit"),
        ("users", {"primary_org": "o1"}, UsageError, "value_unfit"),
        ("users", {"primary_org": 10**30}, UsageError, "value_unfit"),
        ("users", {"primary_org": 999_999}, UsageError, "reference_unknown"),
        ("users", {"roles": [{"role": "aide", "org": "o1"}]}, UsageError, "value_unfit"),
    ],
)
def test_an_edit_that_does_not_fit_changes_nothing(
    data_dir: Path, entity: str, fields: dict[str, Any], error: type[SyncError], code: str
) -> None:
    """A1: people's values pass the same normal forms as a SIS's."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        before = d.values("users", "u001")
        with pytest.raises(error) as told:
            d.engine.edit(entity, record, {"given_name": "B", **fields}, "Ana")
        assert told.value.code == code
        assert d.values("users", "u001") == before


def test_an_edit_to_the_same_values_is_no_change(data_dir: Path) -> None:
    """Nothing is written, and no change set is made, for nothing."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        for fields in ({}, {"given_name": "Given 1"}):
            with pytest.raises(UsageError) as told:
                d.engine.edit("users", record, fields, "Ana")
            assert told.value.code == "edit_changes_nothing"


def test_an_edit_is_told_with_its_author(data_dir: Path) -> None:
    """G1: every write belongs to a change set with one author."""
    with district(data_dir) as d:
        d.sync()
        record = d.id("users", "u001")
        change_set = d.engine.edit("users", record, {"given_name": " Zoë "}, "Ana")
        (change,) = reads.record(d.database, "users", record).changes
        assert (change.change_set, change.kind, change.author) == (change_set, "edit", "Ana")
        assert (change.before, change.after) == ({"given_name": "Given 1"}, {"given_name": "Zoë"})
