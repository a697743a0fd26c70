"""MindKindler Sync: two-way roster sync between Student Information Systems and a local database.

The rooms, from the front door inwards (each may use only what stands below it):
``cli`` and ``ui`` (two front ends), ``compose`` (puts the parts together), ``engine`` (what a sync
does), ``store`` (the database), ``connectors`` (what the SIS speak), ``roster`` (what a record is),
``errors`` and ``text``. ``practice`` stands apart: the SIS we ship, a stranger to all the others.
"""

__version__ = "0.1.0"
