"""Today: how the day is, by school, and what changed."""
