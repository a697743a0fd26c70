"""The suite that every kind of connector must pass, ours and third parties' alike.

Give a ``Subject``: the kind, settings that work and settings that do not, and what makes
transports. Each function in ``CHECKS`` opens connectors of its own, drives them against the
service and returns a sentence, or raises ``NotConforming`` with one. The service should hold a
small district that stands still meanwhile; choose ``page_size`` so that some stream has several
pages. Under pytest, ``@pytest.mark.parametrize("check", CHECKS)`` makes each a test of its own, but
nothing here needs a test framework.

``driving`` goes through a pull as the engine would; ``reading`` and ``writing`` have the checks of
what a connector does; ``soundness`` those of what it does when something goes wrong, by the
``faults`` that networks and odd services have.
"""

from collections.abc import Callable

from app.connectors.conformance.driving import Bench, NotConforming, Pulled, Subject, run, run_pull
from app.connectors.conformance.reading import (
    bad_settings_are_found,
    good_settings_pass,
    nothing_changed_means_nothing_new,
    pages_keep_the_contract,
    records_are_found_by_going_through,
    records_are_read_by_key,
    refused_writes_say_so,
    rolls_are_of_one_class,
    states_resume,
)
from app.connectors.conformance.soundness import (
    faults_never_look_whole,
    secrets_stay_secret,
)
from app.connectors.conformance.writing import (
    foreign_parts_are_kept,
    others_edits_survive,
    writes_arrive,
)

__all__ = [
    "CHECKS",
    "Bench",
    "NotConforming",
    "Pulled",
    "Subject",
    "bad_settings_are_found",
    "faults_never_look_whole",
    "foreign_parts_are_kept",
    "good_settings_pass",
    "nothing_changed_means_nothing_new",
    "others_edits_survive",
    "pages_keep_the_contract",
    "records_are_found_by_going_through",
    "records_are_read_by_key",
    "refused_writes_say_so",
    "rolls_are_of_one_class",
    "run",
    "run_pull",
    "secrets_stay_secret",
    "states_resume",
    "writes_arrive",
]

CHECKS: tuple[Callable[[Subject], str], ...] = (
    good_settings_pass,
    bad_settings_are_found,
    pages_keep_the_contract,
    states_resume,
    nothing_changed_means_nothing_new,
    records_are_read_by_key,
    records_are_found_by_going_through,
    rolls_are_of_one_class,
    refused_writes_say_so,
    writes_arrive,
    others_edits_survive,
    foreign_parts_are_kept,
    faults_never_look_whole,
    secrets_stay_secret,
)
