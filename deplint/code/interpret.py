"""One pass of abstract interpretation over a Python module: what its calls are given, and what becomes of its objects.

Statements run in order on a `State`: the variables, and a heap of `Cell`s. Branches run on copies that are joined; the body of a loop
runs once, as if any number of iterations had gone before; functions of the project are entered with the values they are called with, a few
levels deep and within a budget of steps. Whatever is given to code that cannot be seen *escapes*: from there on nothing is certain
about it. What no statement reaches (functions nobody calls, methods) runs afterwards, on unknown arguments.

Nothing of the project is executed; only constants are computed, and of those only small ones.
"""

from __future__ import annotations

import ast
import operator
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from deplint.code import library
from deplint.code.library import BUILTINS, ITEMS_LIMIT, NAME_LIMIT, STRING_LIMIT, canonical, name_of, parts_of, safe, text_of, textual
from deplint.code.values import (
    EMPTY,
    FALSY,
    NONE,
    PARAMETER,
    SHARED,
    TRUTHY,
    UNKNOWN,
    Again,
    Cell,
    Class,
    Const,
    Default,
    Either,
    Function,
    Heap,
    Imported,
    Item,
    Late,
    Member,
    Method,
    Name,
    Operation,
    Package,
    Part,
    Raw,
    Ref,
    Slot,
    Text,
    Truth,
    Unknown,
    either,
    numbers,
    options,
)

if TYPE_CHECKING:
    from deplint.code.python import PythonFile

DEPTH_LIMIT = 5
"""Functions entered within each other."""

STEPS = 2_000
STEPS_A_LINE = 4
STEPS_LIMIT = 20_000
"""Statements run for one file before functions are no longer entered from their calls: so many, and so many more for each of its lines, up
to a limit."""

STEPS_END = 80_000
"""Statements run for one file; beyond that nothing more is looked at."""

MODULES_LIMIT = 64
"""Modules of the project that are looked into for one file."""

ENTRIES_LIMIT = 6
"""Times one function is entered for one file, if it is small. A helper called more often than that is taken as unseen."""

ENTRY_STEPS = 400
FOREIGN_STEPS = 60
"""Statements that entering one function of the file, of another module, may cost (those it enters included) before it is not entered
again."""

UNROLL_LIMIT = 4
"""Elements of a known iterable that a loop goes through one by one; longer ones are taken as any number of unknown length."""

UNROLL_STEPS = 120
"""Statements that going through the elements one by one may come to."""

ROWS_LIMIT = 16
"""Elements that loops and comprehensions within each other go through one by one, taken together."""

IDLE_LINES = 12
"""Lines of a function of another module beyond which it is not entered with nothing but plain values."""

_NOTHING = Heap()
_RECORDED_BUILTINS = frozenset({"open", "eval", "exec"})

_ASK_ONLY = frozenset({"sorted", "min", "max", "print", "callable", "type", "id", "repr", "hasattr"})
"""Functions that do not hand what they are given to the functions they are given."""

_CALLED = re.compile(r"(\w+)\s*\(")

_VERSION_TEST = re.compile(
    r"(?i)(?<!con)version|hasattr|find_spec|\b_*(is|has)_\w*(tf|tensorflow|torch|keras|onnx|avail|install|support)|\b_*has_\w|"
    r"\btf_?[12]|torch_?[12]|keras_?[23]|legacy|compat\b|\b_?is_v[12]|skip_?(if|unless)"
)

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


class State:
    """The variables of the running code, the module's, and the heap. Changed in place; `fork` before a branch, `join` after it.

    `env` is where names are bound: the variables of the function or module (`local`), or those of a class body or comprehension in it.
    """

    __slots__ = ("env", "glob", "heap", "local", "scope")

    def __init__(
        self, env: dict[str, Raw], glob: dict[str, Raw], heap: Heap, scope: Frame | None = None, local: dict[str, Raw] | None = None
    ) -> None:
        self.env = env
        self.glob = glob
        self.heap = heap
        self.scope = scope
        self.local = env if local is None else local

    def fork(self) -> State:
        env = dict(self.env)
        return State(
            env,
            env if self.glob is self.env else self.glob,
            self.heap.copy(),
            self.scope,
            env if self.local is self.env else self.local,
        )

    def inner(self, env: dict[str, Raw]) -> State:
        """The state of a class body or comprehension here: its own names, the same heap."""
        return State(env, self.glob, self.heap, self.scope, self.local)

    def replace(self, other: State) -> None:
        # In place: others hold on to the dictionary of variables.
        if self.env is not other.env:
            self.env.clear()
            self.env.update(other.env)
        self.heap.assign(other.heap)

    def join(self, other: State) -> None:
        """Hold what is known after either path. A name that only one path binds cannot be used after the other."""
        env = self.env
        if env is not other.env:
            for name, value in [(n, v) for n, v in other.env.items() if env.get(n) is not v]:
                env[name] = either(env[name], value) if name in env else value
        self.heap.join(other.heap)

    def cell(self, ref: Ref) -> Cell:
        return self.heap.get(ref.number)

    def put(self, ref: Ref, cell: Cell) -> None:
        self.heap[ref.number] = cell


class Module:
    """A module's variables and heap after its statements ran. What code sets on the module later is in the heap, under `number`."""

    def __init__(self, file: PythonFile) -> None:
        self.file = file
        self.env: dict[str, Raw] = {}
        self.heap = Heap()
        self.stars: list[str] = []
        self.number = next(numbers)
        self.patched = False


class Frame:
    """A function (or the module) being run: where its returns, yields and loop exits go, and its variables as they stood when it last
    called something or ended."""

    __slots__ = ("captured", "doubts", "env", "file", "function", "guards", "loops", "module", "returns", "stack", "yields")

    def __init__(self, module: Module, function: Function | None, env: dict[str, Raw]) -> None:
        self.module = module
        self.file = module.file
        self.function = function
        self.env = env
        self.captured = False
        """Functions defined in it can see its variables."""
        self.returns: list[tuple[Raw, State]] = []
        self.yields: list[Raw] = []
        self.loops: list[tuple[list[State], list[State]]] = []
        """States at each `break` and each `continue`, for the loops around, innermost last."""
        self.stack: tuple[Function, ...] = ()
        """The functions that are running, outermost first."""
        self.guards = 0
        """Version tests that must have come out right for the rest of it to run."""
        self.doubts = 0
        """Tests that must have come out somehow for the rest of it to run."""


class Arguments:
    """What a call is given, each argument with the expression it is written as. One that came out of ``*args`` stands as `ast.Starred`,
    one out of ``**kwargs`` as `ast.keyword`."""

    __slots__ = ("args", "kwargs", "open_args", "open_kwargs")

    def __init__(self) -> None:
        self.args: list[tuple[Raw, ast.AST]] = []
        self.kwargs: dict[str, tuple[Raw, ast.AST]] = {}
        self.open_args = False
        self.open_kwargs = False

    @property
    def open(self) -> bool:
        return self.open_args or self.open_kwargs

    def raws(self) -> Iterator[Raw]:
        for raw, _ in self.args:
            yield raw
        for raw, _ in self.kwargs.values():
            yield raw

    def get(self, name: str, position: int) -> Raw | None:
        found = self.kwargs.get(name)
        if found is None and position < len(self.args):
            found = self.args[position]
        return found[0] if found is not None else None


def anything() -> Arguments:
    """Arguments nobody knows."""
    given = Arguments()
    given.open_args = given.open_kwargs = True
    return given


class CallFact:
    """A call as it was seen: see `deplint.code.facts.Call`."""

    __slots__ = (
        "args", "certain", "contexts", "file", "guarded", "heap", "kwargs", "name", "node", "open_args", "open_kwargs", "receiver",
        "result", "stack",
    )  # fmt: skip

    def __init__(self, node: ast.Call, file: PythonFile, name: str, receiver: Raw | None, given: Arguments) -> None:
        self.node = node
        self.file = file
        self.name = name
        self.receiver = receiver
        self.args = given.args
        self.kwargs = given.kwargs
        self.open_args = given.open_args
        self.open_kwargs = given.open_kwargs
        self.result: Raw = UNKNOWN
        self.heap = _NOTHING
        self.stack: tuple[Function, ...] = ()
        self.contexts: tuple[str, ...] = ()
        self.guarded = False
        self.certain = False


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


Spot = tuple["Ref | None", str]
"""A variable, or an attribute of an object, that a test is about."""


class Interpreter:
    """Interprets one file. `calls`, `sets` and `uses` fill up as it goes."""

    def __init__(self, file: PythonFile) -> None:
        self.file = file
        self.module = Module(file)
        self.state = State(self.module.env, self.module.env, self.module.heap)
        self.state.env["__name__"] = Const(file.module_name)
        self.state.env["__file__"] = Const(PurePosixPath(file.path))
        self.frames = [Frame(self.module, None, self.module.env)]
        self.calls: list[CallFact] = []
        self.sets: list[Set] = []
        self.uses: dict[tuple[ast.AST, str], Use] = {}
        self.recording = True
        self.contexts: tuple[str, ...] = ()
        self.guards = 0
        """Version tests around."""
        self.doubts = 0
        """Tests around, of which nobody knows how they come out."""
        self.rows = 1
        """Elements that the loops around go through one by one, taken together."""
        self.splits = 0
        """Worlds kept apart for related tests."""
        self.steps = 0
        self.limit = min(STEPS + STEPS_A_LINE * file.text.count("\n"), STEPS_LIMIT)
        self.entered: dict[ast.AST, int] = {}
        """How often each function was entered."""
        self.spent: dict[ast.AST, int] = {}
        """Statements that entering each function cost."""
        self.defined: list[Function] = []
        """The functions of this file, in the order they were defined."""
        self.classes: list[Class] = []
        self.used: set[PythonFile] = set()
        """Modules of the project of which something was used."""
        self.known: dict[Late, tuple[Module, Raw]] = {}
        """What imports gave."""
        self.globals: dict[Module, dict[str, Raw]] = {}
        """Variables of other modules of which functions were entered."""
        self.instances: dict[Class, tuple[Ref, State]] = {}
        self.taken: set[int] = set()
        self.passed: list[tuple[Function, int]] = []
        """Branches that were taken (by the identity of their list of statements); those that a known value ruled out, in which function."""
        self._exec: dict[type, Callable[[Any, State], bool]] = {}
        self._eval: dict[type, Callable[[Any, State], Raw]] = {}
        for kind, function in _TABLE.items():
            (self._eval if issubclass(kind, ast.expr) else self._exec)[kind] = function.__get__(self)

    # -- whole modules -------------------------------------------------------------------------------------------------

    def run_module(self) -> None:
        """Run the module's statements as an import does."""
        self.main = [s for s in self.file.tree.body if isinstance(s, ast.If) and "__main__" in _words(s.test)]
        self.block([s for s in self.file.tree.body if s not in self.main], self.state)
        self.module.heap = self.state.heap

    def finish(self) -> None:
        """Run the rest: what the module does as the program, then what no statement reached, as unseen code may call it."""
        before = self.state
        self.state = before.fork()
        self.state.env["__name__"] = Const("__main__")
        self.frames[0].env = self.state.env
        self.block(self.main, self.state)
        self.state.join(before)
        self.doubts = 0
        self.quietly(lambda: self.settle([f for f in self.defined if f.module.file.declared(f.node).globals and f.owner is None]))
        # Callers first: a function that others call is better seen from there.
        called = Counter(_CALLED.findall(self.file.text))
        known = sorted(self.defined, key=lambda f: f.owner is not None or called[f.name] > 1 or f.scope is not None)
        for function in known:
            self.alone(function)
        for function in self.defined[len(known) :]:
            self.alone(function)
        # What a known argument ruled out may run when others call.
        for function in dict.fromkeys(function for function, branch in self.passed if branch not in self.taken):
            self.alone(function, again=True)

    def settle(self, functions: Sequence[Function]) -> None:
        """Let each function have happened or not."""
        for function in functions:
            other = self.state.fork()
            self.enter(function, anything(), None, other, force=True)
            self.state.join(other)

    def quietly(self, run: Callable[[], None]) -> None:
        """Run without leaving anything but the heap and the variables."""
        kept = self.recording, self.entered, self.spent, self.taken, self.passed, self.defined, self.classes
        self.recording, self.entered, self.spent, self.taken = False, dict(self.entered), dict(self.spent), set(self.taken)
        self.passed, self.defined, self.classes = list(self.passed), list(self.defined), list(self.classes)
        run()
        self.recording, self.entered, self.spent, self.taken, self.passed, self.defined, self.classes = kept

    def alone(self, function: Function, again: bool = False) -> None:
        """Run a function that no statement reached, on unknown arguments."""
        if function.node in self.entered and not again:
            return
        receiver: Raw | None = None
        state = self.state
        if function.owner is not None:
            receiver, state = self.instance(function.owner)
            if function.node in self.entered and not again:
                return
            if "classmethod" in function.decorators:
                receiver = function.owner
        state = state.fork()
        self.frames[0].env = state.env
        self.enter(function, anything(), receiver, state, force=True)

    def instance(self, cls: Class) -> tuple[Ref, State]:
        """An instance of a class, or of one derived from it, on which any method may have been called before."""
        found = self.instances.get(cls)
        if found is None:
            state = self.state.fork()
            ref = self.fresh(self.instance_name(cls), state, cls, derived=True)
            found = self.instances[cls] = ref, state
            if not cls.whole:
                state.put(ref, SHARED)
            start = cls.lookup("__init__")
            if isinstance(start, Function):
                if start.node in self.entered or start.module is not self.module:
                    self.quietly(lambda: self.warm(start, ref, state))
                else:
                    self.warm(start, ref, state)
            names = dict.fromkeys(name for c in cls.line for name in c.members)
            methods = [f for name in names if isinstance(f := cls.lookup(name), Function) and name != "__init__" and f.owner is not None]
            changing = [f for f in methods if f.module.file.changes_things(f.node)]
            if changing and len(methods) > 1:
                self.quietly(lambda: self.stir(changing, ref, state))
        return found

    def warm(self, start: Function, ref: Ref, state: State) -> None:
        self.frames[0].env = state.env
        self.enter(start, anything(), ref, state, force=True)

    def stir(self, methods: Sequence[Function], ref: Ref, state: State) -> None:
        """Let each method have been called on the object or not."""
        for method in methods:
            other = state.fork()
            self.warm(method, ref, other)
            state.join(other)

    def instance_name(self, cls: Class) -> str:
        for name in cls.libraries:
            if not library.ROOT_BASES.match(name):
                return name + "()"
        return f"{cls.module.file.module_name}.{cls.node.name}()"

    def invoke(self, target: Raw, method: str | None, heap: Heap) -> list[CallFact]:
        """The calls made when `method` of an object, or the function itself, runs on unknown arguments: what is inside a model's
        ``forward``."""
        outer, self.calls = self.calls, []
        state = State(dict(self.state.env), self.state.env, heap.copy())
        self.frames[0].env = state.env
        steps, self.steps = self.steps, 0
        for option in options(target):
            if method is not None and isinstance(option, Ref):
                member = self.class_member(option.cls, method, state) if option.cls is not None else None
                option = Method(member, option) if isinstance(member, Function) else UNKNOWN
            elif isinstance(option, Ref) and option.name in ("functools.partial()", "tensorflow.function()") and option.call is not None:
                option = option.call.args[0][0] if option.call.args else UNKNOWN
            function = option.function if isinstance(option, Method) else option
            if isinstance(function, Function):
                given = anything()
                spec = function.node.args
                given.kwargs = {p.arg: (PARAMETER, p) for p in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)}
                if isinstance(option, Method) and given.kwargs:
                    del given.kwargs[next(iter(given.kwargs))]
                self.enter(function, given, option.receiver if isinstance(option, Method) else None, state, force=True)
        self.steps = steps
        found, self.calls = self.calls, outer
        return found

    # -- statements ----------------------------------------------------------------------------------------------------

    def block(self, body: Sequence[ast.stmt], state: State) -> bool:
        """Run statements; False if the path ends in them."""
        execute = self._exec
        depth, contexts, counts = len(self.frames), self.contexts, (self.guards, self.doubts, self.rows, self.splits)
        at = 0
        while at < len(body):
            statement = body[at]
            at += 1
            self.steps += 1
            if self.steps > STEPS_END:
                return False
            kind = type(statement)
            run = execute.get(kind)
            try:
                if kind is ast.If:
                    alive, at = self.branch(statement, body, at, state)  # type: ignore[arg-type]
                    if not alive:
                        return False
                elif run is not None and not run(statement, state):
                    return False
            except RecursionError:
                # Code nested deeper than Python's own stack: nothing is known of this statement.
                del self.frames[depth:]
                self.contexts = contexts
                self.guards, self.doubts, self.rows, self.splits = counts
        return True

    def do_Expr(self, node: ast.Expr, state: State) -> bool:
        value = node.value
        self.eval(value, state)
        if type(value) is ast.Call:
            target = value.func
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                return (target.value.id, target.attr) not in (("sys", "exit"), ("os", "_exit"), ("os", "abort"))
            if isinstance(target, ast.Name):
                return target.id not in ("exit", "quit")
        return True

    def do_Assign(self, node: ast.Assign, state: State) -> bool:
        value = self.eval(node.value, state)
        for target in node.targets:
            self.assign(target, value, state, node.value)
        return True

    def do_AnnAssign(self, node: ast.AnnAssign, state: State) -> bool:
        frame = self.frames[-1]
        if not frame.file.future_annotations and (frame.function is None or state.local is not state.env):
            self.eval(node.annotation, state)
        if node.value is not None:
            self.assign(node.target, self.eval(node.value, state), state, node.value)
        return True

    def do_AugAssign(self, node: ast.AugAssign, state: State) -> bool:
        target = node.target
        current = self.eval(target, state)
        more = self.eval(node.value, state)
        if isinstance(node.op, (ast.Add, ast.BitOr)):
            grown = [r for r in options(current) if isinstance(r, Ref) and state.cell(r).items is not None and r.name != "()"]
            for ref in grown:
                self.extend(ref, more, state)
            if grown:
                if isinstance(target, ast.Attribute):
                    self.assign(target, current, state, target)
                return True
        result = self.operate(node.op, current, more, state)
        if isinstance(current, Part) and isinstance(more, Ref) and state.cell(more).items is not None:
            result = self.made("[]", state.cell(more).vague(), state)
        self.assign(target, result, state, target)
        return True

    def assign(self, target: ast.expr, value: Raw, state: State, source: ast.AST) -> None:
        """Bind `value`; `source` is the expression it was written as, or `target` if there is none."""
        if isinstance(target, ast.Name):
            name = target.id
            frame = self.frames[-1]
            if frame.function is not None and frame.file.has_globals:
                if name in frame.file.declared(frame.function.node).globals:
                    old = state.glob.get(name)
                    state.glob[name] = value if old is None else either(old, value)
                    state.env[name] = value  # until something is called that may bind it, too
                    return
                if name in frame.file.declared(frame.function.node).nonlocals:
                    scope = state.scope
                    while scope is not None:
                        if name in scope.env:
                            scope.env[name] = either(scope.env[name], value)
                            return
                        scope = scope.function.scope if scope.function is not None else None
            state.env[name] = value
        elif isinstance(target, ast.Attribute):
            self.set_attribute(self.eval(target.value, state), target.attr, value, state, target, source)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self.unpack(target.elts, value, state, source)
        elif isinstance(target, ast.Subscript):
            container = self.eval(target.value, state)
            key = UNKNOWN if isinstance(target.slice, ast.Slice) else self.eval(target.slice, state)
            for option in options(container):
                if isinstance(option, Ref):
                    if isinstance(container, Either):
                        self.blur(option, state)
                    self.set_item(option, key, value, state)
                elif isinstance(option, Part):
                    self.set_attribute(option, f"[{key.value}]" if isinstance(key, Const) else "[]", value, state, target, source)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, UNKNOWN, state, target.value)

    def unpack(self, targets: Sequence[ast.expr], value: Raw, state: State, source: ast.AST) -> None:
        star = next((n for n, target in enumerate(targets) if isinstance(target, ast.Starred)), None)
        rows = [self.pieces(option, len(targets), star, state) for option in options(value)]
        sources: Sequence[ast.AST] = targets
        if isinstance(source, (ast.Tuple, ast.List)) and len(source.elts) == len(targets) and star is None:
            sources = source.elts
        for n, target in enumerate(targets):
            to = target.value if isinstance(target, ast.Starred) else target
            self.assign(to, either(*(row[n] for row in rows)), state, sources[n] if star is None else to)

    def pieces(self, value: Raw, count: int, star: int | None, state: State) -> Sequence[Raw]:
        """What unpacking gives to each of `count` targets, of which number `star` takes the rest."""
        if isinstance(value, Ref):
            cell = state.cell(value)
            pool = cell.keys if cell.keys is not None else cell.items
            if pool is not None and cell.exact and (len(pool) == count if star is None else len(pool) >= count - 1):
                if star is None:
                    return pool
                end = len(pool) - (count - 1 - star)
                rest = self.made("[]", Cell(items=pool[star:end]), state)
                return [*pool[:star], rest, *pool[end:]]
        item = self.element(value, state)
        return [UNKNOWN if n == star else item for n in range(count)]

    def set_attribute(self, owner: Raw, attribute: str, value: Raw, state: State, node: ast.AST, source: ast.AST) -> None:
        """`node` is what sets the attribute, `source` the expression whose value it gets (or `node`, if there is none)."""
        if isinstance(owner, Either):
            # One of them is set: each has it set or not.
            ends = []
            for option in owner.options:
                other = state.fork()
                self.set_attribute(option, attribute, value, other, node, source)
                ends.append(other)
            for n, end in enumerate(ends):
                state.join(end) if n else state.replace(end)
            return
        if isinstance(owner, Default):
            owner = owner.value
        path = attribute
        if isinstance(owner, Part):
            path = f"{owner.path}{'' if attribute.startswith('[') else '.'}{attribute}"
            owner = owner.owner
        if isinstance(owner, (Class, Imported)):
            holder = self.imported(owner.file, state) if isinstance(owner, Imported) else owner
            holder.patched = True
            state.heap[holder.number] = state.heap.get(holder.number).with_attr(attribute, value)
        elif isinstance(owner, Ref) and len(path) <= NAME_LIMIT:
            if owner.cls is not None and path == attribute:
                found = self.class_member(owner.cls, attribute, state)
                if isinstance(found, Function) and found.setter is not None:
                    given = Arguments()
                    given.args.append((value, source))
                    self.enter(found.setter, given, owner, state)
                    return
            state.put(owner, state.cell(owner).with_attr(path, value, (self.frames[-1].file, source)))
            if self.recording and owner.cls is None:
                frame = self.frames[-1]
                self.sets.append(Set(owner, path, value, node, source, frame.file, state.heap.snapshot(), self.guards > 0))

    def blur(self, ref: Ref, state: State) -> None:
        """The container is about to be changed, or not."""
        state.put(ref, state.cell(ref).vague(open=False))

    def set_item(self, ref: Ref, key: Raw, value: Raw, state: State) -> None:
        """``container[key] = value``. An object that is no known container has an attribute ``[key]``."""
        cell = state.cell(ref)
        items = cell.items
        if items is None:
            if isinstance(key, Const) and isinstance(key.value, (str, int)):
                state.put(ref, cell.with_attr(f"[{key.value}]", value))
        elif cell.keys is not None:
            if key in cell.keys:
                at = cell.keys.index(key)
                state.put(ref, cell.with_items((*items[:at], value, *items[at + 1 :]), cell.keys))
            elif len(items) < ITEMS_LIMIT:
                plain = isinstance(key, (Const, Name)) and not (isinstance(key, Name) and key.derived)
                state.put(ref, cell.with_items((*items, value), (*cell.keys, key), exact=plain, open=not plain))
            else:
                state.put(ref, cell.vague())
        elif isinstance(key, Const) and isinstance(key.value, int) and cell.exact and -len(items) <= key.value < len(items):
            changed = list(items)
            changed[key.value] = value
            state.put(ref, cell.with_items(tuple(changed)))
        else:
            state.put(ref, cell.with_items((*items, value)[:ITEMS_LIMIT], exact=False, open=True))

    def extend(self, ref: Ref, more: Raw, state: State) -> None:
        """``container += more`` (or ``|=``)."""
        cell = state.cell(ref)
        other = state.cell(more) if isinstance(more, Ref) else EMPTY
        if other.items is None or len(other.items) + len(cell.items or ()) > ITEMS_LIMIT:
            state.put(ref, cell.vague())
        elif cell.keys is not None and other.keys is not None:
            for key, item in zip(other.keys, other.items, strict=True):
                self.set_item(ref, key, item if other.exact else either(item, self.item(ref, key, state)), state)
            if not other.exact:
                state.put(ref, state.cell(ref).vague(open=other.open))
        elif cell.keys is None:
            pool = other.keys if other.keys is not None else other.items
            state.put(ref, cell.with_items((cell.items or ()) + pool, exact=other.exact, open=other.open))
        else:
            state.put(ref, cell.vague())

    def do_Delete(self, node: ast.Delete, state: State) -> bool:
        for target in node.targets:
            if isinstance(target, ast.Name):
                state.env.pop(target.id, None)
                continue
            if isinstance(target, ast.Attribute):
                for owner in options(self.eval(target.value, state)):
                    if isinstance(owner, Ref):
                        state.put(owner, state.cell(owner).with_slot(target.attr, None))
            elif isinstance(target, ast.Subscript):
                container = self.eval(target.value, state)
                key = UNKNOWN if isinstance(target.slice, ast.Slice) else self.eval(target.slice, state)
                for option in options(container):
                    if isinstance(option, Ref) and (cell := state.cell(option)).keys is not None and isinstance(key, Const):
                        kept = [(k, i) for k, i in zip(cell.keys or (), cell.items or (), strict=True) if k != key]
                        state.put(option, cell.with_items(tuple(i for _, i in kept), tuple(k for k, _ in kept)))
                    elif isinstance(option, Ref) and cell.items is not None:
                        self.blur(option, state)
        return True

    def do_Return(self, node: ast.Return, state: State) -> bool:
        value = self.eval(node.value, state) if node.value is not None else NONE
        self.frames[-1].returns.append((value, state.fork()))
        return False

    def do_Raise(self, node: ast.Raise, state: State) -> bool:
        if node.exc is not None:
            self.eval(node.exc, state)
        return False

    def do_Break(self, node: ast.Break, state: State) -> bool:
        if self.frames[-1].loops:
            self.frames[-1].loops[-1][0].append(state.fork())
        return False

    def do_Continue(self, node: ast.Continue, state: State) -> bool:
        if self.frames[-1].loops:
            self.frames[-1].loops[-1][1].append(state.fork())
        return False

    def do_Assert(self, node: ast.Assert, state: State) -> bool:
        if self.test(node.test, state) is None:
            self.narrow(node.test, True, state)
        if self.is_guard(node.test):
            self.guards += 1
            self.frames[-1].guards += 1
        return True

    # -- branches

    def branch(self, node: ast.If, body: Sequence[ast.stmt], at: int, state: State) -> tuple[bool, int]:
        """Run an `if` that stands before statement `at` of `body`. If a later one there asks the same again, and what the branches did to
        an object matters, the rest of `body` runs once for each outcome. Gives the number of the next statement to run."""
        verdict = self.test(node.test, state)
        if verdict is not None:
            self.pass_by(node.test, node.orelse if verdict else node.body)
            taken = node.body if verdict else node.orelse
            self.taken.add(id(taken))
            alive = self.block(taken, state)
            if not alive and at < len(body):
                self.pass_by(node.test, body)
            return alive, at
        self.taken |= {id(node.body), id(node.orelse)}
        frame = self.frames[-1]
        guards = self.is_guard(node.test)
        again = self.splits < 2 and frame.file.asked_again(body, at - 1)
        before = state.heap.copy() if again else None
        other = state.fork()
        left = self.narrow(node.test, True, state)
        right = self.narrow(node.test, False, other)
        self.guards += guards
        self.doubts += 1
        alive = self.block(node.body, state)
        alive_other = self.block(node.orelse, other)
        self.doubts -= 1
        self.guards -= guards
        if not (alive and alive_other):
            frame.guards += guards
            frame.doubts += 1
            self.guards += guards
            self.doubts += 1
        if before is not None and alive and alive_other and (_matters(before, state.heap) or _matters(before, other.heap)):
            self.splits += 1
            alive = self.block(body[at:], state)
            alive_other = self.block(body[at:], other)
            self.splits -= 1
            at = len(body)
        if not (alive and alive_other):
            return self.meet(state, alive, other, alive_other), at
        # What the test alone told of a variable is forgotten after it.
        originals = {spot: original for spot, (original, _) in (*right.items(), *left.items())}
        untouched = [
            spot
            for spot, original in originals.items()
            if _look(spot, state) is left.get(spot, (original, original))[1]
            and _look(spot, other) is right.get(spot, (original, original))[1]
        ]
        state.join(other)
        for spot in untouched:
            _write(spot, originals[spot], state)
        return True, at

    def pass_by(self, test: ast.expr, block: Sequence[ast.stmt]) -> None:
        """Note that a known argument rules out a block."""
        function = self.frames[-1].function
        if block and function is not None and function.module is self.module and self.recording:
            spec = function.node.args
            words = _words(test).split()
            if any(p.arg in words for p in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)):
                self.passed.append((function, id(block)))

    def meet(self, state: State, alive: bool, other: State, alive_other: bool) -> bool:
        if alive and alive_other:
            state.join(other)
        elif alive_other:
            state.replace(other)
        return alive or alive_other

    def merge(self, state: State, alive: bool, others: Iterable[State]) -> bool:
        for other in others:
            alive = self.meet(state, alive, other, True)
        return alive

    def is_guard(self, test: ast.expr) -> bool:
        """Does it ask for a version, or whether something is there?"""
        file = self.frames[-1].file
        if not file.has_guards:
            return False
        known = file.guards.get(test)
        if known is None:
            known = file.guards[test] = _VERSION_TEST.search(_words(test)) is not None
        return known

    def test(self, node: ast.expr, state: State) -> bool | None:
        return self.truth(self.eval(node, state), state)

    def truth(self, value: Raw, state: State) -> bool | None:
        if isinstance(value, Const):
            return bool(value.value)
        if isinstance(value, Unknown):
            return value.truth
        if isinstance(value, Ref):
            cell = state.cell(value)
            return bool(cell.items) if cell.items is not None and cell.exact else None
        if isinstance(value, (Function, Class, Method, Imported)):
            return True
        if isinstance(value, Either):
            verdicts = {self.truth(o, state) for o in value.options}
            return verdicts.pop() if len(verdicts) == 1 else None
        if isinstance(value, Name) and value.dotted == "typing.TYPE_CHECKING":
            return False
        return True if isinstance(value, Text) and any(value.parts) else None

    def narrow(self, test: ast.expr, outcome: bool, state: State) -> dict[Spot, tuple[Any, Any]]:
        """Make `state` know that the test came out so, as far as it is about variables and attributes. Gives what those held before and
        hold now."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return self.narrow(test.operand, not outcome, state)
        if isinstance(test, ast.BoolOp):
            found: dict[Spot, tuple[Any, Any]] = {}
            for operand in test.values if outcome is isinstance(test.op, ast.And) else ():
                for spot, (old, new) in self.narrow(operand, outcome, state).items():
                    found[spot] = (found.get(spot, (old,))[0], new)
            return found
        subject: ast.expr = test
        constant: Const | None = None
        if isinstance(test, ast.Compare):
            if len(test.ops) != 1 or not isinstance(test.comparators[0], ast.Constant):
                return {}
            how = test.ops[0]
            if not isinstance(how, (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)):
                return {}
            subject, constant = test.left, Const(test.comparators[0].value)
            outcome = outcome is isinstance(how, (ast.Is, ast.Eq))
        if isinstance(subject, ast.NamedExpr):
            subject = subject.target
        spot_found = self.spot(subject, state)
        if spot_found is None:
            return {}
        old = _look(spot_found, state)
        value = either(*old.values) if isinstance(old, Slot) else old or UNKNOWN
        kept = [o for option in options(value) for o in self.agree(option, constant, outcome, state)]
        new = either(*kept) if kept else value
        if new is value:
            return {}
        _write(spot_found, Slot((new,), True) if spot_found[0] is not None else new, state)
        return {spot_found: (old, _look(spot_found, state))}

    def spot(self, node: ast.expr, state: State) -> Spot | None:
        if isinstance(node, ast.Name):
            return (None, node.id) if node.id in state.env else None
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = self.lookup(node.value.id, state)
            if isinstance(owner, Ref) and (owner.cls is not None or owner.name == "argparse.Namespace()"):
                cell = state.cell(owner)
                slot = cell.attrs.get(node.attr)
                if cell.escaped is Truth.no and (slot.certain if slot is not None else type(self.member(owner, node.attr, state)) is Part):
                    return owner, node.attr
        return None

    def agree(self, option: Raw, constant: Const | None, outcome: bool, state: State) -> Iterable[Raw]:
        """What `option` can still be when it was found equal to `constant` (or true, without one), or not."""
        inner = option.value if isinstance(option, Default) else option
        if constant is None:
            verdict = self.truth(inner, state)
        elif isinstance(inner, Const):
            verdict = inner == constant
        elif constant == NONE:
            verdict = _is_none(inner, state)
        else:
            verdict = None if isinstance(inner, (Unknown, Text)) else False if isinstance(inner, (Ref, Function, Class)) else None
        if verdict is None or (isinstance(option, Default) and verdict is not outcome):
            if constant is not None:
                return (
                    (constant,) if outcome and isinstance(inner, (Unknown, Text, Const)) else (option,) if verdict is None else (UNKNOWN,)
                )
            if isinstance(inner, Const) and type(inner.value) is bool:
                return (Const(outcome),)
            return (TRUTHY if outcome else FALSY,) if verdict is not None or isinstance(inner, Unknown) else (option,)
        if verdict is not outcome:
            return ()
        return (
            (inner,)
            if constant is not None and outcome
            else (inner,)
            if isinstance(inner, Const) and type(inner.value) is bool
            else (option,)
        )

    # -- loops

    def do_For(self, node: ast.For | ast.AsyncFor, state: State) -> bool:
        iterable = self.listed(self.eval(node.iter, state))
        cell = state.cell(iterable) if isinstance(iterable, Ref) else EMPTY
        pool = cell.keys if cell.keys is not None else cell.items
        if pool is not None and cell.exact:
            if not pool:
                return self.block(node.orelse, state)
            size = self.frames[-1].file.stores(node)[2]
            if len(pool) <= UNROLL_LIMIT and len(pool) * size <= UNROLL_STEPS and len(pool) * self.rows <= ROWS_LIMIT:
                return self.unroll(node, pool, state)

        def start(state: State) -> None:
            self.assign(node.target, self.element(iterable, state), state, node.target)

        return self.loop(node, state, start, certain=bool(pool) and cell.exact)

    do_AsyncFor = do_For

    def do_While(self, node: ast.While, state: State) -> bool:
        verdict = self.test(node.test, state)
        if verdict is False:
            return self.block(node.orelse, state)

        def start(state: State) -> None:
            self.test(node.test, state)
            self.narrow(node.test, True, state)

        guards = self.is_guard(node.test)
        self.guards += guards
        alive = self.loop(node, state, start, certain=verdict is True, endless=isinstance(node.test, ast.Constant))
        self.guards -= guards
        return alive

    def unroll(self, node: ast.For | ast.AsyncFor, items: Sequence[Raw], state: State) -> bool:
        """Go through known elements one by one."""
        exits: list[State] = []
        alive = True
        self.rows *= len(items)
        for item in items:
            alive, breaks = self.iterate(node, state, lambda s, item=item: self.assign(node.target, item, s, node.target))  # type: ignore[misc]
            exits += breaks
            if not alive:
                break
        self.rows //= len(items)
        return self.merge(state, alive and self.block(node.orelse, state), exits)

    def iterate(self, node: ast.For | ast.AsyncFor | ast.While, state: State, start: Callable[[State], None]) -> tuple[bool, list[State]]:
        """Run a loop's body once. Gives the states that leave by `break`."""
        loops = self.frames[-1].loops
        loops.append(([], []))
        start(state)
        alive = self.block(node.body, state)
        breaks, continues = loops.pop()
        return self.merge(state, alive, continues), breaks

    def loop(
        self, node: ast.For | ast.AsyncFor | ast.While, state: State, start: Callable[[State], None], certain: bool, endless: bool = False
    ) -> bool:
        """Run a loop's body as any iteration; `certain` says that there is one."""
        never = state.fork()
        marks = len(self.calls), len(self.sets)
        self.widen(node, state)
        self.doubts += not certain
        alive, exits = self.iterate(node, state, start)
        self.doubts -= not certain
        changes = {number: (old, new) for number, old, new in state.heap.changes(never.heap)} if alive else {}
        for number, (old, new) in changes.items():
            if new.items is not old.items and new.items is not None:
                state.heap[number] = new.vague(open=False)
        if changes and self.recording:
            # What the body does to objects, an earlier iteration may have done.
            known: dict[int, Heap] = {}
            facts: list[CallFact | Set] = [*self.calls[marks[0] :], *self.sets[marks[1] :]]
            for fact in facts:
                heap = known.get(id(fact.heap))
                if heap is None:
                    heap = known[id(fact.heap)] = Again.inside(changes, fact.heap)
                fact.heap = heap
        if endless:
            alive = False
        elif not certain:
            alive = self.meet(state, alive, never, True)
        if alive and node.orelse:
            alive = self.block(node.orelse, state)
        return self.merge(state, alive, exits)

    def widen(self, node: ast.AST, state: State) -> None:
        """Forget of variables and flags what an earlier iteration of a loop may have changed."""
        names, attributes, _ = self.frames[-1].file.stores(node)
        for name, rebound in names.items():
            value = state.env.get(name)
            if value is not None and (rebound or not (isinstance(value, Ref) and state.cell(value).items is not None)):
                state.env[name] = either(value, UNKNOWN)
        for name, attribute in attributes:
            owner = state.env.get(name)
            if isinstance(owner, Ref) and (slot := (cell := state.cell(owner)).attrs.get(attribute)) is not None:
                state.put(owner, cell.with_slot(attribute, Slot((either(*slot.values, UNKNOWN),), slot.certain, slot.nodes[:1])))

    # -- other compound statements

    def do_With(self, node: ast.With | ast.AsyncWith, state: State) -> bool:
        names: list[str] = []
        closers: list[Method] = []
        before: State | None = None
        for item in node.items:
            value = self.eval(item.context_expr, state)
            name = library.dotted_of(value)
            names.append(name)
            bound: list[Raw] = []
            for option in options(value):
                entered = option
                if isinstance(option, Ref) and option.cls is not None:
                    if isinstance(enter := option.cls.lookup("__enter__"), Function):
                        entered = self.enter(enter, Arguments(), option, state)
                    if isinstance(leave := option.cls.lookup("__exit__"), Function):
                        closers.append(Method(leave, option))
                elif isinstance(option, Ref) and option.name == "<generator>":
                    entered = self.element(option, state)
                bound.append(entered)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, either(*bound), state, item.optional_vars)
            if name in ("contextlib.suppress()", "pytest.raises()"):
                before = state.fork()
        contexts, self.contexts = self.contexts, (*self.contexts, *names)
        self.guards += before is not None
        mark = self.mark()
        alive = self.block(node.body, state)
        self.guards -= before is not None
        self.contexts = contexts
        if before is not None:
            alive = self.meet(state, alive, before, True)
        for closer in reversed(closers):
            alive = self.always(state, alive, mark, lambda s, c=closer: self.apply(c, anything(), None, s) is not None)  # type: ignore[misc]
        return alive

    do_AsyncWith = do_With

    def mark(self) -> tuple[int, list[tuple[int, int]]]:
        frame = self.frames[-1]
        return len(frame.returns), [(len(breaks), len(continues)) for breaks, continues in frame.loops]

    def always(self, state: State, alive: bool, mark: tuple[int, list[tuple[int, int]]], run: Callable[[State], bool]) -> bool:
        """Run something on every way out of a block that was entered at `mark`."""
        frame = self.frames[-1]
        returns, loops = mark
        pending, frame.returns = frame.returns[returns:], frame.returns[:returns]
        kept = [(value, end) for value, end in pending if run(end)]
        frame.returns += kept
        for exits, counts in zip(frame.loops, loops, strict=False):
            for states, count in zip(exits, counts, strict=True):
                states[count:] = [s for s in states[count:] if run(s)]
        return alive and run(state)

    def do_Try(self, node: ast.Try, state: State) -> bool:
        failed = state.fork()
        mark = self.mark()
        caught = {n for handler in node.handlers for n in (_words(handler.type).split() if handler.type is not None else ["Exception"])}
        guards = bool(caught & {"AttributeError", "ImportError", "ModuleNotFoundError", "Exception", "BaseException", "TypeError"})
        self.guards += guards
        self.doubts += bool(node.handlers)
        alive = self.block(node.body, state)
        failed.join(state)
        if alive:
            alive = self.block(node.orelse, state)
        for handler in node.handlers:
            other = failed.fork()
            if handler.type is not None:
                self.eval(handler.type, other)
            if handler.name:
                other.env[handler.name] = UNKNOWN
            alive = self.meet(state, alive, other, self.block(handler.body, other))
        self.guards -= guards
        self.doubts -= bool(node.handlers)
        if node.finalbody:
            if not alive:
                self.block(node.finalbody, failed)
            alive = self.always(state, alive, mark, lambda s: self.block(node.finalbody, s))
        return alive

    def do_Match(self, node: ast.Match, state: State) -> bool:
        subject = self.eval(node.subject, state)
        ends: list[State] = []
        rest = True
        for case in node.cases:
            verdict = self.matches(case.pattern, subject, state)
            if verdict is False:
                continue
            other = state.fork()
            for pattern in ast.walk(case.pattern):
                name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
                if isinstance(name, str):
                    other.env[name] = subject if pattern is case.pattern else UNKNOWN
            self.doubts += 1
            if case.guard is not None:
                self.test(case.guard, other)
            if self.block(case.body, other):
                ends.append(other)
            self.doubts -= 1
            if verdict is True and case.guard is None:
                rest = False
                break
        return self.merge(state, rest, ends)

    def matches(self, pattern: ast.pattern, subject: Raw, state: State) -> bool | None:
        if isinstance(pattern, ast.MatchAs):
            return True if pattern.pattern is None else self.matches(pattern.pattern, subject, state)
        if isinstance(pattern, ast.MatchOr):
            verdicts = {self.matches(p, subject, state) for p in pattern.patterns}
            return True if True in verdicts else None if None in verdicts else False
        if isinstance(pattern, ast.MatchSingleton):
            return self.compare(ast.Is(), subject, Const(pattern.value), state)
        if isinstance(pattern, ast.MatchValue):
            return self.compare(ast.Eq(), subject, self.eval(pattern.value, state), state)
        return None

    # -- definitions

    def do_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, state: State) -> bool:
        state.env[node.name] = self.define(node, state)
        return True

    do_AsyncFunctionDef = do_FunctionDef

    def define(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, state: State) -> Raw:
        positional = [*node.args.posonlyargs, *node.args.args]
        defaults = {p.arg: self.eval(d, state) for p, d in zip(positional[::-1], node.args.defaults[::-1], strict=False)}
        defaults.update({p.arg: self.eval(d, state) for p, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d})
        frame = self.frames[-1]
        scope = None
        if frame.function is not None:
            scope = frame
            frame.captured = True
            frame.env = state.local
        function = Function(node, frame.module, scope, defaults, self.guards > 0)
        if frame.module is self.module:
            self.defined.append(function)
        if isinstance(node, ast.Lambda):
            return function
        if not frame.file.future_annotations:
            for parameter in (*positional, *node.args.kwonlyargs):
                if parameter.annotation is not None:
                    self.eval(parameter.annotation, state)
            if node.returns is not None:
                self.eval(node.returns, state)
        value: Raw = function
        names: list[str] = []
        for decorator in reversed(node.decorator_list):
            if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "deleter", "getter"):
                getter = self.eval(decorator.value, state)
                if isinstance(getter, Function):
                    if decorator.attr == "setter":
                        getter.setter = function
                    return getter
            how = self.eval(decorator, state)
            name = library.dotted_of(how)
            names.append(name)
            function.guarded = function.guarded or self.is_guard(decorator)
            if isinstance(how, (Function, Class)) or (isinstance(how, Ref) and how.cls is not None):
                given = Arguments()
                given.args.append((value, decorator))
                value = self.apply(how, given, None, state)
            elif not name or not safe(name):
                # An unseen decorator may wrap the function in anything; its body is still run on its own.
                value = either(value, UNKNOWN)
        function.decorators = tuple(names)
        return value

    def do_ClassDef(self, node: ast.ClassDef, state: State) -> bool:
        bases = tuple(self.eval(base, state) for base in node.bases)
        metas = [self.eval(k.value, state) for k in node.keywords]
        decorators = tuple(library.dotted_of(self.eval(d, state)) for d in node.decorator_list)
        whole = all(isinstance(m, (Name, Const)) for m in metas) and all(d and safe(d) for d in decorators)
        whole = whole and all(safe(b.dotted) for b in bases if isinstance(b, Name))
        frame = self.frames[-1]
        cls = Class(node, frame.module, bases, whole)
        cls.decorators = decorators
        inner = state.inner({})
        if frame.function is not None:
            frame.env = state.local
            inner.scope = frame
        self.block(node.body, inner)
        cls.members = inner.env
        for member in inner.env.values():
            for option in options(member):
                if isinstance(option, Function) and option.owner is None and option.module is frame.module:
                    option.owner = cls
                    if option.setter is not None:
                        option.setter.owner = cls
        for base in cls.line[1:]:
            if base.module is frame.module:
                base.overridden |= cls.members.keys()
        state.env[node.name] = cls
        return True

    def do_Import(self, node: ast.Import, state: State) -> bool:
        file = self.frames[-1].file
        for alias in node.names:
            top = alias.name.partition(".")[0]
            if not self.is_own(alias.name, 0):
                self.use(alias.name, node)
                state.env[alias.asname or top] = name_of(alias.name if alias.asname else top)
            elif alias.asname:
                state.env[alias.asname] = Late(file, alias.name, 0, "")
            else:
                state.env[top] = Late(file, top, 0, "") if self.is_own(top, 0) else Package(file, top)
        return True

    def do_ImportFrom(self, node: ast.ImportFrom, state: State) -> bool:
        base, level = node.module or "", node.level
        file = self.frames[-1].file
        own = bool(base or level) and self.is_own(base, level)
        for alias in node.names:
            name = alias.asname or alias.name
            if alias.name == "*":
                self.import_all(base, level, node, state)
            elif own or level or self.is_own(f"{base}.{alias.name}", 0):
                state.env[name] = Late(file, base, level, alias.name)
            else:
                self.use(f"{base}.{alias.name}", node)
                state.env[name] = name_of(f"{base}.{alias.name}")
        return True

    def import_all(self, base: str, level: int, node: ast.AST, state: State) -> None:
        """``from base import *``"""
        file = self.import_module(base, level)
        if file is not None:
            module = self.imported(file, state)
            values = self.variables(module)
            names = values if file.public is None else file.public
            state.env.update({n: values[n] for n in names if n in values and (file.public is not None or n[0] != "_")})
            self.running.stars += module.stars
        elif not level:
            self.running.stars.append(base)
            self.use(base, node)

    def is_own(self, dotted: str, level: int) -> bool:
        """Is it a module of the project?"""
        file = self.frames[-1].file
        return (level > 0 or dotted.partition(".")[0] not in library.FRAMEWORKS) and file.find(dotted, level) is not None

    def import_module(self, dotted: str, level: int) -> PythonFile | None:
        return self.frames[-1].file.import_of(dotted, level) if self.is_own(dotted, level) else None

    def late(self, value: Raw, state: State) -> Raw:
        """What an import gives, now that somebody uses it."""
        if isinstance(value, Either):
            return either(*[self.late(option, state) for option in value.options])
        if not isinstance(value, Late):
            return value
        known = self.known.get(value)
        if known is not None and known[0].number in state.heap.modules and not known[0].patched and known[0] not in self.globals:
            return known[1]
        file = value.file.import_of(value.base, value.level)
        if file is not None and file not in self.used:
            if len(self.used) >= MODULES_LIMIT:
                return UNKNOWN
            self.used.add(file)
        if not value.name:
            return Imported(file) if file is not None else UNKNOWN
        found = self.module_member(file, value.name, state) if file is not None else None
        if found is None:
            inner = value.file.import_of(f"{value.base}.{value.name}" if value.base else value.name, value.level)
            found = Imported(inner) if inner is not None else UNKNOWN
        if file is not None and file.complete:
            self.known[value] = file.module(), found
        return found

    def imported(self, file: PythonFile, state: State) -> Module:
        """A module of the project, after it ran; its objects are known in `state` from now on."""
        module = file.module()
        if module.number not in state.heap.modules:
            state.heap.add(module.heap)
            if file.complete:
                state.heap.modules |= {module.number}
        return module

    def variables(self, module: Module) -> Mapping[str, Raw]:
        """The variables of an imported module, as functions of it that were entered have left them."""
        return self.globals.get(module, module.env)

    def module_member(self, file: PythonFile, name: str, state: State) -> Raw | None:
        module = self.imported(file, state)
        found = self.variables(module).get(name)
        if module.patched and (slot := state.heap.get(module.number).attrs.get(name)) is not None:
            return either(*slot.values) if slot.certain else either(*slot.values, UNKNOWN if found is None else found)
        if found is not None:
            return self.late(found, state)
        if name not in BUILTINS and module.stars:
            return either(*(name_of(f"{star}.{name}") for star in module.stars))
        return None

    def use(self, dotted: str, node: ast.AST) -> None:
        if self.recording:
            dotted = canonical(dotted)
            known = self.uses.get((node, dotted))
            if known is None:
                self.uses[node, dotted] = Use(dotted, node, self.frames[-1].file, self.guards > 0)
            elif known.guarded:
                known.guarded = self.guards > 0

    # -- functions -----------------------------------------------------------------------------------------------------

    @property
    def running(self) -> Module:
        """The module whose code is running."""
        return self.frames[-1].module

    def enter(self, function: Function, given: Arguments, receiver: Raw | None, state: State, force: bool = False) -> Raw:
        """Run a function's body; its effects on the heap are the caller's, its value is returned."""
        body = function.node
        times = self.entered.get(body, 0)
        busy = times and any(frame.function is not None and frame.function.node is body for frame in self.frames)
        spent = times >= ENTRIES_LIMIT or self.spent.get(body, 0) > (ENTRY_STEPS if function.module is self.module else FOREIGN_STEPS)
        if times == 0 and not force and function.module is not self.module and self.idle(function, given, receiver, state):
            return UNKNOWN
        if busy or self.steps > STEPS_END or (not force and (spent or len(self.frames) > DEPTH_LIMIT or self.steps > self.limit)):
            return self.skip(function, given, receiver, state, seen=times > 0)
        self.entered[body] = times + 1
        started = self.steps
        caller = self.frames[-1]
        caller.env = state.local
        module = function.module
        glob = state.glob if module is caller.module else self.frames[0].env if module is self.module else self.globals_of(module)
        env = self.bind(function, given, receiver, state)
        frame = Frame(module, function, env)
        frame.stack = (*caller.stack, function)
        # A generator's body runs when somebody asks for its values, or never.
        later = module.file.declared(body).generator
        outer, state = state, state.fork() if later else state
        bound = caller.file.declared(caller.function.node).globals if caller.function is not None and caller.file.has_globals else ()
        known = [outer.glob.get(name) for name in bound]
        inner = State(env, glob, state.heap, function.scope)
        self.frames.append(frame)
        self.guards += function.guarded
        contexts, self.contexts = self.contexts, (*self.contexts, *function.decorators)
        value: Raw
        if isinstance(body, ast.Lambda):
            value = self.eval(body.body, inner)
        else:
            alive = self.block(body.body, inner)
            # Returns fork the state, so what falls through is the state itself.
            ends = frame.returns
            values = [v for v, _ in ends]
            if alive:
                values.append(NONE)
            elif ends:
                inner.replace(ends[0][1])
                ends = ends[1:]
            for _, end in ends:
                if frame.captured:
                    inner.join(end)
                else:
                    inner.heap.join(end.heap)
            value = either(*values) if values else UNKNOWN
        self.contexts = contexts
        self.guards -= function.guarded + frame.guards
        self.doubts -= frame.doubts
        self.frames.pop()
        frame.env = env
        for name, old in zip(bound, known, strict=True):
            if outer.glob.get(name) is not old:
                outer.env.pop(name, None)
        self.spent[body] = self.spent.get(body, 0) + self.steps - started
        if later:
            outer.heap.join(inner.heap)
            value = self.made("<generator>", Cell(items=tuple(dict.fromkeys(frame.yields)), exact=False, open=not frame.yields), outer)
        return value

    def idle(self, function: Function, given: Arguments, receiver: Raw | None, state: State) -> bool:
        """Is it a long function of another module that gets no object anybody could ask about?"""
        node = function.node
        if (node.end_lineno or node.lineno) - node.lineno <= IDLE_LINES or isinstance(receiver, Ref):
            return False
        return all(isinstance(option, (Const, Default, Unknown, Text, Name)) for raw in given.raws() for option in options(raw))

    def globals_of(self, module: Module) -> dict[str, Raw]:
        """The variables of another module, to be changed by its functions for this file's run alone."""
        if not module.file.complete:
            return module.env
        found = self.globals.get(module)
        if found is None:
            found = self.globals[module] = dict(module.env)
        return found

    def skip(self, function: Function, given: Arguments, receiver: Raw | None, state: State, seen: bool) -> Raw:
        """A function that is not entered is as good as unseen. What it does to variables around it is known if it was entered before."""
        self.escape(given.raws() if receiver is None else [*given.raws(), receiver], state)
        if not seen:
            env = State({}, function.module.env, state.heap, function.scope)
            around = (self.lookup(name, env) for name in function.module.file.names_in(function.node))
            self.escape([raw for raw in around if isinstance(raw, Ref)], state)
        return UNKNOWN

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
            rest = Cell(items=tuple(args[len(names) :]), exact=not given.open_args, open=given.open_args)
            env[spec.vararg.arg] = self.made("()", rest, state)
        if spec.kwarg:
            keys = tuple(Const(k) for k in kwargs)
            more = Cell(items=tuple(kwargs.values()), keys=keys, exact=not given.open_kwargs, open=given.open_kwargs)
            env[spec.kwarg.arg] = self.made("{}", more, state)
        return env

    def fresh(self, name: str, state: State, cls: Class | None = None, call: CallFact | None = None, derived: bool = False) -> Ref:
        """A new object that exists on this path."""
        number = next(numbers)
        state.heap[number] = EMPTY
        return Ref(number, name, cls, call, derived)

    def made(self, name: str, cell: Cell, state: State) -> Ref:
        number = next(numbers)
        state.heap[number] = cell
        return Ref(number, name)

    def copy(self, raw: Raw, deep: bool, state: State, done: dict[int, Ref] | None = None) -> Raw:
        """A copy of an object; a deep one copies what it holds, too."""
        if not isinstance(raw, Ref):
            return raw
        done = {} if done is None else done
        if raw.number in done:
            return done[raw.number]
        new = done[raw.number] = self.fresh(raw.name, state, raw.cls, raw.call, raw.derived)
        cell = state.cell(raw)
        if deep and len(done) < ITEMS_LIMIT:
            items = tuple(self.copy(item, deep, state, done) for item in cell.items) if cell.items is not None else None
            attrs = {
                name: Slot(tuple(self.copy(value, deep, state, done) for value in slot.values), slot.certain, slot.nodes)
                for name, slot in cell.attrs.items()
            }
            cell = Cell(attrs, cell.called, cell.escaped, items, cell.keys, cell.exact, cell.open)
        state.put(new, cell)
        return new

    def escape(self, raws: Iterable[Raw], state: State) -> None:
        """Unseen code gets hold of these: it may do anything to them and to what they hold, and call them."""
        work = list(raws)
        seen: set[int] = set()
        while work:
            raw = work.pop()
            kind = type(raw)
            if kind is Ref:
                assert isinstance(raw, Ref)
                if raw.number in seen:
                    continue
                seen.add(raw.number)
                cell = state.cell(raw)
                if cell.escaped is not Truth.yes:
                    state.put(raw, cell.shared() if raw.name != "()" else cell)
                work.extend(cell.items or ())
                for slot in cell.attrs.values():
                    work.extend(slot.values)
                if raw.call is not None and raw.cls is None:
                    work.extend(value for value, _ in raw.call.args)
                    work.extend(value for value, _ in raw.call.kwargs.values())
            elif kind is Either:
                work.extend(raw.options)  # type: ignore[attr-defined]
            elif kind is Part:
                work.append(raw.owner)  # type: ignore[attr-defined]
            elif kind is Default:
                work.append(raw.value)  # type: ignore[attr-defined]
            elif isinstance(raw, (Method, Function)):
                function = raw.function if isinstance(raw, Method) else raw
                if isinstance(raw, Method):
                    work.append(raw.receiver)
                if function.node not in self.entered and len(self.frames) <= DEPTH_LIMIT:
                    other = state.fork()
                    self.enter(function, anything(), raw.receiver if isinstance(raw, Method) else None, other)
                    state.join(other)

    # -- expressions ---------------------------------------------------------------------------------------------------

    def eval(self, node: ast.expr, state: State) -> Raw:
        run = self._eval.get(type(node))
        return run(node, state) if run is not None else UNKNOWN

    def on_Constant(self, node: ast.Constant, state: State) -> Raw:
        return Const(node.value)

    def on_Name(self, node: ast.Name, state: State) -> Raw:
        value = self.lookup(node.id, state)
        if type(value) is Name:
            if self.recording and (node, value.dotted) not in self.uses:
                self.use(value.dotted, node)
        elif type(value) is Either:
            self.use_options(value, node)
        return value

    def use_options(self, value: Raw, node: ast.AST) -> None:
        """A name that is one of several is used where the other is not there."""
        names = [o.dotted for o in options(value) if isinstance(o, Name)]
        if names:
            several = type(value) is Either
            self.guards += several
            for name in names:
                self.use(name, node)
            self.guards -= several

    def lookup(self, name: str, state: State) -> Raw:
        value = self.find(name, state)
        kind = type(value)
        return self.late(value, state) if kind is Late or kind is Either else value

    def find(self, name: str, state: State) -> Raw:
        value = state.env.get(name)
        if value is not None:
            return value
        scope = state.scope
        if state.local is not state.env and (value := state.local.get(name)) is not None:
            return value
        while scope is not None:
            value = scope.env.get(name)
            if value is not None:
                return value
            scope = scope.function.scope if scope.function is not None else None
        value = state.glob.get(name)
        if value is not None:
            return value
        if name in BUILTINS:
            return Name(name)
        stars = self.running.stars
        if stars and not name.startswith("_"):
            return either(*(name_of(f"{star}.{name}") for star in dict.fromkeys(stars)))
        return UNKNOWN

    def on_Attribute(self, node: ast.Attribute, state: State) -> Raw:
        # The chain is walked here, so that only its longest dotted name counts as used.
        base: ast.expr = node.value
        if type(base) is ast.Name:
            value = self.attribute(self.lookup(base.id, state), node.attr, state)
        else:
            chain = [node]
            while isinstance(base, ast.Attribute):
                chain.append(base)
                base = base.value
            value = self.lookup(base.id, state) if isinstance(base, ast.Name) else self.eval(base, state)
            for link in reversed(chain):
                value = self.attribute(value, link.attr, state)
        if type(value) is Name:
            if self.recording and (node, value.dotted) not in self.uses:
                self.use(value.dotted, node)
        elif type(value) is Either:
            self.use_options(value, node)
        return value

    def attribute(self, value: Raw, attr: str, state: State) -> Raw:
        kind = type(value)
        if kind is Ref:
            return self.member(value, attr, state)  # type: ignore[arg-type]
        if kind is Name or kind is Item:
            return name_of(f"{value.dotted}.{attr}")  # type: ignore[attr-defined]
        if kind is Unknown:
            return Member(UNKNOWN, attr) if attr == "with_suffix" else UNKNOWN
        if kind is Part:
            assert isinstance(value, Part)
            path = f"{value.path}.{attr}"
            if len(path) > NAME_LIMIT:
                return UNKNOWN
            slot = state.cell(value.owner).attrs.get(path)
            return Part(value.owner, path) if slot is None else self.held(slot, value.owner, state)
        if isinstance(value, Imported):
            found = self.module_member(value.file, attr, state)
            if found is None and value.file.is_package and (inner := value.file.import_of(attr, 1)) is not None:
                found = Imported(inner)
            return UNKNOWN if found is None else found
        if isinstance(value, Package):
            dotted = f"{value.dotted}.{attr}"
            inner = value.file.import_of(dotted, 0)
            return Imported(inner) if inner is not None else Package(value.file, dotted) if len(dotted) < NAME_LIMIT else UNKNOWN
        if isinstance(value, Class):
            member = self.class_member(value, attr, state)
            if member is not None:
                return either(
                    *(Method(f, value) if isinstance(f, Function) and "classmethod" in f.decorators else f for f in options(member))
                )
            return name_of(f"{value.libraries[0]}.{attr}") if value.libraries and value.whole else UNKNOWN
        if isinstance(value, Either):
            return either(*[self.attribute(option, attr, state) for option in value.options])
        if isinstance(value, Default):
            return either(self.attribute(value.value, attr, state), UNKNOWN)
        if isinstance(value, (Const, Text)):
            if isinstance(value, Const) and isinstance(value.value, PurePosixPath) and attr in ("parent", "name", "stem", "suffix"):
                return Const(getattr(value.value, attr))
            return value if attr == "value" else Member(value, attr)
        if isinstance(value, (Function, Method)):
            function = value.function if isinstance(value, Method) else value
            return Member(value, attr) if function.decorators and function.decorators[0] else UNKNOWN
        return Member(value, attr) if isinstance(value, Operation) else UNKNOWN

    def held(self, slot: Slot, owner: Ref, state: State, fallback: Raw = UNKNOWN) -> Raw:
        value = either(*slot.values) if slot.certain else either(*slot.values, fallback)
        return value if state.cell(owner).escaped is Truth.no else either(value, UNKNOWN)

    def member(self, ref: Ref, attr: str, state: State) -> Raw:
        cell = state.cell(ref)
        slot = cell.attrs.get(attr)
        cls = ref.cls
        if slot is not None and (slot.certain or cls is None):
            return self.held(slot, ref, state)
        if attr == "__dict__" and cell.items is None:
            named = {n: self.member(ref, n, state) for n in cell.attrs if n[0] not in "@[" and "." not in n}
            closed = cell.escaped is Truth.no and cls is None and all(s.certain for s in cell.attrs.values())
            keys = tuple(Const(n) for n in named)
            return self.made("{}", Cell(items=tuple(named.values()), keys=keys, exact=closed, open=not closed), state)
        found: Raw | None = None
        if cls is not None:
            found = self.class_member(cls, attr, state)
            if found is not None:
                found = either(*(self.bound(option, ref, attr, state) for option in options(found)))
        elif ref.call is not None and (argument := library.HOLDS.get((ref.name, attr))) is not None:
            fact = ref.call
            found = fact.kwargs[argument][0] if argument in fact.kwargs else fact.args[0][0] if fact.args else None
        if slot is not None:
            return self.held(slot, ref, state, UNKNOWN if found is None else found)
        return Part(ref, attr) if found is None else found

    def class_member(self, cls: Class, name: str, state: State) -> Raw | None:
        """What a class has under that name, itself or from the project's classes it derives from."""
        for one in cls.line:
            found = one.members.get(name)
            if one.patched and (slot := state.heap.get(one.number).attrs.get(name)) is not None:
                return either(*slot.values) if slot.certain or found is None else either(*slot.values, found)
            if found is not None:
                return found
        return None

    def bound(self, member: Raw, ref: Ref, attr: str, state: State) -> Raw:
        """What a class has, taken from an instance."""
        assert ref.cls is not None
        if not isinstance(member, Function):
            return Default(member) if ref.derived and isinstance(member, Const) else member
        if library.PROPERTIES.intersection(member.decorators):
            return self.enter(member, Arguments(), ref, state)
        if ref.derived and (attr in ref.cls.overridden or _is_hook(member.node)):
            return Member(ref, attr)
        if "staticmethod" in member.decorators:
            return member
        return Method(member, ref.cls if "classmethod" in member.decorators else ref)

    def on_Subscript(self, node: ast.Subscript, state: State) -> Raw:
        value = self.eval(node.value, state)
        if isinstance(node.slice, ast.Slice):
            return either(*[self.sliced(option, node.slice, state) for option in options(value)])
        key = self.eval(node.slice, state)
        return either(*[self.item(option, key, state) for option in options(value)])

    def sliced(self, value: Raw, node: ast.Slice, state: State) -> Raw:
        bounds = [self.eval(b, state) if b is not None else NONE for b in (node.lower, node.upper, node.step)]
        known = [b.value for b in bounds if isinstance(b, Const) and (b.value is None or type(b.value) is int)]
        if isinstance(value, Ref) and (cell := state.cell(value)).items is not None and cell.keys is None:
            exact = cell.exact and len(known) == 3 and known[2] != 0
            items = (cell.items or ())[slice(*known)] if exact else cell.items
            return self.made(value.name, Cell(items=items, exact=exact, open=cell.open), state)
        if isinstance(value, Const) and isinstance(value.value, (str, bytes)) and len(known) == 3 and known[2] != 0:
            return Const(value.value[slice(*known)])
        return self.piece(value, UNKNOWN)

    def piece(self, value: Raw, key: Raw) -> Raw:
        """An element of what is no container of the project's."""
        dotted = library.dotted_of(value)
        if dotted:
            return Item(canonical(dotted + "[]"), value, key) if len(dotted) < NAME_LIMIT else UNKNOWN
        return Operation("[]", value, key) if isinstance(value, Operation) else UNKNOWN

    def item(self, value: Raw, key: Raw, state: State) -> Raw:
        """``value[key]``"""
        value = self.listed(value)
        if isinstance(value, Ref):
            cell = state.cell(value)
            if cell.items is None:
                slot = cell.attrs.get(f"[{key.value}]") if isinstance(key, Const) and isinstance(key.value, (str, int)) else None
                return self.held(slot, value, state) if slot is not None else self.piece(value, key)
            if cell.keys is not None:
                found = [item for known, item in zip(cell.keys, cell.items, strict=True) if known == key]
                if found and cell.exact and isinstance(key, (Const, Name)):
                    return found[0]
                return either(*found, UNKNOWN) if found else UNKNOWN
            if isinstance(key, Const) and isinstance(key.value, int) and cell.exact and -len(cell.items) <= key.value < len(cell.items):
                return cell.items[key.value]
            return either(*cell.items) if cell.items and not cell.open and not isinstance(key, Const) else UNKNOWN
        if isinstance(value, Part):
            slot = state.cell(value.owner).attrs.get(f"{value.path}[{key.value}]") if isinstance(key, Const) else None
            return self.held(slot, value.owner, state) if slot is not None else self.piece(value, key)
        if isinstance(value, Const) and isinstance(value.value, (str, bytes)) and isinstance(key, Const):
            try:
                return Const(value.value[key.value])
            except (IndexError, TypeError):
                return UNKNOWN
        return self.piece(value, key)

    def listed(self, value: Raw) -> Raw:
        """The list that a library's list was made from; anything else as it is."""
        if isinstance(value, Ref) and value.name in library.LISTS and value.call is not None and len(value.call.args) == 1:
            inner = value.call.args[0][0]
            return inner if isinstance(inner, Ref) and inner.name in ("[]", "()") else value
        return value

    def element(self, value: Raw, state: State) -> Raw:
        """One element of an iterable."""
        value = self.listed(value)
        if isinstance(value, Ref):
            cell = state.cell(value)
            if cell.items is not None:
                pool = cell.keys if cell.keys is not None else cell.items
                return either(*pool) if pool and not cell.open else UNKNOWN
            return self.piece(value, UNKNOWN)
        if isinstance(value, Either):
            return either(*[self.element(option, state) for option in value.options])
        return self.piece(value, UNKNOWN)

    def on_List(self, node: ast.List | ast.Tuple | ast.Set, state: State) -> Raw:
        items: list[Raw] = []
        exact, open = True, False
        for element in node.elts[:ITEMS_LIMIT]:
            if isinstance(element, ast.Starred):
                inner = self.eval(element.value, state)
                cell = state.cell(inner) if isinstance(inner, Ref) else EMPTY
                pool = cell.keys if cell.keys is not None else cell.items
                items += pool or ()
                exact, open = exact and pool is not None and cell.exact, open or pool is None or cell.open
            else:
                items.append(self.eval(element, state))
        if len(node.elts) > ITEMS_LIMIT:
            exact, open = False, True
        name = "()" if type(node) is ast.Tuple else "[]" if type(node) is ast.List else "set()"
        return self.made(name, Cell(items=tuple(items), exact=exact, open=open), state)

    on_Tuple = on_List
    on_Set = on_List

    def on_Dict(self, node: ast.Dict, state: State) -> Raw:
        items: list[Raw] = []
        keys: list[Raw] = []
        exact, open = True, False
        for n, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
            if n >= ITEMS_LIMIT:
                exact, open = False, True
                break
            if key is None:
                inner = self.eval(value, state)
                cell = state.cell(inner) if isinstance(inner, Ref) else EMPTY
                keys += cell.keys or ()
                items += cell.items or () if cell.keys is not None else ()
                exact, open = exact and cell.keys is not None and cell.exact, open or cell.keys is None or cell.open
            else:
                keys.append(self.eval(key, state))
                items.append(self.eval(value, state))
                if not isinstance(keys[-1], (Const, Name)):
                    exact, open = False, True
        known, values = library.distinct(keys, items)
        return self.made("{}", Cell(items=values, keys=known, exact=exact, open=open), state)

    def on_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, state: State) -> Raw:
        before = None
        inner = state.inner(dict(state.env))
        generator = node.generators[0]
        iterable = self.eval(generator.iter, state)
        cell = state.cell(iterable) if isinstance(iterable, Ref) else EMPTY
        pool = cell.keys if cell.keys is not None else cell.items
        rows: Sequence[Raw] = pool if pool is not None and cell.exact and len(pool) * self.rows <= ROWS_LIMIT else ()
        exact = bool(rows) and len(node.generators) == 1 and not generator.ifs
        if not exact:
            rows = (self.element(iterable, state),)
            before = state.fork() if pool is None or not (pool and cell.exact) or generator.ifs else None
        self.doubts += before is not None
        self.rows *= len(rows)
        keys: list[Raw] = []
        items: list[Raw] = []
        for row in rows:
            self.assign(generator.target, row, inner, generator.target)
            for test in generator.ifs:
                if self.test(test, inner) is None:
                    self.narrow(test, True, inner)
            for more in node.generators[1:]:
                self.assign(more.target, self.element(self.eval(more.iter, inner), inner), inner, more.target)
                for test in more.ifs:
                    self.eval(test, inner)
            if isinstance(node, ast.DictComp):
                keys.append(self.eval(node.key, inner))
                items.append(self.eval(node.value, inner))
            else:
                items.append(self.eval(node.elt, inner))
        self.doubts -= before is not None
        self.rows //= len(rows)
        if before is not None:
            state.heap.join(before.heap)
        if isinstance(node, ast.DictComp):
            exact = exact and all(isinstance(key, Const) for key in keys)
            known, values = library.distinct(keys, items)
            return self.made("{}", Cell(items=values, keys=known, exact=exact, open=not exact), state)
        name = "set()" if isinstance(node, ast.SetComp) else "[]"
        return self.made(name, Cell(items=tuple(items), exact=exact and name == "[]"), state)

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
        self.frames[-1].yields.append(self.eval(node.value, state) if node.value is not None else NONE)
        return UNKNOWN

    def on_YieldFrom(self, node: ast.YieldFrom, state: State) -> Raw:
        self.frames[-1].yields.append(self.element(self.eval(node.value, state), state))
        return UNKNOWN

    def on_NamedExpr(self, node: ast.NamedExpr, state: State) -> Raw:
        value = self.eval(node.value, state)
        self.assign(node.target, value, state, node.value)
        if state.local is not state.env:
            state.local[node.target.id] = value
        return value

    def perhaps(self, node: ast.expr, test: ast.expr, outcome: bool, state: State) -> Raw:
        """Evaluate what only runs if the test came out so, and leave `state` as it may be after that."""
        if _is_quiet(node):
            narrowed = self.narrow(test, outcome, state)
            value = self.eval(node, state)
            for spot, (original, _) in narrowed.items():
                _write(spot, original, state)
            return value
        other = state.fork()
        self.narrow(test, outcome, other)
        self.doubts += 1
        value = self.eval(node, other)
        self.doubts -= 1
        state.join(other) if state.local is state.env else state.heap.join(other.heap)
        return value

    def on_IfExp(self, node: ast.IfExp, state: State) -> Raw:
        verdict = self.test(node.test, state)
        if verdict is not None:
            return self.eval(node.body if verdict else node.orelse, state)
        guards = self.is_guard(node.test)
        self.guards += guards
        before = state if _is_quiet(node.body) else state.fork()
        value = either(self.perhaps(node.body, node.test, True, state), self.perhaps(node.orelse, node.test, False, before))
        if before is not state:
            state.join(before)
        self.guards -= guards
        return value

    def on_BoolOp(self, node: ast.BoolOp, state: State) -> Raw:
        """``a or b``: `a` where it is true, else `b`; the second is evaluated only if the first leaves it open."""
        ends = isinstance(node.op, ast.Or)
        values: list[Raw] = []
        guards = 0
        open = False
        for n, operand in enumerate(node.values):
            value = self.perhaps(operand, node.values[n - 1], not ends, state) if open else self.eval(operand, state)
            if self.is_guard(operand):
                # ``hasattr(m, "x") and m.x``
                guards += 1
                self.guards += 1
            last = n == len(node.values) - 1
            verdict = self.truth(value, state)
            if last or verdict is not (not ends):
                # Of several values, those that let the next operand decide are not the result.
                kept = [o for o in options(value) if last or self.truth(o, state) is not (not ends)]
                values += kept
            if verdict is ends:
                break
            open = open or verdict is None
        self.guards -= guards
        return either(*values)

    def on_UnaryOp(self, node: ast.UnaryOp, state: State) -> Raw:
        value = self.eval(node.operand, state)
        if isinstance(node.op, ast.Not):
            verdict = self.truth(value, state)
            return UNKNOWN if verdict is None else Const(not verdict)
        if isinstance(value, Const) and isinstance(value.value, (int, float)) and isinstance(node.op, (ast.USub, ast.UAdd)):
            return Const(-value.value if isinstance(node.op, ast.USub) else value.value)
        return UNKNOWN

    def on_BinOp(self, node: ast.BinOp, state: State) -> Raw:
        return self.operate(node.op, self.eval(node.left, state), self.eval(node.right, state), state)

    def operate(self, op: ast.operator, left: Raw, right: Raw, state: State) -> Raw:
        if isinstance(left, Ref) and (cell := state.cell(left)).items is not None:
            if isinstance(op, (ast.Add, ast.BitOr)):
                ref = self.made(left.name, Cell(items=cell.items, keys=cell.keys, exact=cell.exact, open=cell.open), state)
                self.extend(ref, right, state)
                return ref
            if isinstance(op, ast.Mult) and cell.keys is None:
                times = right.value if isinstance(right, Const) and isinstance(right.value, int) else None
                if times is not None and cell.exact and 0 <= times * len(cell.items or ()) <= ITEMS_LIMIT:
                    return self.made(left.name, Cell(items=(cell.items or ()) * times), state)
                return self.made(left.name, Cell(items=cell.items, exact=False, open=cell.open), state)
            if isinstance(op, ast.Sub):
                return self.made(left.name, Cell(items=cell.items, exact=False, open=cell.open), state)
            return UNKNOWN
        if isinstance(op, ast.Mod) and isinstance(left, Const) and isinstance(left.value, str):
            return library.format_percent(left.value, right, state)
        if isinstance(left, Either) and isinstance(right, Const) and all(isinstance(o, Const) for o in left.options):
            return either(*(self.arithmetic(op, o, right) for o in left.options))
        if isinstance(right, Either) and isinstance(left, Const) and all(isinstance(o, Const) for o in right.options):
            return either(*(self.arithmetic(op, left, o) for o in right.options))
        return self.arithmetic(op, left, right)

    def arithmetic(self, op: ast.operator, left: Raw, right: Raw) -> Raw:
        symbol, compute = _BINARY[type(op)]
        if isinstance(left, Default) or isinstance(right, Default):
            plain = self.arithmetic(op, *(x.value if isinstance(x, Default) else x for x in (left, right)))
            if not isinstance(plain, (Const, Text)):
                return plain
            kept = self.arithmetic(op, *(x.kept if isinstance(x, Default) else x for x in (left, right)))
            return Default(plain, kept if isinstance(kept, Text) else None)
        if isinstance(left, Const) and isinstance(right, Const):
            a, b = left.value, right.value
            if isinstance(b, PurePosixPath) and isinstance(a, str) and symbol == "/":
                return Const(a / b)
            small = all(not isinstance(v, int) or abs(v) < 1 << 64 for v in (a, b))
            if symbol in ("**", "<<"):
                small = small and isinstance(b, (int, float)) and abs(b) <= 64
            if not small or (symbol == "*" and (isinstance(a, (str, bytes)) or isinstance(b, (str, bytes)))):
                return UNKNOWN
            try:
                result = compute(a, b)
            except Exception:
                return UNKNOWN
            return Const(result) if not isinstance(result, (str, bytes)) or len(result) <= STRING_LIMIT else UNKNOWN
        if symbol == "+" and (textual(left) or textual(right)):
            return text_of([*parts_of(left), *parts_of(right)])
        if symbol == "/" and (
            isinstance(left, Text) or textual(right) or (isinstance(left, Const) and isinstance(left.value, PurePosixPath))
        ):
            return text_of([*parts_of(left), "/", *parts_of(right)])
        if isinstance(left, Unknown) and isinstance(right, Unknown):
            return UNKNOWN
        if any(library.dotted_of(x).startswith(PARAMETER.dotted) for x in (left, right)):
            return PARAMETER
        return Operation(symbol, left, right)

    def on_JoinedStr(self, node: ast.JoinedStr, state: State) -> Raw:
        parts: list[Raw] = []
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                raw = self.eval(value.value, state)
                parts.append(raw if value.format_spec is None and value.conversion in (-1, 115) else UNKNOWN)
            elif isinstance(value, ast.Constant):
                parts.append(Const(str(value.value)))
        return library.assembled(parts)

    def on_Compare(self, node: ast.Compare, state: State) -> Raw:
        left = self.eval(node.left, state)
        rights = [self.eval(c, state) for c in node.comparators]
        if len(rights) != 1:
            return UNKNOWN
        verdict = self.compare(node.ops[0], left, rights[0], state)
        return UNKNOWN if verdict is None else Const(verdict)

    def compare(self, op: ast.cmpop, left: Raw, right: Raw, state: State) -> bool | None:
        if isinstance(left, Either) or isinstance(right, Either):
            verdicts = {self.compare(op, a, b, state) for a in options(left) for b in options(right)}
            return verdicts.pop() if len(verdicts) == 1 else None
        if isinstance(op, (ast.Is, ast.IsNot)):
            if right == NONE or left == NONE:
                same = _is_none(left if right == NONE else right, state)
            elif isinstance(left, Const) and isinstance(right, Const):
                same = left == right
            else:
                same = None
            return same if same is None or isinstance(op, ast.Is) else not same
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
        if isinstance(op, (ast.Eq, ast.NotEq)) and isinstance(left, Name) and left == right and not left.derived:
            return isinstance(op, ast.Eq)
        return None

    # -- calls ---------------------------------------------------------------------------------------------------------

    def on_Call(self, node: ast.Call, state: State) -> Raw:
        func = node.func
        if type(func) is ast.Attribute:
            inner = func.value
            if type(inner) is ast.Call and isinstance(inner.func, ast.Name) and inner.func.id == "super":
                callee = self.super_member(func.attr, state)
            else:
                callee = self.on_Attribute(func, state)
        else:
            callee = self.eval(func, state)
        given = self.arguments(node, state)
        if type(callee) is not Either:
            return self.apply(callee, given, node, state)
        several = any(isinstance(choice, Name) for choice in callee.options)
        self.guards += several
        self.doubts += 1
        results: list[Raw] = []
        ends: list[State] = []
        for choice in callee.options:
            other = state.fork()
            results.append(self.apply(choice, given, node, other))
            ends.append(other)
        self.guards -= several
        self.doubts -= 1
        state.replace(ends[0])
        for end in ends[1:]:
            state.join(end)
        return either(*results)

    def super_member(self, attr: str, state: State) -> Raw:
        function = self.frames[-1].function
        receiver = next(iter(state.env.values()), UNKNOWN)
        if function is None or function.owner is None:
            return UNKNOWN
        # The class of the object may have others between this one and its bases.
        line = receiver.cls.line if isinstance(receiver, Ref) and receiver.cls is not None else function.owner.line
        after = line[line.index(function.owner) + 1 :] if function.owner in line else function.owner.line[1:]
        for base in after:
            found = base.members.get(attr)
            if isinstance(found, Function):
                return Method(found, receiver)
        return Part(receiver, attr) if isinstance(receiver, Ref) else UNKNOWN

    def arguments(self, node: ast.Call, state: State) -> Arguments:
        given = Arguments()
        for arg in node.args:
            if type(arg) is ast.Starred:
                value = self.eval(arg.value, state)
                if isinstance(value, Ref) and (cell := state.cell(value)).items is not None and cell.exact and cell.keys is None:
                    given.args += [(item, arg) for item in cell.items or ()]
                else:
                    given.open_args = True
                    self.escape([value], state)
            elif not given.open_args:
                given.args.append((self.eval(arg, state), arg))
            else:
                self.escape([self.eval(arg, state)], state)
        for keyword in node.keywords:
            value = self.eval(keyword.value, state)
            if keyword.arg is not None:
                given.kwargs[keyword.arg] = (value, keyword.value)
                continue
            for option in options(value):
                cell = state.cell(option) if isinstance(option, Ref) else EMPTY
                if cell.keys is None:
                    given.open_kwargs = True
                    continue
                known = cell.exact and option is value
                for key, item in zip(cell.keys, cell.items or (), strict=True):
                    if isinstance(key, Const) and isinstance(key.value, str):
                        given.kwargs[key.value] = (item if known else either(item, UNKNOWN), keyword)
                given.open_kwargs = given.open_kwargs or not known
        return given

    def apply(self, callee: Raw, given: Arguments, node: ast.Call | None, state: State) -> Raw:
        kind = type(callee)
        if kind is Name or kind is Item:
            called = callee if kind is Item else None  # ``signatures["serving_default"](x)``
            return self.call_library(callee.dotted, called, given, node, state)  # type: ignore[attr-defined]
        if kind is Part:
            return self.call_part(callee, given, node, state)  # type: ignore[arg-type]
        if kind is Function:
            return self.enter(callee, given, None, state)  # type: ignore[arg-type]
        if kind is Method:
            assert isinstance(callee, Method)
            receiver = callee.receiver
            if isinstance(receiver, Ref):
                state.put(receiver, state.cell(receiver).with_call(callee.function.name, None))
            return self.enter(callee.function, given, receiver, state)
        if kind is Class:
            return self.instantiate(callee, given, node, state)  # type: ignore[arg-type]
        if kind is Ref:
            return self.call_object(callee, given, node, state)  # type: ignore[arg-type]
        if kind is Member:
            assert isinstance(callee, Member)
            owner = callee.owner
            if isinstance(owner, (Function, Method)):
                decorators = owner.function.decorators if isinstance(owner, Method) else owner.decorators
                return self.call_library(f"{decorators[0].removesuffix('()')}.{callee.name}", owner, given, node, state)
            if isinstance(owner, Operation):  # a method of an array that was computed
                return self.call_library(f"<operation>.{callee.name}", owner, given, node, state)
            if not isinstance(owner, Ref):
                return library.call_member(owner, callee.name, given)
            # A method that a derived class may define.
            self.escape([owner, *given.raws()], state)
            return UNKNOWN
        if isinstance(callee, Default):
            other = state.fork()
            value = self.apply(callee.value, given, node, other)
            self.escape(given.raws(), state)
            state.join(other)
            return either(value, UNKNOWN)
        self.escape(given.raws(), state)
        return UNKNOWN

    def record(self, name: str, receiver: Raw | None, given: Arguments, node: ast.Call | None, state: State) -> CallFact | None:
        if node is None or (name in BUILTINS and name not in _RECORDED_BUILTINS):
            return None
        call = CallFact(node, self.frames[-1].file, name, receiver, given)
        if self.recording:
            call.heap = state.heap.snapshot()
            call.stack = self.frames[-1].stack
            call.contexts = self.contexts
            call.guarded = self.guards > 0
            call.certain = self.doubts == 0
            self.calls.append(call)
        return call

    def call_library(self, dotted: str, receiver: Raw | None, given: Arguments, node: ast.Call | None, state: State) -> Raw:
        return self.run_library(dotted, self.record(dotted, receiver, given, node, state), given, state, safe(dotted))

    def run_library(self, dotted: str, call: CallFact | None, given: Arguments, state: State, kind: bool) -> Raw:
        """What a library's function does and gives; `kind` says that it keeps its hands off what it is given."""
        model = library.MODELLED.get(dotted)
        if model is not None:
            value = model(self, given, state)
            if value is not None:
                if call is not None:
                    call.result = value
                return value
        if dotted == "exec":
            self.escape([*state.env.values(), *state.glob.values()], state)
        if not kind:
            self.escape(given.raws(), state)
        elif dotted[:10] != "functools." and any(isinstance(raw, (Function, Method)) for raw in given.raws()):
            # A function is given to be called, perhaps with the rest.
            alone = dotted in _ASK_ONLY
            self.escape([raw for raw in given.raws() if not alone or isinstance(raw, (Function, Method))], state)
        if len(dotted) > NAME_LIMIT:
            return UNKNOWN
        if dotted.partition(".")[0] in BUILTINS and dotted != "open":
            return Name(dotted + "()")
        result = self.fresh(dotted + "()", state, call=call)
        if not kind:
            state.put(result, SHARED)
        if call is not None:
            call.result = result
        return result

    def call_part(self, part: Part, given: Arguments, node: ast.Call | None, state: State) -> Raw:
        """A method of an object that is the library's, or nobody knows whose."""
        owner = part.owner
        prefix, _, method = part.path.rpartition(".")
        cell = state.cell(owner)
        if cell.items is not None and not prefix:
            known = (library.call_dict if cell.keys is not None else library.call_list)(self, owner, method, given, state)
            if known is None and (cell.keys is not None or owner.name in ("[]", "set()")):
                self.escape(given.raws(), state)
            return UNKNOWN if known is None else known
        if prefix and method in ("append", "extend", "add", "update", "insert") and given.args:
            # ``converter.optimizations.append(x)``: what the attribute held before is the library's.
            more = given.args[-1][0]
            ref = self.made("[]", Cell(items=()), state)
            if method in ("extend", "update"):
                self.extend(ref, more, state)
            else:
                state.put(ref, Cell(items=(more,)))
            self.blur(ref, state)
            state.put(ref, state.cell(ref).vague())
            at = node if node is not None else self.file.tree
            self.set_attribute(owner, prefix, ref, state, at, at.func if isinstance(at, ast.Call) else at)
            return NONE
        if owner.name in library.PARSERS:
            parsed = library.call_parser(self, owner, method, given, state)
            if parsed is not None:
                return parsed
        call = self.record(part.dotted, owner, given, node, state)
        kind = safe(part.dotted)
        if owner.cls is not None:
            # The library's part of an object of the project is known; what nobody was seen putting there is not.
            kind = kind and owner.cls.whole and not prefix and bool(owner.cls.libraries)
            if not kind and not prefix:
                self.escape([owner], state)
        state.put(owner, state.cell(owner).with_call(part.path, call))
        if not prefix and method in ("eval", "train"):
            mode = Const(False) if method == "eval" else given.get("mode", 0) or (UNKNOWN if given.open else Const(True))
            self.set_training(owner, mode, state)
        result = self.run_library(part.dotted, call, given, state, kind)
        if method == "apply":
            self.escape([owner], state)
        if not prefix and method in library.FLUENT and (owner.cls is not None or library.MODULES.match(owner.name)):
            if call is not None:
                call.result = owner
            return owner
        return result

    def set_training(self, ref: Ref, mode: Raw, state: State, depth: int = 0) -> None:
        """``eval()`` and ``train()`` reach every module a module holds."""
        state.put(ref, state.cell(ref).with_attr("training", mode))
        if depth > 4:
            return
        held: list[Raw] = [v for slot in state.cell(ref).attrs.values() for v in slot.values]
        held += state.cell(ref).items or ()
        if ref.call is not None and ref.cls is None:
            held += [raw for raw, _ in ref.call.args]
        for value in held:
            if isinstance(value, Ref) and value is not ref:
                self.set_training(value, mode, state, depth + 1)

    def instantiate(self, cls: Class, given: Arguments, node: ast.Call | None, state: State) -> Raw:
        if any(name.startswith("enum.") for name in cls.libraries):
            return UNKNOWN
        name = self.instance_name(cls)
        call = self.record(name[:-2], None, given, node, state)
        ref = self.fresh(name, state, cls, call)
        if call is not None:
            call.result = ref
        if not cls.whole:
            state.put(ref, SHARED)
        start = cls.lookup("__init__")
        if isinstance(start, Function):
            self.enter(start, given, ref, state)
        elif any(library.RECORDS.match(d) for c in cls.line for d in c.decorators) or library.RECORD_BASES.intersection(cls.libraries):
            self.fill_record(cls, ref, given, state)
        elif not cls.whole:
            self.escape(given.raws(), state)
        return ref

    def fill_record(self, cls: Class, ref: Ref, given: Arguments, state: State) -> None:
        """Set the fields of a data class or the like."""
        file = self.frames[-1].file
        fields = dict.fromkeys(
            s.target.id
            for c in reversed(cls.line)
            for s in c.node.body
            if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name) and "ClassVar" not in _words(s.annotation)
        )
        settings = any(name.endswith("BaseSettings") for name in cls.libraries)
        for position, field in enumerate(fields):
            found = given.kwargs.get(field) or (given.args[position] if position < len(given.args) else None)
            if found is not None:
                state.put(ref, state.cell(ref).with_attr(field, found[0], (file, found[1])))
                continue
            value = cls.lookup(field)
            if isinstance(value, Ref) and value.call is not None and value.name in ("dataclasses.field()", "pydantic.Field()", "attr.ib()"):
                fact = value.call
                if "default" in fact.kwargs or (fact.args and value.name != "dataclasses.field()"):
                    value = fact.kwargs["default"][0] if "default" in fact.kwargs else fact.args[0][0]
                elif "default_factory" in fact.kwargs or "factory" in fact.kwargs:
                    value = self.apply((fact.kwargs.get("default_factory") or fact.kwargs["factory"])[0], Arguments(), None, state)
                else:
                    value = None
            if value is None:
                value = UNKNOWN
            elif settings or given.open:
                value = Default(value)
            state.put(ref, state.cell(ref).with_attr(field, value))
        after = cls.lookup("__post_init__")
        if isinstance(after, Function):
            self.enter(after, Arguments(), ref, state)

    def call_object(self, ref: Ref, given: Arguments, node: ast.Call | None, state: State) -> Raw:
        if ref.cls is not None and isinstance(function := ref.cls.lookup("__call__"), Function):
            return self.enter(function, given, ref, state)
        if ref.name == "functools.partial()" and ref.call is not None and ref.call.args:
            bound = Arguments()
            bound.args = [*ref.call.args[1:], *given.args]
            bound.kwargs = {**ref.call.kwargs, **given.kwargs}
            bound.open_args = given.open_args or ref.call.open_args
            bound.open_kwargs = given.open_kwargs or ref.call.open_kwargs
            return self.apply(ref.call.args[0][0], bound, node, state)
        call = self.record(ref.name, ref, given, node, state)
        kind = safe(ref.name + "()") and (ref.cls is None or ref.cls.whole)
        return self.run_library(ref.name, call, given, state, kind)


def _table() -> dict[type, Any]:
    """What runs each kind of statement and evaluates each kind of expression."""
    table: dict[type, Any] = {}
    for name, function in vars(Interpreter).items():
        if name[:3] in ("do_", "on_"):
            table[getattr(ast, name[3:])] = function
    if hasattr(ast, "TryStar"):
        table[ast.TryStar] = Interpreter.do_Try
    return table


_TABLE = _table()


def _words(node: ast.AST | None) -> str:
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


def _look(spot: Spot, state: State) -> Any:
    owner, name = spot
    return state.env.get(name) if owner is None else state.cell(owner).attrs.get(name)


def _write(spot: Spot, what: Any, state: State) -> None:
    owner, name = spot
    if owner is None:
        state.env[name] = what
    else:
        state.put(owner, state.cell(owner).with_slot(name, what))


def _matters(before: Heap, after: Heap) -> bool:
    """Was anything done to an object that was there before?"""
    return any(
        new.attrs.keys() != old.attrs.keys()
        or new.called.keys() != old.called.keys()
        or new.escaped is not old.escaped
        or (new.attrs is not old.attrs and any(new.attrs[n].values != slot.values for n, slot in old.attrs.items()))
        or new.items is not old.items
        for _, old, new in after.changes(before)
    )


def _is_none(value: Raw, state: State) -> bool | None:
    if isinstance(value, Const):
        return value.value is None
    if isinstance(value, Unknown):
        return False if value.truth else None
    if isinstance(value, Ref):
        return False if value.cls is not None or state.cell(value).items is not None else None
    if isinstance(value, Name):
        return None if value.derived else False
    return False if isinstance(value, (Function, Class, Method, Imported, Text, Operation)) else None


def _is_quiet(node: ast.expr) -> bool:
    """Does evaluating it change nothing?"""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, (ast.Constant, ast.Name)):
            return False
        node = node.value
    return isinstance(node, (ast.Name, ast.Constant))


def _is_hook(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
    """Is it there to be defined by derived classes: nothing but a docstring, ``pass``, ``...`` or ``raise NotImplementedError``?"""
    if isinstance(node, ast.Lambda):
        return False
    return all(
        isinstance(s, ast.Pass)
        or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
        or (isinstance(s, ast.Raise) and "NotImplementedError" in _words(s.exc))
        for s in node.body
    )
