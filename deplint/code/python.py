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
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from deplint.code.facts import Assignment, Call, Name, Return
from deplint.code.patterns import heads, matcher
from deplint.code.shape import Shape, walk_statements
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
    r"tensorflow|keras|torch|onnx|coreml|tflite|litert|openvino|tensorrt|triton|tfjs|numpy|base64|requests|httpx|grpc|cv2|transformers|timm|jax|"
    r"joblib|sklearn|scipy|PIL\b|sagemaker|aiplatform|spacy|nltk|ultralytics|whisper|easyocr|vllm|llama_cpp|openai|xgboost|lightgbm|bentoml|mlflow|"
    r"tarfile|picamera2|pycoral"
)
"""What a file must mention, itself or in a module of the project it imports, to be interpreted."""

IMPORTERS_LIMIT = 64
"""Files that import a module, or what imports it, of which no more are looked for."""

_EXISTING: WeakKeyDictionary[Project, dict[str, bool]] = WeakKeyDictionary()
"""Paths that were looked for, for each project."""

_IMPORTED: WeakKeyDictionary[Project, Mapping[str, Sequence[File]]] = WeakKeyDictionary()
_IMPORT = re.compile(r"\b(?:import|from)\b[^\n(]*(?:\([^)]*\))?|import_module\([^)\n]*")

_PYTHON2 = re.compile(r"^\s*print\s+[^(=\s]|^\s*except\s+[\w.]+\s*,\s*\w+\s*:|^\s*exec\s+[\"']|^\s*raise\s+\w+\s*,", re.M)


_PYTHON312 = re.compile(r"^\s*(?:type\s+\w+(?:\[.*\])?\s*=|(?:async\s+)?def\s+\w+\[|class\s+\w+\[)", re.M)
"""Type aliases and type parameters, which Python has since 3.12."""


def explain(problem: str, text: str) -> str:
    """Why the parser stopped in `text`."""
    if sys.version_info < (3, 12) and problem.startswith("f-string:"):
        return f"{problem} (f-strings hold their own quotes since Python 3.12; deplint runs with 3.{sys.version_info.minor} here)"
    if sys.version_info < (3, 12) and _PYTHON312.search(text):
        return f"Python 3.12 code; deplint runs with Python 3.{sys.version_info.minor} here and reads up to that"
    return f"Python 2 code ({problem}); deplint reads Python 3" if _PYTHON2.search(text) else problem


_HOLE = re.compile(r"##\w+##|@\w+@|\{\{.*\}\}|\{%.*%\}|<%.*%>|\$\{\w+\}")
"""What a template leaves to be filled in."""


_SHELL = re.compile(r"^([ \t]*)[!%][a-z].*", re.M)
"""A command or magic of IPython, in a notebook that was saved as a script."""


class Broken(Unreadable):
    """Code that does not parse; `place` is where."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


class Known(NamedTuple):
    """The names of what was seen in a file: of calls, of objects that attributes are set on, of library things; and the steps it took."""

    calls: Sequence[str]
    owners: Sequence[str]
    names: Sequence[str]
    steps: int


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
        self._run: Interpreter | None = None
        self._imports: dict[tuple[str, int], File | None] = {}
        self.shape = self._parse()

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

    def _parse(self) -> Shape:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return Shape(self.text, ast.parse(self.text))
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

    # -- what is large: a tree, and what running it came to ---------------------------------------------------------------

    @cached_property
    def shape(self) -> Shape:
        """The syntax tree, and what it tells. Made again if it was let go of."""
        return self._parse()

    def release(self) -> int:
        """Let go of the tree and of all that has nodes of it, unless another module may import this one. They are made again if somebody
        asks; `_known` stays. Gives the number of lines."""
        if self.project is None or self.module_name in _imported_names(self.project):
            return 0
        for name in ("shape", "interpreted", "_calls_by_name"):
            self.__dict__.pop(name, None)
        self._run = None
        self.complete = False
        return self.text.count("\n")

    # -- facts ---------------------------------------------------------------------------------------------------------

    def calls(self, *patterns: str) -> list[Call]:
        """The calls whose dotted name matches a pattern (see `deplint.code.patterns`). A function that is entered several times gives
        one call each time, with what it was given then."""
        if not self._may_have(patterns):
            return []
        match = matcher(*patterns)
        names = [name for name in self._known.calls if match(name)]
        return [Call(fact) for name in names for fact in self._calls_by_name[name]]

    def sets(self, *patterns: str) -> list[Assignment]:
        """The attributes set on objects made by a call that matches (``tensorflow.lite.TFLiteConverter.*()``)."""
        if not self._may_have(patterns):
            return []
        match = matcher(*patterns)
        return [Assignment(f) for f in self.interpreted.sets if match(f.owner.name)] if any(map(match, self._known.owners)) else []

    def returns(self) -> list[Return]:
        """What the file's own functions return. A function that is entered several times gives each value."""
        return [Return(fact) for fact in self.interpreted.returns] if self.relevant else []

    def names(self, *patterns: str) -> list[Name]:
        """Where a library's dotted name that matches is used, imports included."""
        if not self._may_have(patterns):
            return []
        match = matcher(*patterns)
        return [Name(f) for f in self.interpreted.uses.values() if match(f.dotted)] if any(map(match, self._known.names)) else []

    def caught(self, use: Name, name: str) -> bool:
        """Was what a use names imported, at or below `name`, nowhere but where a failure is caught or a version was asked for?"""
        imports = [one for one in self.names(name, f"{name}.**") if isinstance(one.node, (ast.Import, ast.ImportFrom))]
        mine = [one for one in imports if f"{use.dotted}.".startswith(f"{one.dotted}.")]
        return bool(mine) and all(one.guarded for one in mine)

    def has(self, *libraries: str) -> bool:
        """Does the file import one of these top-level packages?"""
        return not self._heads.isdisjoint(libraries) and any(name.partition(".")[0] in libraries for name in self._known.names)

    @cached_property
    def _heads(self) -> frozenset[str]:
        """The first words of all names."""
        known = self._known
        return frozenset(re.split(r"[.(]", name, maxsplit=1)[0] for name in (*known.calls, *known.owners, *known.names))

    def _may_have(self, patterns: tuple[str, ...]) -> bool:
        """Some name begins as one of the patterns does; else these need not be compiled."""
        wanted = heads(*patterns)
        return wanted is None or not wanted.isdisjoint(self._heads)

    @property
    def fragment(self) -> bool:
        """Usual names need no import here."""
        return self.project is not None and self.project.fragments

    @cached_property
    def relevant(self) -> bool:
        """Does it mention a library deplint knows, itself or in a module of the project it imports?"""
        return self.fragment or bool(RELEVANT.search(self.text)) or any(RELEVANT.search(_text(file)) for file in self._imported)

    @cached_property
    def _imported(self) -> tuple[File, ...]:
        found: list[File | None] = []
        for node in walk_statements(self.shape.tree):
            if isinstance(node, ast.Import):
                found += [self.find(a.name, 0) for a in node.names]
            elif isinstance(node, ast.ImportFrom):
                found.append(self.find(node.module or "", node.level))
                found += [self.find(f"{node.module or ''}.{a.name}", node.level) for a in node.names if a.name != "*"]
        return tuple(dict.fromkeys(file for file in found if file is not None))

    @property
    def imports(self) -> list[PythonFile]:
        """The modules of the project that it imports, each once."""
        assert self.project is not None
        return [facts for file in self._imported for facts in self.project.facts(file, PythonFile)]

    @cached_property
    def importers(self) -> list[PythonFile]:
        """The files of the project that import it, or import what imports it, nearest first: whose code may run before its own does."""
        found: dict[PythonFile, None] = {self: None}
        work = [self] if self.project is not None else []
        for module in work:
            assert self.project is not None
            for file in _imported_names(self.project).get(module.module_name, ()):
                for facts in self.project.facts(file, PythonFile):
                    if facts not in found and module.file in facts._imported:
                        found[facts] = None
                        work.append(facts)
            if len(found) > IMPORTERS_LIMIT:
                break
        return list(found)[1:]

    def mentions(self, pattern: str | re.Pattern[str], importers: bool = False) -> bool:
        """Does its text, or that of a module of the project that it imports, hold the pattern? With `importers` also that of files which
        import it."""
        wanted = re.compile(pattern)
        texts = chain((self.text,), map(_text, self._imported), (f.text for f in (self.importers if importers else ())))
        return any(wanted.search(text) for text in texts)

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

        return self._known.steps > STEPS_END

    @cached_property
    def _known(self) -> Known:
        """What answers most questions: that there is nothing of that name."""
        if not self.relevant:
            return Known((), (), (), 0)
        run = self.interpreted
        owners = dict.fromkeys(fact.owner.name for fact in run.sets)
        return Known(tuple(self._calls_by_name), tuple(owners), tuple(dict.fromkeys(f.dotted for f in run.uses.values())), run.steps)

    @cached_property
    def _calls_by_name(self) -> Mapping[str, list[CallFact]]:
        named: dict[str, list[CallFact]] = {}
        for fact in self.interpreted.calls:
            named.setdefault(fact.name, []).append(fact)
        return named

    def invoke(self, raw: v.Raw, method: str | None, heap: Heap) -> tuple[list[CallFact], v.Raw, Heap]:
        """See `Value.inside`, `Value.body` and `Value.returned`."""
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
        return next(iter(self.project.facts(file, PythonFile)), None)

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


def _imported_names(project: Project) -> Mapping[str, Sequence[File]]:
    """Every word on the lines of imports of a project's Python files, with the files it is in."""
    known = _IMPORTED.get(project)
    if known is None:
        found: dict[str, list[File]] = {}
        for file in project.files:
            if file.suffix in (".py", ".ipynb"):
                lines = _IMPORT.findall(_text(file))
                for word in dict.fromkeys(word for line in lines for word in re.findall(r"\w+", line)):
                    found.setdefault(word, []).append(file)
        known = _IMPORTED[project] = found
    return known


def _text(file: File) -> str:
    try:
        return file.text
    except (Unreadable, OSError):
        return ""


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
    """Read a ``.py`` file. Of a template, which is to become Python, nothing is read, nor of Python 2 that has to do with no model.

    Raises:
        Broken: it does not parse.
    """
    try:
        return PythonFile(file, file.text)
    except Broken as error:
        line = error.place.span.line if error.place.span else 0
        if _SHELL.match(file.text.split("\n")[max(line - 1, 0)]):
            return PythonFile(file, _SHELL.sub(r"\1pass", file.text))
        template = any(_HOLE.search(text) for text in file.text.split("\n")[max(line - 1, 0) : line])
        if template or (_PYTHON2.search(file.text) and not RELEVANT.search(file.text)):
            return PythonFile(file, "")
        raise
