"""The local database: its tables, migrations, writes and reads; the only importer of SQLAlchemy.

Nothing here decides anything about a record: that is the engine's work.

- The database itself: ``database`` opens it (and upgrades it, after a copy), ``tables`` derives the
  schema from the roster, ``statements`` and ``codec`` are how rows are asked for and kept,
  ``previews`` has the copies, ``locks`` keeps two processes from syncing one connector at once.
- What the engine writes, and reads again, in its transactions: ``journal`` (connectors, streams,
  runs), ``linkage`` (links and bases), ``records`` (and the log of their changes), ``plans``,
  ``unreadable`` and ``shelf`` (what a sync keeps on its way), ``conflicts``, ``identities``,
  ``outbox``, ``policies``, ``scopes``, ``sizes`` (what limits are judged by), ``settings``.
- Everybody's questions, answered with frozen rows: ``reads`` first of all, ``differences``,
  ``waiting``, ``inbox`` (all that waits for a person), ``pairs``, ``history`` (who wrote what
  together), ``corrections``, ``quality``.
"""
