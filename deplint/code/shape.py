"""What the shape of a syntax tree tells without running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

GUARD_WORDS = ("is_", "has", "version", "find_spec", "tf", "torch", "keras", "legacy", "skip", "_major", "getattr")
"""Of which a file must contain one, in any case, if a test in it asks for a version or a feature."""

_ASKS = re.compile(r"__version__|\bversion_info\b|\bfind_spec\b|\bhasattr\b")

_VERSION_TEST = re.compile(
    r"(?i)(?<!con)version|hasattr|find_spec|\b_*(is|has)_\w*(tf|tensorflow|torch|keras|onnx|avail|install|support)|\b_*has_\w|"
    r"\btf_?[12]|torch_?[12]|keras_?[23]|legacy|compat\b|\b_?is_v[12]|skip_?(if|unless)|"
    r"\b(tf|tensorflow|torch|keras|np|numpy|trt|tensorrt|onnx|ort)_(major|minor|ver)\b|"
    r"\bgetattr (tf|tensorflow|torch|keras|K|np|numpy|trt|tensorrt|onnx|Image|cv2)\b"
)

_DECLARING = re.compile(r"^[ \t]*(?:global|nonlocal)\s|\byield\b", re.M)

_NO_NODES = frozenset("id ctx op ops arg attr kind level module conversion is_async simple type_comment".split())  # noqa: SIM905
"""Fields of nodes that hold no nodes, but names, flags and operators."""

_FIELDS = {
    kind: tuple(field for field in kind._fields if field not in _NO_NODES) if kind is not ast.Constant else ()
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """A node and every node below it, parents before children; without operators and contexts, which are all alike."""
    found = [node]
    for each in found:
        yield each
        for field in _FIELDS[type(each)]:
            value = getattr(each, field, None)
            if type(value) is list:
                found += [v for v in value if isinstance(v, ast.AST)]
            elif isinstance(value, ast.AST):
                found.append(value)


def walk_statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Every statement of a module, parents before children; nothing that is only an expression is looked at."""
    found: list[ast.stmt] = list(tree.body)
    for each in found:
        yield each
        for name in ("body", "orelse", "finalbody"):
            found += getattr(each, name, ())
        for part in (*getattr(each, "handlers", ()), *getattr(each, "cases", ())):
            found += part.body


class Declared(NamedTuple):
    """Names a function declares global, names it declares nonlocal, and whether it yields."""

    globals: frozenset[str] = frozenset()
    nonlocals: frozenset[str] = frozenset()
    generator: bool = False


NOTHING_DECLARED = Declared()


def declarations(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Declared:
    """What a function declares, not counting the functions in it."""
    names: set[str] = set()
    outer: set[str] = set()
    generator = False
    work: list[ast.AST] = list(function.body) if isinstance(function.body, list) else [function.body]
    while work:
        node = work.pop()
        if isinstance(node, ast.Global):
            names |= set(node.names)
        elif isinstance(node, ast.Nonlocal):
            outer |= set(node.names)
        elif isinstance(node, (ast.Yield, ast.YieldFrom)):
            generator = True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            work += ast.iter_child_nodes(node)
    return Declared(frozenset(names), frozenset(outer), generator)


def is_change(node: ast.AST) -> bool:
    """Can it change an object that was not made there: does it set an attribute or element, call a method of what an object holds, or hand
    on such?"""
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return not isinstance(node.ctx, ast.Load)
    if not isinstance(node, ast.Call):
        return False
    held = isinstance(node.func, ast.Attribute) and isinstance(node.func.value, (ast.Attribute, ast.Subscript))
    return held or any(isinstance(a, (ast.Attribute, ast.Starred)) or (isinstance(a, ast.Name) and a.id == "self") for a in node.args)


def subjects_of(test: ast.expr) -> frozenset[str]:
    """The variables and attributes a test is about, with the constant they are compared to."""
    if isinstance(test, ast.BoolOp):
        return frozenset().union(*(subjects_of(v) for v in test.values))
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return subjects_of(test.operand)
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.comparators[0], ast.Constant):
        return frozenset(f"{s} {test.comparators[0].value!r}" for s in subjects_of(test.left))
    if isinstance(test, ast.Name):
        return frozenset((test.id,))
    if isinstance(test, ast.Attribute) and isinstance(test.value, ast.Name):
        return frozenset((f"{test.value.id}.{test.attr}",))
    return frozenset()


def words_in(node: ast.AST | None) -> str:
    """The identifiers in an expression, and its strings, as one string."""
    if isinstance(node, ast.Name):
        return node.id
    if node is None:
        return ""
    found: list[str] = []
    for child in ast.walk(node):
        if isinstance(child, ast.Name):
            found.append(child.id)
        elif isinstance(child, ast.Attribute):
            found.append(child.attr)
        elif isinstance(child, ast.Constant) and child.value == "__main__":
            found.append("__main__")
    return " ".join(found)


def is_quiet(node: ast.expr) -> bool:
    """Does evaluating it change nothing?"""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, (ast.Constant, ast.Name)):
            return False
        node = node.value
    return isinstance(node, (ast.Name, ast.Constant))


def is_hook(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
    """Is it there to be defined by derived classes: nothing but a docstring, ``pass``, ``...`` or ``raise NotImplementedError``?"""
    if isinstance(node, ast.Lambda):
        return False
    return all(
        isinstance(s, ast.Pass)
        or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
        or (isinstance(s, ast.Raise) and "NotImplementedError" in words_in(s.exc))
        for s in node.body
    )


class Shape:
    """A module's tree and what its shape tells, each asked for when it is first needed."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        self.text = text
        self.tree = tree
        self.guards: dict[ast.AST, bool] = {}
        """Tests that were looked at: do they ask for a version or a feature?"""
        self._names: dict[ast.AST, frozenset[str]] = {}
        self._declared: dict[ast.AST, Declared] = {}
        self._stores: dict[ast.AST, tuple[Mapping[str, bool], Sequence[tuple[str, str]], int]] = {}
        self._changing: dict[ast.AST, bool] = {}
        self._again: dict[ast.AST, bool] = {}

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
    def asked_before(self) -> frozenset[str]:
        """Variables and attributes that hold what asking for a version or a feature gave: ``modern = torch.__version__ >= "2"``."""
        if not _ASKS.search(self.text):
            return frozenset()
        found: list[ast.expr] = []
        for node in self.nodes:
            if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and _ASKS.search(words_in(node.value)):
                found += node.targets if isinstance(node, ast.Assign) else [node.target]
        return frozenset(words_in(target).split()[0] for target in found if isinstance(target, (ast.Name, ast.Attribute)))

    def is_guard(self, test: ast.expr) -> bool:
        """Does a test ask for a version, or whether something is there?"""
        if not self.has_guards:
            return False
        known = self.guards.get(test)
        if known is None:
            words = words_in(test)
            known = self.guards[test] = bool(_VERSION_TEST.search(words)) or not self.asked_before.isdisjoint(words.split())
        return known

    @cached_property
    def behind_guards(self) -> frozenset[str]:
        """Functions that the file names nowhere but where a version or a feature was asked for before."""
        tests = (node.test for node in self.nodes if isinstance(node, (ast.If, ast.IfExp))) if self.has_guards else ()
        if not any(map(self.is_guard, tests)):
            return frozenset()
        named: dict[str, list[bool]] = {
            node.name: [] for node in self.nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name[:2] != "__"
        }
        work: list[tuple[ast.AST, bool]] = [(self.tree, False)]
        while work:
            node, guarded = work.pop()
            name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
            if name in named:
                named[name].append(guarded)
            guarded = guarded or (isinstance(node, (ast.If, ast.IfExp)) and self.is_guard(node.test))
            for child in ast.iter_child_nodes(node):
                work.append((child, guarded))
                # What stands after ``if new: return ...`` is for the old.
                ends = isinstance(child, ast.If) and isinstance(child.body[-1], (ast.Return, ast.Raise, ast.Continue))
                guarded = guarded or (isinstance(child, ast.If) and ends and self.is_guard(child.test))
        return frozenset(name for name, places in named.items() if places and all(places))

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
