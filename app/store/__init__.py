"""The local database: its tables, migrations, writes and reads; the only importer of SQLAlchemy.

``database`` opens it (and upgrades it, after a copy), ``tables`` derives the schema from the
roster, ``records`` and ``journal`` write for the engine, ``reads`` answers everybody's questions,
``history`` has who wrote what together, ``locks`` keeps two processes from syncing one connector at
once. Nothing here decides anything about a record: that is the engine's work.
"""
