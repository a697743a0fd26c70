"""Widgets and models that several rooms are made of. They know no room and ask nothing."""
