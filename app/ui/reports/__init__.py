"""Reports and files for others: the registrar's list, problems in files, exports."""
