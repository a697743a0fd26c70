"""The practice district as an Ed-Fi ODS/API: a system of its own beside the OneRoster services."""
