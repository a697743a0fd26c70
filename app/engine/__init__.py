"""What a sync does, and the commands people give.

Pure, and imported by nothing that touches the world: ``reconcile`` (the heart), ``health``. With
the store: ``identify`` (keys become record ids), ``pages`` (a page of rows becomes creates and plan
items), ``settle`` (a stream that was read becomes decisions), ``run`` (a whole sync as a
generator), ``sending`` and ``outbox`` (what differs here goes out), ``undo`` with ``taking`` and
``reverting`` (what a change set did is taken back). ``fetching`` moves requests through threads,
``loop`` is the one engine thread, and ``engine`` is the surface: commands in, events out. Never
imports Qt.
"""
