"""What the interpreter knows of a value, and the three-valued answers rules get.

Raw values are small and immutable; what can change about an object (attributes set, methods called, elements of a list) is in its
`Cell` in a heap (`deplint.code.heap`). Rules never see any of this: they ask a
`deplint.code.facts.Value`.
"""

from __future__ import annotations

import ast
import enum
import itertools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deplint.code.interpret.recorded import CallFact
    from deplint.code.interpret.state import Frame, Module
    from deplint.code.python import PythonFile


class Truth(enum.Enum):
    """An answer: `maybe` where the code does not settle it."""

    no = 0
    maybe = 1
    yes = 2

    def __bool__(self) -> bool:
        raise TypeError("a three-valued answer is compared (`is Truth.no`), not used as a condition")


class Raw:
    """A value as the interpreter handles it."""

    __slots__ = ()


class Unknown(Raw):
    """Nothing is known, except perhaps whether it counts as true."""

    __slots__ = ("truth",)

    def __init__(self, truth: bool | None = None) -> None:
        self.truth = truth

    def __repr__(self) -> str:
        return "UNKNOWN" if self.truth is None else f"UNKNOWN({self.truth})"


class Const(Raw):
    """A Python constant, or a `PurePosixPath` for what `pathlib` made of one."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Const) and type(self.value) is type(other.value) and bool(self.value == other.value)

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))

    def __repr__(self) -> str:
        return f"Const({self.value!r})"


class Default(Raw):
    """What a value is unless someone outside says otherwise: a command-line default, a parameter's default. `kept` is what is left of a
    string made of it whoever says what: with gaps for the defaults in it, unknown if it is nothing else."""

    __slots__ = ("kept", "value")

    def __init__(self, value: Raw, kept: Raw | None = None) -> None:
        self.value = value
        self.kept = UNKNOWN if kept is None else kept

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Default) and self.value == other.value and self.kept == other.kept

    def __hash__(self) -> int:
        return hash(("default", self.value))

    def __repr__(self) -> str:
        return f"Default({self.value!r})"


class Text(Raw):
    """A string or path with gaps: parts are strings, and None where something unknown stands."""

    __slots__ = ("parts",)

    def __init__(self, parts: Iterable[str | None]) -> None:
        self.parts = tuple(parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash(self.parts)

    def __repr__(self) -> str:
        return f"Text{self.parts!r}"


class Name(Raw):
    """Something of a library, by its dotted name: a module, class, function or enum member; or a piece of what a call gave
    (``onnx.load().graph``, ``f()[]``)."""

    __slots__ = ("dotted",)

    def __init__(self, dotted: str) -> None:
        self.dotted = dotted

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Name) and self.dotted == other.dotted

    def __hash__(self) -> int:
        return hash(self.dotted)

    def __repr__(self) -> str:
        return f"Name({self.dotted})"

    @property
    def derived(self) -> bool:
        """A piece of what a call gave, or of a parameter: nobody knows which value that is."""
        return "(" in self.dotted or "[" in self.dotted or "<" in self.dotted


PARAMETER = Name("<parameter>")
"""What the caller of a function gives it, where the function is looked into for its own sake."""


class Item(Name):
    """An element of something of a library: ``details[0]``."""

    __slots__ = ("key", "owner")

    def __init__(self, dotted: str, owner: Raw, key: Raw) -> None:
        super().__init__(dotted)
        self.owner = owner
        self.key = key


class Ref(Raw):
    """An object in the heap. `name` is the dotted name of the call that made it, with ``()``; ``[]``, ``()`` and ``{}`` for displays.

    `cls` is set for an instance of a class of the project (or of a class derived from it, if `derived`), `call` is the call that made it.
    """

    __slots__ = ("call", "cls", "derived", "name", "number")

    def __init__(self, number: int, name: str, cls: Class | None = None, call: Any = None, derived: bool = False) -> None:
        self.number = number
        self.name = name
        self.cls = cls
        self.call: CallFact | None = call
        self.derived = derived

    def __repr__(self) -> str:
        return f"Ref({self.number}, {self.name})"


class Part(Raw):
    """An attribute of an object that was never seen being set: ``converter.target_spec``."""

    __slots__ = ("owner", "path")

    def __init__(self, owner: Ref, path: str) -> None:
        self.owner = owner
        self.path = path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Part) and self.owner is other.owner and self.path == other.path

    def __hash__(self) -> int:
        return hash((id(self.owner), self.path))

    def __repr__(self) -> str:
        return f"Part({self.dotted})"

    @property
    def dotted(self) -> str:
        return f"{self.owner.name}.{self.path}"


class Member(Raw):
    """An attribute of something that has no attributes of its own in the heap: a method of a string or path, of a function (those that a
    library's decorator gives it), of the result of arithmetic, a method that a derived class may define."""

    __slots__ = ("name", "owner")

    def __init__(self, owner: Raw, name: str) -> None:
        self.owner = owner
        self.name = name


class Function(Raw):
    """A function or lambda of the project. `scope` is the function around it as it ran when this one was defined."""

    __slots__ = ("decorators", "defaults", "guarded", "module", "node", "owner", "scope", "setter")

    def __init__(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        module: Module,
        scope: Frame | None,
        defaults: Mapping[str, Raw],
        guarded: bool,
    ) -> None:
        self.node = node
        self.module = module
        self.scope = scope
        self.defaults = defaults
        self.guarded = guarded
        self.owner: Class | None = None
        self.decorators: tuple[str, ...] = ()
        self.setter: Function | None = None
        """For a property: the function that sets it."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and self.node is other.node and self.scope is other.scope

    def __hash__(self) -> int:
        return id(self.node)

    @property
    def name(self) -> str:
        return getattr(self.node, "name", "<lambda>")


class Method(Raw):
    """A function bound to the object or class it is called on."""

    __slots__ = ("function", "receiver")

    def __init__(self, function: Function, receiver: Raw) -> None:
        self.function = function
        self.receiver = receiver

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Method) and self.function == other.function and self.receiver == other.receiver

    def __hash__(self) -> int:
        return hash(self.function)


class Class(Raw):
    """A class of the project: its own names, and its bases as values.

    What code sets on the class later is in the heap, under `number`; `patched` says that there may be such.
    """

    __slots__ = ("bases", "decorators", "libraries", "line", "members", "module", "node", "number", "overridden", "patched", "whole")

    def __init__(self, node: ast.ClassDef, module: Module, bases: tuple[Raw, ...], whole: bool) -> None:
        self.node = node
        self.module = module
        self.bases = bases
        self.number = next(numbers)
        self.patched = False
        self.members: dict[str, Raw] = {}
        self.decorators: tuple[str, ...] = ()
        self.overridden: set[str] = set()
        """Names that classes of the same module derived from this one define anew."""
        self.line: tuple[Class, ...] = (self,)
        """The class and the project's classes it derives from, in the order names are looked up."""
        self.libraries: tuple[str, ...] = ()
        """Dotted names of the library classes it derives from."""
        self.whole = whole
        """Every class it derives from is known."""
        for base in bases:
            if isinstance(base, Class):
                self.line += tuple(c for c in base.line if c not in self.line)
                self.libraries += tuple(n for n in base.libraries if n not in self.libraries)
                self.whole = self.whole and base.whole
            elif isinstance(base, Name) and not base.derived:
                self.libraries += (base.dotted,)
            else:
                self.whole = False

    def lookup(self, name: str) -> Raw | None:
        for cls in self.line:
            found = cls.members.get(name)
            if found is not None:
                return found
        return None


class Imported(Raw):
    """A module of the project."""

    __slots__ = ("file",)

    def __init__(self, file: PythonFile) -> None:
        self.file = file

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Imported) and self.file is other.file

    def __hash__(self) -> int:
        return id(self.file)


class Package(Raw):
    """A folder of modules without a file of its own, by the name that `file` imports it with."""

    __slots__ = ("dotted", "file")

    def __init__(self, file: PythonFile, dotted: str) -> None:
        self.file = file
        self.dotted = dotted

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Package) and self.dotted == other.dotted

    def __hash__(self) -> int:
        return hash(self.dotted)


class Late(Raw):
    """What an import in `file` binds, to be looked at when it is used: a module that nobody uses is not run."""

    __slots__ = ("_key", "base", "file", "level", "name")

    def __init__(self, file: PythonFile, base: str, level: int, name: str) -> None:
        self.file = file
        self.base = base
        self.level = level
        self.name = name
        self._key = hash((id(file), base, level, name))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Late) and (self.file, self.base, self.level, self.name) == (
            other.file,
            other.base,
            other.level,
            other.name,
        )

    def __hash__(self) -> int:
        return self._key


class Operation(Raw):
    """Arithmetic on values that are not constants: ``image / 255.0``; `augmented` if it was written ``image /= 255.0``."""

    __slots__ = ("augmented", "left", "operator", "right")

    def __init__(self, operator: str, left: Raw, right: Raw, augmented: bool = False) -> None:
        self.operator = operator
        self.left = left
        self.right = right
        self.augmented = augmented


class Either(Raw):
    """One of several values, depending on the path taken."""

    __slots__ = ("options",)

    def __init__(self, options: tuple[Raw, ...]) -> None:
        self.options = options

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Either) and self.options == other.options

    def __hash__(self) -> int:
        return hash(self.options)

    def __repr__(self) -> str:
        return f"Either{self.options!r}"


UNKNOWN = Unknown()


TRUTHY = Unknown(True)


FALSY = Unknown(False)


NONE = Const(None)


numbers = itertools.count()
"""Numbers of objects, each used once."""


OPTIONS_LIMIT = 6
"""Alternatives kept apart; more are unknown."""


def options(raw: Raw) -> tuple[Raw, ...]:
    return raw.options if type(raw) is Either else (raw,)


def either(*values: Raw) -> Raw:
    """The value that is one of `values`."""
    first = values[0]
    for value in values:
        if value is not first:
            break
    else:
        return first
    if len(values) == 2 and not isinstance(first, (Either, Unknown)) and not isinstance(values[1], (Either, Unknown)):
        return first if first == values[1] else Either(values)
    kept: list[Raw] = []
    for value in values:
        for option in options(value):
            if isinstance(option, Unknown) and option not in kept:
                if any(isinstance(k, Unknown) for k in kept):
                    kept = [k for k in kept if not isinstance(k, Unknown)]
                    option = UNKNOWN
                kept.append(option)
            elif option not in kept:
                kept.append(option)
    if len(kept) == 1:
        return kept[0]
    if len(kept) > OPTIONS_LIMIT:
        return UNKNOWN
    return Either(tuple(kept))
