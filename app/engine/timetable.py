"""Syncs begin by themselves when they are due (``schedule`` has the rules)."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from app.engine.loop import Loop
from app.engine.overview import may_pass, next_sync_of
from app.engine.underway import UnderWay
from app.engine.world import World
from app.errors import BusyError, StoreError, SyncError
from app.roster.values import instant_text
from app.store import previews, reads

logger = logging.getLogger(__name__)

SCHEDULE_SECONDS = 15
"""How often it is looked whether a sync is due."""

PREVIEWS_LAST = timedelta(days=1)
"""How long it can be looked up what a preview found (SEMANTICS E4)."""


def keep(world: World, loop: Loop, under_way: UnderWay, start: Callable[[str], object]) -> None:
    """From now on, and as long as the loop runs, has ``start`` begin the syncs that are due.

    The wall clock is looked at every few seconds, so a sleep of the computer or a change of its
    clock makes no sync late by more than that.
    """
    if loop.stopping:
        return
    try:
        under_way.end_cut_off()
        previews.forget_old(world.database, instant_text(world.clock() - PREVIEWS_LAST))
        _begin_what_is_due(world, under_way, start)
    except StoreError as error:
        logger.info("the schedule could not be kept just now: %s", error)
    loop.later(SCHEDULE_SECONDS, partial(keep, world, loop, under_way, start))


def _begin_what_is_due(
    world: World, under_way: UnderWay, start: Callable[[str], object], *, eager: bool = False
) -> None:
    now = world.clock()
    for facts in reads.connectors(world.database):
        due = next_sync_of(facts, now)
        if due is None or facts.name in under_way:
            continue
        if due > now and not (eager and may_pass(facts)):
            continue
        try:
            start(facts.name)
        except BusyError:
            continue  # another process begins it
        except SyncError as error:
            logger.warning("a scheduled sync could not begin: %s", error.code)


def awake(world: World, under_way: UnderWay, start: Callable[[str], object]) -> None:
    """The computer woke up, or its network came: what failed meanwhile is tried again at once.

    That are the connectors with a schedule of which the newest sync was cut off or failed for a
    reason that may pass; whatever else is due begins, too.
    """
    try:
        _begin_what_is_due(world, under_way, start, eager=True)
    except StoreError as error:
        logger.info("the schedule could not be looked at just now: %s", error)
