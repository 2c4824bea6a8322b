"""Which of several assignments a name certainly reads, where the order in which code is written settles it.

`deplint.code.source_meaning` does not follow order: a variable that is assigned twice is unknown to it. Code that works on a picture
step by step (``t = t.div(255); t = t.expandDims(0)``) is known only in its order.
"""

from __future__ import annotations

from deplint.code.source_nodes import Assign, Block, Declare, Function, Loop, Name, Node, Other
from deplint.code.source_scopes import Write

WRITES = 12
"""Assignments of a variable beyond which it is not followed."""


def latest(node: Node) -> Node | None:
    """The expression whose value a name certainly has; None if that is not settled, or the node is no name.

    All assignments have to be in the name's own function, and the last one before the name on the way to it: in a block around the
    name, under no condition. In a loop nothing may assign it after the name.
    """
    if not isinstance(node, Name):
        return None
    variable = node.file.meaning.variable(node)
    if variable is None or variable.imported or variable.open or not 0 < len(variable.writes) <= WRITES:
        return None
    around = list(node.ancestors)
    home = node.function
    best: Node | None = None
    repeated: list[Node] = []
    for write in variable.writes:
        source = write.source
        if source is None:
            if _begins(write, variable.node):
                continue
            return None
        if write.path != () or write.settled or source.function is not home:
            return None
        if _end(source) > _start(node):
            repeated += [a for a in source.ancestors if isinstance(a, Loop) and a in around]
        elif best is None or _start(source) > _start(best):
            best = source
    if best is None or _block(best) not in around or any(loop not in best.ancestors for loop in repeated):
        return None
    return best


def _begins(write: Write, node: Node | None) -> bool:
    """The value a parameter begins with."""
    parent = node.parent if node is not None else None
    return not write.declares and isinstance(parent, Declare) and parent.kind == "parameter"


def _block(source: Node) -> Node | None:
    """The block whose statement is the assignment; None where that is under a condition."""
    node = source.parent
    if not isinstance(node, (Assign, Declare)):
        return None
    for parent in node.ancestors:
        if isinstance(parent, (Block, Function)):
            return parent
        if not isinstance(parent, Other) or parent.kind not in _PLAIN:
            return None
    return None


_PLAIN = frozenset({"statement", "lexical_declaration", "variable_declaration", "export_statement"})


def _start(node: Node) -> tuple[int, int]:
    return node.span.line, node.span.column


def _end(node: Node) -> tuple[int, int]:
    return node.span.end_line, node.span.end_column
