"""One run over one file: its statements in order, then what no statement reached."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from deplint.code.heap import EMPTY, SHARED, Heap
from deplint.code.interpret import blocks, branches, calls, definitions, expressions, loops, statements
from deplint.code.interpret.attributes import class_member, instance_name
from deplint.code.interpret.branches import branch
from deplint.code.interpret.functions import enter
from deplint.code.interpret.limits import STEPS, STEPS_A_LINE, STEPS_END, STEPS_LIMIT
from deplint.code.interpret.objects import fresh
from deplint.code.interpret.recorded import CallFact, Returned, Set, Use
from deplint.code.interpret.state import Frame, Module, State, anything
from deplint.code.shape import words_in
from deplint.code.values import PARAMETER, UNKNOWN, Class, Const, Function, Late, Method, Raw, Ref, either, options

if TYPE_CHECKING:
    from deplint.code.python import PythonFile

_CALLED = re.compile(r"(\w+)\s*\(")


class Interpreter:
    """Interprets one file. `calls`, `sets`, `uses` and `returns` fill up as it goes."""

    def __init__(self, file: PythonFile) -> None:
        self.file = file
        self.module = Module(file)
        self.state = State(self.module.env, self.module.env, self.module.heap)
        self.state.env["__name__"] = Const(file.module_name)
        self.state.env["__file__"] = Const(PurePosixPath(file.path))
        self.frames = [Frame(self.module, None, self.module.env)]
        self.calls: list[CallFact] = []
        self.sets: list[Set] = []
        self.returns: list[Returned] = []
        """What this file's functions returned."""
        self.uses: dict[tuple[ast.AST, str], Use] = {}
        self.recording = True
        self.contexts: tuple[str, ...] = ()
        self.guards = 0
        """Version tests around."""
        self.doubts = 0
        """Tests around, of which nobody knows how they come out."""
        self.choices = 0
        """Calls around of what may be any of several things, each taken in turn."""
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
        self.used: set[PythonFile] = set()
        """Modules of the project of which something was used."""
        self.known: dict[Late, tuple[Module, Raw]] = {}
        """What imports gave."""
        self.globals: dict[Module, dict[str, Raw]] = {}
        """Variables of other modules of which functions were entered."""
        self.instances: dict[Class, tuple[Ref, State]] = {}
        self.taken: set[int] = set()
        self.remembered: dict[tuple[object, ...], Raw] = {}
        """What functions that remember it gave, by function and arguments."""
        self.passed: list[tuple[Function, int]] = []
        """Branches that were taken (by the identity of their list of statements); those that a known value ruled out, in which function."""

    def run_module(self) -> None:
        """Run the module's statements as an import does."""
        self.main = [s for s in self.module.shape.tree.body if isinstance(s, ast.If) and "__main__" in words_in(s.test)]
        self.block([s for s in self.module.shape.tree.body if s not in self.main], self.state)
        self.module.heap = self.state.heap
        self.module.heap[self.module.number] = EMPTY

    def finish(self) -> None:
        """Run the rest: what the module does as the program, then what no statement reached, as unseen code may call it."""
        before = self.state
        self.state = before.fork()
        self.state.env["__name__"] = Const("__main__")
        self.frames[0].env = self.state.env
        self.block(self.main, self.state)
        self.state.join(before)
        self.doubts = 0
        self.quietly(lambda: self.settle([f for f in self.defined if f.module.shape.declared(f.node).globals and f.owner is None]))
        # Callers first: a function that others call is better seen from there.
        called = Counter(_CALLED.findall(self.file.text))
        known = sorted(self.defined, key=lambda f: f.owner is not None or called[f.name] > 1 or f.scope is not None)
        for function in known:
            self.alone(function)
        for function in self.defined[len(known) :]:
            self.alone(function)
        # What a known argument ruled out may run when others call.
        for function in dict.fromkeys(function for function, block in self.passed if block not in self.taken):
            self.alone(function, again=True)

    def settle(self, functions: Sequence[Function]) -> None:
        """Let each function have happened or not."""
        for function in functions:
            other = self.state.fork()
            enter(self, function, anything(), None, other, force=True)
            self.state.join(other)

    def quietly(self, run: Callable[[], None]) -> None:
        """Run without leaving anything but the heap and the variables."""
        kept = self.recording, self.entered, self.spent, self.taken, self.passed, self.defined
        self.recording, self.entered, self.spent, self.taken = False, dict(self.entered), dict(self.spent), set(self.taken)
        self.passed, self.defined = list(self.passed), list(self.defined)
        run()
        self.recording, self.entered, self.spent, self.taken, self.passed, self.defined = kept

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
        enter(self, function, anything(), receiver, state, force=True)

    def instance(self, cls: Class) -> tuple[Ref, State]:
        """An instance of a class, or of one derived from it, on which any method may have been called before."""
        found = self.instances.get(cls)
        if found is None:
            state = self.state.fork()
            ref = fresh(instance_name(cls), state, cls, derived=True)
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
            changing = [f for f in methods if f.module.shape.changes_things(f.node)]
            if changing and len(methods) > 1:
                self.quietly(lambda: self.stir(changing, ref, state))
        return found

    def warm(self, start: Function, ref: Ref, state: State) -> None:
        self.frames[0].env = state.env
        enter(self, start, anything(), ref, state, force=True)

    def stir(self, methods: Sequence[Function], ref: Ref, state: State) -> None:
        """Let each method have been called on the object or not."""
        for method in methods:
            other = state.fork()
            self.warm(method, ref, other)
            state.join(other)

    def invoke(self, target: Raw, method: str | None, heap: Heap) -> tuple[list[CallFact], Raw, Heap]:
        """The calls made when `method` of an object, or the function itself, runs on unknown arguments (what is inside a model's
        ``forward``), what it gives, and the heap after it."""
        outer, self.calls = self.calls, []
        state = State(dict(self.state.env), self.state.env, heap.copy())
        self.frames[0].env = state.env
        steps, self.steps = self.steps, 0
        values: list[Raw] = []
        for option in options(target):
            if method is not None and isinstance(option, Ref):
                member = class_member(option.cls, method, state) if option.cls is not None else None
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
                receiver = option.receiver if isinstance(option, Method) else None
                values.append(enter(self, function, given, receiver, state, force=True))
            else:
                values.append(UNKNOWN)
        self.steps = steps
        found, self.calls = self.calls, outer
        return found, either(*values), state.heap

    @property
    def running(self) -> Module:
        """The module whose code is running."""
        return self.frames[-1].module

    def block(self, body: Sequence[ast.stmt], state: State) -> bool:
        """Run statements; False if the path ends in them."""
        depth, contexts, counts = len(self.frames), self.contexts, (self.guards, self.doubts, self.rows, self.splits)
        at = 0
        while at < len(body):
            statement = body[at]
            at += 1
            self.steps += 1
            if self.steps > STEPS_END:
                return False
            try:
                if type(statement) is ast.If:
                    alive, at = branch(self, statement, body, at, state)
                    if not alive:
                        return False
                elif (run := _STATEMENTS.get(type(statement))) is not None and not run(self, statement, state):
                    return False
            except RecursionError:
                # Code nested deeper than Python's own stack: nothing is known of this statement.
                del self.frames[depth:]
                self.contexts = contexts
                self.guards, self.doubts, self.rows, self.splits = counts
        return True

    def eval(self, node: ast.expr, state: State) -> Raw:
        """The value of an expression."""
        run = _EXPRESSIONS.get(type(node))
        return run(self, node, state) if run is not None else UNKNOWN


_STATEMENTS: Mapping[type[ast.stmt], Callable[[Interpreter, Any, State], bool]] = {
    ast.Expr: statements.do_expression,
    ast.Assign: statements.do_assign,
    ast.AnnAssign: statements.do_annotated,
    ast.AugAssign: statements.do_augmented,
    ast.Delete: statements.do_delete,
    ast.Return: statements.do_return,
    ast.Raise: statements.do_raise,
    ast.Break: statements.do_break,
    ast.Continue: statements.do_continue,
    ast.Assert: statements.do_assert,
    ast.Match: branches.do_match,
    ast.For: loops.do_for,
    ast.AsyncFor: loops.do_for,
    ast.While: loops.do_while,
    ast.With: blocks.do_with,
    ast.AsyncWith: blocks.do_with,
    ast.Try: blocks.do_try,
    getattr(ast, "TryStar", ast.Try): blocks.do_try,  # since Python 3.11
    ast.FunctionDef: definitions.do_function,
    ast.AsyncFunctionDef: definitions.do_function,
    ast.ClassDef: definitions.do_class,
    ast.Import: definitions.do_import,
    ast.ImportFrom: definitions.do_import_from,
}
"""What runs each kind of statement; `if` looks at the statements after it, too, and is run by `Interpreter.block` itself."""

_EXPRESSIONS: Mapping[type[ast.expr], Callable[[Interpreter, Any, State], Raw]] = {
    ast.Constant: expressions.on_constant,
    ast.Name: expressions.on_name,
    ast.Attribute: expressions.on_attribute,
    ast.Subscript: expressions.on_subscript,
    ast.Slice: expressions.on_slice,
    ast.List: expressions.on_display,
    ast.Tuple: expressions.on_display,
    ast.Set: expressions.on_display,
    ast.Dict: expressions.on_dict,
    ast.ListComp: expressions.on_comprehension,
    ast.SetComp: expressions.on_comprehension,
    ast.GeneratorExp: expressions.on_comprehension,
    ast.DictComp: expressions.on_comprehension,
    ast.Starred: expressions.on_starred,
    ast.Await: expressions.on_await,
    ast.Yield: expressions.on_yield,
    ast.YieldFrom: expressions.on_yield_from,
    ast.NamedExpr: expressions.on_named,
    ast.IfExp: expressions.on_conditional,
    ast.BoolOp: expressions.on_boolean,
    ast.UnaryOp: expressions.on_unary,
    ast.BinOp: expressions.on_binary,
    ast.JoinedStr: expressions.on_formatted,
    ast.Compare: expressions.on_comparison,
    ast.Call: calls.on_call,
    ast.Lambda: definitions.on_lambda,
}
"""What evaluates each kind of expression; any other is unknown."""
