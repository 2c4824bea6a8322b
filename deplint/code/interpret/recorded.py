"""What the interpreter writes down as it goes; `deplint.code.facts` is what rules see of it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from deplint.code.heap import Heap
from deplint.code.values import UNKNOWN, Function, Raw, Ref

if TYPE_CHECKING:
    from deplint.code.interpret.state import Arguments
    from deplint.code.python import PythonFile

_NOTHING = Heap()


class CallFact:
    """A call as it was seen: see `deplint.code.facts.Call`."""

    __slots__ = (
        "args", "certain", "chosen", "contexts", "file", "guarded", "heap", "kwargs", "name", "node", "open_args", "open_kwargs",
        "receiver", "result", "stack",
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
        self.chosen = False


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


class Returned:
    """A value that a function returned when it ran: see `deplint.code.facts.Return`."""

    __slots__ = ("file", "guarded", "heap", "node", "stack", "value")

    def __init__(self, node: ast.AST, value: Raw, file: PythonFile, heap: Heap, stack: tuple[Function, ...], guarded: bool) -> None:
        self.node = node
        self.value = value
        self.file = file
        self.heap = heap
        self.stack = stack
        self.guarded = guarded
