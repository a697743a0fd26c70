"""The canonical roster, declared once: what the records are, and the normal form of every value.

Pure: no database, no network, no clock. ``entities`` is the declaration; ``schema`` reads it into
the shapes that tables, reconcile, forms and exports derive from; ``values`` settles what each kind
of value means (SEMANTICS A1). Anyone may import this; it imports only ``errors`` and ``text``.
"""
