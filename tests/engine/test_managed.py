"""What an IT department has set, and what stays a person's."""

import json
from pathlib import Path

import pytest

from app.engine.decisions import Decision, Take
from app.errors import UsageError
from app.store import differences, policies
from tests.engine.toy import district


def test_a_decision_is_a_persons_and_a_rule_is_not(data_dir: Path) -> None:
    """Where the file says who decides, “always so” is refused and nothing is decided by it."""
    preset = data_dir / "preset.json"
    rules = [{"entity": "users", "decides": "ask"}]
    preset.write_text(json.dumps({"connectors": {"toy": {"kind": "toy", "rules": rules}}}))
    with district(data_dir) as d:
        d.sync()
        d.engine.take_over_preset(preset)
        d.engine.edit("users", d.id("users", "u001"), {"given_name": "Ours"}, "Ben")
        d.sis.change("users", "u001", given_name="Theirs")
        d.sync()
        [conflict] = differences.difference_ids(d.database)
        with pytest.raises(UsageError) as raised:
            d.engine.resolve([Decision(conflict, Take.SIS)], "Ana", always=True)
        assert raised.value.code == "set_by_it"
        assert differences.difference_ids(d.database) == [conflict]
        d.engine.resolve([Decision(conflict, Take.SIS)], "Ana")
        assert differences.difference_ids(d.database) == []
        assert [one.author for one in policies.laid_down(d.database)] == ["IT"]
