"""What changes as code runs: variables and heap, the function that runs, what a call is given."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from deplint.code.heap import Cell, Heap
from deplint.code.values import Function, Raw, Ref, either, numbers

if TYPE_CHECKING:
    from deplint.code.python import PythonFile


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
        self.shape = file.shape
        self.env: dict[str, Raw] = {}
        self.heap = Heap()
        self.stars: list[str] = []
        self.number = next(numbers)
        self.patched = False


class Frame:
    """A function (or the module) being run: where its returns, yields and loop exits go, and its variables as they stood when it last
    called something or ended."""

    __slots__ = ("captured", "doubts", "env", "file", "function", "guards", "loops", "module", "returns", "shape", "stack", "yields")

    def __init__(self, module: Module, function: Function | None, env: dict[str, Raw]) -> None:
        self.module = module
        self.file = module.file
        self.shape = module.shape
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
