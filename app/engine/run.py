"""A whole sync of one connector, as a generator of short steps (SEMANTICS C1).

pull → normalise → identify → reconcile → plan → (limits) → apply → close. Every step is one
transaction, fenced (H1), or one wait for an answer; never both. What a cut-off run left behind is
taken over: its reading position for a day, its unsettled plan items for ever (C7).
"""

import logging
import time
from collections.abc import Generator, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.connectors.contract import Gone, Page, Row, State, Watched
from app.engine import judging, matching, outbox, seen, settle, twins
from app.engine.asking import answered, pulled
from app.engine.ending import end_links
from app.engine.events import Progress
from app.engine.fetching import Ticket
from app.engine.loop import Steps
from app.engine.pages import work_page
from app.engine.reading import Beside, Reading
from app.engine.shelf import StoredShelf
from app.engine.working import MAX_WARNINGS, Work, Working
from app.errors import RateLimited, StoreError, SyncError, TransientError
from app.roster.identity import identifying
from app.roster.values import instant_text
from app.roster.words import told_words
from app.store import (
    identities,
    journal,
    linkage,
    plans,
    scopes,
    settings,
    sizes,
)
from app.store import matching as matches
from app.store.database import Tx
from app.store.journal import StreamProgress
from app.store.unreadable import forget_unreadable_before, unreadable_keys

logger = logging.getLogger(__name__)

POSITION_LASTS = timedelta(days=1)
PROOF_GAP = timedelta(hours=1)
FULL_EVERY = timedelta(days=1)
"""A read of changes alone misses what vanished without a word, so a whole read follows daily."""


def sync(parts: Work) -> Steps:
    """The steps of one run, from *running* to its end state; every ``SyncError`` ends it told."""
    return Run(parts).carried_out()


class Run(Working):
    """A sync at work."""

    def __init__(self, parts: Work) -> None:
        super().__init__(parts)
        self.before: dict[str, StreamProgress] = {}
        self.late = False
        self.mode = "full"
        self.done = 0
        self.expected: dict[str, int | None] = {}
        self.began = time.monotonic()
        self.resumed = self.worked = False
        self.stamp = ""

    # -- the whole run --

    def steps(self) -> Steps:
        """Reads and settles every stream in order."""
        self._open()
        yield None
        yield from self._look_at_source()
        yield from outbox.confirm(self)
        yield from self._estimate()
        yield from self._settle_leftovers()
        for entity in self.capabilities:
            found = self.before.get(entity)
            if found is not None and found.phase == journal.DONE:
                continue
            yield from self._stream(entity, found)
        behind = yield from outbox.push(self)
        self._close(behind)

    def _open(self) -> None:
        """Takes over what an unfinished run left, and decides what is read."""
        p = self.parts
        now = p.clock()
        with self.step() as tx:
            journal.interrupt_runs(tx, p.connector_id, p.run, instant_text(now))
            self.look_up(tx)
            self.mode = self._mode(now)
            resumed = self._resumable(tx, now)
            if resumed is not None:
                before, mode = resumed
                self.mode, self.resumed = mode, True
                self.before = journal.load_progress(tx, before)
                journal.adopt(tx, before, p.run)
                for progress in self.before.values():
                    journal.save_progress(tx, p.run, progress)
                if any(one.seen for one in self.before.values()):
                    journal.log(tx, p.run, self.now(), "info", "run_resumes", {"run": before})
            journal.start_run(tx, p.run, self.mode, p.salt, resumed[0] if resumed else None)
            journal.log(tx, p.run, self.now(), "info", f"run_began_{self.mode}", {})
            for entity in self.capabilities:
                stream = self.streams[entity]
                known = linkage.count_live(tx, stream.id) if stream.full_at else None
                self.expected[entity] = known if self.mode == "full" else None
            self.done = sum(one.seen for one in self.before.values() if one.phase == journal.DONE)

    def _estimate(self) -> Steps:
        """Asks how much there is of what was never read, so that the time left can be told."""
        p = self.parts
        for entity, known in self.expected.items():
            if self.mode == "full" and known is None and entity not in self.before:
                self.expected[entity] = yield from answered(p.connector.count(entity), p.fetcher)

    def _look_at_source(self) -> Steps:
        """What the source looks like before anything is read: so much of it is served in the end.

        Not where the run goes on with another, which has read what there was then.
        """
        p = self.parts
        if isinstance(p.connector, Watched) and not self.resumed:
            self.stamp = yield from answered(p.connector.stamp(), p.fetcher)

    def _mode(self, now: datetime) -> str:
        """Whole when asked for, never done, done long ago, or read by other rules (B8)."""
        if self.parts.full:
            return "full"
        for entity in self.capabilities:
            stream = self.streams[entity]
            if stream.cursor is None or stream.full_at is None or stream.salt != self.parts.salt:
                return "full"
            # A clock that ran ahead by then must not put the next one off for years.
            if abs(now - datetime.fromisoformat(stream.full_at)) > FULL_EVERY:
                return "full"
        return "incremental"

    def _resumable(self, tx: Tx, now: datetime) -> tuple[int, str] | None:
        """The unfinished run before this one, if its reading position still holds (C7)."""
        last = journal.last_run(tx, self.parts.connector_id, self.parts.run)
        if last is None:
            return None
        before, state, mode, beat, salt = last
        unfinished = (journal.INTERRUPTED, journal.CANCELLED, journal.FAILED)
        if (
            state not in unfinished
            or salt != self.parts.salt
            or (mode != "full" and self.mode == "full")
        ):
            return None
        gap = now - datetime.fromisoformat(beat)
        if gap > POSITION_LASTS:
            return None
        self.late = gap > PROOF_GAP
        return before, mode

    def _settle_leftovers(self) -> Steps:
        """Plan items of runs whose position is no longer held are carried out first (C7)."""
        for entity in self.streams:
            if entity not in self.before or self.before[entity].phase == journal.DONE:
                yield from self._settle_left(entity)

    def _settle_left(self, entity: str) -> Steps:
        """Judges what other runs planned in a stream, and carries it out."""
        with self.step() as tx:
            waiting = plans.planned_by_run(tx, self.streams[entity].id)
            if not waiting:
                return
            # Whether each run had read the stream whole decides what its blanks are worth;
            # that of the newest one is as careful as any.
            reading = self.reading(tx, entity, self.progress(tx, max(waiting), entity))
        yield from self.meet_newcomers(reading, read=False)
        with self.step() as tx:
            self.judge_items(tx, reading, trusted=False)
        yield from self._carry_out_left(entity)

    def _carry_out_left(self, entity: str) -> Steps:
        """Carries out what other runs planned and nothing holds."""
        p, stream = self.parts, self.streams[entity].id
        while True:
            with self.step() as tx:
                owners = plans.planned_by_run(tx, stream)
                if not owners:
                    break
                # They were counted as read by the run that read them, so it is there that they
                # are counted as updated.
                owner = min(owners)
                items = plans.planned(tx, stream, settle.BATCH, run=owner)
                progress = self.progress(tx, owner, entity)
                reading = self.reading(tx, entity, progress)
                settle.apply_batch(tx, reading, items, trusted=not progress.full)
                journal.save_progress(tx, owner, progress)
                journal.log(
                    tx, p.run, self.now(), "info", "leftovers_settled",
                    {"count": len(items), "run": owner}, entity,
                )  # fmt: skip
            yield None

    def _close(self, behind: bool) -> None:
        """The end state: what stands for the connector decides it, or what could not be sent."""
        p = self.parts
        with self.step() as tx:
            progress = journal.load_progress(tx, p.run)
            torn = [one.entity for one in progress.values() if not one.closes]
            if torn:
                raise StoreError("counts_do_not_close", run=p.run, streams=", ".join(torn))
            stands = journal.standing(tx, p.connector_id)
            incomplete = any(not one.complete for one in progress.values())
            if stands.waiting:
                state = journal.WAITING
            elif stands.conflicts or stands.unreadable or stands.unsent or incomplete or behind:
                state = journal.WARNINGS
            else:
                state = journal.COMPLETED
            journal.end_run(tx, p.run, state, self.now())
            journal.forget_seen(tx, p.run)
            if self.stamp:
                settings.set_watched(tx, p.name, self.stamp)

    def ended_early(self, tx: Tx, error: SyncError | None) -> None:
        """What was done can be resumed, unless that is what failed."""
        stuck = self.resumed and not self.worked
        if stuck and error is not None and not isinstance(error, TransientError | RateLimited):
            # Gone on with, it failed at once and not for the network: the position is at fault,
            # and the next run reads from the beginning.
            journal.give_up_position(tx, self.parts.run)

    # -- one stream --

    def _stream(self, entity: str, found: StreamProgress | None) -> Steps:
        with self.step() as tx:
            progress = found or StreamProgress(entity, read_at=self.now())
            reading = self.reading(tx, entity, progress)
            if found is not None:
                self._recall(tx, reading)
        if not reading.fresh or reading.beside:
            yield from self._identify(reading)
        if progress.phase == journal.READING:
            yield from self._read(reading, self._since(entity, found))
        if progress.phase == journal.JUDGING:
            yield from self._judge(reading)
            if not progress.full and self.capabilities[entity].by_key:
                yield from self._read_again(reading)
        if progress.phase == journal.SETTLING:
            yield from self._settle(reading)
        self.done += progress.seen

    def _identify(self, reading: Reading) -> Steps:
        """Notes what identifies the records that a first load brought in."""
        more = bool(identifying(reading.entity))
        while more:
            with self.step() as tx:
                if reading.beside is not None:
                    identities.note_marks(tx, reading.entity)
                more = identities.catch_up(tx, reading.entity, matching.CATCH_UP)
            yield None

    def _settle(self, reading: Reading, *, trusted: bool = True) -> Steps:
        """Judges what is planned and carries out what no limit holds.

        Where the rows are not ``trusted``, no field is blanked that all of them leave out (A2).
        """
        p, progress = self.parts, reading.progress
        entity, stream = reading.entity, reading.stream.id
        yield from self.meet_newcomers(reading, read=True)
        with self.step() as tx:
            self.judge_items(tx, reading, trusted=trusted)
            if apart := len(reading.parted):
                self.log(tx, "info", "rows_parted", {"count": apart}, reading)
            journal.save_progress(tx, p.run, progress)
        yield None
        while True:
            with self.step() as tx:
                items = plans.planned(tx, stream, settle.BATCH, run=p.run)
                settle.apply_batch(tx, reading, items, trusted=trusted)
                journal.save_progress(tx, p.run, progress)
            if not items:
                break
            yield None
        yield from self._carry_out_left(entity.name)
        if entity.name == "demographics" and (reading.beside or not reading.fresh):
            self._suggest_namesakes(reading)
        if progress.full and progress.complete and reading.beside is not None:
            yield from self._look_over(reading, reading.beside)
        with self.step() as tx:
            if progress.full and progress.complete:
                judging.count(
                    tx,
                    connector=p.connector_id,
                    stream=stream,
                    entity=entity,
                    now=self.now(),
                    changed=self._counts_otherwise(tx, reading),
                )
            progress.phase = journal.DONE
            journal.forget_seen(tx, p.run, entity.name)
            self.log(tx, "info", "stream_read", progress.counts, reading)
            if outside := progress.counts["outside"]:
                self.log(tx, "info", "rows_outside", {"count": outside}, reading)
            journal.save_progress(tx, p.run, progress)
        yield None

    def _counts_otherwise(self, tx: Tx, reading: Reading) -> bool:
        """Whether there may be more or fewer than at the end of the last whole read.

        Not so where nothing came of this one, nobody did anything in between, and no day has
        passed, with which something may have run out.
        """
        counts, last = reading.progress.counts, reading.stream.full_at
        if last is None or last[:10] != self.now()[:10]:
            return True
        came = any(counts[name] for name in ("created", "updated", "deleted"))
        return came or sizes.change_set_since(tx, last) != self.parts.run

    def _suggest_namesakes(self, reading: Reading) -> None:
        """Newcomers of the same name and birth date as somebody else (D5).

        Of people that another SIS tells of it is asked; of others it is told, and no more.
        """
        p = self.parts
        with p.database.reading() as tx:
            found = identities.namesakes(tx, p.run)
        if found:
            with self.step() as tx:
                asked, found = twins.suggest_namesakes(tx, p.connector_id, p.run, found)
                if asked:
                    self.log(tx, "warning", "twins_asked", {"count": asked}, reading)
                for record, other in found[:MAX_WARNINGS]:
                    told = {"record": record, "other": other}
                    self.log(tx, "info", "namesake_found", told, reading)

    def _look_over(self, reading: Reading, beside: Beside) -> Steps:
        """Compares the records of a stream that were there before with those of other SISs.

        Once, for as long as neither the rules nor the streams beside it are others.
        """
        p, stream, after, asked = self.parts, reading.stream.id, 0, 0
        with p.database.reading() as tx:
            done = matches.looked(tx, stream) == beside.told
        # What came with this very read has been compared row by row.
        more = not (done or reading.fresh)
        while more:
            with self.step() as tx:
                after, new = twins.look(
                    tx, p.connector_id, reading.entity.name, stream, p.run, beside, after
                )
                asked, more = asked + new, bool(after)
            yield None
        if not done:
            with self.step() as tx:
                matches.set_looked(tx, stream, beside.told)
                if asked:
                    self.log(tx, "warning", "twins_asked", {"count": asked}, reading)

    def _recall(self, tx: Tx, reading: Reading) -> None:
        """What the run before this one had seen of the stream (C7)."""
        progress = reading.progress
        for pass_, blob in journal.load_seen(tx, self.parts.run, reading.entity.name):
            for link in seen.unpack(blob):
                reading.counted.add(link)
                if pass_ == progress.passes:
                    reading.passed.add(link)
        if progress.scope is not None:
            here = reading.under(progress.scope)
            whole = here if progress.full else reading.stream.scope or here
            reading.scope = linkage.scope_id(tx, whole)
        if self.late and progress.phase == journal.READING:
            progress.doubts.append(("resumed_late", {}))

    def _since(self, entity: str, found: StreamProgress | None) -> State | None:
        if found is not None and found.state is not None:
            return found.state
        return None if self.mode == "full" else self.streams[entity].cursor

    def _read(self, reading: Reading, since: State | None) -> Steps:
        """Pulls the stream, a page a transaction, the next page being fetched meanwhile."""
        p = self.parts
        entity = reading.entity.name
        shelf = StoredShelf(p.database, reading.stream.id)
        joins = False

        def work(page: Page) -> None:
            nonlocal joins
            self.worked = True
            joins = joins or bool(page.aliases)
            with self.step() as tx:
                work_page(tx, reading, page)
                shelf.flush(tx)
                for note in page.notes:
                    self.log(tx, "info", note.code, note.parameters, reading)
                self._beat(tx, reading)
            logger.debug("%s: %d rows so far", entity, reading.progress.seen)
            self._tell(reading)

        yield from pulled(p.connector.pull(entity, since, shelf), p.fetcher, work)
        self._log_warnings(reading)
        if joins:
            with self.step() as tx:
                rows, records = linkage.rows_and_records(tx, reading.stream.id)
                what = "people" if entity == "users" else "records"
                self.log(tx, "info", f"rows_are_{what}", {"rows": rows, what: records}, reading)

    def _judge(self, reading: Reading) -> Steps:
        """The stream was read to its end: what is proved, what is absent, how far the cursor."""
        p = self.parts
        progress = reading.progress
        candidates: list[int] = []
        waits: str | None = None
        with self.step() as tx:
            if not settle.distinct_total_agrees(reading):
                numbers = {"total": progress.total, "distinct": len(reading.passed)}
                progress.doubts.append(("total_not_reached", numbers))
            progress.complete = not progress.doubts
            if progress.full and progress.complete:
                candidates = self._weigh(tx, reading)
        by_key = self.capabilities[reading.entity.name].by_key
        if candidates and by_key:
            candidates = yield from self._confirm(reading, candidates)
        if not by_key or len(candidates) > settle.BY_KEY_LIMIT:
            # Not every one of them was read by its key: a second proof in a row has to agree.
            waits = "proof"
        # Read from the very same once more, it proves nothing more.
        evidence = progress.evidence
        proofs = int(not evidence or evidence != reading.stream.evidence)
        # The counts are stored with the last of these steps: cut off before, all is judged again.
        for start in range(0, len(candidates), settle.BATCH):
            with self.step() as tx:
                ending = linkage.links_by_id(tx, candidates[start : start + settle.BATCH])
                progress.counts["absent"] += len(ending)
                # What came before the stream was read anew, and then was gone, changes nothing.
                overtaken = plans.to_change(tx, [link.id for link in ending])
                progress.counts["unchanged"] += overtaken
                end_links(tx, reading, ending, "absent", waits=waits, proofs=proofs)
                if waits:
                    freed = plans.release_proved(
                        tx, reading.stream.id, [link.id for link in ending]
                    )
                    progress.counts["waiting"] -= freed
            yield None
        with self.step() as tx:
            if progress.proof:
                journal.set_evidence(tx, reading.stream.id, evidence)
            elif progress.full:
                plans.forget_proofs(tx, reading.stream.id)
            if progress.full:
                progress.struck = settle.struck_fields(tx, reading)
                for name in progress.struck:
                    self.log(tx, "warning", "field_not_spoken", {"field": name}, reading)
            if progress.complete:
                assert progress.state is not None
                assert progress.scope is not None
                journal.move_cursor(
                    tx,
                    reading.stream.id,
                    progress.state,
                    p.salt if progress.full else None,
                    reading.under(progress.scope) if progress.full else None,
                    progress.read_at if progress.full else None,
                )
            if progress.full and reading.scope is not None:
                elsewhere = linkage.links_elsewhere(tx, reading.stream.id, reading.scope)
                seen_now = [link for link in elsewhere if link in reading.passed]
                linkage.set_scope(tx, reading.scope, seen_now)
                if progress.complete:
                    left = scopes.left_behind(tx, reading.stream.id, reading.scope)
                    scopes.put_outside(tx, [(None, link) for link in left])
                    if left:
                        self.log(tx, "info", "links_left_behind", {"count": len(left)}, reading)
                elif reading.within is not None:
                    # What the scope leaves out waits no longer to end, whatever else is missing.
                    ends = scopes.ending(tx, reading.stream.id)
                    unseen = [link for link in ends if link not in reading.passed]
                    out = reading.within.left(tx, unseen, reading.layouts)
                    scopes.put_outside(tx, [(None, link) for link in out])
            if progress.full and progress.complete:
                forget_unreadable_before(tx, reading.stream.id, p.run)
            for code, parameters in progress.doubts:
                self.log(tx, "warning", code, parameters, reading)
            progress.phase = journal.SETTLING
            journal.save_progress(tx, p.run, progress)
        yield None

    def _weigh(self, tx: Tx, reading: Reading) -> list[int]:
        """Grants or refuses proof (C5); the candidates for removal where it is granted."""
        progress, stream = reading.progress, reading.stream
        if progress.keyless:
            self.log(tx, "warning", "rows_without_key", {"count": progress.keyless}, reading)
            return []
        if stream.scope is not None and stream.scope != reading.under(progress.scope or ""):
            self.log(tx, "info", "scope_changed", {}, reading)
            return []
        missing = settle.missing_links(tx, reading)
        lost = settle.lost_coverage(tx, reading, missing)
        journal.set_lost(tx, stream.id, lost)
        if not set(lost) <= set(stream.lost):
            progress.doubts.append(("coverage_lost", {"count": len(set(lost) - set(stream.lost))}))
            progress.complete = False
            return []
        progress.proof = True
        if missing:
            self.log(tx, "info", "stream_proved", {}, reading)
        return missing

    def _confirm(
        self, reading: Reading, candidates: list[int]
    ) -> Generator[Ticket | None, Any, list[int]]:
        """Reads candidates by key; any that is still there takes the proof away (D1).

        Of more than there is time for, a few from all over the list: a filter that hides records
        from the list, but not from a look by key, shows itself by any of them.
        """
        progress, asked = reading.progress, candidates
        if len(candidates) > settle.BY_KEY_LIMIT:
            asked = candidates[:: len(candidates) // settle.SAMPLE]
        keys = [key for _, key in self.keys(asked)]
        told = yield from self.by_key(
            reading.entity.name, keys, enough=lambda found: not isinstance(found, Gone)
        )
        if not told or isinstance(told[-1], Gone):
            return candidates
        code = "row_still_there" if isinstance(told[-1], Row) else "row_not_confirmed"
        progress.doubts.append((code, {"key": keys[len(told) - 1]}))
        progress.proof = progress.complete = False
        return []

    def _read_again(self, reading: Reading) -> Steps:
        """Rows that could not be understood are read by key when only changes were asked (C6)."""
        p, progress, entity = self.parts, reading.progress, reading.entity.name
        with p.database.reading() as tx:
            keys = unreadable_keys(tx, reading.stream.id)[: settle.BY_KEY_LIMIT]
        told = yield from self.by_key(
            entity, keys, enough=lambda found: isinstance(found, SyncError)
        )
        rows = list({found.key: found for found in told if isinstance(found, Row)}.values())
        if rows and progress.state is not None and progress.scope is not None:
            self._take_rows(reading, rows, progress.scope)
            yield None

    def _take_rows(self, reading: Reading, rows: Sequence[Row], scope: str) -> None:
        """Takes in rows that were read by their keys, as if they came last in the stream."""
        progress, entity = reading.progress, reading.entity.name
        page = Page(
            entity,
            self.capabilities[entity].fields,
            keys=[row.key for row in rows],
            # No digest was taken of them: the next whole read decodes them once more.
            digests=[b""] * len(rows),
            read=lambda places: [rows[place] for place in places],
            state=progress.state or {},
            last=True,
            full=False,
            scope=scope,
            total=progress.total,
        )
        with self.step() as tx:
            work_page(tx, reading, page)

    # -- small things --

    def _log_warnings(self, reading: Reading) -> None:
        if not reading.warnings and not reading.odd:
            return
        told = sorted(reading.warnings.items(), key=lambda one: -one[1])
        with self.step() as tx:
            for (name, what), count in told[:MAX_WARNINGS]:
                parameters = {"field": name, "what": what, "count": count}
                disagree = what == "rows_disagree"
                code = what if disagree else "value_not_understood"
                self.log(tx, "warning", code, parameters, reading)
            if len(told) > MAX_WARNINGS:
                self.log(
                    tx, "warning", "more_warnings", {"count": len(told) - MAX_WARNINGS}, reading
                )
            for code, words in told_words(reading.odd).items():
                self.log(tx, "warning", code, {"words": words}, reading)

    def _expected(self, reading: Reading) -> int | None:
        progress = reading.progress
        if progress.full and progress.total is not None:
            self.expected[reading.entity.name] = progress.total
        known = [number for number in self.expected.values() if number is not None]
        return sum(known) if len(known) == len(self.expected) else None

    def _beat(self, tx: Tx, reading: Reading) -> None:
        done = self._done(reading)
        journal.beat(
            tx, self.parts.run, self.now(), reading.entity.name, done, self._expected(reading)
        )

    def _done(self, reading: Reading) -> int:
        return self.done + reading.progress.seen

    def _tell(self, reading: Reading) -> None:
        done, expected = self._done(reading), self._expected(reading)
        left = None
        # The first few records, of the smallest streams, tell nothing of how fast the rest will be.
        if expected is not None and done > 0.02 * expected:
            left = max(0.0, (time.monotonic() - self.began) * (expected - done) / done)
        self.parts.tell(
            Progress(self.parts.run, self.parts.name, reading.entity.name, done, expected, left)
        )
