"""Library functions whose result is computed. Only constants are computed, and of those only small ones; nothing is executed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from deplint.code.heap import EMPTY, Cell, Slot
from deplint.code.interpret.attributes import get_attribute, set_attribute
from deplint.code.interpret.compute import truth
from deplint.code.interpret.functions import escape
from deplint.code.interpret.objects import copied, distinct, element_of, made, set_item
from deplint.code.interpret.scopes import import_module
from deplint.code.interpret.state import Arguments, State
from deplint.code.library import name_of
from deplint.code.strings import assembled, parts_of, text_of
from deplint.code.values import NONE, UNKNOWN, Const, Default, Imported, Name, Raw, Ref, either

if TYPE_CHECKING:
    from deplint.code.interpret.interpreter import Interpreter

Model = Callable[["Interpreter", "Arguments", "State"], "Raw | None"]


def _join_path(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    values = [raw.value if isinstance(raw, Default) else raw for raw, _ in given.args]
    if given.open or not values:
        return UNKNOWN
    text = assembled([part for raw, _ in given.args for part in (raw, Const("/"))][:-1])
    if all(isinstance(v, Const) and isinstance(v.value, (str, PurePosixPath)) for v in values):
        joined = Const(str(PurePosixPath(*(v.value for v in values if isinstance(v, Const)))))
        return Default(joined, text.kept) if isinstance(text, Default) else joined
    return text


def _path(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    if not given.args and not given.open:
        return Const(PurePosixPath("."))
    joined = _join_path(run, given, state)
    if isinstance(joined, Default) and isinstance(joined.value, Const):
        return Default(Const(PurePosixPath(joined.value.value)), joined.kept)
    return Const(PurePosixPath(joined.value)) if isinstance(joined, Const) else joined


def _str(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    raw = given.get("", 0)
    if raw is None or len(given.args) != 1:
        return UNKNOWN
    if isinstance(raw, Default):
        inner = text_of(parts_of(raw.value))
        return Default(inner, raw.kept) if isinstance(inner, Const) else UNKNOWN
    return text_of(parts_of(raw))


def _number(kind: Callable[[Any], Any]) -> Model:
    def convert(run: Interpreter, given: Arguments, state: State) -> Raw | None:
        raw = given.get("", 0)
        if isinstance(raw, Const) and isinstance(raw.value, (int, float, str)) and len(str(raw.value)) < 64:
            try:
                return Const(kind(raw.value))
            except (ValueError, OverflowError):
                return UNKNOWN
        return UNKNOWN

    return convert


def _bool(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    verdict = truth(given.get("", 0) or FALSE, state)
    return UNKNOWN if verdict is None else Const(verdict)


FALSE = Const(False)


def _container(name: str, ordered: bool = True) -> Model:
    def make(run: Interpreter, given: Arguments, state: State) -> Raw | None:
        source = given.get("", 0)
        if source is None and not given.open:
            return made(name, Cell(items=()), state)
        cell = state.cell(source) if isinstance(source, Ref) else EMPTY
        pool = cell.keys if cell.keys is not None else cell.items
        exact = pool is not None and cell.exact
        if not ordered and pool and not all(isinstance(item, (Const, Name)) for item in pool):
            exact = False
        if name == "set()" and pool:
            pool = tuple(dict.fromkeys(pool))
        return made(name, Cell(items=pool or (), exact=exact, open=cell.open or pool is None), state)

    return make


def _sorted(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    result = _container("[]")(run, given, state)
    if isinstance(result, Ref) and len(state.cell(result).items or ()) > 1:
        state.put(result, state.cell(result).vague(open=False))
    return result


def _dict(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    source = given.get("", 0)
    cell = state.cell(source) if isinstance(source, Ref) else EMPTY
    pairs = [state.cell(pair).items or () for pair in cell.items or () if isinstance(pair, Ref)] if cell.keys is None else []
    if pairs and cell.exact and len(pairs) == len(cell.items or ()) and all(len(pair) == 2 for pair in pairs):
        cell = Cell(keys=tuple(pair[0] for pair in pairs), items=tuple(pair[1] for pair in pairs))
    closed = source is None or (cell.keys is not None and cell.exact)
    keys, items = (cell.keys, cell.items or ()) if cell.keys is not None else ((), ())
    open = not closed or given.open
    ref = made("{}", Cell(items=items, keys=keys, exact=not open, open=open and (cell.open or cell.keys is None)), state)
    for name, (raw, _) in given.kwargs.items():
        set_item(ref, Const(name), raw, state)
    return ref


def _fromkeys(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    source, value = given.get("", 0), given.get("", 1) or NONE
    cell = state.cell(source) if isinstance(source, Ref) else EMPTY
    pool = cell.keys if cell.keys is not None else cell.items or ()
    keys, items = distinct(pool, [value] * len(pool))
    exact = cell.items is not None and cell.exact
    return made("{}", Cell(items=items, keys=keys, exact=exact, open=not exact), state)


def _len(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    raw = given.get("", 0)
    if isinstance(raw, Ref) and (cell := state.cell(raw)).items is not None and cell.exact:
        return Const(len(cell.items or ()))
    return Const(len(raw.value)) if isinstance(raw, Const) and isinstance(raw.value, (str, bytes)) else UNKNOWN


def _range(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    numbers = [raw.value for raw, _ in given.args if isinstance(raw, Const) and type(raw.value) is int]
    if len(numbers) == len(given.args) and numbers and not given.open and (len(numbers) < 3 or numbers[2]):
        found = range(*numbers[:3])
        if len(found) <= 16:
            return made("[]", Cell(items=tuple(map(Const, found))), state)
        return made("[]", Cell(items=(UNKNOWN,), exact=False, open=True), state)
    return None


def _getattr(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    if len(given.args) < 2:
        return UNKNOWN
    owner, name = given.args[0][0], given.args[1][0]
    if not isinstance(name, Const) or not isinstance(name.value, str):
        if isinstance(owner, Name):
            return name_of(f"{owner.dotted}[]")
        escape(run, [owner], state)  # it may be a method that changes the object
        return UNKNOWN
    found = get_attribute(run, owner, name.value, state)
    return either(found, given.args[2][0], UNKNOWN) if len(given.args) > 2 else found


def _setattr(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    if len(given.args) == 3:
        (owner, _), (name, _), (value, where) = given.args
        if isinstance(name, Const) and isinstance(name.value, str):
            set_attribute(run, owner, name.value, value, state, where, where)
        else:
            escape(run, [owner, value], state)
    return NONE


def _isinstance(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    if len(given.args) != 2:
        return UNKNOWN
    value, kind = given.args[0][0], given.args[1][0]
    kinds = state.cell(kind).items or () if isinstance(kind, Ref) and kind.name == "()" else (kind,)
    names = {k.dotted for k in kinds if isinstance(k, Name)}
    if len(names) != len(kinds) or not names <= {"str", "int", "float", "bool", "bytes", "list", "tuple", "dict", "set", "pathlib.Path"}:
        return UNKNOWN
    if isinstance(value, Const) and isinstance(value.value, (str, int, float, bytes, PurePosixPath, type(None))):
        own = {c.__name__ for c in type(value.value).__mro__} | ({"pathlib.Path"} if isinstance(value.value, PurePosixPath) else set())
        return Const(bool(own & names))
    if isinstance(value, Ref) and value.name in ("[]", "()", "{}", "set()"):
        return Const({"[]": "list", "()": "tuple", "{}": "dict", "set()": "set"}[value.name] in names)
    return UNKNOWN


def _enumerate(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    start = given.get("start", 1)
    if start is not None and not (isinstance(start, Const) and isinstance(start.value, int)):
        return _rows(run, [None, given.get("", 0) or UNKNOWN], 0, state)
    return _rows(run, [None, given.get("", 0) or UNKNOWN], start.value if isinstance(start, Const) else 0, state)


def _zip(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    return UNKNOWN if given.open or not given.args else _rows(run, [raw for raw, _ in given.args], 0, state)


def _rows(run: Interpreter, columns: Sequence[Raw | None], start: int, state: State) -> Ref:
    """The list of tuples that `zip` gives; a column that is None counts from `start`."""
    cells = [state.cell(c) if isinstance(c, Ref) else EMPTY for c in columns if c is not None]
    pools = [cell.keys if cell.keys is not None else cell.items for cell in cells]
    rows: list[Raw] = []
    exact = all(pool is not None and cell.exact and len(pool) <= 16 for pool, cell in zip(pools, cells, strict=True))
    for n in range(min(len(pool or ()) for pool in pools) if exact else 1):
        known = iter(pools)
        row = [
            (Const(start + n) if exact else UNKNOWN) if c is None else (next(known) or (UNKNOWN,))[n] if exact else element_of(c, state)
            for c in columns
        ]
        rows.append(made("()", Cell(items=tuple(row)), state))
    return made("[]", Cell(items=tuple(rows), exact=exact), state)


def _islice(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    element = element_of(given.get("iterable", 0) or UNKNOWN, state)
    return made("[]", Cell(items=(element,), exact=False), state)


def _next(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    found = element_of(given.get("", 0) or UNKNOWN, state)
    return found if len(given.args) < 2 else either(found, given.args[1][0])


def _copy(deep: bool) -> Model:
    def copy(run: Interpreter, given: Arguments, state: State) -> Raw | None:
        return copied(given.get("x", 0) or UNKNOWN, deep, state)

    return copy


def _namespace(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    attrs = {k: Slot((raw,), True) for k, (raw, _) in given.kwargs.items()}
    return made("types.SimpleNamespace()", Cell(attrs=attrs), state)


def _vars(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    owner = given.get("", 0)
    return get_attribute(run, owner, "__dict__", state) if owner is not None else UNKNOWN


def _environment(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    fallback = given.get("default", 1)
    return Default(fallback) if fallback is not None and fallback is not UNKNOWN else UNKNOWN


def _import(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    name = given.get("name", 0)
    if isinstance(name, Const) and isinstance(name.value, str) and not name.value.startswith("."):
        module = import_module(run, name.value, 0)
        return Imported(module) if module is not None else name_of(name.value)
    return UNKNOWN


def _second(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    return given.get("", 1) or UNKNOWN


def _first(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    return given.get("iterable", 0) or UNKNOWN


def _of_path(compute: Callable[[PurePosixPath], str | tuple[str, str]]) -> Model:
    def apply(run: Interpreter, given: Arguments, state: State) -> Raw | None:
        raw = given.get("p", 0)
        inner = raw.value if isinstance(raw, Default) else raw
        if not isinstance(inner, Const) or not isinstance(inner.value, (str, PurePosixPath)):
            return UNKNOWN
        result = compute(PurePosixPath(inner.value))
        if isinstance(result, tuple):
            pieces = (Const(piece) for piece in result)
            return made("()", Cell(items=tuple(Default(p) if raw is not inner else p for p in pieces)), state)
        return Default(Const(result)) if raw is not inner else Const(result)

    return apply


MODELLED: Mapping[str, Model] = {
    "os.path.join": _join_path,
    "pathlib.Path": _path,
    "pathlib.PurePath": _path,
    "pathlib.PosixPath": _path,
    "pathlib.PurePosixPath": _path,
    "os.path.abspath": _first,
    "os.path.expanduser": _first,
    "os.path.normpath": _first,
    "os.path.realpath": _first,
    "os.path.basename": _of_path(lambda path: path.name),
    "os.path.dirname": _of_path(lambda path: "" if str(path.parent) == "." else str(path.parent)),
    "os.path.splitext": _of_path(lambda path: (str(path)[: len(str(path)) - len(path.suffix)], path.suffix)),
    "os.fspath": _str,
    "str": _str,
    "int": _number(int),
    "float": _number(float),
    "bool": _bool,
    "list": _container("[]"),
    "set": _container("set()", ordered=False),
    "frozenset": _container("set()", ordered=False),
    "tuple": _container("()"),
    "sorted": _sorted,
    "reversed": _sorted,
    "dict": _dict,
    "dict.fromkeys": _fromkeys,
    "collections.OrderedDict": _dict,
    "len": _len,
    "range": _range,
    "getattr": _getattr,
    "setattr": _setattr,
    "isinstance": _isinstance,
    "enumerate": _enumerate,
    "zip": _zip,
    "iter": _first,
    "itertools.islice": _islice,
    "next": _next,
    "tqdm.tqdm": _first,
    "tqdm.auto.tqdm": _first,
    "copy.copy": _copy(deep=False),
    "copy.deepcopy": _copy(deep=True),
    "types.SimpleNamespace": _namespace,
    "argparse.Namespace": _namespace,
    "vars": _vars,
    "os.environ.get": _environment,
    "os.getenv": _environment,
    "importlib.import_module": _import,
    "typing.cast": _second,
}
"""Library functions, by dotted name, whose result is computed; one that gives None is taken like any other call."""
