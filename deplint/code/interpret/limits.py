"""How far the interpreter goes: one file costs a bounded time whatever is in it."""

from __future__ import annotations

DEPTH_LIMIT = 5
"""Functions entered within each other."""

STEPS = 2_000
STEPS_A_LINE = 4
STEPS_LIMIT = 20_000
"""Statements run for one file before functions are no longer entered from their calls: so many, and so many more for each of its lines, up
to a limit."""

STEPS_END = 80_000
"""Statements run for one file; beyond that nothing more is looked at."""

MODULES_LIMIT = 64
"""Modules of the project that are looked into for one file."""

ENTRIES_LIMIT = 6
"""Times one function is entered for one file, if it is small. A helper called more often than that is taken as unseen."""

ENTRY_STEPS = 400
FOREIGN_STEPS = 60
"""Statements that entering one function of the file, of another module, may cost (those it enters included) before it is not entered
again."""

UNROLL_LIMIT = 4
"""Elements of a known iterable that a loop goes through one by one; longer ones are taken as any number of unknown length."""

UNROLL_STEPS = 120
"""Statements that going through the elements one by one may come to."""

ROWS_LIMIT = 16
"""Elements that loops and comprehensions within each other go through one by one, taken together."""

IDLE_LINES = 12
"""Lines of a function of another module beyond which it is not entered with nothing but plain values."""
