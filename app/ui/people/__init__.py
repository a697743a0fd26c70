"""People and classes: one search over everything, the page of a record, the page of a class."""
