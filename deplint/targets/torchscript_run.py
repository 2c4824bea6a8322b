"""TorchScript's code run without numbers: which operators the forward method comes to, and what each is given there.

The code of a TorchScript archive is Python as far as its grammar goes. It is followed from the forward method with the module's own
attributes and the inputs it was traced with; a tensor is its dtype and shape (`deplint.targets.torchscript_shapes`), and what cannot be
told is `UNKNOWN`. Branches on something unknown are both followed, and what runs only there is not told. Nothing of the file is executed.
"""

from __future__ import annotations

import ast
import struct
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from deplint.formats.archive import open_zip, read_member
from deplint.formats.pickled import STORAGES, class_of, is_scripted, mapping
from deplint.formats.pickles import Global, Made, Persistent, follow
from deplint.formats.torch import root_of
from deplint.formats.torchscript import calls
from deplint.model import Shape
from deplint.project import File
from deplint.targets.torchscript_shapes import UNKNOWN, Shaped, result

CODE_LIMIT = 4 << 20
"""Characters of code that are followed."""

STEPS = 60_000
"""Expressions that are evaluated."""

DEEP, ROUNDS = 40, 64
"""Calls within calls, and rounds of one loop."""


@dataclass(frozen=True)
class Called:
    """A call of the operator `index` of the graph `graph`, and what it was given."""

    graph: str
    index: int
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


@dataclass
class Run:
    """`calls` in their order. `entered` are graphs that run whatever the inputs are; `whole` if every call was followed; `left` are
    parameters of the forward method, tensors, that are not given and have a default."""

    calls: list[Called] = field(default_factory=list)
    entered: set[str] = field(default_factory=set)
    whole: bool = True
    left: Sequence[str] = ()


class _Enough(Exception):
    """More was asked for than is followed."""


@dataclass(eq=False, repr=False)
class _Object:
    """A module, or another object of a class that TorchScript compiled."""

    kind: str
    attributes: dict[str, Any]


@dataclass(frozen=True)
class _Method:
    owner: _Object
    name: str


@dataclass(frozen=True)
class _Function:
    name: str


@dataclass
class _Code:
    """A function, the offsets in its file where lines begin and where its operators are called."""

    tree: ast.FunctionDef
    lines: list[int]
    calls: list[int]


class _Returned(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


def run(file: File, inputs: Sequence[tuple[str, Shape]] | None) -> Run:
    """The run of the forward method with tensors of these dtypes and shapes; of an unknown number of them if `inputs` is None.

    Raises:
        Unreadable: the archive or a pickle in it is damaged.
    """
    with open_zip(file) as archive:
        root = root_of(archive)
        objects = _Objects()
        module = objects.value(follow(read_member(archive, f"{root}data.pkl")).checked().value)
        constants: Any = ()
        if f"{root}constants.pkl" in archive.NameToInfo:
            made = follow(read_member(archive, f"{root}constants.pkl")).checked().value
            constants = [objects.value(each) for each in made] if isinstance(made, tuple | list) else ()
            for number, each in enumerate(made if constants else ()):
                name = f"{root}constants/{_key(each)}"
                if isinstance(constants[number], Shaped) and constants[number].shape == () and name in archive.NameToInfo:
                    constants[number] = _number(constants[number], read_member(archive, name, 1 << 20))
        code: dict[str, _Code] = {}
        left = CODE_LIMIT
        for name in archive.namelist():
            if name.startswith(f"{root}code/") and name.endswith(".py"):
                content = read_member(archive, name)
                left -= len(content)
                if left < 0:
                    return Run(whole=False)
                code.update(_functions(content, name[len(root) + len("code/") : -len(".py")].replace("/", ".")))
    machine = _Machine(code, constants)
    for each, state in objects.restored:
        with suppress(_Enough, RecursionError):
            machine.called(f"{each.kind}.__setstate__", [each, state], {})
    machine.run = Run()  # of what follows
    forward = code.get(f"{module.kind}.forward") if isinstance(module, _Object) else None
    if forward is None:
        return Run(whole=False)
    parameters = forward.tree.args.args[1:]
    given = [Shaped(dtype, _static(shape)) for dtype, shape in inputs] if inputs is not None else [UNKNOWN for _ in parameters]
    required = len(parameters) - len(forward.tree.args.defaults)
    if not required <= len(given) <= len(parameters):
        return Run(whole=False)
    machine.run.left = [each.arg for each in parameters[len(given) :] if "Tensor" in ast.dump(each.annotation or each)]
    try:
        machine.called(f"{module.kind}.forward", [module, *given], {})
    except (_Enough, RecursionError):
        machine.run.whole = False
    return machine.run


def _static(shape: Shape) -> tuple[int | None, ...] | None:
    return None if shape is None else tuple(size if isinstance(size, int) and size >= 0 else None for size in shape)


class _Objects:
    """Values of a pickle as the code has them."""

    def __init__(self) -> None:
        self.known: dict[int, Any] = {}
        self.alive: list[Made] = []
        """What the keys of `known` are the numbers of."""
        self.restored: list[tuple[_Object, Any]] = []
        """Objects with a state of their own, which their ``__setstate__`` takes, inner ones first."""

    def value(self, value: Any, depth: int = 0) -> Any:
        if depth > DEEP or len(self.known) > STEPS:
            return UNKNOWN
        if isinstance(value, Made):
            if id(value) not in self.known:
                self.alive.append(value)
                self.known[id(value)] = UNKNOWN  # what holds itself
                self.known[id(value)] = self._object(value, depth)
            return self.known[id(value)]
        if isinstance(value, list | tuple):
            return [self.value(each, depth + 1) for each in value[:STEPS]]
        return value if value is None or isinstance(value, int | float | str) else UNKNOWN

    def _object(self, value: Made, depth: int) -> Any:
        if is_scripted(value):
            attributes = {key: self.value(each, depth + 1) for key, each in value.attributes().items()}
            made = _Object(str(class_of(value)), attributes)
            if not attributes and isinstance(value.state, tuple | list):
                self.restored.append((made, self.value(value.state, depth + 1)))
            return made
        if isinstance(value.function, Global) and value.function.name.startswith("_rebuild") and isinstance(value.args, tuple):
            return _tensor(value)
        if isinstance(value.function, Global) and value.function.module == "torch.jit._pickle" and isinstance(value.args, tuple):
            return self.value(value.args[0], depth + 1) if value.args else UNKNOWN  # build_intlist and its like
        pairs = mapping(value)
        return {key: self.value(each, depth + 1) for key, each in pairs if isinstance(key, str | int)} if pairs is not None else UNKNOWN


def _tensor(made: Made) -> Any:
    """``_rebuild_tensor_v2(storage, offset, size, ...)``, or what holds such a tensor."""
    storage, *rest = made.args or (None,)
    if isinstance(storage, Made):
        return _tensor(storage) if isinstance(storage.args, tuple) else UNKNOWN
    kind = storage.id[1] if isinstance(storage, Persistent) and isinstance(storage.id, tuple) and len(storage.id) > 2 else None
    shape = rest[1] if len(rest) > 1 else None
    if not isinstance(kind, Global) or not isinstance(shape, tuple) or not all(isinstance(size, int) for size in shape):
        return UNKNOWN
    return Shaped(STORAGES.get(kind.name.removesuffix("Storage"), ""), shape)


def _key(value: Any) -> str:
    """The member that holds a tensor's storage."""
    storage = value.args[0] if isinstance(value, Made) and isinstance(value.args, tuple) and value.args else None
    return str(storage.id[2]) if isinstance(storage, Persistent) and isinstance(storage.id, tuple) and len(storage.id) > 2 else ""


def _number(tensor: Shaped, content: bytes) -> Shaped:
    letter = {"int64": "q", "int32": "i", "float32": "f", "float64": "d"}.get(tensor.dtype)
    if letter is None or len(content) != struct.calcsize(letter):
        return tensor
    return Shaped(tensor.dtype, (), number=struct.unpack(f"<{letter}", content)[0])


def _functions(content: bytes, module: str) -> Iterator[tuple[str, _Code]]:
    code = content.decode("utf-8", "replace").encode("ascii", "replace").decode("ascii")  # a character is a byte, as ast counts
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    lines = [0]
    while (end := code.find("\n", lines[-1])) >= 0:
        lines.append(end + 1)
    found = [call.start() for call in calls(code)]
    for node in tree.body:
        inner = [(f"{module}.{node.name}", each) for each in node.body] if isinstance(node, ast.ClassDef) else [(module, node)]
        for owner, function in inner:
            if isinstance(function, ast.FunctionDef):
                first, last = lines[function.body[0].lineno - 1], lines[min(function.end_lineno or 0, len(lines) - 1)]
                own = found[bisect_left(found, first) : bisect_left(found, last or len(code))]
                yield f"{owner}.{function.name}", _Code(function, lines, own)


class _Machine:
    def __init__(self, code: Mapping[str, _Code], constants: Sequence[Any]) -> None:
        self.code, self.constants, self.run = code, constants, Run()
        self.steps = self.depth = 0
        self.maybe = 0
        """How many branches that may not run are being followed, one in another."""
        self.frames: list[tuple[str, _Code]] = []

    def called(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """What the function or method of that name returns."""
        code = self.code.get(name)
        if code is None or self.depth >= DEEP:
            self.run.whole = False
            return UNKNOWN
        if not self.maybe:
            self.run.entered.add(name)
        parameters = [each.arg for each in code.tree.args.args]
        defaults = code.tree.args.defaults
        names: dict[str, Any] = dict.fromkeys(parameters, UNKNOWN)
        self.depth += 1
        self.frames.append((name, code))
        try:
            for each, default in zip(parameters[len(parameters) - len(defaults) :], defaults, strict=True):
                names[each] = self.value(default, {})
            names |= dict(zip(parameters, args, strict=False)) | dict(kwargs)
            outside = self.maybe
            try:
                self.block(code.tree.body, names)
            except _Returned as returned:
                return returned.value if self.maybe == outside else UNKNOWN
            finally:
                self.maybe = outside
            return None
        finally:
            self.frames.pop()
            self.depth -= 1

    def block(self, body: Sequence[ast.stmt], names: dict[str, Any]) -> None:
        for each in body:
            self.statement(each, names)

    def statement(self, node: ast.stmt, names: dict[str, Any]) -> None:
        match node:
            case ast.Assign(targets=[target]):
                self.assign(target, self.value(node.value, names), names)
            case ast.AnnAssign(value=ast.expr() as value):
                self.assign(node.target, self.value(value, names), names)
            case ast.Expr():
                self.value(node.value, names)
            case ast.Return():
                raise _Returned(None if node.value is None else self.value(node.value, names))
            case ast.If():
                self.branch(node, names)
            case ast.For(target=ast.Name(id=name)):
                rounds = self.value(node.iter, names)
                if isinstance(rounds, range | list | tuple) and len(rounds) <= ROUNDS:
                    for each in rounds:
                        names[name] = each
                        self.block(node.body, names)
                else:
                    self.loop(node.body, names | {name: UNKNOWN}, names)
            case ast.While():
                for _ in range(ROUNDS):
                    again = self.value(node.test, names)
                    if not isinstance(again, bool):
                        break
                    if not again:
                        return
                    self.block(node.body, names)
                self.loop(node.body, names, names)
            case ast.With():
                self.block(node.body, names)

    def branch(self, node: ast.If, names: dict[str, Any]) -> None:
        test = self.value(node.test, names)
        if isinstance(test, bool):
            self.block(node.body if test else node.orelse, names)
            return
        ways = []
        self.maybe += 1
        for body in (node.body, node.orelse):
            way = dict(names)
            try:
                self.block(body, way)
                if not any(isinstance(each, ast.Expr) and "RaiseException" in ast.dump(each) for each in body):
                    ways.append(way)
            except _Returned:
                raise _Returned(UNKNOWN) from None
        self.maybe -= 1
        for name in set().union(*ways):
            found = [way.get(name, UNKNOWN) for way in ways]
            names[name] = found[0] if all(each is found[0] or each == found[0] for each in found) else UNKNOWN

    def loop(self, body: Sequence[ast.stmt], inside: dict[str, Any], names: dict[str, Any]) -> None:
        """A loop of an unknown number of rounds: what it sets is not known, in it or behind it."""
        changed = {each.id for part in body for each in ast.walk(part) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
        forgotten = dict.fromkeys(changed, UNKNOWN)
        try:
            self.block(body, inside | forgotten)
        except _Returned:
            raise _Returned(UNKNOWN) from None
        names |= forgotten

    def assign(self, target: ast.expr, value: Any, names: dict[str, Any]) -> None:
        match target:
            case ast.Name(id=name):
                names[name] = value
            case ast.Tuple() | ast.List():
                parts = value if isinstance(value, list | tuple) and len(value) == len(target.elts) else [UNKNOWN] * len(target.elts)
                for each, part in zip(target.elts, parts, strict=True):
                    self.assign(each, part, names)
            case ast.Attribute(value=owner, attr=name):
                thing = self.value(owner, names)
                if isinstance(thing, _Object):
                    thing.attributes[name] = UNKNOWN if self.maybe else value

    def value(self, node: ast.expr, names: Mapping[str, Any]) -> Any:
        self.steps += 1
        if self.steps > STEPS:
            raise _Enough
        match node:
            case ast.Constant(value=value):
                return value if value is None or isinstance(value, int | float | str) else UNKNOWN
            case ast.Name(id=name):
                return names.get(name, float(name) if name in ("inf", "nan") else UNKNOWN)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                value = self.value(inner, names)
                return -value if isinstance(value, int | float) else UNKNOWN
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                found = [self.value(each, names) for each in parts]
                return found if isinstance(node, ast.List) else tuple(found)
            case ast.Attribute():
                return self.attribute(node, names)
            case ast.Subscript(value=owner, slice=index):
                thing, at = self.value(owner, names), self.value(index, names)
                return result("__getitem__", [thing, at], {})
            case ast.Call():
                return self.call(node, names)
        return UNKNOWN

    def attribute(self, node: ast.Attribute, names: Mapping[str, Any]) -> Any:
        path = dotted(node)
        if path.startswith("__torch__."):
            return _Function(path)
        if path.startswith("CONSTANTS.c") and path[11:].isdecimal() and len(path) < 20:
            number = int(path[11:])
            return self.constants[number] if number < len(self.constants) else UNKNOWN
        return self.member(self.value(node.value, names), node.attr)

    def member(self, owner: Any, name: str) -> Any:
        if not isinstance(owner, _Object):
            return UNKNOWN
        if name == "training":
            return False  # exporters and converters see a module in evaluation mode
        return owner.attributes.get(name, _Method(owner, name))

    def call(self, node: ast.Call, names: Mapping[str, Any]) -> Any:
        path = dotted(node.func)
        match path, node.args:
            case "annotate" | "unchecked_cast", [_, inner]:
                return self.value(inner, names)
            case "uninitialized" | "isinstance", _:
                return UNKNOWN
        args = [self.value(each, names) for each in node.args]
        kwargs = {each.arg: self.value(each.value, names) for each in node.keywords if each.arg}
        name = (
            path.removeprefix("torch.")
            if path.startswith("torch.")
            else path.removeprefix("ops.").partition(".")[2]
            if path.startswith("ops.")
            else ""
        )
        if name and "." not in name:
            self.operator(node.func, args, kwargs)
            if name == "append" and len(args) == 2 and isinstance(args[0], list):
                args[0].append(UNKNOWN if self.maybe else args[1])
            return result(name, args, kwargs)
        match path, args:
            case "getattr", [owner, str() as key]:
                return self.member(owner, key)
            case "int" | "float" | "bool", [first]:
                number = result("item", [first], {})
                if number is UNKNOWN or (path == "int" and isinstance(number, int)):
                    return number
                try:
                    return {"int": int, "float": float, "bool": bool}[path](number)
                except (ValueError, OverflowError):
                    return UNKNOWN
            case "range", _:
                numbers = [each for each in args if isinstance(each, int)]
                return range(*numbers) if 0 < len(numbers) == len(args) <= 3 and 0 not in numbers[2:] else UNKNOWN
        if path in BUILTINS:
            return UNKNOWN
        thing = self.value(node.func, names)
        if isinstance(thing, _Method):
            return self.called(f"{thing.owner.kind}.{thing.name}", [thing.owner, *args], kwargs)
        if isinstance(thing, _Function):
            return self.called(thing.name, args, kwargs)
        self.run.whole = False
        return UNKNOWN

    def operator(self, node: ast.expr, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        name, code = self.frames[-1]
        at = code.lines[node.lineno - 1] + node.col_offset
        index = bisect_left(code.calls, at)
        if not self.maybe and index < len(code.calls) and code.calls[index] == at:
            self.run.calls.append(Called(name, index, tuple(args), dict(kwargs)))


BUILTINS = ("str", "print", "getattr", "range", "int", "float", "bool", "hash", "ord", "complex")


def dotted(node: ast.expr) -> str:
    """``a.b.c`` of names alone; "" for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
