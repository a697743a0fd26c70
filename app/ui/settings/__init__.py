"""Settings: what the engine obeys, what the window remembers, and where each of it is set."""
