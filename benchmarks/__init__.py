"""How fast the program is, on the practice SIS, beside a floor that does the least (`make bench`).

What lives here: the floor, the measurements, each a process of its own, and the table of them all
against the budgets. What may not: anything that the program needs. Imported by nobody; may import
any room of the app. docs/benchmarks.md says what was found, and what each figure is made of.
"""
