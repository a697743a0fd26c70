"""The connectors on the left: their list, and the dialogs that add, change, try and remove one."""
