"""Who is in charge of a new connector's records: one answer for each group of record types.

It is laid down as rows of the table of SEMANTICS B5, about whole record types; rows about schools
and fields stay as they are.
"""

from collections.abc import Mapping

from app.engine.policy import Decides
from app.engine.world import World
from app.store import journal, policies, reads
from app.store.database import Database
from app.text import N_

GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "schools": (N_("Schools and terms"), ("orgs", "academic_sessions")),
    "people": (N_("People"), ("users", "demographics")),
    "classes": (N_("Courses and classes"), ("courses", "classes")),
    "enrollments": (N_("Who is in which class"), ("enrollments",)),
    "grades": (
        N_("Grades and resources"),
        (
            "score_scales", "categories", "line_items", "results", "resources",
            "assessment_line_items", "assessment_results",
        ),
    ),
}  # fmt: skip
"""What is answered together, and what it is called."""

ROSTERING = ("schools", "people", "classes", "enrollments")
"""The groups that a SIS decides about unless somebody says otherwise."""


def sis_in_charge() -> dict[str, Decides]:
    """What is proposed: the SIS decides about rosters, a person about everything else."""
    return {group: Decides.SIS if group in ROSTERING else Decides.ASK for group in GROUPS}


def proposed(database: Database, name: str) -> dict[str, Decides]:
    """What is proposed for a connector: a person is asked about what another SIS tells already.

    Otherwise whichever was connected last would overwrite what stands here.
    """
    told = reads.told_by_others(database, name)
    return {
        group: Decides.ASK if told & set(GROUPS[group][1]) else decides
        for group, decides in sis_in_charge().items()
    }


def in_charge(world: World, name: str, answers: Mapping[str, Decides], author: str) -> int | None:
    """Lays down who decides about the groups of ``answers``; the change set.

    *Ask* takes rows away, as it holds where there is none. ``None`` where nothing is new. Raises
    ``NotFound``.
    """
    wanted = {entity: decides for group, decides in answers.items() for entity in GROUPS[group][1]}
    with world.database.writing() as tx:
        connector = journal.connector(tx, name).id
        stands = {
            entity: decides
            for entity, school, part, decides in policies.policies(tx, connector)
            if not school and not part
        }
        new = {
            entity: decides
            for entity, decides in wanted.items()
            if stands.get(entity, Decides.ASK) != decides
        }
        if not new:
            return None
        change_set = journal.open_change_set(tx, "policy", author, world.now, connector)
        for entity, decides in new.items():
            if decides is Decides.ASK:
                policies.forget_policy(tx, connector, entity, 0, "", change_set)
            else:
                policies.set_policy(tx, connector, entity, 0, "", decides.value, change_set)
    return change_set
