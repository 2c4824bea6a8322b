"""Edits for fixes of Python code: the smallest spans that say what is meant, or None where the code's shape is not understood.

Changes inside a call go through libcst on the call's own text, so that commas, comments, parentheses and layout stay; it is imported
when such a fix is made, and never for a plain lint.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from deplint.code.facts import Assignment, Call, Name, Value
from deplint.finding import Edit

if TYPE_CHECKING:
    import libcst as cst

    from deplint.code.python import PythonFile

Edits = tuple[Edit, ...] | None

_TIGHT = (
    ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.JoinedStr,
    ast.ListComp, ast.SetComp, ast.DictComp,
)  # fmt: skip
"""Expressions that ``.attribute`` can follow as they are written."""

_LOOSE = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda, ast.Await)
"""Expressions that need parentheses before ``.attribute``."""


# -- names and values ----------------------------------------------------------------------------------------------------------


def replace_text(value: Value, text: str) -> Edits:
    """Write `text` where `value` is written."""
    if not value.written:
        return None
    return _replace(value.file, value.node, text)


def append(what: Value | Call, text: str) -> Edits:
    """Put `text` (``.tolist()``) behind an expression, in parentheses where it needs them."""
    if isinstance(what, Value) and not what.written:
        return None
    file, node = what.file, what.node
    number = isinstance(node, ast.Constant) and isinstance(node.value, (int, float, complex))
    if isinstance(node, _TIGHT) or (isinstance(node, ast.Constant) and not number):
        if isinstance(node, ast.Tuple) and not file.source(node).startswith("("):
            return None
        return (_insert(file, node, end=True, text=text),)
    if isinstance(node, _LOOSE) or number:
        return _insert(file, node, end=False, text="("), _insert(file, node, end=True, text=")" + text)
    return None


def replace_attribute(assignment: Assignment, name: str) -> Edits:
    """Set the attribute `name` instead: the last segment of ``converter.target_spec.NAME = ...``."""
    return _last_segment(assignment.file, assignment.node, name)


def call_instead(call: Call, name: str) -> Edits:
    """Call the method or function `name` instead: the last segment of ``model.NAME(...)``."""
    return _last_segment(call.file, call.node.func, name)


def _last_segment(file: PythonFile, node: ast.AST, name: str) -> Edits:
    if not isinstance(node, ast.Attribute) or not file.source(node).endswith(node.attr):
        return None
    whole = file.source(node)
    return _replace(file, node, whole[: len(whole) - len(node.attr)] + name)


def rename(name: Name, dotted: str) -> Edits:
    """Use `dotted` instead of the library's name: ``tf.lite.X`` for ``tf.contrib.lite.X``. Only where the same import gives both, or where
    the import itself is the use."""
    file, node = name.file, name.node
    if isinstance(node, ast.Attribute):
        attributes: list[str] = []
        base: ast.expr = node
        while isinstance(base, ast.Attribute):
            attributes.insert(0, base.attr)
            base = base.value
        old, new = name.dotted.split("."), dotted.split(".")
        start = len(old) - len(attributes)
        if not isinstance(base, ast.Name) or start < 1 or old[start:] != attributes or new[:start] != old[:start] or len(new) <= start:
            return None
        return _replace(file, node, ".".join([base.id, *new[start:]]))
    if isinstance(node, (ast.Import, ast.ImportFrom)) and len(node.names) == 1 and node.names[0].name != "*":
        alias = node.names[0]
        if isinstance(node, ast.Import):
            return _replace(file, node, f"import {dotted} as {alias.asname}") if alias.asname else None
        parent, _, last = dotted.rpartition(".")
        local = alias.asname or alias.name
        return _replace(file, node, f"from {parent} import {last}" + ("" if last == local else f" as {local}")) if parent else None
    return None


# -- arguments -----------------------------------------------------------------------------------------------------------------


def replace_argument(call: Call, name: str, text: str, position: int | None = None) -> Edits:
    """Give `text` for the argument of that name, or of that position (from 0) where it is not named."""
    tree = _parse(call)
    if tree is None or not _is_expression(text):
        return None
    found = next((n for n, arg in enumerate(tree.args) if arg.keyword is not None and arg.keyword.value == name), None)
    if found is None and position is not None and position < len(tree.args):
        if any(arg.star or arg.keyword is not None for arg in tree.args[: position + 1]):
            return None
        found = position
    if found is None:
        return None
    import libcst as cst

    args = list(tree.args)
    args[found] = args[found].with_changes(value=cst.parse_expression(text))
    return _write(call, tree.with_changes(args=args))


def add_keyword(call: Call, name: str, text: str) -> Edits:
    """Give one more argument, ``name=text``, behind the others and laid out like them."""
    tree = _parse(call)
    if tree is None or not _is_expression(text) or not name.isidentifier():
        return None
    if any(arg.star == "**" or (arg.keyword is not None and arg.keyword.value == name) for arg in tree.args):
        return None
    if len(tree.args) == 1 and isinstance(call.node.args[:1] and call.node.args[0], ast.GeneratorExp):
        return None  # it would need parentheses of its own
    import libcst as cst

    new = cst.Arg(
        keyword=cst.Name(name),
        value=cst.parse_expression(text),
        equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
    )
    if not tree.args:
        return _write(call, tree.with_changes(args=[new]))
    *before, last = tree.args
    trailing = isinstance(last.comma, cst.Comma)
    end = last.comma.whitespace_after if isinstance(last.comma, cst.Comma) else last.whitespace_after_arg
    lead = before[-1].comma.whitespace_after if before and isinstance(before[-1].comma, cst.Comma) else tree.whitespace_before_args
    own_line = isinstance(end, cst.ParenthesizedWhitespace)
    gap: cst.BaseParenthesizableWhitespace
    if isinstance(lead, cst.ParenthesizedWhitespace) and (own_line or before):
        gap = _new_line(lead.last_line.value)
    elif isinstance(end, cst.ParenthesizedWhitespace):
        gap = _new_line(end.last_line.value + "    ")
    else:
        gap = cst.SimpleWhitespace(" ")
    if isinstance(end, cst.ParenthesizedWhitespace) and isinstance(gap, cst.ParenthesizedWhitespace):
        # A comment behind the last argument stays with it.
        gap = end.with_changes(last_line=gap.last_line)
        end = _new_line(end.last_line.value)
    if isinstance(last.comma, cst.Comma):
        before.append(last.with_changes(comma=last.comma.with_changes(whitespace_after=gap)))
    else:
        before.append(last.with_changes(comma=cst.Comma(whitespace_after=gap), whitespace_after_arg=cst.SimpleWhitespace("")))
    if trailing and own_line:
        new = new.with_changes(comma=cst.Comma(whitespace_after=end))
    else:
        new = new.with_changes(whitespace_after_arg=end if not trailing else cst.SimpleWhitespace(""))
    return _write(call, tree.with_changes(args=[*before, new]))


def remove_keyword(call: Call, name: str) -> Edits:
    """Give no argument of that name. None if none is written."""
    tree = _parse(call)
    if tree is None:
        return None
    import libcst as cst

    args = list(tree.args)
    found = next((n for n, arg in enumerate(args) if arg.keyword is not None and arg.keyword.value == name), None)
    if found is None:
        return None
    gone = args.pop(found)
    if args and found == len(args):
        last = args[-1]
        end = gone.comma.whitespace_after if isinstance(gone.comma, cst.Comma) else gone.whitespace_after_arg
        comma = last.comma
        if isinstance(comma, cst.Comma) and (_has_comment(comma.whitespace_before) or _has_comment(comma.whitespace_after)):
            # A comment behind the argument before stays with it, and so does its comma.
            close = end.last_line.value if isinstance(end, cst.ParenthesizedWhitespace) else ""
            after = comma.whitespace_after
            if isinstance(after, cst.ParenthesizedWhitespace):
                after = after.with_changes(last_line=cst.SimpleWhitespace(close))
            args[-1] = last.with_changes(comma=comma.with_changes(whitespace_after=after))
        elif isinstance(gone.comma, cst.Comma):
            args[-1] = last.with_changes(comma=gone.comma)
        else:
            args[-1] = last.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_arg=end)
    return _write(call, tree.with_changes(args=args))


def _has_comment(space: cst.BaseParenthesizableWhitespace) -> bool:
    import libcst as cst

    return isinstance(space, cst.ParenthesizedWhitespace) and (
        space.first_line.comment is not None or any(line.comment is not None for line in space.empty_lines)
    )


def _new_line(indent: str) -> cst.ParenthesizedWhitespace:
    import libcst as cst

    return cst.ParenthesizedWhitespace(last_line=cst.SimpleWhitespace(indent))


def _is_expression(text: str) -> bool:
    """Is it what can stand as one argument's value?"""
    try:
        call = ast.parse(f"f(x={text}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return False
    return isinstance(call, ast.Call) and not call.args and len(call.keywords) == 1 and not text.rstrip().endswith(",")


def _parse(call: Call) -> cst.Call | None:
    """The call's own text as a tree. In parentheses, so that it may go over lines."""
    import libcst as cst

    try:
        tree = cst.parse_expression(f"({call.file.source(call.node)})")
    except (cst.ParserSyntaxError, RecursionError, UnicodeError):
        return None
    return tree if isinstance(tree, cst.Call) and len(tree.args) == len(call.node.args) + len(call.node.keywords) else None


def _write(call: Call, tree: cst.Call) -> Edits:
    import libcst as cst

    return _replace(call.file, call.node, cst.Module([]).code_for_node(tree)[1:-1])


# -- statements ----------------------------------------------------------------------------------------------------------------


def insert_statement_before(fact: Call | Assignment, text: str) -> Edits:
    """Put the statement `text` before the one that holds `fact`, as lines of their own."""
    return _beside(fact, text, after=False)


def insert_statement_after(fact: Call | Assignment, text: str) -> Edits:
    """Put the statement `text` after the one that holds `fact`, as lines of their own."""
    return _beside(fact, text, after=True)


def _beside(fact: Call | Assignment, text: str, after: bool) -> Edits:
    file = fact.file
    statement = _statement(file, fact.node)
    if not isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return)) or (
        after and isinstance(statement, ast.Return)
    ):
        return None
    first, last = file.lines[statement.lineno - 1], file.lines[(statement.end_lineno or statement.lineno) - 1]
    span = file.place_of(statement).span
    assert span is not None
    indent, rest = first[: span.column - 1], last[span.end_column - 1 :].strip()
    above = file.lines[statement.lineno - 2] if statement.lineno > 1 else ""
    if indent.strip() or above.endswith("\\") or (rest and not rest.startswith("#")):
        return None
    lines = text.split("\n")
    if after:
        line, column = statement.end_lineno or statement.lineno, len(last) + 1
        return (_edit(file, (line, column), (line, column), "".join(f"\n{indent}{part}" for part in lines)),)
    return (_edit(file, (statement.lineno, span.column), (statement.lineno, span.column), "".join(f"{part}\n{indent}" for part in lines)),)


def _statement(file: PythonFile, node: ast.AST) -> ast.stmt | None:
    """The innermost statement around a node."""
    block: list[ast.AST] = [file.shape.tree]
    found: ast.stmt | None = None
    while block:
        inside = [n for n in block if n is node or _holds(n, node)]
        if not inside:
            break
        found = inside[0] if isinstance(inside[0], ast.stmt) else found
        block = list(ast.iter_child_nodes(inside[0]))
    return found


def _holds(outer: ast.AST, node: ast.AST) -> bool:
    return any(child is node for child in ast.walk(outer))


# -- text ----------------------------------------------------------------------------------------------------------------------


def _replace(file: PythonFile, node: ast.AST, new: str) -> tuple[Edit, ...]:
    """The smallest edit that makes the text of `node` be `new`."""
    old = file.source(node)
    if old == new:
        return ()
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    return (_edit(file, _at(file, node, old[:head]), _at(file, node, old[: len(old) - tail]), new[head : len(new) - tail]),)


def _common(one: str, other: str) -> int:
    """How many characters both start with."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _at(file: PythonFile, node: ast.AST, before: str) -> tuple[int, int]:
    """Line and column of `file.text` that lie behind the first characters `before` of a node."""
    assert isinstance(node, (ast.expr, ast.stmt))
    lines = before.count("\n")
    if lines:
        return node.lineno + lines, len(before) - before.rindex("\n")
    return node.lineno, file.column(node.lineno, node.col_offset) + len(before)


def _insert(file: PythonFile, node: ast.AST, end: bool, text: str) -> Edit:
    at = _at(file, node, file.source(node) if end else "")
    return _edit(file, at, at, text)


def _edit(file: PythonFile, start: tuple[int, int], end: tuple[int, int], text: str) -> Edit:
    span = file.at(*start, *end).span
    assert span is not None
    return Edit(file.path, span, text)
