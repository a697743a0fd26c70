"""The Ed-Fi kind of connector: an ODS/API, read and written."""
