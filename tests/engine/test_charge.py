"""Who is in charge of a new connector: the one question of the first start."""

from pathlib import Path

import pytest

from app.engine.charge import GROUPS, ROSTERING, sis_in_charge
from app.engine.policy import Decides
from app.errors import NotFound
from app.roster.entities import ENTITIES
from app.store import policies
from tests.engine.toy import District, district


def laid_down(d: District) -> dict[str, str]:
    """Who decides, by record type."""
    return {row.entity: row.decides for row in policies.laid_down(d.database, "toy")}


def test_every_type_of_record_belongs_to_one_group() -> None:
    """Nobody is asked twice about anything, and nothing is left out."""
    entities = [entity for _title, some in GROUPS.values() for entity in some]
    assert sorted(entities) == sorted(ENTITIES)


def test_the_sis_in_charge_is_laid_down_for_rosters_and_for_nothing_else(data_dir: Path) -> None:
    """B5: the first start writes SIS for rostering; grades are asked about."""
    with district(data_dir) as d:
        assert d.engine.put_in_charge("toy", sis_in_charge(), "Ana") is not None
        wanted = {entity for group in ROSTERING for entity in GROUPS[group][1]}
        assert laid_down(d) == dict.fromkeys(wanted, "sis")


def test_asking_takes_back_what_was_laid_down(data_dir: Path) -> None:
    """As where nothing is laid down, a person is asked; it is one change set for all groups."""
    with district(data_dir) as d:
        first = d.engine.put_in_charge("toy", sis_in_charge(), "Ana")
        second = d.engine.put_in_charge("toy", dict.fromkeys(GROUPS, Decides.ASK), "Ana")
        assert laid_down(d) == {}
        assert (first, second) == (1, 2)


def test_what_is_so_already_is_no_change(data_dir: Path) -> None:
    """No empty line comes into the history; rows about a field stay as they are."""
    with district(data_dir) as d:
        d.engine.set_policy("toy", "users", Decides.OURS, "Ana", part="phone")
        assert d.engine.put_in_charge("toy", {"people": Decides.ASK}, "Ana") is None
        assert laid_down(d) == {"users": "ours"}


def test_an_unknown_connector_is_told(data_dir: Path) -> None:
    """Nothing is laid down for it."""
    with district(data_dir) as d, pytest.raises(NotFound):
        d.engine.put_in_charge("nobody", sis_in_charge())
