"""What is known of libraries when their functions are called: other spellings of a name, who keeps their hands off what they are given,
and the functions whose result is computed (`MODELLED`).

Only constants are computed, and of those only small ones; nothing is executed.
"""

from __future__ import annotations

import builtins
import itertools
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from deplint.code.values import (
    EMPTY,
    NONE,
    UNKNOWN,
    Cell,
    Const,
    Default,
    Imported,
    Name,
    Part,
    Raw,
    Ref,
    Slot,
    Text,
    either,
)

if TYPE_CHECKING:
    from deplint.code.interpret import Arguments, Interpreter, State

NAME_LIMIT = 240
ITEMS_LIMIT = 256
STRING_LIMIT = 4096

BUILTINS = frozenset(dir(builtins))

FRAMEWORKS = frozenset(
    """
    tensorflow keras tf_keras torch torchvision torchaudio onnx onnxruntime onnxscript coremltools tflite_runtime ai_edge_litert
    ai_edge_torch litert_torch tensorflowjs tensorflow_hub tensorflow_serving tensorflow_probability tensorflow_datasets
    tensorflow_model_optimization tensorflow_addons tf2onnx onnxmltools onnxconverter_common skl2onnx onnxsim openvino tensorrt
    tritonclient torchao executorch timm transformers optimum diffusers safetensors ultralytics numpy scipy pandas PIL cv2 skimage sklearn
    xgboost lightgbm matplotlib seaborn tqdm requests httpx aiohttp grpc flask fastapi starlette uvicorn pydantic pydantic_settings attr
    attrs typing_extensions joblib h5py yaml google absl jax flax mlflow bentoml sagemaker boto3 kserve ray gradio streamlit psutil
    tabulate termcolor colorama rich click wandb
    """.split()  # noqa: SIM905 (a list of words reads better as words)
)
"""Libraries that are never a module of the project, and that do not set attributes of, or call methods on, what they are given in ways
a rule asks about."""

SAFE_ROOTS = FRAMEWORKS | frozenset(sys.stdlib_module_names) | {"builtins"} | BUILTINS

_HANDS_ON = re.compile(
    r"(importlib|pickle|shelve|yaml|joblib|ray|queue|multiprocessing|concurrent|asyncio|threading|types|collections|functools|operator|"
    r"argparse\.Namespace)\b.*[(\[]"
)
"""Things made by these may be the project's own code, or hand on what they are given to such."""

_CANONICAL = (
    ("tensorflow.compat.v2.", "tensorflow."),
    ("tensorflow._api.v2.", "tensorflow."),
    ("tensorflow.python.keras.", "tensorflow.keras."),
    ("tensorflow.lite.python.interpreter.", "tensorflow.lite."),
    ("builtins.", ""),
)
"""Other spellings of the same thing, by the start of the dotted name."""

FLUENT = frozenset({"eval", "train", "to", "cuda", "cpu", "half", "float", "double", "bfloat16", "requires_grad_", "share_memory", "xpu"})
"""Methods of a `torch.nn.Module` that return the module itself."""

MODULES = re.compile(
    r"(torch\.(load|compile|nn\.|hub\.load|jit\.(load|trace|script)|quantization|ao\.)|torchvision\.models|timm\.|transformers\.|"
    r"segmentation_models_pytorch\.)"
)
"""Calls that give a `torch.nn.Module`, by the start of their dotted name."""

HOLDS = {("torch.nn.DataParallel()", "module"): "module", ("torch.nn.parallel.DistributedDataParallel()", "module"): "module"}
"""Attributes that are the argument of that name (or the first) to the call that made the object."""

LISTS = frozenset({"torch.nn.ModuleList()", "torch.nn.ParameterList()", "torch.nn.Sequential()"})
"""Objects that iterate over, and are indexed like, the list they were made from."""

PROPERTIES = frozenset({"property", "functools.cached_property", "abc.abstractproperty"})

RECORDS = re.compile(r"dataclasses\.dataclass|attr\.(s|attrs|define|frozen|mutable|dataclass)\b|attrs\.")
"""Class decorators that write ``__init__`` from the annotated names."""

RECORD_BASES = frozenset({"typing.NamedTuple", "pydantic.BaseModel", "pydantic_settings.BaseSettings", "pydantic.BaseSettings"})
"""Base classes that do so."""

ROOT_BASES = re.compile(r"object$|abc\.ABC$|typing\.|typing_extensions\.|enum\.|pydantic")
"""Base classes that do not say what an instance is."""

_PURE: Mapping[type, frozenset[str]] = {
    str: frozenset(
        """format replace strip lstrip rstrip lower upper title split rsplit join startswith endswith removesuffix removeprefix encode
        zfill capitalize partition rpartition splitlines count find""".split()  # noqa: SIM905
    ),
    bytes: frozenset({"decode", "strip", "startswith", "endswith"}),
    PurePosixPath: frozenset({"with_suffix", "with_name", "with_stem", "joinpath", "as_posix", "__str__", "__fspath__"}),
    int: frozenset({"bit_length"}),
}
"""Methods of constants that are computed."""

_PATH_SAME = frozenset({"resolve", "absolute", "expanduser"})


@lru_cache(maxsize=8192)
def canonical(dotted: str) -> str:
    """The one spelling of a library's dotted name."""
    for start, replacement in _CANONICAL:
        if dotted.startswith(start):
            return replacement + dotted[len(start) :]
    return dotted


def name_of(dotted: str) -> Raw:
    return Name(canonical(dotted)) if len(dotted) <= NAME_LIMIT else UNKNOWN


def dotted_of(value: Raw) -> str:
    """The dotted name of a library thing or of the call that made an object; empty for anything else."""
    if isinstance(value, (Name, Part)):
        return value.dotted
    return value.name if isinstance(value, Ref) else ""


@lru_cache(maxsize=8192)
def safe(dotted: str) -> bool:
    """Does a library's function of that name keep its hands off what it is given?"""
    return re.split(r"[.(\[]", dotted, maxsplit=1)[0] in SAFE_ROOTS and not _HANDS_ON.match(dotted)


# -- strings and paths ---------------------------------------------------------------------------------------------------------


def text_of(parts: Iterable[str | None]) -> Raw:
    """The string made of known parts and gaps (None)."""
    merged: list[str | None] = []
    for part in parts:
        if part == "":
            continue
        if part is not None and merged and merged[-1] is not None:
            merged[-1] += part
        elif part is not None or not merged or merged[-1] is not None:
            merged.append(part)
    if sum(len(p or "") for p in merged) > STRING_LIMIT:
        return UNKNOWN
    if len(merged) <= 1 and None not in merged:
        return Const(merged[0] if merged else "")
    return UNKNOWN if all(p is None for p in merged) else Text(merged)


def textual(raw: Raw) -> bool:
    return isinstance(raw, Text) or (isinstance(raw, Const) and isinstance(raw.value, (str, PurePosixPath)))


def parts_of(raw: Raw) -> Sequence[str | None]:
    """What a value adds to a string it is formatted into."""
    if isinstance(raw, Text):
        return raw.parts
    if isinstance(raw, Const) and isinstance(raw.value, (str, int, float, PurePosixPath)):
        return (str(raw.value),)
    return (None,)


def assembled(pieces: Iterable[Raw]) -> Raw:
    """The string that these make one behind the other. With a default among them it is one, too; what is around it is kept."""
    plain: list[str | None] = []
    kept: list[str | None] = []
    default = False
    for raw in pieces:
        if isinstance(raw, Default):
            default = True
            kept += parts_of(raw.kept)
            raw = raw.value
        else:
            kept += parts_of(raw)
        plain += parts_of(raw)
    text = text_of(plain)
    return Default(text, text_of(kept)) if default and text is not UNKNOWN else text


def format_percent(template: str, right: Raw, state: State) -> Raw:
    """``template % right``."""
    pieces = re.split(r"%[-+ #0-9.]*[sdfrixegG]", template)
    gaps = len(pieces) - 1
    values: Sequence[Raw] = [right]
    if isinstance(right, Ref) and right.name == "()":
        cell = state.cell(right)
        values = cell.items or () if cell.exact else ()
    if len(values) != gaps:
        values = [UNKNOWN] * gaps
    parts: list[Raw] = [Const(pieces[0].replace("%%", "%"))]
    for value, piece, spec in zip(values, pieces[1:], re.findall(r"%[-+ #0-9.]*[sdfrixegG]", template), strict=True):
        plain = spec == "%s" or (spec in ("%d", "%i") and isinstance(value, Const) and type(value.value) is int)
        parts += [value if plain else UNKNOWN, Const(piece.replace("%%", "%"))]
    return assembled(parts)


def format_braces(template: str, given: Arguments) -> Raw:
    """``template.format(...)``."""
    parts: list[Raw] = []
    count = itertools.count()
    position = 0
    for match in re.finditer(r"\{\{|\}\}|\{([^{}]*)\}", template):
        parts.append(Const(template[position : match.start()]))
        position = match.end()
        name = match.group(1)
        if name is None:
            parts.append(Const(match.group()[0]))
            continue
        raw: Raw | None = None
        if name == "" or name.isdigit():
            raw = given.get("", int(name) if name else next(count))
        elif name in given.kwargs:
            raw = given.kwargs[name][0]
        parts.append(raw if raw is not None else UNKNOWN)
    parts.append(Const(template[position:]))
    return assembled(parts)


def call_member(owner: Raw, method: str, given: Arguments) -> Raw:
    """A method of a constant, or of a string known in part."""
    plain = not given.kwargs and not given.open
    if isinstance(owner, Text) or owner is UNKNOWN:
        suffix = given.get("", 0)
        if method == "with_suffix" and isinstance(suffix, Const) and isinstance(suffix.value, str):
            return text_of([None, suffix.value])
        return owner if isinstance(owner, Text) and method in (*_PATH_SAME, "as_posix") else UNKNOWN
    assert isinstance(owner, Const)
    value = owner.value
    if isinstance(value, PurePosixPath) and method in _PATH_SAME:
        return owner
    if isinstance(value, str) and method == "format":
        return format_braces(value, given)
    allowed = next((names for kind, names in _PURE.items() if isinstance(value, kind)), frozenset[str]())
    args = [raw.value for raw, _ in given.args if isinstance(raw, Const)]
    if method in allowed and len(args) == len(given.args) and plain:
        try:
            result = getattr(value, method)(*args)
        except Exception:
            return UNKNOWN
        small = not isinstance(result, (str, bytes)) or len(result) <= STRING_LIMIT
        return Const(result) if small and isinstance(result, (str, bytes, bool, int, PurePosixPath)) else UNKNOWN
    if isinstance(value, PurePosixPath) and method == "joinpath":
        return text_of([value.as_posix(), *(p for raw, _ in given.args for p in ("/", *parts_of(raw)))])
    return UNKNOWN


# -- containers ----------------------------------------------------------------------------------------------------------------


def distinct(keys: Sequence[Raw], items: Sequence[Raw]) -> tuple[tuple[Raw, ...], tuple[Raw, ...]]:
    """Keys and values of a dictionary in which later ones replace earlier ones."""
    merged: dict[Raw, Raw] = {}
    for key, item in zip(keys, items, strict=False):
        merged[key if isinstance(key, (Const, Name)) else Part(Ref(-1, ""), str(len(merged)))] = item
    if len(merged) == len(keys):
        return tuple(keys), tuple(items)
    found = {key: key for key in keys}
    return tuple(found.get(k, UNKNOWN) for k in merged), tuple(merged.values())


def call_dict(run: Interpreter, ref: Ref, method: str, given: Arguments, state: State) -> Raw | None:
    """A method of a dictionary; None for one that is not known."""
    cell = state.cell(ref)
    keys, items = cell.keys or (), cell.items or ()
    first = given.get("", 0)
    second = given.get("default", 1)
    if method in ("get", "setdefault", "pop") and first is not None:
        found = run.item(ref, first, state)
        absent = cell.exact and isinstance(first, Const) and first not in keys and all(isinstance(k, (Const, Name)) for k in keys)
        if method == "get":
            return (second or NONE) if absent else found if cell.exact else either(found, second or NONE)
        if method == "setdefault":
            if absent:
                run.set_item(ref, first, second or NONE, state)
            return second or NONE if absent else found
        kept = [(k, v) for k, v in zip(keys, items, strict=True) if k != first]
        state.put(ref, cell.with_items(tuple(v for _, v in kept), tuple(k for k, _ in kept), exact=isinstance(first, Const)))
        return second or UNKNOWN if absent else found
    if method == "update":
        if given.open or (first is not None and not (isinstance(first, Ref) and state.cell(first).keys is not None)):
            state.put(ref, cell.vague())
        elif isinstance(first, Ref):
            other = state.cell(first)
            for key, item in zip(other.keys or (), other.items or (), strict=True):
                run.set_item(ref, key, item if other.exact else either(item, run.item(ref, key, state)), state)
            if not other.exact:
                state.put(ref, state.cell(ref).vague(open=other.open))
        for name, (raw, _) in given.kwargs.items():
            run.set_item(ref, Const(name), raw, state)
        return NONE
    if method == "copy":
        return run.made("{}", cell.with_items(items, keys), state)
    if method in ("keys", "values", "items"):
        pool = keys if method == "keys" else items
        if method == "items":
            pool = tuple(run.made("()", Cell(items=pair), state) for pair in zip(keys, items, strict=True))
        return run.made("[]", Cell(items=pool, exact=cell.exact, open=cell.open), state)
    if method == "clear":
        state.put(ref, Cell(items=(), keys=(), escaped=cell.escaped, exact=True))
        return NONE
    if method == "popitem":
        state.put(ref, cell.vague(open=False))
        return UNKNOWN
    return None


def call_list(run: Interpreter, ref: Ref, method: str, given: Arguments, state: State) -> Raw | None:
    """A method of a list or set; None for one that is not known."""
    cell = state.cell(ref)
    items = cell.items or ()
    first = given.get("", 0)
    if method in ("append", "add") and first is not None:
        state.put(ref, cell.with_items((*items, first)) if len(items) < ITEMS_LIMIT else cell.vague())
        return NONE
    if method in ("extend", "update") and first is not None:
        run.extend(ref, first, state)
        return NONE
    if method == "insert" and len(given.args) == 2:
        at = first.value if isinstance(first, Const) and isinstance(first.value, int) else None
        at_or_end = len(items) if at is None else at
        state.put(ref, cell.with_items((*items[:at_or_end], given.args[1][0], *items[at_or_end:]), exact=at is not None))
        return NONE
    if method == "copy":
        return run.made(ref.name, cell.with_items(items), state)
    if method == "clear":
        state.put(ref, Cell(items=(), escaped=cell.escaped))
        return NONE
    if method == "reverse":
        state.put(ref, cell.with_items(items[::-1]))
        return NONE
    if method == "pop":
        at = first.value if isinstance(first, Const) and isinstance(first.value, int) else -1 if first is None else None
        if at is not None and cell.exact and -len(items) <= at < len(items):
            kept = list(items)
            gone = kept.pop(at)
            state.put(ref, cell.with_items(tuple(kept)))
            return gone
        state.put(ref, cell.vague(open=False))
        return UNKNOWN
    if method in ("remove", "discard") and first is not None:
        if cell.exact and first in items and all(isinstance(i, (Const, Name)) for i in items):
            at = items.index(first)
            state.put(ref, cell.with_items(items[:at] + items[at + 1 :]))
        else:
            state.put(ref, cell.vague(open=False))
        return NONE
    if method == "sort":
        state.put(ref, cell.vague(open=False))
        return NONE
    if method in ("index", "count", "union", "intersection", "difference", "isdisjoint", "issubset", "issuperset"):
        return UNKNOWN
    return None


# -- argparse ------------------------------------------------------------------------------------------------------------------

PARSERS = tuple(f"argparse.ArgumentParser(){group}" for group in ("", ".add_argument_group()", ".add_mutually_exclusive_group()"))


def call_parser(run: Interpreter, parser: Ref, method: str, given: Arguments, state: State) -> Raw | None:
    """`argparse`: what the parsed arguments hold by default. Options are attributes ``@name`` of the parser."""
    root = parser
    while root.call is not None and isinstance(outer := root.call.receiver, Ref) and outer.name in PARSERS:
        root = outer
    if method == "add_argument":
        name, value = _option(given)
        if name:
            state.put(root, state.cell(root).with_attr(f"@{name}", value))
        return UNKNOWN
    if method == "set_defaults":
        for name, (raw, _) in given.kwargs.items():
            state.put(root, state.cell(root).with_attr(f"@{name}", Default(raw)))
        return NONE
    if method in ("parse_args", "parse_known_args", "parse_intermixed_args"):
        attrs = {n[1:]: s for n, s in state.cell(root).attrs.items() if n.startswith("@")}
        result = run.made("argparse.Namespace()", Cell(attrs=attrs), state)
        return run.made("()", Cell(items=(result, UNKNOWN)), state) if method == "parse_known_args" else result
    return None


def _option(given: Arguments) -> tuple[str, Raw]:
    """Name and default of ``add_argument``."""

    def text(name: str) -> Any:
        raw = given.kwargs[name][0] if name in given.kwargs else None
        return raw.value if isinstance(raw, Const) else None

    flags = [raw.value for raw, _ in given.args if isinstance(raw, Const) and isinstance(raw.value, str)]
    long = next((f for f in flags if f.startswith("--")), flags[0] if flags else "")
    name = str(text("dest") or long.lstrip("-").replace("-", "_"))
    value: Raw
    if "default" in given.kwargs:
        value = given.kwargs["default"][0]
    elif text("action") in ("store_true", "store_false"):
        value = Const(text("action") == "store_false")
    elif given.open or not long.startswith("-"):
        value = UNKNOWN
    else:
        value = UNKNOWN if "required" in given.kwargs else NONE
    kind = given.kwargs.get("type")
    if isinstance(value, Const) and isinstance(value.value, str) and kind is not None and isinstance(kind[0], Name):
        convert = {"int": int, "float": float, "pathlib.Path": PurePosixPath}.get(kind[0].dotted)
        try:
            value = value if convert is None else Const(convert(value.value))
        except ValueError:
            value = UNKNOWN
    elif kind is not None and isinstance(value, Const) and isinstance(value.value, str) and kind[0] != Name("str"):
        value = UNKNOWN
    return name, value if value is UNKNOWN else Default(value)


# -- library functions whose result is computed ------------------------------------------------------------------------------

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
    verdict = run.truth(given.get("", 0) or FALSE, state)
    return UNKNOWN if verdict is None else Const(verdict)


FALSE = Const(False)


def _container(name: str, ordered: bool = True) -> Model:
    def make(run: Interpreter, given: Arguments, state: State) -> Raw | None:
        source = given.get("", 0)
        if source is None and not given.open:
            return run.made(name, Cell(items=()), state)
        cell = state.cell(source) if isinstance(source, Ref) else EMPTY
        pool = cell.keys if cell.keys is not None else cell.items
        exact = pool is not None and cell.exact
        if not ordered and pool and not all(isinstance(item, (Const, Name)) for item in pool):
            exact = False
        if name == "set()" and pool:
            pool = tuple(dict.fromkeys(pool))
        return run.made(name, Cell(items=pool or (), exact=exact, open=cell.open or pool is None), state)

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
    ref = run.made("{}", Cell(items=items, keys=keys, exact=not open, open=open and (cell.open or cell.keys is None)), state)
    for name, (raw, _) in given.kwargs.items():
        run.set_item(ref, Const(name), raw, state)
    return ref


def _fromkeys(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    source, value = given.get("", 0), given.get("", 1) or NONE
    cell = state.cell(source) if isinstance(source, Ref) else EMPTY
    pool = cell.keys if cell.keys is not None else cell.items or ()
    keys, items = distinct(pool, [value] * len(pool))
    exact = cell.items is not None and cell.exact
    return run.made("{}", Cell(items=items, keys=keys, exact=exact, open=not exact), state)


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
            return run.made("[]", Cell(items=tuple(map(Const, found))), state)
        return run.made("[]", Cell(items=(UNKNOWN,), exact=False, open=True), state)
    return None


def _getattr(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    if len(given.args) < 2:
        return UNKNOWN
    owner, name = given.args[0][0], given.args[1][0]
    if not isinstance(name, Const) or not isinstance(name.value, str):
        if isinstance(owner, Name):
            return name_of(f"{owner.dotted}[]")
        run.escape([owner], state)  # it may be a method that changes the object
        return UNKNOWN
    found = run.attribute(owner, name.value, state)
    return either(found, given.args[2][0], UNKNOWN) if len(given.args) > 2 else found


def _setattr(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    if len(given.args) == 3:
        (owner, _), (name, _), (value, where) = given.args
        if isinstance(name, Const) and isinstance(name.value, str):
            run.set_attribute(owner, name.value, value, state, where, where)
        else:
            run.escape([owner, value], state)
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
            (Const(start + n) if exact else UNKNOWN) if c is None else (next(known) or (UNKNOWN,))[n] if exact else run.element(c, state)
            for c in columns
        ]
        rows.append(run.made("()", Cell(items=tuple(row)), state))
    return run.made("[]", Cell(items=tuple(rows), exact=exact), state)


def _next(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    found = run.element(given.get("", 0) or UNKNOWN, state)
    return found if len(given.args) < 2 else either(found, given.args[1][0])


def _copy(deep: bool) -> Model:
    def copy(run: Interpreter, given: Arguments, state: State) -> Raw | None:
        return run.copy(given.get("x", 0) or UNKNOWN, deep, state)

    return copy


def _namespace(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    attrs = {k: Slot((raw,), True) for k, (raw, _) in given.kwargs.items()}
    return run.made("types.SimpleNamespace()", Cell(attrs=attrs), state)


def _vars(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    owner = given.get("", 0)
    return run.attribute(owner, "__dict__", state) if owner is not None else UNKNOWN


def _environment(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    fallback = given.get("default", 1)
    return Default(fallback) if fallback is not None and fallback is not UNKNOWN else UNKNOWN


def _import(run: Interpreter, given: Arguments, state: State) -> Raw | None:
    name = given.get("name", 0)
    if isinstance(name, Const) and isinstance(name.value, str) and not name.value.startswith("."):
        module = run.import_module(name.value, 0)
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
            return run.made("()", Cell(items=tuple(Default(p) if raw is not inner else p for p in pieces)), state)
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
