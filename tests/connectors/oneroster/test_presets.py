"""What is known of vendors fits what the connector takes."""

from random import Random
from threading import Event

import pytest

from app.connectors.contract import Io, Preset, declared
from app.connectors.oneroster import KIND, Settings
from tests.connectors.oneroster.odd_service import NOW

IO = Io(lambda: NOW, Random(0), Event())


@pytest.mark.parametrize("preset", KIND.presets, ids=lambda preset: preset.name)
def test_a_connector_opens_with_what_is_known_of_a_vendor(preset: Preset):
    """Each value is one that can be chosen on a form, and has a sentence for why."""
    shown = {one.name for one in declared(KIND)}
    chosen = {name: one.value for name, one in preset.settings.items()}
    assert chosen.keys() <= shown - {"base_url", "client_id", "scope"}
    KIND.open(
        Settings(base_url="https://sis.example", client_id="us", **chosen),
        {"client_secret": "s"},
        IO,
    )
    told = [one.reason for one in preset.settings.values()] + list(preset.habits)
    assert told
    assert all(one.endswith(".") for one in told)


def test_vendors_have_words_of_their_own():
    """By which they are named on the command line; nobody is chosen twice."""
    names = [preset.name for preset in KIND.presets]
    assert len(set(names)) == len(names)
    assert {"powerschool", "infinite-campus", "skyward", "aeries", "synergy"} <= set(names)
    assert {"classlink", "genesis", "aspen", "ed-fi", "other"} <= set(names)
