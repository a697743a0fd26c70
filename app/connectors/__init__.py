"""What the Student Information Systems speak: one folder a kind, and the contract they all keep.

``contract`` is what a kind promises and what the engine may rely on; ``http`` moves bytes for the
REST kinds; ``conformance`` is the suite that any kind, ours or a third party's, must pass. A kind
imports ``contract``, ``http``, ``roster`` and ``errors`` and nothing else: never the engine, the
store or another kind. Kinds are found by the entry-point group ``mindkindler.connectors``.
"""
