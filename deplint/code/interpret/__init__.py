"""Abstract interpretation of a Python module: what its calls are given, and what becomes of its objects.

Statements run in order on a `State`: the variables, and a heap of cells. Branches run on copies that are joined; the body of a loop
runs once, as if any number of iterations had gone before; functions of the project are entered with the values they are called with, a few
levels deep and within a budget of steps. Whatever is given to code that cannot be seen *escapes*: from there on nothing is certain
about it. What no statement reaches (functions nobody calls, methods) runs afterwards, on unknown arguments.

Nothing of the project is executed; only constants are computed, and of those only small ones.

Where to find what: `interpreter` holds one run over one file and asks the tables at the end of it which function runs a kind of statement
(``do_...`` in `statements`, `branches`, `loops`, `blocks`, `definitions`) and which evaluates a kind of expression (``on_...`` in
`expressions`, `calls`). These build on `binding`, `narrowing`, `attributes`, `functions`, `scopes`; and those on `compute` and `objects`,
which need no interpreter, only a state. `modelled`, `containers` and `parsers` are the library functions whose result is known.
`recorded` is what comes out, `state` what changes on the way, `limits` how far it goes.
"""
