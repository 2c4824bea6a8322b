"""Notebooks as Python: their code cells as one module, with what IPython adds to the language taken out."""

from __future__ import annotations

import ast
import re
import warnings

from deplint.code.python import Broken, PythonFile, explain
from deplint.finding import Place, Span
from deplint.project import File


def read(file: File) -> PythonFile:
    """Read the code cells of an ``.ipynb`` file as one module. Lines of magics and shell commands are blank to the parser.

    Cells that do not parse are left out and noted in `problems`.

    Raises:
        Unreadable: it is not a notebook's JSON.
    """
    notebook = file.notebook
    lines: list[str] = []
    cells: list[tuple[int, int]] = []
    broken: list[tuple[str, Place]] = []
    for number, cell in enumerate(notebook.cells, 1):
        if not (cell.code and notebook.python):
            continue
        written, wrong = _understood(cell.lines)
        if wrong is not None and _INDENTED.match(cell.text):
            # IPython takes away what the first line is indented by. A line in front does as well, and the columns stay.
            inside, wrong = _understood(["if True:", *cell.lines])
            if wrong is None:
                written = inside[1:]
                cells.append((number, 1))
                lines.append(inside[0])
            else:
                wrong.lineno = max((wrong.lineno or 1) - 1, 1)
        if wrong is not None:
            if _R.search(cell.text):
                return PythonFile(file, "", [])
            # A cell that people never ran to the end: its neighbours still count.
            line, column = wrong.lineno or 1, max(wrong.offset or 1, 1)
            broken.append((explain(wrong.msg, cell.text), Place(file.shown, Span(line, column, line, column, number), f"cell {number}")))
            written = [""] * len(written)
        lines += written
        cells += [(number, n) for n in range(1, len(written) + 1)]
    more = f" (and {len(broken) - 1} more cells that do not parse)" if len(broken) > 1 else ""
    return PythonFile(file, "\n".join(lines), cells, [Broken(message + more, place) for message, place in broken[:1]])


def _syntax_error(lines: list[str]) -> SyntaxError | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse("\n".join(lines))
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxError(str(error) or type(error).__name__)
    return None


_MAGIC = re.compile(
    r"\s*(?:[%!?]|[\w.]+\?{1,2}\s*$|(?:pip3?|conda) install\s|cd\s+\.\.?(?:/|\s*$)|"
    r"(?:ls|cd|mkdir|wget|git|curl|gcloud|gsutil|kubectl|docker|sudo|apt|apt-get|python3?|exec)\s+[^=\s(.,\[])"
)
"""A line of IPython's own: magics, shell commands, help, and the commands it takes without a mark or people are to type elsewhere."""

_INDENTED = re.compile(r"(?:[ \t]*\n)*[ \t]+\S")

_R = re.compile(r"(?m)^\s*(?:library\([\w.]+\)|[\w.]+ <- )")
"""The language R, in notebooks that give themselves out for Python."""

_TIMED = re.compile(r"(\s*)(%(?:time|timeit|prun|memit)\b(?:\s+-\w+(?:\s+\d+)?)*\s+)(?=[^\s%!])")
"""A magic that runs the rest of its line."""

_ASSIGNED = re.compile(r"(\s*[\w, ]+=\s*)([%!].*)$")
"""A variable that gets what a magic or a command gives."""

_PYTHON_CELL = re.compile(r"%%(time|timeit|capture|prun|memit)\b")

MAGICS_LIMIT = 40
"""Lines of a cell that are taken for magics because the cell does not parse with them."""


def _understood(lines: list[str]) -> tuple[list[str], SyntaxError | None]:
    """The lines of a cell with magics taken out, line by line, so that positions stay; and what is still wrong with them."""
    wrong = _syntax_error(lines)
    if wrong is None:
        return lines, None
    # Colab takes a title or another comment in front of a cell's magic.
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    if first.startswith("%%") and not _PYTHON_CELL.match(first):
        return [""] * len(lines), None
    plain = _plain(lines)
    wrong = _syntax_error(plain)
    if wrong is None:
        return plain, None
    # Which lines are magics depends on brackets and quotes around them: the parser knows, it stops at the first that is one.
    plain = list(lines)
    for _ in range(MAGICS_LIMIT):
        wrong = _syntax_error(plain)
        if wrong is None:
            return plain, None
        at = min(wrong.lineno or 1, len(plain)) - 1
        if (found := _without_magic(plain[at])) is None:
            break
        plain[at] = found
        while lines[at].rstrip().endswith("\\") and at + 1 < len(plain):
            at += 1
            plain[at] = ""
    return lines, _syntax_error(_plain(lines))


def _plain(lines: list[str]) -> list[str]:
    plain: list[str] = []
    continued = False
    depth = 0
    for line in lines:
        # Within brackets a line that begins with % goes on with an expression.
        found = "" if continued else None if depth > 0 else _without_magic(line)
        continued = found is not None and line.rstrip().endswith("\\")
        plain.append(line if found is None else found)
        if found is None:
            depth = max(0, depth + sum(map(line.count, "([{")) - sum(map(line.count, ")]}")))
    return plain


def _without_magic(line: str) -> str | None:
    """What is Python in a line of IPython's own, at the same columns; None for any other line."""
    # A loop cannot follow a semicolon: of one that is timed, nothing is seen.
    if (timed := _TIMED.match(line)) and _syntax_error(["_;" + line[timed.end() :].rstrip("\\")]) is None:
        return f"{timed[1]}{'_' * (len(timed[2]) - 1)};{line[timed.end() :]}"
    if assigned := _ASSIGNED.match(line):
        return assigned[1] + "_" * len(assigned[2])
    if _MAGIC.match(line):
        indent = line[: len(line) - len(line.lstrip())]
        return f"{indent}pass" if indent else ""
    return None
