"""``demo``: the practice district end to end without a window, every claim checked.

A first sync, a second one in which nothing has changed, a school day, and a third one that brings
exactly what the day changed. What is in the database at the end is compared with what the practice
SIS itself says it holds, asked past our own connector.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from app.cli import show
from app.cli.opening import practice_sis, practising
from app.cli.options import Asked, Command
from app.cli.running import Runner
from app.cli.sync import print_end, print_run, print_standing, sync_document
from app.cli.telling import FAILED
from app.compose import PRACTICE, PracticeSis, Program
from app.errors import Cancelled, SyncError, TransientError, UsageError
from app.roster.entities import ENTITIES
from app.store import reads
from app.store.reads import RunRow
from app.text import _, plural


@click.command(
    cls=Command,
    help=_(
        "Shows the whole way on a practice district: a first sync, one without changes, a school "
        "day, and a sync that brings just what changed. Exit code 0: all of it held."
    ),
)
@click.option("--students", type=click.IntRange(min=1), help=_("How many (1,500)."))
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PNG",
    help=_("Draw the window as it looks afterwards into this file."),
)
@click.pass_obj
def demo(asked: Asked, students: int | None, picture: Path | None) -> int:
    """Tells the story; 0 when every claim held."""
    # Without a folder of its own it would begin with what an earlier demo left.
    folder = asked.data_dir or Path(tempfile.mkdtemp(prefix="mindkindler-demo-"))
    options = asked.options(data_dir=folder, practice=True)
    try:
        with practice_sis(options, students) as sis, practising(options, sis) as program:
            story = _Story(asked, sis, program)
            story.say(_("Everything that this demo makes is in {folder}"), folder=options.folder)
            story.run()
    except TransientError as error:
        if error.code == "practice_not_started" and students is not None and asked.data_dir:
            raise UsageError("demo_not_so_many", folder=str(folder)) from error
        raise
    if picture is not None:
        picture.absolute().parent.mkdir(parents=True, exist_ok=True)
        asked.picture(options, picture)
        story.say(_("The window is drawn in {path}"), path=picture)
    if asked.json:
        show.document(
            {
                "folder": str(options.folder),
                "syncs": story.syncs,
                "day": story.day,
                "sis": story.held,
                "database": story.stored,
                "waiting": story.waiting,
                "picture": None if picture is None else str(picture),
                "claims": [{"claim": claim, "held": held} for claim, held in story.claims],
                "error": None,
            }
        )
    return 0 if all(held for _claim, held in story.claims) else FAILED


@dataclass
class _Story:
    asked: Asked
    sis: PracticeSis
    program: Program
    syncs: list[dict[str, Any]] = field(default_factory=list)
    day: dict[str, dict[str, int]] = field(default_factory=dict)
    """What the school day did, by entity: records created, updated and removed."""
    held: dict[str, int] = field(default_factory=dict)
    """Records at the SIS, by entity, as it says itself."""
    stored: dict[str, int] = field(default_factory=dict)
    """Records in the database, by entity, those whose removal waits included."""
    waiting: int = 0
    claims: list[tuple[str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        quiet = self.asked.json or self.asked.verbose
        self._runner = Runner(self.program, quiet=quiet)

    def run(self) -> None:
        """The four parts, in order."""
        self._look()
        new = sum(self.stored.values()) == 0
        first = self._sync(_("First sync: everything is read"), full=True)
        self._look()
        if new:
            self._claim(
                _("Every record of the SIS came in: {count} new."),
                first.total("created") == sum(self.held.values()),
                count=show.number(first.total("created")),
            )
        second = self._sync(_("Second sync: everything is read again"), full=True)
        self._claim(
            _("Nothing had changed, and nothing was written: {count} unchanged."),
            not any(second.total(name) for name in ("created", "updated", "deleted")),
            count=show.number(second.total("unchanged")),
        )
        self._pass_day()
        before = self.waiting
        third = self._sync(_("Third sync: only what changed is asked for"), full=False)
        self._look()
        self._compare(third, self.waiting - before)
        here, there = sum(self.stored.values()) - self.waiting, sum(self.held.values())
        self._claim(
            _("Every record of the practice SIS is in the database: {here} of {there}."),
            all(self.stored[name] >= count for name, count in self.held.items()) and here == there,
            here=show.number(here),
            there=show.number(there),
        )
        if self.waiting:
            self.say(
                plural(
                    "{n} record that the SIS no longer has is still here, until you approve its "
                    "removal.",
                    "{n} records that the SIS no longer has are still here, until you approve "
                    "their removal.",
                    self.waiting,
                )
            )

    def _sync(self, heading: str, *, full: bool) -> RunRow:
        self._heading(heading)
        run = self._runner.run([PRACTICE], full=full)[PRACTICE]
        if isinstance(run, SyncError):
            raise run
        row = reads.run(self.program.database, run)
        facts = reads.connector(self.program.database, PRACTICE)
        self.syncs.append(sync_document(row, facts))
        if row.state == "cancelled":
            raise Cancelled("cancelled")
        if row.state in ("failed", "interrupted"):
            raise SyncError(
                row.error_code or "run_overtaken", row.error_detail or "", **row.error_parameters
            )
        if not self.asked.json:
            print_run(row)
            print_end(row, facts)
            print_standing(self.program.database, facts)
        return row

    def _pass_day(self) -> None:
        self._heading(_("A school day passes at the SIS"))
        kinds = ("created", "updated", "removed")
        changed: Mapping[str, Mapping[str, list[str]]] = self.sis.school_day()["changed"]
        self.day = {
            entity: {kind: len(changed[collection][kind]) for kind in kinds}
            for entity in ENTITIES
            if (collection := _collection(entity)) in changed
        }
        if not self.asked.json:
            show.table(
                [_("Records"), _("new"), _("changed"), _("removed")],
                [[_(ENTITIES[name].many), *did.values()] for name, did in self.day.items()],
            )

    def _compare(self, run: RunRow, newly_waiting: int) -> None:
        """The third sync against the account of the day, stream by stream."""
        came = {
            stream.entity: (stream.counts["created"], stream.counts["updated"])
            for stream in run.streams
            if stream.counts["created"] or stream.counts["updated"]
        }
        wanted = {
            entity: (did["created"], did["updated"])
            for entity, did in self.day.items()
            if did["created"] or did["updated"]
        }
        self._claim(
            _("Exactly the records that the day changed came: {new} new, {changed} changed."),
            came == wanted,
            new=show.number(run.total("created")),
            changed=show.number(run.total("updated")),
        )
        removed = sum(did["removed"] for did in self.day.values())
        held = _("Every removal of the day came: {ended} ended, {waiting} wait for your approval.")
        flowed = _("Every removal of the day came, within the safety limits: {ended} ended.")
        self._claim(
            held if newly_waiting else flowed,
            run.total("deleted") + newly_waiting == removed,
            ended=show.number(run.total("deleted")),
            waiting=show.number(newly_waiting),
        )

    def _look(self) -> None:
        """What both sides hold now."""
        self.held = _facts(self.sis)
        self.stored = reads.counts(self.program.database)
        self.waiting = reads.connector(self.program.database, PRACTICE).standing.waiting

    def _claim(self, claim: str, held: bool, **told: object) -> None:
        text = claim.format(**told)
        self.claims.append((text, held))
        self.say(text if held else _("This did NOT hold: {claim}").format(claim=text))

    def _heading(self, heading: str) -> None:
        if not self.asked.json:
            show.line()
            show.heading(heading)

    def say(self, text: str, **told: object) -> None:
        """A line of the story; none with ``--json``."""
        if not self.asked.json:
            show.line(text.format(**told))


def _facts(sis: PracticeSis) -> dict[str, int]:
    """How many live records the practice SIS says it has, by entity."""
    counts = sis.facts()["counts"]
    return {
        entity: counts[collection]["live"]
        for entity in ENTITIES
        if (collection := _collection(entity)) in counts
    }


def _collection(entity: str) -> str:
    """The standard's name of the collection of an entity."""
    first, *rest = entity.split("_")
    return first + "".join(word.capitalize() for word in rest)
