"""One pass of abstract interpretation over a Python module: what its calls are given, and what becomes of its objects.

Statements run once, in order, on a `State`: the variables, and a heap of `Cell`s. Branches run on copies that are joined; loops are
taken once; functions of the project are entered with the values they are called with, a few levels deep and within a budget of
steps. Whatever is given to code that cannot be seen *escapes*: from there on nothing is certain about it.

Nothing of the project is executed; only constants are computed, and of those only small ones.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import operator
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from deplint.code.values import (
    EMPTY,
    NONE,
    UNKNOWN,
    Cell,
    Class,
    Const,
    Default,
    Either,
    Function,
    Heap,
    Imported,
    Method,
    Name,
    Operation,
    Part,
    Raw,
    Ref,
    Slot,
    Text,
    Truth,
    either,
    options,
)

if TYPE_CHECKING:
    from deplint.code.python import PythonFile

DEPTH_LIMIT = 6
"""Functions entered within each other."""

STEPS_LIMIT = 30_000
"""Statements run for one file; beyond that functions are no longer entered."""

ENTRIES_LIMIT = 6
"""Times one function is entered for one file. A helper called more often than that is taken as unseen."""

NAME_LIMIT = 240
ITEMS_LIMIT = 256
STRING_LIMIT = 4096

_BUILTINS = frozenset(dir(builtins))
_numbers = itertools.count()
_NOTHING = Heap()

_CALLED = re.compile(r"(\w+)\s*\(")

_VERSION_TEST = re.compile(r"(?i)(?<!con)version|hasattr|find_spec|^_?(is|has)_|tf[12]|torch_?[12]|keras_?[23]|legacy")

_FRAMEWORKS = frozenset(
    "tensorflow keras tf_keras torch torchvision torchaudio onnx onnxruntime onnxscript coremltools tflite_runtime ai_edge_litert "
    "ai_edge_torch litert_torch tensorflowjs tensorflow_hub tensorflow_serving tensorflow_probability tensorflow_datasets tf2onnx "
    "onnxmltools skl2onnx onnxsim openvino tensorrt tritonclient torchao executorch timm transformers optimum safetensors "
    "numpy scipy pandas PIL cv2 skimage sklearn matplotlib tqdm requests grpc flask fastapi uvicorn pydantic joblib h5py yaml "
    "google absl jax flax mlflow bentoml sagemaker boto3 kserve ray gradio streamlit psutil tabulate termcolor colorama rich click".split()
)
"""Libraries that are never a module of the project, and that do not set attributes of, or call methods on, what they are given in ways
a rule asks about."""

_SAFE_ROOTS = _FRAMEWORKS | frozenset(sys.stdlib_module_names) | {"builtins"}

_CANONICAL = (
    ("tensorflow.compat.v2.", "tensorflow."),
    ("tensorflow._api.v2.", "tensorflow."),
    ("tensorflow.python.keras.", "tensorflow.keras."),
    ("tensorflow.lite.python.lite.", "tensorflow.lite."),
    ("tensorflow.lite.python.interpreter.", "tensorflow.lite."),
    ("builtins.", ""),
)
"""Other spellings of the same thing, by the start of the dotted name."""

_FLUENT = frozenset({"eval", "train", "to", "cuda", "cpu", "half", "float", "double", "bfloat16", "requires_grad_", "share_memory", "xpu"})
"""Methods of a `torch.nn.Module` that return the module itself."""

_MODULES = re.compile(
    r"(torch\.(load|nn\.|hub\.load|jit\.(load|trace|script)|quantization|ao\.)|torchvision\.models|timm\.|transformers\.|segmentation_models_pytorch\.)"
)
"""Calls that give a `torch.nn.Module`, by the start of their dotted name."""

_TRANSPARENT = re.compile(
    r"(staticmethod|classmethod|abc\.|functools\.(wraps|lru_cache|cache)|torch\.(no_grad|inference_mode|jit\.)|tensorflow\.|keras\.|"
    r"contextlib\.contextmanager|typing\.|click\.|pytest\.|numba\.|dataclasses\.)"
)

_PURE = {
    str: frozenset("format replace strip lstrip rstrip lower upper title split rsplit join startswith endswith removesuffix "
                   "removeprefix encode zfill capitalize partition rpartition splitlines count find".split()),
    bytes: frozenset({"decode", "strip", "startswith", "endswith"}),
    PurePosixPath: frozenset({"with_suffix", "with_name", "with_stem", "joinpath", "as_posix", "__str__", "__fspath__"}),
    int: frozenset({"bit_length"}),
}  # fmt: skip
"""Methods of constants that are computed."""

_PATH_SAME = frozenset({"resolve", "absolute", "expanduser"})

_BINARY: Mapping[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
    ast.Pow: ("**", operator.pow),
    ast.BitOr: ("|", operator.or_),
    ast.BitAnd: ("&", operator.and_),
    ast.LShift: ("<<", operator.lshift),
    ast.RShift: (">>", operator.rshift),
    ast.BitXor: ("^", operator.xor),
    ast.MatMult: ("@", operator.matmul),
}

_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


def canonical(dotted: str) -> str:
    """The one spelling of a library's dotted name."""
    for start, replacement in _CANONICAL:
        if dotted.startswith(start):
            return replacement + dotted[len(start) :]
    return dotted


def name_of(dotted: str) -> Raw:
    return Name(canonical(dotted)) if len(dotted) <= NAME_LIMIT else UNKNOWN


class State:
    """The variables of the running function, the module's, and the heap. Changed in place; `fork` before a branch, `join` after it."""

    __slots__ = ("env", "glob", "heap", "scope")

    def __init__(self, env: dict[str, Raw], glob: dict[str, Raw], heap: Heap, scope: dict[str, Raw] | None = None) -> None:
        self.env = env
        self.glob = glob
        self.heap = heap
        self.scope = scope

    def fork(self) -> State:
        env = dict(self.env)
        return State(env, env if self.glob is self.env else self.glob, self.heap.copy(), self.scope)

    def replace(self, other: State) -> None:
        # In place: the module's functions hold on to its dictionary of variables.
        if self.env is not other.env:
            self.env.clear()
            self.env.update(other.env)
        self.heap.assign(other.heap)

    def join(self, other: State) -> None:
        env = self.env
        for name, value in other.env.items():
            mine = env.get(name)
            if mine is None:
                env[name] = value
            elif mine is not value:
                env[name] = either(mine, value)
        self.heap.join(other.heap)

    def cell(self, ref: Ref) -> Cell:
        return self.heap.get(ref.number)

    def put(self, ref: Ref, cell: Cell) -> None:
        self.heap[ref.number] = cell

    def made(self, ref: Ref) -> Ref:
        """Note that the object exists on this path."""
        self.heap[ref.number] = EMPTY
        return ref


class Module:
    """A module's variables and heap after its statements ran."""

    def __init__(self, file: PythonFile) -> None:
        self.file = file
        self.env: dict[str, Raw] = {}
        self.heap = Heap()
        self.stars: list[str] = []
        self.exposed: set[str] = set()
        """Names that functions rebind with `global`."""


class CallFact:
    """A call as it was seen: see `deplint.code.facts.Call`."""

    __slots__ = (
        "args", "contexts", "file", "guarded", "heap", "kwargs", "name", "node", "open_args", "open_kwargs", "receiver", "result", "stack",
    )  # fmt: skip

    def __init__(self, node: ast.Call, file: PythonFile, name: str) -> None:
        self.node = node
        self.file = file
        self.name = name
        self.args: list[tuple[Raw, ast.AST]] = []
        self.kwargs: dict[str, tuple[Raw, ast.AST]] = {}
        self.open_args = False
        self.open_kwargs = False
        self.receiver: Ref | None = None
        self.result: Raw = UNKNOWN
        self.heap = _NOTHING
        self.stack: tuple[Function, ...] = ()
        self.contexts: tuple[str, ...] = ()
        self.guarded = False


class Arguments:
    """What a call is given."""

    __slots__ = ("args", "kwargs", "open_args", "open_kwargs")

    def __init__(self) -> None:
        self.args: list[tuple[Raw, ast.AST]] = []
        self.kwargs: dict[str, tuple[Raw, ast.AST]] = {}
        self.open_args = False
        self.open_kwargs = False

    def raws(self) -> Iterator[Raw]:
        for raw, _ in self.args:
            yield raw
        for raw, _ in self.kwargs.values():
            yield raw

    def get(self, name: str, position: int) -> Raw | None:
        if name in self.kwargs:
            return self.kwargs[name][0]
        return self.args[position][0] if position < len(self.args) else None


class Set:
    """An attribute that was set on an object: which object, dotted path, value, where."""

    __slots__ = ("file", "guarded", "heap", "node", "owner", "path", "source", "value")

    def __init__(
        self, owner: Ref, path: str, value: Raw, node: ast.AST, source: ast.AST, file: PythonFile, heap: Heap, guarded: bool
    ) -> None:
        self.owner = owner
        self.path = path
        self.value = value
        self.node = node
        self.source = source
        self.file = file
        self.heap = heap
        self.guarded = guarded


class Use:
    """A library's dotted name used in the code: ``tf.contrib.lite.TocoConverter``."""

    __slots__ = ("dotted", "file", "guarded", "node")

    def __init__(self, dotted: str, node: ast.AST, file: PythonFile, guarded: bool) -> None:
        self.dotted = dotted
        self.node = node
        self.file = file
        self.guarded = guarded


class _Frame:
    """A function being run: where its returns and loop exits go."""

    __slots__ = ("function", "guard", "loops", "returns")

    def __init__(self, function: Function | None) -> None:
        self.function = function
        self.returns: list[tuple[Raw, State]] = []
        self.loops: list[list[State]] = []
        self.guard = 0


class Interpreter:
    """Interprets one file. `calls`, `sets` and `uses` fill up as it goes."""

    def __init__(self, file: PythonFile) -> None:
        self.file = file
        self.calls: list[CallFact] = []
        self.sets: list[Set] = []
        self.uses: list[Use] = []
        self.entered: dict[ast.AST, int] = {}
        """How often each function was entered."""
        self.steps = 0
        self.recording = True
        self.frames: list[_Frame] = []
        self.contexts: list[str] = []
        self.guards = 0
        self.files: list[PythonFile] = [file]
        self._exec: dict[type, Callable[[Any, State], bool]] = {}
        self._eval: dict[type, Callable[[Any, State], Raw]] = {}
        for attribute in dir(self):
            if attribute.startswith("do_"):
                # TryStar is newer than the oldest Python deplint runs on.
                self._exec[getattr(ast, attribute[3:], ast.Try)] = getattr(self, attribute)
            elif attribute.startswith("on_"):
                self._eval[getattr(ast, attribute[3:])] = getattr(self, attribute)

    # -- whole modules -------------------------------------------------------------------------------------------------

    def run_module(self, main: bool) -> Module:
        """Run the module's statements, as the program (`main`) or as an import."""
        module = self.module = Module(self.file)
        module.env["__name__"] = Const("__main__" if main else self.file.module_name)
        module.env["__file__"] = Const(PurePosixPath(self.file.file.shown))
        self.state = State(module.env, module.env, module.heap)
        self.frames.append(_Frame(None))
        self.block(self.file.tree.body, self.state)
        self.frames.pop()
        module.heap = self.state.heap
        return module

    def run_rest(self) -> None:
        """Run what no statement reached, as unseen code may call it: functions with unknown arguments, methods in any order."""
        functions: list[Function] = []
        classes: list[Class] = []
        for value in list(self.module.env.values()):
            for option in options(value):
                if isinstance(option, Function) and option.module is self.module:
                    functions.append(option)
                elif isinstance(option, Class) and option.module is self.module:
                    classes.append(option)
        # Callers first: a function that others call is better seen from there.
        called = Counter(_CALLED.findall(self.file.text))
        functions.sort(key=lambda f: called[getattr(f.node, "name", "")] > 1)
        for function in functions:
            if function.node not in self.entered:
                self.alone(function)
        for cls in classes:
            self.methods(cls)

    def alone(self, function: Function, receiver: Raw | None = None, state: State | None = None) -> None:
        state = state or self.state.fork()
        arguments = Arguments()
        arguments.open_args = arguments.open_kwargs = True
        self.enter(function, arguments, receiver, state, None)

    def methods(self, cls: Class) -> None:
        """Run the methods of a class that nobody called, on an instance any other method may have been called on before."""
        found = {n: f for n, f in cls.members.items() if isinstance(f, Function)}
        rest = {n: f for n, f in found.items() if f.node not in self.entered}
        if not rest:
            return
        ref = self.fresh(self.instance_name(cls), cls)
        state = self.state.fork()
        recording, self.recording = self.recording, False
        entered = dict(self.entered)
        start = cls.lookup("__init__")
        if isinstance(start, Function):
            self.alone(start, ref, state)
        for name, function in found.items():
            if name != "__init__":
                other = state.fork()
                self.alone(function, ref, other)
                state.heap.join(other.heap)
        self.recording, self.entered = recording, entered
        for name, function in rest.items():
            if function.node not in self.entered:
                if name == "__init__":
                    blank = self.fresh(self.instance_name(cls), cls)
                    self.alone(function, blank, self.state.fork())
                else:
                    self.alone(function, ref, state.fork())

    def instance_name(self, cls: Class) -> str:
        names, _ = cls.libraries()
        return (names[0] if names else f"{cls.module.file.module_name}.{cls.node.name}") + "()"

    def invoke(self, target: Raw, method: str, heap: Heap) -> list[CallFact]:
        """The calls made when `method` of an object runs on unknown arguments: what is inside a model's ``forward``."""
        outer, self.calls = self.calls, []
        state = State({}, self.module.env, heap.copy())
        for option in options(target):
            if isinstance(option, Ref) and option.cls is not None:
                function = option.cls.lookup(method)
                if isinstance(function, Function):
                    self.steps = min(self.steps, STEPS_LIMIT // 2)
                    self.alone(function, option, state)
        found, self.calls = self.calls, outer
        return found

    # -- statements ----------------------------------------------------------------------------------------------------

    def block(self, body: Sequence[ast.stmt], state: State) -> bool:
        """Run statements; False if the path ends in them."""
        execute = self._exec
        for statement in body:
            self.steps += 1
            run = execute.get(type(statement))
            if run is None:
                continue
            try:
                if not run(statement, state):
                    return False
            except RecursionError:
                # Code nested deeper than Python's own stack: nothing is known of this statement.
                continue
        return True

    def do_Expr(self, node: ast.Expr, state: State) -> bool:
        value = node.value
        self.eval(value, state)
        if isinstance(value, ast.Call):
            target = value.func
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                if (target.value.id, target.attr) in (("sys", "exit"), ("os", "_exit"), ("os", "abort")):
                    return False
            elif isinstance(target, ast.Name) and target.id in ("exit", "quit"):
                return False
        return True

    def do_Assign(self, node: ast.Assign, state: State) -> bool:
        value = self.eval(node.value, state)
        for target in node.targets:
            self.assign(target, value, state, node.value)
        return True

    def do_AnnAssign(self, node: ast.AnnAssign, state: State) -> bool:
        if node.value is not None:
            self.assign(node.target, self.eval(node.value, state), state, node.value)
        return True

    def do_AugAssign(self, node: ast.AugAssign, state: State) -> bool:
        more = self.eval(node.value, state)
        target = node.target
        current = self.eval(target, state)
        if isinstance(node.op, ast.Add):
            refs = [r for r in options(current) if isinstance(r, Ref) and state.cell(r).items is not None]
            if refs:
                for ref in refs:
                    self.extend(ref, more, state)
                if isinstance(target, ast.Attribute):
                    self.assign(target, current, state, target)
                return True
        result = self.arithmetic(node.op, current, more)
        if isinstance(current, Part) and isinstance(more, Ref) and state.cell(more).items is not None:
            result = self.fresh("[]")
            state.put(result, state.cell(more).with_(exact=False, open=True))
        self.assign(target, result, state, target)
        return True

    def assign(self, target: ast.expr, value: Raw, state: State, source: ast.AST) -> None:
        if isinstance(target, ast.Name):
            name = target.id
            frame = self.frames[-1]
            if frame.function is not None and name in self.file_of(frame).globals_of(frame.function.node):
                old = state.glob.get(name)
                state.glob[name] = value if old is None else either(old, value)
            else:
                state.env[name] = value
        elif isinstance(target, ast.Attribute):
            for owner in options(self.eval(target.value, state)):
                self.set_attribute(owner, target.attr, value, state, target, source)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self.unpack(target.elts, value, state, source)
        elif isinstance(target, ast.Subscript):
            container = self.eval(target.value, state)
            key = self.eval(target.slice, state)
            for option in options(container):
                if isinstance(option, Ref):
                    self.set_item(option, key, value, state)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, UNKNOWN, state, source)

    def unpack(self, targets: Sequence[ast.expr], value: Raw, state: State, source: ast.AST) -> None:
        items: Sequence[Raw] | None = None
        if isinstance(value, Ref):
            cell = state.cell(value)
            if cell.items is not None and cell.exact and cell.keys is None and len(cell.items) == len(targets):
                items = cell.items
        if items is None:
            items = [self.element(value, state)] * len(targets)
        if isinstance(source, (ast.Tuple, ast.List)) and len(source.elts) == len(targets):
            sources: Sequence[ast.AST] = source.elts
        else:
            sources = targets
        for target, item, where in zip(targets, items, sources, strict=True):
            self.assign(target, item, state, where)

    def set_attribute(self, owner: Raw, attribute: str, value: Raw, state: State, node: ast.AST, source: ast.AST) -> None:
        """`node` is what sets the attribute, `source` the expression whose value it gets (or `node`, if there is none)."""
        path = attribute
        if isinstance(owner, Part):
            path = f"{owner.path}.{attribute}"
            owner = owner.owner
        if isinstance(owner, Class):
            owner.members[attribute] = either(owner.members.get(attribute, value), value)
        elif isinstance(owner, Imported):
            env = owner.file.module(main=False).env
            env[attribute] = either(env.get(attribute, value), value)
        elif isinstance(owner, Ref):
            state.put(owner, state.cell(owner).with_attr(path, value, (self.files[-1], source)))
            if self.recording and owner.cls is None:
                self.sets.append(Set(owner, path, value, node, source, self.files[-1], state.heap.snapshot(), self.guarded))

    def set_item(self, ref: Ref, key: Raw, value: Raw, state: State) -> None:
        cell = state.cell(ref)
        if cell.items is None:
            if isinstance(key, Const) and isinstance(key.value, str):
                state.put(ref, cell.with_attr(f"[{key.value}]", value, None))
            return
        if cell.keys is not None:
            for n, known in enumerate(cell.keys):
                if known == key:
                    items = (*cell.items[:n], value, *cell.items[n + 1 :])
                    state.put(ref, cell.with_(items=items))
                    return
            known_key = isinstance(key, Const)
            state.put(
                ref,
                cell.with_(
                    items=(*cell.items, value), keys=(*cell.keys, key), exact=cell.exact and known_key, open=cell.open or not known_key
                ),
            )
        elif isinstance(key, Const) and isinstance(key.value, int) and cell.exact and -len(cell.items) <= key.value < len(cell.items):
            items_list = list(cell.items)
            items_list[key.value] = value
            state.put(ref, cell.with_(items=tuple(items_list)))
        else:
            state.put(ref, cell.with_(items=(*cell.items, value), exact=False))

    def extend(self, ref: Ref, more: Raw, state: State) -> None:
        cell = state.cell(ref)
        items = cell.items or ()
        if isinstance(more, Ref) and (other := state.cell(more)).items is not None and other.keys is None:
            state.put(ref, cell.with_(items=items + (other.items or ()), exact=cell.exact and other.exact, open=cell.open or other.open))
        else:
            state.put(ref, cell.with_(exact=False, open=True))

    def do_Delete(self, node: ast.Delete, state: State) -> bool:
        for target in node.targets:
            if isinstance(target, ast.Name):
                state.env.pop(target.id, None)
        return True

    def do_Return(self, node: ast.Return, state: State) -> bool:
        value = self.eval(node.value, state) if node.value is not None else NONE
        self.frames[-1].returns.append((value, state.fork()))
        return False

    def do_Raise(self, node: ast.Raise, state: State) -> bool:
        if node.exc is not None:
            self.eval(node.exc, state)
        return False

    def do_Break(self, node: ast.stmt, state: State) -> bool:
        if self.frames[-1].loops:
            self.frames[-1].loops[-1].append(state.fork())
        return False

    do_Continue = do_Break

    def do_If(self, node: ast.If, state: State) -> bool:
        guards = _VERSION_TEST.search(_words(node.test)) is not None
        verdict = self.test(node.test, state)
        if verdict is not None:
            return self.block(node.body if verdict else node.orelse, state)
        frame = self.frames[-1]
        other = state.fork()
        self.narrow(node.test, True, state)
        self.narrow(node.test, False, other)
        self.guards += guards
        alive = self.block(node.body, state)
        alive_other = self.block(node.orelse, other)
        self.guards -= guards
        if guards and not (alive and alive_other):
            frame.guard += 1
        return self.meet(state, alive, other, alive_other)

    def meet(self, state: State, alive: bool, other: State, alive_other: bool) -> bool:
        if alive and alive_other:
            state.join(other)
        elif alive_other:
            state.replace(other)
        return alive or alive_other

    def do_For(self, node: ast.For | ast.AsyncFor, state: State) -> bool:
        iterable = self.eval(node.iter, state)
        never = state.fork()
        self.assign(node.target, self.element(iterable, state), state, node.target)
        certain = isinstance(iterable, Ref) and (cell := state.cell(iterable)).exact and bool(cell.items)
        return self.loop(node, state, None if certain else never)

    do_AsyncFor = do_For

    def do_While(self, node: ast.While, state: State) -> bool:
        verdict = self.test(node.test, state)
        if verdict is False:
            return self.block(node.orelse, state)
        return self.loop(node, state, None if verdict else state.fork())

    def loop(self, node: ast.For | ast.AsyncFor | ast.While, state: State, never: State | None) -> bool:
        frame = self.frames[-1]
        frame.loops.append([])
        alive = self.block(node.body, state)
        for exit_state in frame.loops.pop():
            alive = self.meet(state, alive, exit_state, True)
        if never is not None:
            alive = self.meet(state, alive, never, True)
        if alive and node.orelse:
            other = state.fork()
            alive = self.meet(state, True, other, self.block(node.orelse, other))
        return alive

    def do_With(self, node: ast.With | ast.AsyncWith, state: State) -> bool:
        entered: list[str] = []
        for item in node.items:
            value = self.eval(item.context_expr, state)
            entered.append(dotted_of(value))
            for option in options(value):
                if isinstance(option, Ref) and option.cls is not None and isinstance(enter := option.cls.lookup("__enter__"), Function):
                    value = self.enter(enter, Arguments(), option, state, None)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value, state, item.optional_vars)
        self.contexts.extend(entered)
        alive = self.block(node.body, state)
        del self.contexts[len(self.contexts) - len(entered) :]
        return alive

    do_AsyncWith = do_With

    def do_Try(self, node: ast.Try, state: State) -> bool:
        before = state.fork()
        caught = {n for handler in node.handlers for n in (_words(handler.type).split() if handler.type is not None else ["Exception"])}
        guards = bool(caught & {"AttributeError", "ImportError", "ModuleNotFoundError", "Exception", "BaseException", "TypeError"})
        self.guards += guards
        alive = self.block(node.body, state)
        failed = before
        failed.join(state)
        if alive:
            alive = self.block(node.orelse, state)
        for handler in node.handlers:
            other = failed.fork()
            if handler.name:
                other.env[handler.name] = UNKNOWN
            alive = self.meet(state, alive, other, self.block(handler.body, other))
        self.guards -= guards
        if node.finalbody:
            if not alive:
                state.replace(failed)
                self.block(node.finalbody, state)
            else:
                alive = self.block(node.finalbody, state)
        return alive

    do_TryStar = do_Try

    def do_Match(self, node: ast.Match, state: State) -> bool:
        self.eval(node.subject, state)
        start = state.fork()
        alive = True
        for case in node.cases:
            other = start.fork()
            for pattern in ast.walk(case.pattern):
                name = getattr(pattern, "name", None)
                if isinstance(name, str):
                    other.env[name] = UNKNOWN
            alive = self.meet(state, alive, other, self.block(case.body, other))
        return alive

    def do_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, state: State) -> bool:
        state.env[node.name] = self.define(node, state)
        return True

    do_AsyncFunctionDef = do_FunctionDef

    def define(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, state: State, owner: Class | None = None) -> Raw:
        positional = [*node.args.posonlyargs, *node.args.args]
        defaults = {p.arg: self.eval(d, state) for p, d in zip(positional[::-1], node.args.defaults[::-1], strict=False)}
        defaults.update({p.arg: self.eval(d, state) for p, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d})
        scope = None if state.env is state.glob else {**(state.scope or {}), **state.env}
        value: Raw = Function(node, self.running, scope, defaults, owner)
        if isinstance(node, ast.Lambda):
            return value
        names = []
        for decorator in reversed(node.decorator_list):
            how = self.eval(decorator, state)
            names.append(dotted_of(how))
            if isinstance(how, (Function, Class)) or (isinstance(how, Ref) and how.cls is not None):
                arguments = Arguments()
                arguments.args.append((value, decorator))
                value = self.apply(how, arguments, None, state, record=False)
            elif how is UNKNOWN:
                # An unseen decorator may wrap the function in anything; its body is still run on its own.
                value = either(value, UNKNOWN)
        for option in options(value):
            if isinstance(option, Function) and option.node is node:
                option.decorators = tuple(names)
        return value

    def do_ClassDef(self, node: ast.ClassDef, state: State) -> bool:
        bases = tuple(self.eval(base, state) for base in node.bases)
        cls = Class(node, self.running, bases)
        cls.decorators = tuple(dotted_of(self.eval(d, state)) for d in node.decorator_list)
        inner = State({}, state.glob, state.heap, {**(state.scope or {}), **state.env} if state.env is not state.glob else state.scope)
        self.block(node.body, inner)
        cls.members = inner.env
        for member in inner.env.values():
            for option in options(member):
                if isinstance(option, Function) and option.owner is None:
                    option.owner = cls
                    option.scope = None if state.env is state.glob else {**(state.scope or {}), **state.env}
        state.env[node.name] = cls
        return True

    def do_Import(self, node: ast.Import, state: State) -> bool:
        for alias in node.names:
            module = self.import_module(alias.name, 0)
            self.use_import(alias.name, node)
            if alias.asname:
                state.env[alias.asname] = self.imported(module, state) if module else name_of(alias.name)
            elif module and "." not in alias.name:
                state.env[alias.name] = self.imported(module, state)
            else:
                top = alias.name.partition(".")[0]
                package = self.import_module(top, 0) if module else None
                state.env[top] = self.imported(package, state) if package else name_of(top)
        return True

    def do_ImportFrom(self, node: ast.ImportFrom, state: State) -> bool:
        base = node.module or ""
        module = self.import_module(base, node.level)
        for alias in node.names:
            if alias.name == "*":
                if module is not None:
                    self.imported(module, state)
                    for name, value in module.module(main=False).env.items():
                        if not name.startswith("_"):
                            state.env[name] = value
                elif not node.level:
                    self.running.stars.append(base)
                    self.use_import(base, node)
                continue
            inner = self.import_module(f"{base}.{alias.name}" if base else alias.name, node.level)
            value: Raw
            if module is not None and (alias.name in (env := module.module(main=False).env)):
                self.imported(module, state)
                value = env[alias.name]
            elif inner is not None:
                value = self.imported(inner, state)
            elif module is not None or node.level:
                value = UNKNOWN
            else:
                self.use_import(f"{base}.{alias.name}", node)
                value = name_of(f"{base}.{alias.name}")
            state.env[alias.asname or alias.name] = value
        return True

    def use_import(self, dotted: str, node: ast.AST) -> None:
        if self.recording:
            self.uses.append(Use(canonical(dotted), node, self.files[-1], self.guarded))

    def import_module(self, dotted: str, level: int) -> PythonFile | None:
        if not level and dotted.partition(".")[0] in _FRAMEWORKS:
            return None
        return self.files[-1].import_of(dotted, level)

    def imported(self, file: PythonFile, state: State) -> Raw:
        module = file.module(main=False)
        state.heap.add(module.heap)
        return Imported(file)

    # -- functions -----------------------------------------------------------------------------------------------------

    @property
    def running(self) -> Module:
        """The module whose code is running."""
        frame = self.frames[-1] if self.frames else None
        return frame.function.module if frame is not None and frame.function is not None else self.module

    def file_of(self, frame: _Frame) -> PythonFile:
        return frame.function.module.file if frame.function is not None else self.file

    @property
    def guarded(self) -> bool:
        return self.guards > 0 or any(frame.guard for frame in self.frames)

    def enter(self, function: Function, given: Arguments, receiver: Raw | None, state: State, node: ast.AST | None) -> Raw:
        """Run a function's body; its effects on the heap are the caller's, its value is returned."""
        body = function.node
        busy = sum(1 for frame in self.frames if frame.function is not None and frame.function.node is body)
        times = self.entered.get(body, 0)
        if busy or times >= ENTRIES_LIMIT or len(self.frames) > DEPTH_LIMIT or self.steps > STEPS_LIMIT:
            self.escape(given.raws(), state)
            if receiver is not None:
                self.escape([receiver], state)
            return UNKNOWN
        self.entered[body] = times + 1
        env = self.bind(function, given, receiver, state)
        glob = state.glob if function.module is self.running else function.module.env
        inner = State(env, glob, state.heap, function.scope)
        frame = _Frame(function)
        self.frames.append(frame)
        self.files.append(function.module.file)
        contexts, self.contexts = self.contexts, [*self.contexts, *function.decorators]
        if isinstance(body, ast.Lambda):
            value = self.eval(body.body, inner)
        else:
            # Returns fork the state, so what falls through is the state itself.
            alive = self.block(body.body, inner)
            ends = frame.returns
            values = [v for v, _ in ends]
            if alive:
                values.append(NONE)
            elif ends:
                inner.replace(ends[0][1])
                ends = ends[1:]
            for _, end in ends:
                inner.heap.join(end.heap)
            value = either(*values) if values else UNKNOWN
            if function.module.file.is_generator(body):
                value = self.fresh("<generator>")
        self.contexts = contexts
        self.files.pop()
        self.frames.pop()
        return value

    def bind(self, function: Function, given: Arguments, receiver: Raw | None, state: State) -> dict[str, Raw]:
        spec = function.node.args
        env: dict[str, Raw] = {}
        names = [p.arg for p in (*spec.posonlyargs, *spec.args)]
        if receiver is not None and names and "staticmethod" not in function.decorators:
            env[names.pop(0)] = receiver
        args = [raw for raw, _ in given.args]
        for name, raw in zip(names, args, strict=False):
            env[name] = raw
        kwargs = {k: raw for k, (raw, _) in given.kwargs.items()}
        for name in (*names, *(p.arg for p in spec.kwonlyargs)):
            if name in kwargs:
                env[name] = kwargs.pop(name)
            elif name not in env:
                default = function.defaults.get(name)
                maybe_given = given.open_kwargs or (given.open_args and name in names)
                env[name] = UNKNOWN if default is None else Default(default) if maybe_given else default
        if spec.vararg:
            rest = self.fresh("()")
            state.put(rest, Cell(items=tuple(args[len(names) :]), exact=not given.open_args, open=given.open_args))
            env[spec.vararg.arg] = rest
        if spec.kwarg:
            more = self.fresh("{}")
            keys = tuple(Const(k) for k in kwargs)
            state.put(more, Cell(items=tuple(kwargs.values()), keys=keys, exact=not given.open_kwargs, open=given.open_kwargs))
            env[spec.kwarg.arg] = more
        return env

    def fresh(self, name: str, cls: Class | None = None, call: CallFact | None = None) -> Ref:
        return Ref(next(_numbers), name, cls, call)

    def escape(self, raws: Iterable[Raw], state: State) -> None:
        """Unseen code gets hold of these: it may do anything to them and to what they hold."""
        work = list(raws)
        seen: set[int] = set()
        while work:
            raw = work.pop()
            if isinstance(raw, (Either,)):
                work.extend(raw.options)
            elif isinstance(raw, Part):
                work.append(raw.owner)
            elif isinstance(raw, Method):
                work.append(raw.receiver)
            elif isinstance(raw, Ref) and raw.number not in seen:
                seen.add(raw.number)
                cell = state.cell(raw)
                if cell.escaped is not Truth.yes:
                    changes: dict[str, Any] = {"escaped": Truth.yes}
                    if cell.items is not None and raw.name != "()":
                        changes.update(exact=False, open=True)
                    state.put(raw, cell.with_(**changes))
                work.extend(cell.items or ())
                for slot in cell.attrs.values():
                    work.extend(slot.values)

    # -- expressions ---------------------------------------------------------------------------------------------------

    def eval(self, node: ast.expr, state: State) -> Raw:
        run = self._eval.get(type(node))
        return run(node, state) if run is not None else UNKNOWN

    def on_Constant(self, node: ast.Constant, state: State) -> Raw:
        return Const(node.value)

    def on_Name(self, node: ast.Name, state: State) -> Raw:
        value = self.lookup(node.id, state)
        if type(value) is Name and self.recording:
            self.uses.append(Use(value.dotted, node, self.files[-1], self.guarded))
        return value

    def lookup(self, name: str, state: State) -> Raw:
        value = state.env.get(name)
        if value is None and state.scope is not None:
            value = state.scope.get(name)
        if value is None:
            value = state.glob.get(name)
        if value is not None:
            return value
        stars = self.running.stars
        if name in _BUILTINS:
            return Name(name)
        if stars and not name.startswith("_"):
            return either(*(name_of(f"{star}.{name}") for star in stars))
        return UNKNOWN

    def on_Attribute(self, node: ast.Attribute, state: State) -> Raw:
        # The chain is walked here, so that only its longest dotted name counts as used.
        chain = [node]
        base: ast.expr = node.value
        while isinstance(base, ast.Attribute):
            chain.append(base)
            base = base.value
        value = self.lookup(base.id, state) if isinstance(base, ast.Name) else self.eval(base, state)
        for link in reversed(chain):
            value = self.attribute(value, link.attr, state)
        if self.recording:
            for option in options(value):
                if type(option) is Name:
                    self.uses.append(Use(option.dotted, node, self.files[-1], self.guarded))
        return value

    def attribute(self, value: Raw, attr: str, state: State) -> Raw:
        kind = type(value)
        if kind is Name:
            return name_of(f"{value.dotted}.{attr}")  # type: ignore[attr-defined]
        if kind is Ref:
            assert isinstance(value, Ref)
            return self.member(value, attr, state)
        if kind is Part:
            assert isinstance(value, Part)
            path = f"{value.path}.{attr}"
            slot = state.cell(value.owner).attrs.get(path)
            found = self.slot_value(slot, value.owner, path, state)
            return found if len(path) <= NAME_LIMIT else UNKNOWN
        if kind is Imported:
            assert isinstance(value, Imported)
            found_here = value.file.module(main=False).env.get(attr)
            if found_here is not None:
                return found_here
            inner = value.file.import_of(attr, 1) if value.file.is_package else None
            return self.imported(inner, state) if inner is not None else UNKNOWN
        if kind is Class:
            assert isinstance(value, Class)
            found_member = value.lookup(attr)
            if found_member is not None:
                if isinstance(found_member, Function) and "classmethod" in found_member.decorators:
                    return Method(found_member, value)
                return found_member
            names, known = value.libraries()
            return name_of(f"{names[0]}.{attr}") if names and known else UNKNOWN
        if kind is Either:
            assert isinstance(value, Either)
            return either(*(self.attribute(option, attr, state) for option in value.options))
        if kind is Default:
            assert isinstance(value, Default)
            inner_value = self.attribute(value.value, attr, state)
            return either(inner_value, UNKNOWN)
        if kind is Const:
            assert isinstance(value, Const)
            if isinstance(value.value, PurePosixPath) and attr in ("parent", "name", "stem", "suffix"):
                return Const(getattr(value.value, attr))
            return Part(Ref(-1, "", call=value), attr)
        if kind is Function:
            return UNKNOWN
        return UNKNOWN

    def slot_value(self, slot: Slot | None, owner: Ref, path: str, state: State) -> Raw:
        escaped = state.cell(owner).escaped is not Truth.no
        if slot is None:
            return Part(owner, path)
        value = either(*slot.values)
        if escaped or not slot.certain:
            return either(value, UNKNOWN)
        return value

    def member(self, ref: Ref, attr: str, state: State) -> Raw:
        slot = state.cell(ref).attrs.get(attr)
        if slot is not None:
            if slot.certain or ref.cls is None or ref.cls.lookup(attr) is None:
                return self.slot_value(slot, ref, attr, state)
            return either(*slot.values, UNKNOWN)
        if ref.cls is not None:
            found = ref.cls.lookup(attr)
            if found is not None:
                bound = [
                    (f if "staticmethod" in f.decorators else Method(f, ref)) if isinstance(f, Function) else f for f in options(found)
                ]
                first = bound[0]
                if isinstance(first, Method) and "property" in first.function.decorators:
                    return self.enter(first.function, Arguments(), ref, state, None)
                return either(*bound)
        return Part(ref, attr)

    def on_Subscript(self, node: ast.Subscript, state: State) -> Raw:
        value = self.eval(node.value, state)
        key = self.eval(node.slice, state)
        return either(*(self.item(option, key, state) for option in options(value)))

    def item(self, value: Raw, key: Raw, state: State) -> Raw:
        if isinstance(value, Ref):
            cell = state.cell(value)
            if cell.items is None:
                if isinstance(key, Const) and isinstance(key.value, str) and (slot := cell.attrs.get(f"[{key.value}]")):
                    return self.slot_value(slot, value, f"[{key.value}]", state)
                # An array's slice is still that array's kind; what a library's list holds goes by name.
                return Operation("[]", value, key) if value.name.startswith("numpy.") else name_of(f"{value.name}[]")
            if cell.keys is not None:
                for known, item in zip(cell.keys, cell.items, strict=False):
                    if known == key:
                        return item if cell.exact else either(item, UNKNOWN)
                return UNKNOWN
            if isinstance(key, Const) and isinstance(key.value, int) and cell.exact and -len(cell.items) <= key.value < len(cell.items):
                return cell.items[key.value]
            return UNKNOWN
        if isinstance(value, Operation):
            return Operation("[]", value, key)
        if isinstance(value, (Name, Part)):
            return name_of(f"{value.dotted}[]")
        if isinstance(value, Const) and isinstance(value.value, (str, bytes)) and isinstance(key, Const):
            try:
                return Const(value.value[key.value])
            except (IndexError, TypeError):
                return UNKNOWN
        return UNKNOWN

    def element(self, value: Raw, state: State) -> Raw:
        """One element of an iterable."""
        if isinstance(value, Ref):
            cell = state.cell(value)
            if cell.items is not None:
                pool = cell.keys if cell.keys is not None else cell.items
                if pool and cell.exact:
                    return either(*pool)
                return UNKNOWN
            return name_of(f"{value.name}[]")
        if isinstance(value, (Name, Part)):
            return name_of(f"{value.dotted}[]")
        return UNKNOWN

    def on_List(self, node: ast.List | ast.Tuple | ast.Set, state: State) -> Raw:
        items: list[Raw] = []
        exact, open = True, False
        for element in node.elts[:ITEMS_LIMIT]:
            if isinstance(element, ast.Starred):
                inner = self.eval(element.value, state)
                if isinstance(inner, Ref) and (cell := state.cell(inner)).items is not None and cell.keys is None:
                    items += cell.items or ()
                    exact, open = exact and cell.exact, open or cell.open
                else:
                    exact, open = False, True
            else:
                items.append(self.eval(element, state))
        if len(node.elts) > ITEMS_LIMIT:
            exact, open = False, True
        ref = self.fresh("()" if isinstance(node, ast.Tuple) else "[]")
        state.put(ref, Cell(items=tuple(items), exact=exact, open=open))
        return ref

    on_Tuple = on_List
    on_Set = on_List

    def on_Dict(self, node: ast.Dict, state: State) -> Raw:
        items: list[Raw] = []
        keys: list[Raw] = []
        exact, open = True, False
        for key, value in list(zip(node.keys, node.values, strict=True))[:ITEMS_LIMIT]:
            if key is None:
                inner = self.eval(value, state)
                if isinstance(inner, Ref) and (cell := state.cell(inner)).keys is not None:
                    keys += cell.keys or ()
                    items += cell.items or ()
                    exact, open = exact and cell.exact, open or cell.open
                else:
                    exact, open = False, True
            else:
                keys.append(self.eval(key, state))
                items.append(self.eval(value, state))
                if not isinstance(keys[-1], (Const, Name)):
                    open = True
        if len(node.keys) > ITEMS_LIMIT:
            exact, open = False, True
        return self.dictionary(keys, items, exact and not open, open, state)

    def dictionary(self, keys: Sequence[Raw], items: Sequence[Raw], exact: bool, open: bool, state: State) -> Ref:
        ref = self.fresh("{}")
        state.put(ref, Cell(items=tuple(items), keys=tuple(keys), exact=exact, open=open))
        return ref

    def on_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, state: State) -> Raw:
        inner = State(dict(state.env), state.glob, state.heap, state.scope)
        for generator in node.generators:
            self.assign(generator.target, self.element(self.eval(generator.iter, inner), inner), inner, generator.target)
            for test in generator.ifs:
                self.eval(test, inner)
        if isinstance(node, ast.DictComp):
            key, item = self.eval(node.key, inner), self.eval(node.value, inner)
            ref = self.dictionary([key], [item], False, True, state)
        else:
            ref = self.fresh("[]")
            state.put(ref, Cell(items=(self.eval(node.elt, inner),), exact=False, open=True))
        return ref

    on_SetComp = on_ListComp
    on_GeneratorExp = on_ListComp
    on_DictComp = on_ListComp

    def on_Lambda(self, node: ast.Lambda, state: State) -> Raw:
        return self.define(node, state)

    def on_Starred(self, node: ast.Starred, state: State) -> Raw:
        self.eval(node.value, state)
        return UNKNOWN

    def on_Await(self, node: ast.Await, state: State) -> Raw:
        return self.eval(node.value, state)

    def on_Yield(self, node: ast.Yield, state: State) -> Raw:
        if node.value is not None:
            self.eval(node.value, state)
        return UNKNOWN

    def on_YieldFrom(self, node: ast.YieldFrom, state: State) -> Raw:
        self.eval(node.value, state)
        return UNKNOWN

    def on_NamedExpr(self, node: ast.NamedExpr, state: State) -> Raw:
        value = self.eval(node.value, state)
        self.assign(node.target, value, state, node.value)
        return value

    def on_Slice(self, node: ast.Slice, state: State) -> Raw:
        return UNKNOWN

    def on_IfExp(self, node: ast.IfExp, state: State) -> Raw:
        verdict = self.test(node.test, state)
        if verdict is not None:
            return self.eval(node.body if verdict else node.orelse, state)
        guards = _VERSION_TEST.search(_words(node.test)) is not None
        self.guards += guards
        value = either(self.eval(node.body, state), self.eval(node.orelse, state))
        self.guards -= guards
        return value

    def on_BoolOp(self, node: ast.BoolOp, state: State) -> Raw:
        values: list[Raw] = []
        guards = 0
        for operand in node.values:
            value = self.eval(operand, state)
            values.append(value)
            if _VERSION_TEST.search(_words(operand)):
                # ``hasattr(m, "x") and m.x``
                guards += 1
                self.guards += 1
            verdict = self.truth(value, state)
            if verdict is not None and verdict is isinstance(node.op, ast.Or):
                break
            if verdict is not None:
                values.pop()
                if operand is node.values[-1]:
                    values.append(value)
        self.guards -= guards
        return either(*values) if values else UNKNOWN

    def on_UnaryOp(self, node: ast.UnaryOp, state: State) -> Raw:
        value = self.eval(node.operand, state)
        if isinstance(node.op, ast.Not):
            verdict = self.truth(value, state)
            return UNKNOWN if verdict is None else Const(not verdict)
        if isinstance(value, Const) and isinstance(value.value, (int, float)) and isinstance(node.op, (ast.USub, ast.UAdd)):
            return Const(-value.value if isinstance(node.op, ast.USub) else value.value)
        return UNKNOWN

    def on_BinOp(self, node: ast.BinOp, state: State) -> Raw:
        left, right = self.eval(node.left, state), self.eval(node.right, state)
        if isinstance(node.op, ast.Add) and isinstance(left, Ref) and (cell := state.cell(left)).items is not None and cell.keys is None:
            ref = self.fresh(left.name)
            state.put(ref, cell)
            self.extend(ref, right, state)
            return ref
        if isinstance(node.op, ast.Mult) and isinstance(left, Ref) and (cell := state.cell(left)).items is not None:
            ref = self.fresh(left.name)
            times = right.value if isinstance(right, Const) and isinstance(right.value, int) else None
            if times is not None and cell.exact and 0 <= times * len(cell.items or ()) <= ITEMS_LIMIT:
                state.put(ref, cell.with_(items=(cell.items or ()) * times))
            else:
                state.put(ref, cell.with_(exact=False, open=True))
            return ref
        return self.arithmetic(node.op, left, right)

    def arithmetic(self, op: ast.operator, left: Raw, right: Raw) -> Raw:
        symbol, compute = _BINARY[type(op)]
        if isinstance(left, Default) or isinstance(right, Default):
            plain = self.arithmetic(
                op, left.value if isinstance(left, Default) else left, right.value if isinstance(right, Default) else right
            )
            return Default(plain) if isinstance(plain, (Const, Text)) else plain
        if isinstance(left, Const) and isinstance(right, Const):
            a, b = left.value, right.value
            if isinstance(a, str) and symbol == "%":
                return self.format_percent(a, right)
            if isinstance(b, PurePosixPath) and isinstance(a, str) and symbol == "/":
                return Const(a / b)
            small = all(not isinstance(v, int) or abs(v) < 1 << 64 for v in (a, b)) and not (
                symbol in ("**", "<<") and isinstance(b, int) and b > 64
            )
            big = symbol == "*" and (isinstance(a, (str, bytes)) or isinstance(b, (str, bytes)))
            if small and not big:
                try:
                    result = compute(a, b)
                except Exception:
                    return UNKNOWN
                return Const(result) if not isinstance(result, str) or len(result) <= STRING_LIMIT else UNKNOWN
            return UNKNOWN
        if symbol == "+" and (_textual(left) or _textual(right)):
            return text_of([*_parts(left), *_parts(right)])
        if symbol == "%" and isinstance(left, Const) and isinstance(left.value, str):
            return self.format_percent(left.value, right)
        if symbol == "/" and isinstance(left, Const) and isinstance(left.value, PurePosixPath):
            return text_of([left.value.as_posix() + "/", *_parts(right)])
        if left is UNKNOWN and right is UNKNOWN:
            return UNKNOWN
        return Operation(symbol, left, right)

    def format_percent(self, template: str, right: Raw) -> Raw:
        pieces = re.split(r"%[-+ #0-9.]*[sdfrixeg]", template)
        values = [right] if len(pieces) == 2 else [UNKNOWN] * (len(pieces) - 1)
        parts: list[str | None] = [pieces[0].replace("%%", "%")]
        for value, piece in zip(values, pieces[1:], strict=True):
            parts += [*_parts(value), piece.replace("%%", "%")]
        return text_of(parts)

    def on_JoinedStr(self, node: ast.JoinedStr, state: State) -> Raw:
        parts: list[str | None] = []
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                raw = self.eval(value.value, state)
                parts += _parts(raw) if value.format_spec is None and value.conversion in (-1, 115) else [None]
            elif isinstance(value, ast.Constant):
                parts.append(str(value.value))
        return text_of(parts)

    def on_Compare(self, node: ast.Compare, state: State) -> Raw:
        left = self.eval(node.left, state)
        rights = [self.eval(c, state) for c in node.comparators]
        if len(rights) != 1:
            return UNKNOWN
        verdict = self.compare(node.ops[0], left, rights[0], state)
        return UNKNOWN if verdict is None else Const(verdict)

    def compare(self, op: ast.cmpop, left: Raw, right: Raw, state: State) -> bool | None:
        if isinstance(op, (ast.Is, ast.IsNot)):
            if right == NONE or left == NONE:
                other = left if right == NONE else right
                same = {_is_none(o, state) for o in options(other)}
                verdict = same.pop() if len(same) == 1 else None
            elif isinstance(left, Const) and isinstance(right, Const):
                verdict = left == right
            else:
                verdict = None
            return verdict if verdict is None or isinstance(op, ast.Is) else not verdict
        if isinstance(op, (ast.In, ast.NotIn)) and isinstance(left, Const) and isinstance(right, Ref):
            cell = state.cell(right)
            pool = cell.keys if cell.keys is not None else cell.items
            if pool is not None and cell.exact and all(isinstance(p, Const) for p in pool):
                return (left in pool) is isinstance(op, ast.In)
            return None
        if isinstance(left, Const) and isinstance(right, Const):
            try:
                return bool(_COMPARE[type(op)](left.value, right.value))
            except Exception:
                return None
        if (
            isinstance(left, Name)
            and isinstance(right, Name)
            and left == right
            and isinstance(op, (ast.Eq, ast.NotEq))
            and "()" not in left.dotted
        ):
            return isinstance(op, ast.Eq)
        return None

    def test(self, node: ast.expr, state: State) -> bool | None:
        return self.truth(self.eval(node, state), state)

    def truth(self, value: Raw, state: State) -> bool | None:
        if isinstance(value, Const):
            return bool(value.value)
        if isinstance(value, (Function, Class, Method, Imported)):
            return True
        if isinstance(value, Ref):
            cell = state.cell(value)
            if cell.items is not None:
                return bool(cell.items) if cell.exact else None
        if isinstance(value, Either):
            verdicts = {self.truth(o, state) for o in value.options}
            return verdicts.pop() if len(verdicts) == 1 else None
        if isinstance(value, Name) and value.dotted == "typing.TYPE_CHECKING":
            return False
        return None

    def narrow(self, test: ast.expr, outcome: bool, state: State) -> None:
        """In the branch where ``x is None``, ``x`` or ``not x`` came out as `outcome`, drop the alternatives that contradict it."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            self.narrow(test.operand, not outcome, state)
            return
        if isinstance(test, ast.BoolOp) and outcome is isinstance(test.op, ast.And):
            for operand in test.values:
                self.narrow(operand, outcome, state)
            return
        name = test
        about_none = False
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], (ast.Is, ast.IsNot)):
            other = test.comparators[0]
            if isinstance(other, ast.Constant) and other.value is None:
                name, about_none = test.left, True
                outcome = outcome is isinstance(test.ops[0], ast.Is)
        if not isinstance(name, ast.Name) or name.id not in state.env:
            return
        value = state.env[name.id]
        kept = []
        for option in options(value):
            inner = option.value if isinstance(option, Default) else option
            verdict = _is_none(inner, state) if about_none else self.truth(inner, state)
            if verdict is None or verdict is outcome:
                kept.append(inner if verdict is outcome and isinstance(option, Default) and outcome and about_none else option)
            elif isinstance(option, Default):
                kept.append(UNKNOWN)
        if kept:
            state.env[name.id] = either(*kept)

    # -- calls ---------------------------------------------------------------------------------------------------------

    def on_Call(self, node: ast.Call, state: State) -> Raw:
        func = node.func
        if isinstance(func, ast.Attribute):
            if isinstance(func.value, ast.Call) and isinstance(func.value.func, ast.Name) and func.value.func.id == "super":
                callee = self.super_member(func.attr, state)
            else:
                callee = self.on_Attribute(func, state)
        else:
            callee = self.eval(func, state)
        given = self.arguments(node, state)
        choices = options(callee)
        if len(choices) == 1:
            return self.apply(callee, given, node, state)
        results: list[Raw] = []
        ends: list[State] = []
        for choice in choices:
            other = state.fork()
            results.append(self.apply(choice, given, node, other))
            ends.append(other)
        state.replace(ends[0])
        for end in ends[1:]:
            state.join(end)
        return either(*results)

    def super_member(self, attr: str, state: State) -> Raw:
        function = self.frames[-1].function
        receiver = state.env.get(next(iter(state.env), ""), UNKNOWN) if state.env else UNKNOWN
        if function is not None and function.owner is not None:
            for base in function.owner.bases:
                if isinstance(base, Class) and isinstance(found := base.lookup(attr), Function):
                    return Method(found, receiver)
            if not function.owner.libraries()[1]:
                self.escape([receiver], state)
        return Name("super." + attr)

    def arguments(self, node: ast.Call, state: State) -> Arguments:
        given = Arguments()
        for arg in node.args:
            if isinstance(arg, ast.Starred):
                value = self.eval(arg.value, state)
                if isinstance(value, Ref) and (cell := state.cell(value)).items is not None and cell.exact and cell.keys is None:
                    given.args += [(item, arg) for item in cell.items or ()]
                else:
                    given.open_args = True
            elif not given.open_args:
                given.args.append((self.eval(arg, state), arg))
            else:
                self.eval(arg, state)
        for keyword in node.keywords:
            value = self.eval(keyword.value, state)
            if keyword.arg is not None:
                given.kwargs[keyword.arg] = (value, keyword.value)
                continue
            for option in options(value):
                if isinstance(option, Ref) and (cell := state.cell(option)).keys is not None:
                    for key, item in zip(cell.keys or (), cell.items or (), strict=False):
                        if isinstance(key, Const) and isinstance(key.value, str):
                            known = cell.exact and option is value
                            given.kwargs[key.value] = (item if known else either(item, UNKNOWN), keyword)
                    given.open_kwargs = given.open_kwargs or cell.open or not cell.exact or option is not value
                else:
                    given.open_kwargs = True
        return given

    def apply(self, callee: Raw, given: Arguments, node: ast.Call | None, state: State, record: bool = True) -> Raw:
        kind = type(callee)
        if kind is Name:
            assert isinstance(callee, Name)
            return self.call_library(callee.dotted, None, given, node, state)
        if kind is Part:
            assert isinstance(callee, Part)
            return self.call_part(callee, given, node, state)
        if kind is Function:
            assert isinstance(callee, Function)
            return self.enter(callee, given, None, state, node)
        if kind is Method:
            assert isinstance(callee, Method)
            if isinstance(callee.receiver, Ref):
                cell = state.cell(callee.receiver)
                state.put(callee.receiver, cell.with_call(getattr(callee.function.node, "name", ""), None))
            return self.enter(callee.function, given, callee.receiver, state, node)
        if kind is Class:
            assert isinstance(callee, Class)
            return self.instantiate(callee, given, node, state)
        if kind is Ref:
            assert isinstance(callee, Ref)
            return self.call_object(callee, given, node, state)
        if kind is Default:
            assert isinstance(callee, Default)
            return either(self.apply(callee.value, given, node, state), UNKNOWN)
        self.escape(given.raws(), state)
        return UNKNOWN

    def record(self, name: str, receiver: Ref | None, given: Arguments, node: ast.Call | None, state: State) -> CallFact | None:
        if node is None or (name in _BUILTINS and name != "open"):
            return None
        call = CallFact(node, self.files[-1], name)
        call.args, call.kwargs = given.args, given.kwargs
        call.open_args, call.open_kwargs = given.open_args, given.open_kwargs
        call.receiver = receiver
        if self.recording:
            call.heap = state.heap.snapshot()
            call.stack = tuple(f.function for f in self.frames if f.function is not None)
            call.contexts = tuple(self.contexts)
            call.guarded = self.guarded
            self.calls.append(call)
        return call

    def call_library(self, dotted: str, receiver: Ref | None, given: Arguments, node: ast.Call | None, state: State) -> Raw:
        call = self.record(dotted, receiver, given, node, state)
        model = _MODELLED.get(dotted)
        if model is not None:
            value = model(self, given, state)
            if value is not None:
                if call is not None:
                    call.result = value
                return value
        root = dotted.partition(".")[0].partition("(")[0]
        if root not in _SAFE_ROOTS and root not in _BUILTINS:
            self.escape(given.raws(), state)
        if len(dotted) > NAME_LIMIT:
            return UNKNOWN
        if root in _BUILTINS and root != "open":
            return Name(dotted + "()")
        result = state.made(self.fresh(dotted + "()", call=call))
        if call is not None:
            call.result = result
        return result

    def call_part(self, part: Part, given: Arguments, node: ast.Call | None, state: State) -> Raw:
        owner = part.owner
        if isinstance(owner.call, Const):
            return self.call_constant(owner.call, part.path, given)
        prefix, _, method = part.path.rpartition(".")
        cell = state.cell(owner)
        if cell.items is not None and not prefix:
            return self.call_container(owner, method, given, node, state)
        if prefix and method in ("append", "extend", "add", "update", "insert") and given.args:
            # ``converter.optimizations.append(x)``: what the attribute held before is the library's.
            ref = self.fresh("[]")
            more = given.args[-1][0]
            items = (state.cell(more).items or ()) if method in ("extend", "update") and isinstance(more, Ref) else (more,)
            state.put(ref, Cell(items=items, exact=False, open=True))
            at = node if node is not None else self.file.tree
            self.set_attribute(owner, prefix, ref, state, at, at.func if isinstance(at, ast.Call) else at)
            return NONE
        if owner.name in ("argparse.ArgumentParser()", "argparse._ArgumentGroup()"):
            known = self.call_parser(owner, method, given, state)
            if known is not None:
                return known
        name = part.dotted
        if owner.cls is not None:
            _, known_bases = owner.cls.libraries()
            if not known_bases:
                self.escape([owner], state)
        state.put(owner, state.cell(owner).with_call(part.path, None))
        if not prefix and method in ("eval", "train"):
            mode = given.get("mode", 0) if method == "train" else Const(False)
            self.set_training(owner, mode if mode is not None else Const(True), state)
        result = self.call_library(name, owner, given, node, state)
        called = state.cell(owner).called
        if self.calls and isinstance(result, Ref) and result.call is not None:
            slot = called[part.path]
            fixed = Slot((*slot.values[:-1], result.call), slot.certain)
            state.put(owner, state.cell(owner).with_(called={**called, part.path: fixed}))
        if not prefix and method in _FLUENT and (owner.cls is not None or _MODULES.match(owner.name)):
            return owner
        return result

    def set_training(self, ref: Ref, mode: Raw, state: State, depth: int = 0) -> None:
        """``eval()`` and ``train()`` reach every module a module holds."""
        state.put(ref, state.cell(ref).with_attr("training", mode, None))
        if depth > 4:
            return
        held: list[Raw] = [v for slot in state.cell(ref).attrs.values() for v in slot.values]
        held += state.cell(ref).items or ()
        if ref.call is not None and not isinstance(ref.call, Const):
            held += [raw for raw, _ in ref.call.args]
        for value in held:
            for option in options(value):
                if isinstance(option, Ref) and option is not ref and not isinstance(option.call, Const):
                    self.set_training(option, mode, state, depth + 1)

    def call_constant(self, const: Const, method: str, given: Arguments) -> Raw:
        value = const.value
        if isinstance(value, PurePosixPath) and method in _PATH_SAME:
            return const
        allowed = next((names for kind, names in _PURE.items() if isinstance(value, kind)), frozenset())
        if isinstance(value, str) and method == "format":
            return self.format_braces(value, given)
        args = [raw.value for raw, _ in given.args if isinstance(raw, Const)]
        if method in allowed and len(args) == len(given.args) and not given.kwargs and not given.open_args and not given.open_kwargs:
            try:
                result = getattr(value, method)(*args)
            except Exception:
                return UNKNOWN
            if isinstance(result, (str, bytes, bool, int, PurePosixPath)):
                return Const(result)
        if isinstance(value, PurePosixPath) and method == "joinpath":
            return text_of([value.as_posix(), *(p for raw, _ in given.args for p in ("/", *_parts(raw)))])
        if isinstance(value, (str, bytes)) and method in ("encode", "decode"):
            return UNKNOWN
        return UNKNOWN

    def format_braces(self, template: str, given: Arguments) -> Raw:
        parts: list[str | None] = []
        count = itertools.count()
        position = 0
        for match in re.finditer(r"\{\{|\}\}|\{([^{}]*)\}", template):
            parts.append(template[position : match.start()])
            position = match.end()
            field = match.group(1)
            if field is None:
                parts.append(match.group()[0])
                continue
            name = field
            raw: Raw | None = None
            if name == "" or name.isdigit():
                index = int(name) if name else next(count)
                raw = given.args[index][0] if index < len(given.args) else None
            elif name in given.kwargs:
                raw = given.kwargs[name][0]
            parts += _parts(raw) if raw is not None else [None]
        parts.append(template[position:])
        return text_of(parts)

    def call_container(self, ref: Ref, method: str, given: Arguments, node: ast.Call | None, state: State) -> Raw:
        cell = state.cell(ref)
        items = cell.items or ()
        first = given.args[0][0] if given.args else None
        if cell.keys is not None:
            if method == "get" and first is not None:
                fallback = given.args[1][0] if len(given.args) > 1 else NONE
                found = self.item(ref, first, state)
                return fallback if found is UNKNOWN and cell.exact and isinstance(first, Const) else found
            if method in ("update", "setdefault"):
                if method == "setdefault" and first is not None:
                    if not any(k == first for k in cell.keys):
                        self.set_item(ref, first, given.args[1][0] if len(given.args) > 1 else NONE, state)
                    return self.item(ref, first, state)
                if isinstance(first, Ref) and (other := state.cell(first)).keys is not None:
                    for key, item in zip(other.keys or (), other.items or (), strict=False):
                        self.set_item(ref, key, item, state)
                    if not other.exact:
                        state.put(ref, state.cell(ref).with_(exact=False, open=True))
                elif first is not None:
                    state.put(ref, cell.with_(exact=False, open=True))
                for key_name, (raw, _) in given.kwargs.items():
                    self.set_item(ref, Const(key_name), raw, state)
                return NONE
            if method == "pop" and first is not None:
                found = self.item(ref, first, state)
                kept = [(k, v) for k, v in zip(cell.keys, items, strict=False) if k != first]
                state.put(ref, cell.with_(items=tuple(v for _, v in kept), keys=tuple(k for k, _ in kept)))
                return found
            if method == "copy":
                copy = self.fresh("{}")
                state.put(copy, cell)
                return copy
            if method in ("keys", "values", "items"):
                view = self.fresh("[]")
                if method == "items":
                    pairs: list[Raw] = []
                    for key, item in zip(cell.keys, items, strict=False):
                        pair = self.fresh("()")
                        state.put(pair, Cell(items=(key, item)))
                        pairs.append(pair)
                    state.put(view, Cell(items=tuple(pairs), exact=cell.exact, open=cell.open))
                else:
                    state.put(view, Cell(items=cell.keys if method == "keys" else items, exact=cell.exact, open=cell.open))
                return view
        elif method == "append" and first is not None:
            state.put(ref, cell.with_(items=(*items, first)[-ITEMS_LIMIT:]))
            return NONE
        elif method == "add" and first is not None:
            state.put(ref, cell.with_(items=(*items, first)[-ITEMS_LIMIT:]))
            return NONE
        elif method in ("extend", "update") and first is not None:
            self.extend(ref, first, state)
            return NONE
        elif method == "insert" and len(given.args) == 2:
            state.put(ref, cell.with_(items=(given.args[1][0], *items), exact=cell.exact and given.args[0][0] == Const(0)))
            return NONE
        elif method == "copy":
            copy = self.fresh("[]")
            state.put(copy, cell)
            return copy
        if method in ("clear", "remove", "pop", "popitem", "sort", "reverse", "discard"):
            state.put(ref, cell.with_(exact=False, open=method not in ("clear", "remove", "discard")))
        return UNKNOWN

    def call_parser(self, parser: Ref, method: str, given: Arguments, state: State) -> Raw | None:
        """`argparse`: what the parsed arguments hold by default."""
        if method == "add_argument":
            flags = [raw.value for raw, _ in given.args if isinstance(raw, Const) and isinstance(raw.value, str)]
            dest = given.kwargs.get("dest")
            name = next((f for f in flags if f.startswith("--")), flags[0] if flags else "").lstrip("-").replace("-", "_")
            if dest is not None and isinstance(dest[0], Const):
                name = str(dest[0].value)
            action = given.kwargs.get("action")
            how = action[0].value if action is not None and isinstance(action[0], Const) else None
            value: Raw
            if "default" in given.kwargs:
                value = given.kwargs["default"][0]
            elif how == "store_true":
                value = Const(False)
            elif how == "store_false":
                value = Const(True)
            elif flags and flags[0].startswith("-") and "required" not in given.kwargs:
                value = NONE
            else:
                value = UNKNOWN
            if name:
                value = value if value is UNKNOWN else Default(value)
                root = parser.call if isinstance(parser.call, Ref) else parser
                state.put(root, state.cell(root).with_attr(f"@{name}", value, None))
            return UNKNOWN
        if method in ("add_argument_group", "add_mutually_exclusive_group"):
            group = self.fresh("argparse._ArgumentGroup()", call=parser.call if isinstance(parser.call, Ref) else parser)
            return group
        if method in ("parse_args", "parse_known_args", "parse_intermixed_args"):
            result = self.fresh("argparse.Namespace()")
            attrs = {n[1:]: s for n, s in state.cell(parser).attrs.items() if n.startswith("@")}
            state.put(result, Cell(attrs=attrs))
            if method == "parse_known_args":
                pair = self.fresh("()")
                state.put(pair, Cell(items=(result, UNKNOWN)))
                return pair
            return result
        return None

    def instantiate(self, cls: Class, given: Arguments, node: ast.Call | None, state: State) -> Raw:
        name = self.instance_name(cls)
        call = self.record(name[:-2], None, given, node, state)
        ref = state.made(self.fresh(name, cls, call))
        if call is not None:
            call.result = ref
        start = cls.lookup("__init__")
        if isinstance(start, Function):
            self.enter(start, given, ref, state, node)
        elif any("dataclass" in d for d in cls.decorators):
            cell = state.cell(ref)
            fields = [s.target.id for s in cls.node.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]
            for field, (raw, where) in [*zip(fields, given.args, strict=False), *given.kwargs.items()]:
                cell = cell.with_attr(field, raw, (self.files[-1], where))
            state.put(ref, cell)
        names, known = cls.libraries()
        if not known:
            state.put(ref, state.cell(ref).with_(escaped=Truth.yes))
        return ref

    def call_object(self, ref: Ref, given: Arguments, node: ast.Call | None, state: State) -> Raw:
        if ref.cls is not None and isinstance(function := ref.cls.lookup("__call__"), Function):
            return self.enter(function, given, ref, state, node)
        if ref.name == "functools.partial()" and ref.call is not None and ref.call.args:
            bound = Arguments()
            bound.args = [*ref.call.args[1:], *given.args]
            bound.kwargs = {**ref.call.kwargs, **given.kwargs}
            bound.open_args = given.open_args or ref.call.open_args
            bound.open_kwargs = given.open_kwargs or ref.call.open_kwargs
            return self.apply(ref.call.args[0][0], bound, node, state)
        return self.call_library(ref.name, ref, given, node, state)


def _words(node: ast.AST | None) -> str:
    """The identifiers in an expression, as one string."""
    if isinstance(node, ast.Name):
        return node.id
    if node is None or isinstance(node, ast.Constant):
        return ""
    found: list[str] = []
    for child in ast.walk(node):
        if isinstance(child, ast.Name):
            found.append(child.id)
        elif isinstance(child, ast.Attribute):
            found.append(child.attr)
    return " ".join(found)


def dotted_of(value: Raw) -> str:
    """The dotted name of a library thing or of the call that made an object; empty for anything else."""
    if isinstance(value, (Name, Part)):
        return value.dotted
    return value.name if isinstance(value, Ref) else ""


def text_of(parts: Iterable[str | None]) -> Raw:
    """The string made of known parts and gaps (None)."""
    merged: list[str | None] = []
    for part in parts:
        if part is not None and merged and merged[-1] is not None:
            merged[-1] += part
        elif part is not None or not merged or merged[-1] is not None:
            merged.append(part)
    if sum(len(p or "") for p in merged) > STRING_LIMIT:
        return UNKNOWN
    if len(merged) <= 1 and None not in merged:
        return Const(merged[0] if merged else "")
    return UNKNOWN if all(p is None for p in merged) else Text(merged)


def _textual(raw: Raw) -> bool:
    return isinstance(raw, Text) or (isinstance(raw, Const) and isinstance(raw.value, (str, PurePosixPath)))


def _parts(raw: Raw) -> Sequence[str | None]:
    if isinstance(raw, Text):
        return raw.parts
    if isinstance(raw, Const) and isinstance(raw.value, (str, int, float, PurePosixPath)):
        return (str(raw.value),)
    return (None,)


def _is_none(value: Raw, state: State) -> bool | None:
    if isinstance(value, Const):
        return value.value is None
    if isinstance(value, Ref):
        return False if value.cls is not None or state.cell(value).items is not None or value.name == "<generator>" else None
    if isinstance(value, Name):
        return None if "(" in value.dotted or "[" in value.dotted else False
    return False if isinstance(value, (Function, Class, Method, Imported, Text, Operation)) else None


# -- library functions whose result is computed ------------------------------------------------------------------------------

Model = Callable[[Interpreter, Arguments, State], "Raw | None"]


def _join_path(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    values = [raw.value if isinstance(raw, Default) else raw for raw, _ in given.args]
    if given.open_args or not values:
        return UNKNOWN
    if all(isinstance(v, Const) and isinstance(v.value, (str, PurePosixPath)) for v in values):
        joined = Const(str(PurePosixPath(*(v.value for v in values if isinstance(v, Const)))))
        return joined if not any(isinstance(raw, Default) for raw, _ in given.args) else Default(joined)
    parts: list[str | None] = []
    for value in values:
        parts += [*_parts(value), "/"]
    return text_of(parts[:-1])


def _path(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    if not given.args and not given.open_args:
        return Const(PurePosixPath("."))
    joined = _join_path(run, given, state)
    return Const(PurePosixPath(joined.value)) if isinstance(joined, Const) else joined


def _str(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    if len(given.args) != 1:
        return UNKNOWN
    raw = given.args[0][0]
    if isinstance(raw, Default):
        inner = text_of(_parts(raw.value))
        return Default(inner) if isinstance(inner, Const) else UNKNOWN
    return text_of(_parts(raw))


def _number(kind: type) -> Model:
    def convert(run: Interpreter, given: Arguments, state: State) -> Raw | None:
        raw = given.args[0][0] if given.args else UNKNOWN
        if isinstance(raw, Const) and isinstance(raw.value, (int, float, str)) and len(str(raw.value)) < 64:
            try:
                return Const(kind(raw.value))
            except (ValueError, OverflowError):
                return UNKNOWN
        return None

    return convert


def _container(name: str) -> Model:
    def make(run: Interpreter, given: Arguments, state: State) -> Raw | None:
        ref = run.fresh(name)
        if not given.args and not given.open_args:
            state.put(ref, Cell(items=()))
        else:
            source = given.args[0][0] if given.args else UNKNOWN
            cell = state.cell(source) if isinstance(source, Ref) else EMPTY
            pool = cell.keys if cell.keys is not None else cell.items
            known = pool is not None
            state.put(ref, Cell(items=pool or (), exact=known and cell.exact, open=cell.open or not known))
        return ref

    return make


def _dict(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    source = given.args[0][0] if given.args else None
    cell = state.cell(source) if isinstance(source, Ref) else EMPTY
    keys, items = list(cell.keys or ()), list(cell.items or ()) if cell.keys is not None else []
    closed = source is None or (cell.keys is not None and cell.exact)
    ref = run.dictionary(keys, items, closed and not given.open_kwargs, not closed or given.open_kwargs, state)
    for name, (raw, _) in given.kwargs.items():
        run.set_item(ref, Const(name), raw, state)
    return ref


def _len(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    raw = given.args[0][0] if given.args else UNKNOWN
    if isinstance(raw, Ref) and (cell := state.cell(raw)).items is not None and cell.exact:
        return Const(len(cell.items or ()))
    return Const(len(raw.value)) if isinstance(raw, Const) and isinstance(raw.value, (str, bytes)) else UNKNOWN


def _getattr(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    if len(given.args) < 2 or not isinstance(name := given.args[1][0], Const) or not isinstance(name.value, str):
        return UNKNOWN
    found = run.attribute(given.args[0][0], name.value, state)
    return either(found, given.args[2][0], UNKNOWN) if len(given.args) > 2 else found


def _setattr(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    if len(given.args) == 3:
        (owner, _), (name, _), (value, where) = given.args
        if isinstance(name, Const) and isinstance(name.value, str):
            for option in options(owner):
                run.set_attribute(option, name.value, value, state, where, where)
        else:
            run.escape([owner], state)
    return NONE


def _enumerate(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    pair, ref = run.fresh("()"), run.fresh("[]")
    sources = [raw for raw, _ in given.args]
    state.put(pair, Cell(items=(UNKNOWN, run.element(sources[0], state) if sources else UNKNOWN)))
    state.put(ref, Cell(items=(pair,), exact=False, open=False))
    return ref


def _zip(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    if given.open_args:
        return UNKNOWN
    row, ref = run.fresh("()"), run.fresh("[]")
    state.put(row, Cell(items=tuple(run.element(raw, state) for raw, _ in given.args)))
    state.put(ref, Cell(items=(row,), exact=False, open=False))
    return ref


def _copy(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    raw = given.args[0][0] if given.args else UNKNOWN
    if isinstance(raw, Ref):
        copy = run.fresh(raw.name, raw.cls, raw.call)
        state.put(copy, state.cell(raw))
        return copy
    return raw


def _namespace(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    ref = run.fresh("types.SimpleNamespace()")
    state.put(ref, Cell(attrs={k: Slot((raw,), True) for k, (raw, _) in given.kwargs.items()}))
    return ref


def _environment(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    fallback = given.get("default", 1)
    return Default(fallback) if fallback is not None and fallback is not UNKNOWN else UNKNOWN


def _second(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    return given.args[1][0] if len(given.args) > 1 else UNKNOWN


def _first(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    return given.args[0][0] if given.args else UNKNOWN


def _base_name(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    raw = given.args[0][0] if given.args else UNKNOWN
    return Const(PurePosixPath(raw.value).name) if isinstance(raw, Const) and isinstance(raw.value, (str, PurePosixPath)) else UNKNOWN


_MODELLED: Mapping[str, Model] = {
    "os.path.join": _join_path,
    "pathlib.Path": _path,
    "pathlib.PurePath": _path,
    "pathlib.PosixPath": _path,
    "pathlib.PurePosixPath": _path,
    "os.path.abspath": _first,
    "os.path.expanduser": _first,
    "os.path.normpath": _first,
    "os.path.realpath": _first,
    "os.path.basename": _base_name,
    "os.fspath": _str,
    "str": _str,
    "int": _number(int),
    "float": _number(float),
    "bool": _number(bool),
    "list": _container("[]"),
    "set": _container("[]"),
    "tuple": _container("()"),
    "sorted": _container("[]"),
    "dict": _dict,
    "collections.OrderedDict": _dict,
    "len": _len,
    "getattr": _getattr,
    "setattr": _setattr,
    "enumerate": _enumerate,
    "zip": _zip,
    "tqdm.tqdm": _first,
    "copy.copy": _copy,
    "copy.deepcopy": _copy,
    "types.SimpleNamespace": _namespace,
    "argparse.Namespace": _namespace,
    "os.environ.get": _environment,
    "os.getenv": _environment,
    "typing.cast": _second,
}
"""Library functions, by dotted name, whose result is computed; one that returns None is taken like any other call."""
