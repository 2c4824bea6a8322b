"""A Python file or notebook, and the facts rules ask of it.

The text is parsed and interpreted when a rule first asks; a file that mentions no library deplint knows is never interpreted.
"""

from __future__ import annotations

import ast
import os
import re
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from deplint.code.facts import Assignment, Call, Name
from deplint.code.patterns import matcher
from deplint.code.shape import NOTHING_DECLARED, Declared, declarations, is_change, subjects_of, walk, walk_statements
from deplint.finding import Place, Span
from deplint.model import Unreadable

if TYPE_CHECKING:
    from deplint.code import values as v
    from deplint.code.heap import Heap
    from deplint.code.interpret.interpreter import Interpreter
    from deplint.code.interpret.recorded import CallFact
    from deplint.code.interpret.state import Module
    from deplint.project import File, Project

RELEVANT = re.compile(
    r"tensorflow|keras|torch|onnx|coremltools|tflite|litert|openvino|tensorrt|triton|tfjs|numpy|base64|requests|httpx|grpc|cv2|transformers|timm|jax"
)
"""What a file must mention, itself or in a module of the project it imports, to be interpreted."""

GUARD_WORDS = ("is_", "has", "version", "find_spec", "tf", "torch", "keras", "legacy", "skip")
"""Of which a file must contain one, in any case, if a test in it asks for a version or a feature."""

_EXISTING: WeakKeyDictionary[Project, dict[str, bool]] = WeakKeyDictionary()
"""Paths that were looked for, for each project."""

_PYTHON2 = re.compile(r"^\s*print\s+[^(=\s]|^\s*except\s+[\w.]+\s*,\s*\w+\s*:|^\s*exec\s+[\"']|^\s*raise\s+\w+\s*,", re.M)


def explain(problem: str, text: str) -> str:
    """Why the parser stopped in `text`."""
    return f"Python 2 code ({problem}); deplint reads Python 3" if _PYTHON2.search(text) else problem


class Broken(Unreadable):
    """Code that does not parse; `place` is where."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


class PythonFile:
    """One module. `cells` maps a line of `text` to notebook cell and line; None for a plain file. `problems` are cells that could not be
    read."""

    def __init__(self, file: File, text: str, cells: list[tuple[int, int]] | None = None, problems: Sequence[Unreadable] = ()) -> None:
        self.file = file
        self.text = text
        self.cells = cells
        self.problems = problems
        self.project: Project | None = None
        self.complete = False
        """The module ran to its end."""
        self.guards: dict[ast.AST, bool] = {}
        """Tests that were looked at: do they ask for a version or a feature?"""
        self._run: Interpreter | None = None
        self._names: dict[ast.AST, frozenset[str]] = {}
        self._declared: dict[ast.AST, Declared] = {}
        self._stores: dict[ast.AST, tuple[Mapping[str, bool], Sequence[tuple[str, str]], int]] = {}
        self._changing: dict[ast.AST, bool] = {}
        self._again: dict[ast.AST, bool] = {}
        self._imports: dict[tuple[str, int], File | None] = {}
        self.tree = self._parse()

    def __repr__(self) -> str:
        return f"PythonFile({self.file.shown!r})"

    def bind(self, project: Project) -> None:
        """The project the file belongs to: where its imports are looked for."""
        self.project = project

    # -- text ----------------------------------------------------------------------------------------------------------

    @property
    def path(self) -> str:
        return self.file.shown

    @property
    def place(self) -> Place:
        return Place(self.file.shown)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    def _parse(self) -> ast.Module:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(self.text)
        except SyntaxError as error:
            line, column = error.lineno or 1, max(error.offset or 1, 1)
            message = explain(error.msg, self.text)
        except (ValueError, RecursionError, MemoryError) as error:
            line, column, message = 1, 1, str(error) or type(error).__name__
        raise Broken(message, self.at(line, column, line, column))

    def at(self, line: int, column: int, end_line: int, end_column: int) -> Place:
        """The place of a stretch of `text` (1-based; end column exclusive)."""
        cell = None
        if self.cells is not None:
            cell, start = self.cells[min(line, len(self.cells)) - 1] if self.cells else (1, 1)
            _, end = self.cells[min(end_line, len(self.cells)) - 1] if self.cells else (1, 1)
            line, end_line = start, end
        return Place(self.file.shown, Span(line, column, end_line, end_column, cell), f"cell {cell}" if cell else "")

    def place_of(self, node: ast.AST) -> Place:
        """Where a node of this file stands."""
        if not isinstance(node, (ast.expr, ast.stmt, ast.arg, ast.keyword, ast.alias, ast.excepthandler)):
            return self.place
        end_line = node.end_lineno or node.lineno
        return self.at(
            node.lineno, self.column(node.lineno, node.col_offset), end_line, self.column(end_line, node.end_col_offset or node.col_offset)
        )

    def column(self, line: int, offset: int) -> int:
        """`ast` counts UTF-8 bytes from 0; people count characters from 1."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return offset + 1 if text.isascii() else len(text.encode()[:offset].decode("utf-8", "ignore")) + 1

    def source(self, node: ast.AST) -> str:
        """The text of a node."""
        return ast.get_source_segment(self.text, node) or ""

    # -- facts ---------------------------------------------------------------------------------------------------------

    def calls(self, *patterns: str) -> list[Call]:
        """The calls whose dotted name matches a pattern (see `deplint.code.patterns`). A function that is entered several times gives
        one call each time, with what it was given then."""
        found: list[Call] = []
        for name, facts in self._calls_by_name.items():
            if matcher(*patterns)(name):
                found += [Call(f) for f in facts]
        return found

    def sets(self, *patterns: str) -> list[Assignment]:
        """The attributes set on objects made by a call that matches (``tensorflow.lite.TFLiteConverter.*()``)."""
        match = matcher(*patterns)
        return [Assignment(f) for f in self.interpreted.sets if match(f.owner.name)] if self.relevant else []

    def names(self, *patterns: str) -> list[Name]:
        """Where a library's dotted name that matches is used, imports included."""
        match = matcher(*patterns)
        return [Name(f) for f in self.interpreted.uses.values() if match(f.dotted)] if self.relevant else []

    def has(self, *libraries: str) -> bool:
        """Does the file import one of these top-level packages?"""
        return any(u.dotted.partition(".")[0] in libraries for u in self.interpreted.uses.values()) if self.relevant else False

    @cached_property
    def relevant(self) -> bool:
        """Does it mention a library deplint knows, itself or in a module of the project it imports?"""
        return bool(RELEVANT.search(self.text)) or any(RELEVANT.search(_text(file)) for file in self._imported())

    def _imported(self) -> Iterator[File]:
        for node in walk_statements(self.tree):
            if isinstance(node, ast.Import):
                found = [self.find(a.name, 0) for a in node.names]
            elif isinstance(node, ast.ImportFrom):
                found = [self.find(node.module or "", node.level)]
                found += [self.find(f"{node.module or ''}.{a.name}", node.level) for a in node.names if a.name != "*"]
            else:
                continue
            yield from (file for file in found if file is not None)

    @cached_property
    def interpreted(self) -> Interpreter:
        """What the whole file does, on its own."""
        self.module()
        assert self._run is not None
        with _deep_stack():
            self._run.finish()
        return self._run

    @property
    def truncated(self) -> bool:
        """The file is so large that not all of it was looked at."""
        from deplint.code.interpret.limits import STEPS_END

        return self.relevant and self.interpreted.steps > STEPS_END

    @cached_property
    def _calls_by_name(self) -> Mapping[str, list[CallFact]]:
        named: dict[str, list[CallFact]] = {}
        if self.relevant:
            for fact in self.interpreted.calls:
                named.setdefault(fact.name, []).append(fact)
        return named

    def invoke(self, raw: v.Raw, method: str | None, heap: Heap) -> list[CallFact]:
        """See `Value.inside` and `Value.body`."""
        run = self.interpreted
        with _deep_stack():
            return run.invoke(raw, method, heap)

    # -- what the interpreter asks ----------------------------------------------------------------------------------------

    @cached_property
    def module_name(self) -> str:
        stem = self.file.path.stem
        return self.file.path.parent.name if stem == "__init__" else stem

    @property
    def is_package(self) -> bool:
        return self.file.name == "__init__.py"

    def module(self) -> Module:
        """The module's variables after it ran as an import. While it runs (imports in a circle), those it has so far."""
        from deplint.code.interpret.interpreter import Interpreter

        if self._run is None:
            self._run = Interpreter(self)
            with _deep_stack():
                self._run.run_module()
            self.complete = True
        return self._run.module

    def import_of(self, dotted: str, level: int) -> PythonFile | None:
        """The module of the project that an import in this file means, if it can be read."""
        file = self.find(dotted, level)
        if file is None or self.project is None:
            return None
        return next((facts for facts in self.project.facts(file, PythonFile) if isinstance(facts, PythonFile)), None)

    def find(self, dotted: str, level: int) -> File | None:
        """The file of the project that an import in this file means."""
        key = (dotted, level)
        if key not in self._imports:
            self._imports[key] = self._find(dotted.strip("."), level) if self.project is not None else None
        return self._imports[key]

    def _find(self, dotted: str, level: int) -> File | None:
        folder = os.path.dirname(self.file.path)
        inside = dotted.replace(".", "/")
        if level:
            for _ in range(level - 1):
                folder = os.path.dirname(folder)
            return self._module_at(f"{folder}/{inside}" if inside else folder)
        top = dotted.partition(".")[0]
        assert self.project is not None
        if top in sys.stdlib_module_names and self._exists(f"{folder}/__init__.py"):
            return None
        root = str(self.project.root)
        while True:
            for start in (folder, f"{folder}/src"):
                if self._exists(f"{start}/{top}") or self._exists(f"{start}/{top}.py"):
                    found = self._module_at(f"{start}/{inside}")
                    if found is not None and found is not self.file:
                        return found
            if folder == root or top in sys.stdlib_module_names or folder == os.path.dirname(folder):
                return None
            folder = os.path.dirname(folder)

    def _exists(self, path: str) -> bool:
        assert self.project is not None
        known = _EXISTING.setdefault(self.project, {})
        if path not in known:
            known[path] = os.path.exists(path)
        return known[path]

    def _module_at(self, path: str) -> File | None:
        assert self.project is not None
        for candidate in (f"{path}.py", f"{path}/__init__.py"):
            if self._exists(candidate) and (file := self.project.file(Path(candidate))) is not None:
                return file
        return None

    # -- shape of the code, each asked for when the interpreter first needs it

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the tree, parents before children."""
        return list(walk(self.tree))

    @cached_property
    def public(self) -> list[str] | None:
        """The names in ``__all__``, if it is a plain list."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
                elements = node.value.elts if isinstance(node.value, (ast.List, ast.Tuple)) else []
                return [e.value for e in elements if isinstance(e, ast.Constant) and isinstance(e.value, str)]
        return None

    @cached_property
    def has_guards(self) -> bool:
        """Can any test in it be one for a version or a feature?"""
        text = self.text.lower()
        return any(word in text for word in GUARD_WORDS)

    @cached_property
    def future_annotations(self) -> bool:
        """Annotations are never evaluated."""
        return "from __future__ import annotations" in self.text

    @cached_property
    def has_globals(self) -> bool:
        """Does any function in it bind a variable of the module or of a function around?"""
        return re.search(r"^\s*(global|nonlocal)\s", self.text, re.M) is not None

    @cached_property
    def _declaring(self) -> list[int]:
        """Lines on which a name may be declared global or nonlocal, or a function may yield."""
        return [self.text.count("\n", 0, match.start()) + 1 for match in _DECLARING.finditer(self.text)]

    def declared(self, function: ast.AST) -> Declared:
        """What a function declares, not counting the functions in it."""
        found = self._declared.get(function)
        if found is None:
            found = NOTHING_DECLARED
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                end = function.end_lineno or function.lineno
                if any(function.lineno <= line <= end for line in self._declaring):
                    found = declarations(function)
            self._declared[function] = found
        return found

    def stores(self, outer: ast.AST) -> tuple[Mapping[str, bool], Sequence[tuple[str, str]], int]:
        """Names bound in a statement (false for those only added to, by ``+=``), attributes of variables that are set in it, and the number
        of statements."""
        found = self._stores.get(outer)
        if found is None:
            nodes = list(walk(outer))
            added = {id(n.target) for n in nodes if isinstance(n, ast.AugAssign)}
            names: dict[str, bool] = {}
            attributes: dict[tuple[str, str], None] = {}
            for node in nodes:
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    names[node.id] = names.get(node.id, False) or id(node) not in added
                elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
                    attributes[node.value.id, node.attr] = None
            found = self._stores[outer] = names, tuple(attributes), sum(isinstance(n, ast.stmt) for n in nodes)
        return found

    def names_in(self, function: ast.AST) -> frozenset[str]:
        """Names a function reads."""
        found = self._names.get(function)
        if found is None:
            found = self._names[function] = frozenset(n.id for n in walk(function) if isinstance(n, ast.Name))
        return found

    def changes_things(self, function: ast.AST) -> bool:
        """Can it change an object it did not make: does it set attributes or elements, call methods of what an object holds, or hand on
        such?"""
        found = self._changing.get(function)
        if found is None:
            found = self._changing[function] = any(is_change(node) for node in walk(function))
        return found

    def asked_again(self, body: Sequence[ast.stmt], at: int) -> bool:
        """Does a later `if` in `body` ask what the one at `at` asks?"""
        first = body[at]
        known = self._again.get(first)
        if known is None:
            asked = subjects_of(first.test) if isinstance(first, ast.If) else frozenset()
            later = (other for other in body[at + 1 : at + 40] if asked and isinstance(other, ast.If))
            known = self._again[first] = any(asked & subjects_of(other.test) for other in later)
        return known


def _text(file: File) -> str:
    try:
        return file.text
    except (Unreadable, OSError):
        return ""


_DECLARING = re.compile(r"^[ \t]*(?:global|nonlocal)\s|\byield\b", re.M)


@contextmanager
def _deep_stack() -> Iterator[None]:
    """Room for code that is nested deep: the interpreter goes down with it."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 6000))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def read(file: File) -> PythonFile:
    """Read a ``.py`` file.

    Raises:
        Broken: it does not parse.
    """
    return PythonFile(file, file.text)
