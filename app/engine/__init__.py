"""What a sync does, and the commands people give. Never imports Qt.

Begin with ``engine`` (the surface: commands in, events out) or with ``reconcile`` (the heart).

- Pure rules, from plain values to plain values: ``reconcile`` (three sides become one), ``parts``
  and ``policy`` (what is decided as one, and who decides), ``limits`` with ``figures`` (how much
  may change at once), ``schedule``, ``health`` (badges).
- A sync, step by step: ``run`` is the whole of it, ``working`` what every kind of run is made of.
  ``asking`` drives the connector, ``pages`` takes a page in, ``identify`` turns keys into record
  ids, ``weigh`` asks the rules about one record; ``settle`` ends a stream that was read, with
  ``ending`` (what is gone there), ``judging`` (the limits) and ``agreed`` (new bases).
  ``joins`` makes several rows one record, ``newcomers`` finds people whom we have already,
  ``matching`` finds the records that another SIS tells of, ``twins`` asks where that is doubtful,
  ``scope`` leaves out what is not kept in step, ``preview`` is a sync on a copy, ``classrun`` one
  of a single class. Carried along: ``reading``, ``seen``, ``shelf``, ``effects``.
- Looking at a SIS without writing: ``lookup`` (one record, now), ``roll`` (who is in a class, now).
- What goes out: ``sending`` tells what there is to send, ``outbox`` sends it.
- What people command: ``configuring`` and ``opening`` (connectors), ``examining`` (their files),
  ``editing`` with ``following`` (records), ``splitting`` (whose rows are joined), ``decisions``
  and ``identity`` (differences), ``pairing`` with ``merging`` and ``parting`` (who is whom at two
  SISs), ``ruling`` and ``allowing`` (who decides, limits), ``approval``
  (what waits), ``unsent`` (what the SIS would not take), ``archiving`` (what is out of scope).
- Undoing: ``taking`` tells what of a change set can be taken back, ``reverting`` what a record is
  without it (pure), ``undo`` takes it back.
- What people are told and given: ``overview`` (how things are at a glance), ``inbox`` (what waits
  for them), ``quality`` (what a registrar should mend), ``told`` (values in words), ``saving``
  (tables and files).
- The loop: ``loop`` is the one engine thread, ``fetching`` the threads that carry requests,
  ``apart`` those that ask the vault, ``admission`` what that keeps for the next process;
  ``underway`` has the runs that are not over, ``timetable``, ``hints`` and ``watching`` begin syncs
  by themselves; ``events`` is what is told. ``world`` is all that it needs of outside.
"""
