"""What is known of a NumPy array in the code: whether a value is one, its dtype, its shape.

Everything unknown is empty (`dtype`) or None (`shape`, and each of its elements).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from deplint.code.facts import Value
from deplint.code.patterns import matcher
from deplint.code.pictures import Picture, picture
from deplint.code.tokens import one_of
from deplint.code.values import Truth

if TYPE_CHECKING:
    from deplint.code.python import PythonFile

ARRAY = (
    "numpy.{array,asarray,ascontiguousarray,zeros,ones,full,arange,linspace,expand_dims,stack,concatenate,vstack,hstack,reshape,transpose,squeeze,load}()",
    "numpy.random.{rand,randn,random,uniform,normal,randint}()",
    "**.{img_to_array,image_to_array,to_numpy}()",
    "{tensorflow.keras,keras}.**.predict()",
    "cv2.{resize,cvtColor,GaussianBlur,flip,rotate,dnn.blobFromImage}()",
)
"""Calls that give an ndarray."""
SAME_KIND = ("astype", "reshape", "transpose", "squeeze", "copy", "flatten", "ravel")
"""Methods of an ndarray that give an ndarray."""
IMAGE = "{PIL.Image.**,cv2.imread,cv2.imdecode}()"
FRAMES = "{cv2.VideoCapture().read,cv2.VideoCapture().retrieve,picamera2.Picamera2().capture_array}()"
"""What a camera gives: pixels of 8 bits, behind a flag or alone."""
FLOATS = "numpy.random.{rand,randn,random,random_sample,uniform,normal,standard_normal}()"
BLANK = "numpy.{zeros,ones,empty,linspace}()"
WRAPPERS = "numpy.{expand_dims,squeeze,transpose,reshape,stack,concatenate,ascontiguousarray,moveaxis,flip,swapaxes,repeat,tile}()"
SAME = "cv2.{resize,cvtColor,flip,rotate}()"
"""Functions that keep the dtype of the image they are given first."""
COMPUTED = "<operation>."
"""Before the methods of what arithmetic gave."""
KEEPS = ("reshape", "transpose", "squeeze", "copy", "flatten", "ravel")
DEPTH = 8


def is_array(value: Value, depth: int = 0) -> bool:
    """The value is certainly an ndarray (of one dimension or more)."""
    if depth > DEPTH:
        return False
    if value.is_(*ARRAY) is Truth.yes:
        return True
    if (operation := value.operation) is not None:
        if operation[0] == "[]":
            return is_array(operation[1], depth + 1) and _wider(operation[2])
        return any(is_array(side, depth + 1) for side in operation[1:])
    made = value.origin
    if made is not None and made.name.rpartition(".")[2] in SAME_KIND:
        return is_array(made.receiver, depth + 1)
    return False


def dtype(value: Value, depth: int = 0) -> str:
    """The NumPy dtype an array certainly has, as NumPy's promotion rules give it (NumPy 2, also 1 for these); else empty."""
    if depth > DEPTH:
        return ""
    known = value.python()
    if isinstance(known, bool):
        return ""
    if isinstance(known, float):
        return "python-float"
    if isinstance(known, int):
        return "python-int"
    if (operation := value.operation) is not None:
        if operation[0] == "[]":
            return dtype(operation[1], depth + 1)
        kinds = [_listed(side) or dtype(side, depth + 1) for side in operation[1:]]
        if value.augmented and not kinds[0].startswith("python"):
            return kinds[0] if kinds[0].startswith("float") else ""
        return _arithmetic(operation[0], *kinds) if all(kinds) else _beside_unknown(operation[1:], kinds, depth)
    made = value.origin
    if made is None or not (value.certain or made.name.startswith(COMPUTED)):
        return ""
    method = made.name.rpartition(".")[2]
    given = made.argument("dtype", 1 if method in ("array", "asarray", "zeros", "ones", "empty", "asanyarray") else None)
    if method == "astype":
        return _named(made.argument("dtype", 0))
    if made.name.removeprefix("numpy.") in _INDICES or (method in _INDICES and _ARRAYS.search(made.name)):
        return "int64"
    if not given.missing and given.python() is not None:
        return _named(given)
    if value.is_("numpy.{array,asarray,asanyarray}()") is Truth.yes:
        return _of_elements(made.argument("object", 0), depth)
    if value.is_(IMAGE) is Truth.yes:
        # Other flags read pictures of other depths as they are.
        flags = made.argument("flags", 1)
        plain = flags.missing or flags.python() in (0, 1, "cv2.IMREAD_COLOR", "cv2.IMREAD_GRAYSCALE")
        return "uint8" if plain and value.is_("cv2.{imread,imdecode}()") is Truth.yes else ""
    if value.is_(FRAMES) is Truth.yes:
        return "uint8"
    if value.is_("numpy.float32()") is Truth.yes:
        return "float32"
    if value.is_(FLOATS, BLANK) is Truth.yes:
        return "float64" if not made.open else ""
    if value.is_(WRAPPERS) is Truth.yes:
        first = made.argument("a", 0)
        found = {dtype(item, depth + 1) for item in first.items} if first.items else {dtype(first, depth + 1)}
        return found.pop() if len(found) == 1 else ""
    if value.is_(SAME) is Truth.yes:
        return dtype(made.argument("src", 0), depth + 1)
    if method in KEEPS:
        return dtype(made.receiver, depth + 1)
    return ""


def _listed(side: Value) -> str:
    """The dtype that NumPy gives a list or tuple of numbers beside an array: it is no weak number, but an array of its own."""
    known = side.python()
    if not isinstance(known, (list, tuple)) or not known or any(isinstance(item, bool) for item in known):
        return ""
    if all(isinstance(item, int) for item in known):
        return "int64"
    return "float64" if all(isinstance(item, (int, float)) for item in known) else ""


def _beside_unknown(sides: Sequence[Value], kinds: Sequence[str], depth: int) -> str:
    """The dtype of arithmetic where that of one operand is unknown: real numbers and arrays leave a float64 array what it is; tensors of
    other libraries make it one of theirs."""
    for side, kind, other in zip(sides, kinds, reversed(sides), strict=True):
        if kind == "float64" and is_array(side, depth + 1) and (is_array(other, depth + 1) or not _TENSORS.search(side.file.text)):
            return "float64"
    return ""


_TENSORS = re.compile(r"^\s*(?:import|from) (?:tensorflow|keras|torch|jax|mxnet|cupy)\b", re.MULTILINE)


def _of_elements(source: Value, depth: int) -> str:
    if source.is_(IMAGE, "{PIL.Image.**,**.load_img}()") is Truth.yes:
        return "uint8"
    if (inner := dtype(source, depth + 1)) and not inner.startswith("python"):
        return inner
    known = source.python()
    if isinstance(known, (list, tuple)):
        flat = list(known)
        while flat and isinstance(flat[0], (list, tuple)):
            flat = [item for row in flat if isinstance(row, (list, tuple)) for item in row]
        if flat and all(isinstance(item, (int, float)) for item in flat) and any(isinstance(item, float) for item in flat):
            return "float64"
    kinds = set(_leaves(source, 0))
    return "float64" if "float" in kinds and kinds <= {"float", "int"} else ""


def _leaves(value: Value, depth: int) -> Iterator[str]:
    """The kinds of the numbers in lists of lists: ``float``, ``int``, empty for what is not known."""
    items = value.items if value.exact and depth < DEPTH else None
    if items:
        for item in items:
            yield from _leaves(item, depth + 1)
        return
    known, node = value.python(), value.node
    if isinstance(known, (int, float)):
        yield "float" if isinstance(known, float) else "int"
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("float", "int", "len"):
        yield "float" if node.func.id == "float" else "int"
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        yield _field(value.file, node.value, node.attr)
    else:
        yield ""


def _field(file: PythonFile, name: ast.Name, attribute: str) -> str:
    """The kind of a field of pydantic's or a dataclass, of a parameter that is annotated with it: ``row.age`` of ``row: Row``."""
    around = [
        n
        for n in file.shape.nodes
        if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.lineno <= name.lineno <= (n.end_lineno or 0)
    ]
    given = [a.annotation for n in around[-1:] for a in (*n.args.args, *n.args.kwonlyargs) if a.arg == name.id]
    if len(given) != 1 or not isinstance(given[0], ast.Name):
        return ""
    wanted = given[0].id
    classes = [n for one in (file, *file.imports) for n in one.shape.tree.body if isinstance(n, ast.ClassDef) and n.name == wanted]
    kinds = [
        ast.unparse(n.annotation)
        for each in classes
        for n in each.body
        if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name) and n.target.id == attribute
    ]
    return kinds[0] if len(kinds) == 1 and kinds[0] in ("float", "int") else ""


def _named(value: Value) -> str:
    text = value.text or value.name
    if text in ("float", "numpy.float64", "numpy.double", "float64", "d", "f8"):
        return "float64"
    return text.rpartition(".")[2] if text and value.certain else ""


def _arithmetic(operator: str, left: str, right: str) -> str:
    if "float64" in (left, right):
        other = left if right == "float64" else right
        return "float64" if other else ""
    kinds = {left, right}
    if kinds == {"float32", "int64"} or (kinds == {"uint8", "int64"} and operator == "/"):
        return "float64"
    if kinds == {"uint8", "python-float"} or (kinds == {"uint8", "python-int"} and operator == "/"):
        return "float64"
    if kinds <= {"float32", "python-float", "python-int"} and "float32" in kinds:
        return "float32"
    return ""


_SESSION = "onnxruntime.InferenceSession().run()"
_KERAS = "{tensorflow.keras,keras,tf_keras}.**().predict()"
_NUMBERS = matcher(
    "numpy.{exp,log,sqrt,abs,clip,maximum,minimum,max,min,amax,amin,sum,mean,squeeze,sort,round}", "scipy.special.{softmax,expit}"
)
"""Functions that give float32 numbers or arrays of those that they are given."""
_INDICES = frozenset({"argmax", "argmin", "argsort"})
_ARRAYS = re.compile(r"(?:^numpy\.\w+\(\)|\.as_numpy\(\)|^<operation>)[^(]*(?:\(\)[^(]*)*$")
"""Names of what certainly are arrays' methods."""
_NUMBER_METHODS = frozenset({"max", "min", "sum", "mean", "squeeze", "reshape", "flatten", "ravel", "transpose", "copy", "round"})
_TENSOR = re.compile(r"(?!.*\.(?:double|long|int|bool|argmax|argsort|topk)\b)torch\..*\(\)(?:\.\w+\(\)|\[\])*")


def computed(value: Value, raw: Callable[[Value], bool] = lambda value: False, depth: int = 0) -> str:
    """``float32`` or ``int64`` for what is certainly a number or an array of NumPy's that was computed of a network's output; else empty.
    `raw` says of an output itself (the call that gave it) that its elements are float32: they may be texts, or dictionaries."""
    if depth > 2 * DEPTH:
        return ""
    if len(value.options) > 1:
        kinds = {computed(option, raw, depth + 1) for option in value.options}
        return kinds.pop() if len(kinds) == 1 else ""
    if (operation := value.operation) is not None:
        operator, left, right = operation
        if operator == "[]":
            kind = computed(left, raw, depth + 1)
            return kind or ("float32" if _output(value, depth) and raw(value) else "")
        kinds = {_operand(side, raw, depth + 1) for side in (left, right)} - {"number"}
        return "float32" if kinds == {"float32"} else ""
    made = value.origin
    if made is None:
        return ""
    name, method = made.name, made.name.rpartition(".")[2]
    bound = "(" in name or name.startswith(COMPUTED)
    of = made.receiver if bound else made.arguments[0] if made.arguments else value
    if value.is_(_KERAS) is Truth.yes:
        return "float32"
    if method == "numpy" and bound and _TENSOR.fullmatch(name.rpartition(".")[0]) and "float64" not in value.file.text:
        return "float32"
    if not (bound and method in (_NUMBER_METHODS | _INDICES)) and not (_NUMBERS(name) or name.removeprefix("numpy.") in _INDICES):
        return "" if method != "astype" or _named(made.argument("dtype", 0)) not in ("float32", "float16") else "float32"
    if not made.argument("dtype").missing:
        return ""
    kind = _operand(of, raw, depth + 1)
    return "int64" if kind and method in _INDICES else kind


def _operand(value: Value, raw: Callable[[Value], bool], depth: int) -> str:
    """The same of what is computed with: there an output's elements are numbers."""
    known = value.python()
    if isinstance(known, (int, float)) and not isinstance(known, bool):
        return "number"
    return computed(value, raw, depth) or ("float32" if _output(value, depth) else "")


def _output(value: Value, depth: int) -> bool:
    """One of what a session gave, or an element of that."""
    while depth < 3 * DEPTH and (operation := value.operation) is not None and operation[0] == "[]":
        value, depth = operation[1], depth + 1
        if value.is_(_SESSION) is Truth.yes:
            return True
    return value.name == _SESSION + "[]"


def shape(value: Value, depth: int = 0) -> tuple[int | None, ...] | None:
    """The sizes an array certainly has, None for one that is not known; None if not even their number is."""
    if depth > DEPTH:
        return None
    if (tokens := one_of(value)) is not None:
        return (None, tokens.length) if tokens.tensors == "np" else None
    if (joined := _joined(value)) is not None and joined.exact and joined.items:
        rows = {shape(item, depth + 1) for item in joined.items}
        row = rows.pop() if len(rows) == 1 else None
        return (len(joined.items), *row) if row is not None else None
    if (seen := picture(value)) is not None:
        return None if seen.pil else tuple(_size(seen, axis) for axis in seen.axes)
    if (operation := value.operation) is not None:
        if operation[0] == "[]":
            return _indexed(shape(operation[1], depth + 1), operation[2])
        left, right = (shape(side, depth + 1) for side in operation[1:])
        scalar = isinstance(operation[2].python(), (int, float))
        return left if scalar or left == right else None
    made = value.origin
    if made is None or made.open:
        return None
    name, method = made.name, made.name.rpartition(".")[2]
    first = made.arguments[0] if made.arguments else None
    if name in ("numpy.zeros", "numpy.ones", "numpy.empty", "numpy.full"):
        return _sizes(made.argument("shape", 0).python())
    if name in ("numpy.random.rand", "numpy.random.randn"):
        return _sizes([argument.python() for argument in made.arguments])
    if name in ("numpy.random.random", "numpy.random.random_sample", "numpy.random.uniform", "numpy.random.normal"):
        return _sizes(made.argument("size", 2 if method in ("uniform", "normal") else 0).python())
    if name in ("numpy.array", "numpy.asarray") and first is not None:
        return _nested(first) or shape(first, depth + 1)
    if name == "numpy.expand_dims" and first is not None:
        inner, axis = shape(first, depth + 1), made.argument("axis", 1).python()
        return (1, *inner) if inner is not None and axis == 0 else (*inner, 1) if inner is not None and axis == -1 else None
    if name in ("numpy.float32", "numpy.ascontiguousarray") and first is not None:
        return shape(first, depth + 1)
    if method == "reshape":
        sizes = [argument.python() for argument in made.arguments]
        wanted = _sizes(sizes[0] if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else sizes)
        return tuple(None if size == -1 else size for size in wanted) if wanted is not None and "(" in name else None
    if method in ("astype", "copy") and "(" in name:
        return shape(made.receiver, depth + 1)
    return None


def _joined(value: Value) -> Value | None:
    """The list whose arrays `numpy.stack` puts on top of each other."""
    made = value.origin
    stacked = made is not None and made.name == "numpy.stack" and made.argument("axis", 1).missing
    listed = made.argument("arrays", 0) if made is not None and stacked else None
    return listed if listed is not None and listed.items is not None and listed.entries is None else None


def batched(value: Value, depth: int = 0) -> Value | None:
    """The list, of a length that only shows when the program runs, with an element of which each row of a batch is made; None where rows
    are made otherwise, or nobody can tell."""
    if depth > DEPTH:
        return None
    if (operation := value.operation) is not None and operation[0] != "[]":
        sides = [batched(side, depth + 1) for side in operation[1:]]
        return next((side for side in sides if side is not None), None)
    made = value.origin
    if made is None or made.open:
        return None
    method = made.name.rpartition(".")[2]
    if ("(" in made.name and method in ("astype", "copy")) or (made.name.startswith(COMPUTED) and method in ("astype", "copy")):
        return batched(made.receiver, depth + 1)
    if made.name in ("numpy.ascontiguousarray", "numpy.float32"):
        return batched(made.arguments[0], depth + 1) if made.arguments else None
    if made.name in ("numpy.stack", "numpy.vstack", "numpy.concatenate", "numpy.array", "numpy.asarray") and made.arguments:
        listed = made.arguments[0]
        if not made.argument("axis", 1 if method in ("stack", "concatenate") else None).missing:
            return None
        if listed.items and listed.entries is None and not listed.exact and listed.name == "[]":
            return listed
        return batched(listed, depth + 1)
    return None


def _size(seen: Picture, axis: str) -> int | None:
    if axis == "C":
        return 3 if seen.order in ("RGB", "BGR") else 1 if seen.order == "L" else None
    return seen.size[0] if axis == "H" else seen.size[1] if axis == "W" else None


def _sizes(known: object) -> tuple[int | None, ...] | None:
    if isinstance(known, int) and not isinstance(known, bool):
        return (known,)
    if isinstance(known, (list, tuple)) and known and all(isinstance(n, int) for n in known):
        return tuple(known)
    return None


def _nested(value: Value) -> tuple[int | None, ...] | None:
    """The shape of lists of numbers."""
    sizes: list[int | None] = []
    while value.items is not None and value.exact and value.items and value.entries is None:
        sizes.append(len(value.items))
        value = value.items[0]
    return tuple(sizes) if sizes and isinstance(value.python(), (int, float)) else None


def _indexed(inner: tuple[int | None, ...] | None, key: Value) -> tuple[int | None, ...] | None:
    known = key.python()
    if inner is None:
        return None
    if known is None or known == "numpy.newaxis":
        return (1, *inner)
    if key.name == "()" and key.items:
        first, rest = key.items[0].python(), key.items[1:]
        return (1, *inner) if (first is None or first == "numpy.newaxis") and all(map(_whole, rest)) else None
    return inner[1:] if isinstance(known, int) and not isinstance(known, bool) else None


def _wider(key: Value) -> bool:
    """Whether an index gives an array whatever it is taken from: it adds a dimension."""
    keys = key.items if key.name == "()" and key.items else (key,)
    return any(each.python() == "numpy.newaxis" or each.name in ("None", "numpy.newaxis") for each in keys)


def _whole(key: Value) -> bool:
    """``:`` or ``...``"""
    return key.python() is ... or (key.name == "slice()" and [bound.python() for bound in key.items or ()] == [None] * 3)
