"""Where a value goes within the function it is made in, by syntax alone: through variables that are assigned once."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from deplint.code.handlers import Scope, parents

LIMIT = 200
"""Expressions that are looked at."""


def follow(node: ast.AST, scope: Scope, through: Callable[[ast.AST, ast.AST], bool]) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Each expression or statement that uses the value of `node`, with the part of it that is the value. What `through(outer, inner)` says
    is the same value still is followed further, and so are variables that nothing else is assigned to."""
    above = parents(scope)
    work, seen = [node], {id(node)}
    while work and len(seen) < LIMIT:
        inner = work.pop()
        outer = above.get(inner)
        if outer is None:
            continue
        yield outer, inner
        onward: list[ast.AST] = []
        if isinstance(outer, ast.Assign) and len(outer.targets) == 1 and isinstance(target := outer.targets[0], ast.Name):
            named = [n for n in above if isinstance(n, ast.Name) and n.id == target.id]
            if sum(isinstance(n.ctx, ast.Store) for n in named) == 1:
                onward = [n for n in named if isinstance(n.ctx, ast.Load)]
        elif isinstance(outer, ast.Await) or through(outer, inner):
            onward = [outer]
        for one in onward:
            if id(one) not in seen:
                seen.add(id(one))
                work.append(one)
