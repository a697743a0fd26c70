"""Desktop manners: one window a data folder, tray, notifications, sleep and network, autostart.

Each module here does one of them and can be absent: on a desktop without a tray, without a session
bus, the program works as before.
"""
