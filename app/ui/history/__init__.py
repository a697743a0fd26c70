"""History: every sync and other change set, what each did, and taking it back."""
