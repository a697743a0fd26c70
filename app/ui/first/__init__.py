"""The guide that connects a SIS step by step, up to its first sync."""
