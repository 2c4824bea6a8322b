"""What Java and Kotlin code does with the interpreters of TensorFlow Lite: the model each is made of, and what its calls are given.

Source of what the interpreter makes of its arguments: TensorFlow Lite, ``TensorImpl.java`` and ``NativeInterpreterWrapper.java``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from deplint import Project
from deplint.apps.android import JVM, Linked, arguments, asset_model, handed, linked, number, openings, sources, streamed, written
from deplint.apps.handed import makers
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Assign, Call, Choice, Convert, Declare, Function, Index, Member, Name, Node, Operation, Other
from deplint.code.source_order import latest
from deplint.code.source_scopes import Variable
from deplint.model import BITS, Model, Tensor

INTERPRETER = "org.tensorflow.lite.{Interpreter,InterpreterApi.create}"
"""What makes an interpreter of a model, the first argument."""

TYPES = {"org.tensorflow.lite.Interpreter", "org.tensorflow.lite.InterpreterApi"}

RUN = "org.tensorflow.lite.{Interpreter(),InterpreterApi.create(),InterpreterApi()}.{run,runForMultipleInputsOutputs}"

JAVA_TYPES: Mapping[str, str] = {
    "float": "float32", "int": "int32", "byte": "byte", "long": "int64", "short": "int16", "boolean": "bool", "String": "string",
    "double": "", "char": "",
}  # fmt: skip
"""Element types of arrays -> the dtype the interpreter takes them for; ``byte`` is int8 and uint8, "" is refused."""

KOTLIN_ARRAYS: Mapping[str, str] = {
    "FloatArray": "float", "IntArray": "int", "ByteArray": "byte", "LongArray": "long", "ShortArray": "short", "BooleanArray": "boolean",
    "DoubleArray": "double", "CharArray": "char", "floatArrayOf": "float", "intArrayOf": "int", "byteArrayOf": "byte",
    "longArrayOf": "long", "shortArrayOf": "short", "booleanArrayOf": "boolean", "doubleArrayOf": "double",
}  # fmt: skip
BOXED = {"Float", "Integer", "Int", "Byte", "Long", "Double", "Short", "Boolean"}
SAME = {"order", "rewind", "clear", "flip", "also", "apply", "position", "limit", "mark", "reset"}
"""Methods that give the buffer they are called on."""

BUFFERS: Mapping[str, tuple[str, int]] = {
    "ByteBuffer": ("", 1), "FloatBuffer": ("float", 4), "IntBuffer": ("int", 4), "LongBuffer": ("long", 8), "ShortBuffer": ("short", 2),
}  # fmt: skip
SUPPORT_TYPES = {"FLOAT32": 4, "UINT8": 1, "INT32": 4, "INT8": 1, "INT64": 8}
"""``org.tensorflow.lite.DataType`` -> bytes of an element."""


@dataclass(frozen=True, eq=False)
class Given:
    """What is known of a value that an interpreter reads or fills. Of an array: `element`, the type of its elements as Java writes it, and
    `shape`, None for an unknown size. Of a buffer: `nbytes`, and `element` "" unless it is one of floats or the like."""

    made: Node
    element: str = ""
    shape: tuple[int | None, ...] | None = None
    nbytes: int | None = None
    pixels: str = ""

    @property
    def dtype(self) -> str:
        """The dtype the interpreter takes its elements for; "" if it takes them for none, or any."""
        return JAVA_TYPES.get(self.element, "")

    @property
    def words(self) -> str:
        """``float[1][1000]``, or the number of bytes."""
        if self.shape is None:
            return f"{self.nbytes:,} bytes" if self.nbytes is not None else f"a picture of {self.pixels}"
        return self.element + "".join(f"[{'' if size is None else size}]" for size in self.shape)


@dataclass(frozen=True, eq=False)
class Run:
    """One call of an interpreter whose model is known. `single` is plain ``run``; `inputs` and `outputs` are what is given by position,
    `count` the number of inputs; either is None where the code does not show it."""

    call: Call
    link: Linked
    single: bool
    inputs: Mapping[int, Node]
    outputs: Mapping[int, Node]
    count: int | None = None

    @property
    def model(self) -> Model:
        return self.link.model


@lru_cache(maxsize=64)
def interpreters(file: SourceFile, project: Project) -> Mapping[Call, Linked]:
    """The calls of a file that make an interpreter of a model the project has, with that model."""
    if file.language not in JVM or not file.mentions(r"\bInterpreter(?:Api)?\b"):
        return {}
    found = {}
    for call in file.calls(INTERPRETER):
        link = _made_of(call.argument(None, 0), project)
        if link is not None:
            found[call] = link
    return found


@lru_cache(maxsize=64)
def runs(file: SourceFile, project: Project) -> tuple[Run, ...]:
    """The calls of interpreters whose models are known."""
    if file.language not in JVM or not file.mentions(r"\brun(?:ForMultipleInputsOutputs)?\s*\("):
        return ()
    found = []
    for call in run_calls(file):
        link = model_of(call.receiver, project)
        if link is None:
            continue
        first, second = call.argument(None, 0), call.argument(None, 1)
        if call.method == "run":
            given = {0: first} if first else {}
            found.append(Run(call, link, True, given, {0: second} if second else {}, 1))
        else:
            inputs = elements_of(first)
            outputs = _entries(second, link.model)
            found.append(Run(call, link, False, dict(enumerate(inputs or ())), outputs, len(inputs) if inputs is not None else None))
    return tuple(found)


def run_calls(file: SourceFile) -> list[Call]:
    """The calls that run an interpreter: one that is made in the file, or is declared to be one."""
    found = dict.fromkeys(file.calls(RUN))
    declared = (call for call in file.calls("**.{run,runForMultipleInputsOutputs}") if call.receiver is not None)
    found.update(dict.fromkeys(call for call in declared if call.receiver is not None and call.receiver.type in TYPES))
    return sorted(found, key=lambda call: (call.span.line, call.span.column))


def model_of(node: Node | None, project: Project) -> Linked | None:
    """The model of the interpreter that `node` is, which may be made in other files and handed over."""
    if node is None:
        return None
    calls = makers(node, project)
    links = [interpreters(call.file, project).get(call) for call in calls]
    assets = {link.asset if link is not None else "" for link in links}
    if links and len(assets) == 1 and links[0] is not None:
        return links[0]
    made = any(call is not None for call, _ in node.file.meaning.flow(node))
    return None if made or arguments(node, project) else linked(node.file, project)


def _made_of(node: Node | None, project: Project) -> Linked | None:
    """The one model whose opening a value is made of."""
    named = asset_of(node, project)
    model = asset_model(named[1], named[0].file, project) if named is not None and node is not None else None
    return Linked(*named, model) if named is not None and model is not None and model.format == "tflite" else None


def asset_of(node: Node | None, project: Project, depth: int = 3) -> tuple[Call, str] | None:
    """The one asset whose opening a value is made of, and the call that names it. A parameter is made of what all calls give it, up to
    `depth` calls away."""
    if node is None or depth < 0:
        return None
    opened = openings(node.file, project)
    names: dict[str, Call] = {}
    seen: set[Node] = set()
    todo = [node]
    while todo and len(seen) < 80:
        each = todo.pop()
        if each in seen:
            continue
        seen.add(each)
        if isinstance(each, Call) and each in opened:
            asset = written(opened[each].name, project)
            found = {asset: each} if asset is not None else handed(opened[each], project)
            if found is None or opened[each].task:
                return None
            names.update(found)
            continue
        if isinstance(each, Call) and streamed(each) and each.arguments:
            asset = written(each.arguments[0].value, project)
            if asset is None:
                return None
            if asset.endswith((".tflite", ".lite")):
                names[asset] = each
            continue
        passed = arguments(each, project) if isinstance(each, Name) else []
        if passed:
            named = [asset_of(one, project, depth - 1) for one in passed]
            if None in named:
                return None
            names.update((asset, call) for call, asset in filter(None, named))
        todo += _parts(each)
    return next(((call, asset) for asset, call in names.items()), None) if len(names) == 1 else None


def _parts(node: Node) -> list[Node]:
    """What a value is made of: the variable's values, what a function of the file returns, receivers and arguments."""
    if isinstance(node, Call):
        function = node.file.meaning.local(node.callee)
        if function is not None and function.results:
            return [*function.results, *(a.value for a in node.arguments)]
        return [*([node.callee.object] if isinstance(node.callee, Member) else []), *(a.value for a in node.arguments)]
    if isinstance(node, Choice):
        return list(node.options)
    if isinstance(node, (Name, Member)):
        variable = node.file.meaning.variable(node)
        if (passed := _handed_on(node, variable)) is not None:
            return [passed]
        if variable is not None and not variable.imported and (variable.writes or isinstance(node, Name)):
            return [write.source for write in variable.writes if write.source is not None and not isinstance(write.source, Function)]
        return [node.object] if isinstance(node, Member) else []
    return []


def _handed_on(node: Name | Member, variable: Variable | None) -> Node | None:
    """What Kotlin's scope functions hand to their lambda, whose parameter `node` is: of ``stream.use { it.readBytes() }``, the stream."""
    declared = variable.node.parent if variable is not None and variable.node is not None else None
    if isinstance(declared, Declare) and declared.kind == "parameter":
        block = declared.parent
    elif variable is None and isinstance(node, Name) and node.id == "it":
        block = node.function
    else:
        return None
    call = block.parent if isinstance(block, Function) and not block.id and len(block.parameters) <= 1 else None
    return call.receiver if isinstance(call, Call) and call.method in ("use", "let", "also") and len(call.arguments) == 1 else None


# What calls are given.


def elements_of(node: Node | None) -> list[Node] | None:
    """The elements of an array that is written out."""
    node = written_out(node)
    if isinstance(node, Array) and node.exact:
        return list(node.children)
    if isinstance(node, Call) and node.method in ("arrayOf", "of") and not any(a.label for a in node.arguments):
        values = [a.value for a in node.arguments]
        return None if any(isinstance(v, Other) for v in values) else values
    return None


def written_out(node: Node | None) -> Node | None:
    """What an expression certainly is: of a variable the one expression it is ever assigned, of a call of the file's own function the one
    expression it returns."""
    for _ in range(6):
        if isinstance(node, (Name, Member)):
            variable = node.file.meaning.variable(node)
            if variable is None or (isinstance(node, Member) and not variable.writes):
                return node if isinstance(node, Member) else None
            if variable.open or variable.imported or len(variable.sources) != 1 or variable.sources[0].path != ():
                return None
            node = variable.sources[0].source
        elif isinstance(node, Call) and (function := node.file.meaning.local(node.callee)) is not None and len(function.results) == 1:
            node = function.results[0]
        else:
            break
    return node


def allocation(node: Node | None) -> Call | None:
    """The call that allocates the buffer (`java.nio`) an expression certainly is."""
    for _ in range(8):
        node = written_out(node)
        if not isinstance(node, Call):
            return None
        if _buffer_kind(node):
            return node
        if node.method not in SAME or node.receiver is None:
            return None
        node = node.receiver
    return None


def returned(node: Node | None, project: Project) -> list[Node]:
    """What a method of another file's class returns, as it is written there; empty if it may be another method."""
    call = written_out(node) if node is not None else None
    for _ in range(3):
        if isinstance(call, Call) and call.method in SAME and call.receiver is not None:
            call = written_out(call.receiver)
    if not isinstance(call, Call) or call.receiver is None or not isinstance(call.callee, Member):
        return []
    owner = (call.receiver.type or call.receiver.name.removesuffix("()")).rpartition(".")[2]
    if not owner[:1].isupper():
        return []
    declares = rf"\b(?:class|object)\s+{re.escape(owner)}\b"
    files = [file for file in sources(project) if file is not call.file and file.mentions(declares)]
    found = [each for file in files for each in file.functions if each.id == call.method and each.owner == owner]
    return found[0].results if len(files) == len(found) == 1 and len(found[0].results) == 1 else []


WRITES = "**.{put,putFloat,putInt,putLong,putShort,putDouble,putChar}"
TURNS = "**.{rewind,clear,flip,position,reset,duplicate,slice,asFloatBuffer,asIntBuffer,order,limit,compact,array,asReadOnlyBuffer}"


def calls_on(buffer: Call, *patterns: str) -> list[Call]:
    """The calls of methods on the buffer that a call allocates."""
    return [call for call in buffer.file.calls(*patterns) if call.receiver is not None and allocation(call.receiver) is buffer]


def elements(run: Call) -> list[Node]:
    """What a call of an interpreter is given as inputs."""
    first = run.argument(None, 0)
    if run.method == "run":
        return [first] if first is not None else []
    return elements_of(first) or []


def _entries(node: Node | None, model: Model) -> dict[int, Node]:
    """What a map of outputs holds, by position: written out, or put into it, also by name (``getOutputIndex``)."""
    if node is None:
        return {}
    made = written_out(node)
    pairs: list[tuple[Node | None, Node | None]] = []
    for argument in made.arguments if isinstance(made, Call) else ():
        if isinstance(argument.value, Other) and argument.value.kind == "infix_expression" and len(argument.value.children) == 2:
            pairs.append((argument.value.children[0], argument.value.children[1]))
    pairs += calls_into(made, node) or []
    positions = [(_position(key, model), value) for key, value in pairs if key is not None and value is not None]
    return {position: value for position, value in positions if position is not None}


def _position(key: Node, model: Model) -> int | None:
    """The position of an output: a number, or the place of its name."""
    if type(key.value) is int:
        return int(key.value)
    key = key.origin or key
    name = key.arguments[0].value.value if isinstance(key, Call) and key.method == "getOutputIndex" and key.arguments else None
    return next((at for at, tensor in enumerate(model.outputs) if tensor.name == name), None)


def calls_into(made: Node | None, node: Node) -> list[tuple[Node, Node]] | None:
    """What is put into a map besides what it is made with: ``m.put(0, a)``, ``m[0] = a``, on the variable `node`, or in ``apply``. None if
    some of it is not known."""
    variable = node.file.meaning.variable(node) if isinstance(node, (Name, Member)) else None
    if variable is None:
        return []
    found: list[tuple[Node, Node]] = []
    for call in node.file.calls("**.{put,putAll}"):
        if _same(call.receiver, variable) or (made is not None and call.receiver is made):
            key, value = call.argument(None, 0), call.argument(None, 1)
            if key is None or value is None:
                return None
            found.append((key, value))
    for assign in (n for n in node.file.meaning.nodes if isinstance(n, Assign) and isinstance(n.target, Index)):
        holder, *index = assign.target.children
        if _same(holder, variable) and len(index) == 1 and assign.assigned is not None:
            found.append((index[0], assign.assigned))
    return found


def origins(node: Node | None) -> list[Node]:
    """All that a value is made of, as far as the file shows: calls and what they are given, variables' values, receivers."""
    found: list[Node] = []
    todo = [node] if node is not None else []
    while todo and len(found) < 80:
        each = todo.pop()
        if each not in found:
            found.append(each)
            todo += _parts(each)
    return found


def _same(node: Node | None, variable: Variable) -> bool:
    return isinstance(node, (Name, Member)) and node.file.meaning.variable(node) is variable


def given(node: Node | None, project: Project) -> Given | None:
    """What is known of a value handed to an interpreter, if it is certainly one thing: an array or buffer made in this file, of sizes that
    may be constants of others."""
    for _ in range(4):
        node = written_out(node)
        if isinstance(node, Member) and node.attribute == "buffer":
            return _support(node.object, project)
        if not isinstance(node, Call):
            return None
        if node.method == "getBuffer" and isinstance(node.callee, Member):
            return _support(node.callee.object, project)
        if node.method not in SAME or node.receiver is None:
            return _buffer(node, project) or _array(node, project)
        node = node.receiver
    return None


def _buffer_kind(call: Call) -> str:
    """``ByteBuffer`` and its like for a call that allocates one."""
    kind, _, method = call.name.removeprefix("java.nio.").partition(".")
    return kind if kind in BUFFERS and method in ("allocateDirect", "allocate") and call.arguments else ""


def _buffer(call: Call, project: Project) -> Given | None:
    kind = _buffer_kind(call)
    if not kind:
        return None
    size = number(call.arguments[0].value, project)
    element, width = BUFFERS[kind]
    return Given(call, element, None, size * width) if size is not None else None


def _support(node: Node, project: Project) -> Given | None:
    """The buffer of a ``TensorBuffer`` of fixed size, or of a ``TensorImage``."""
    made = _now(node)
    if isinstance(made, Member) and made.attribute == "tensorBuffer":
        made = written_out(made.object)
    if not isinstance(made, Call):
        return None
    size = support_buffer(made, project)
    if size is not None:
        return Given(made, "", None, size)
    pixels = _pixels(made)
    return Given(made, pixels=pixels) if pixels else None


def _now(node: Node) -> Node | None:
    """What an expression certainly is where it stands: ``image = processor.process(image)`` changes what the variable is."""
    return written_out(latest(node) or node)


def support_buffer(made: Call, project: Project) -> int | None:
    """The bytes of a ``TensorBuffer`` of fixed size that a call makes."""
    if not made.name.endswith("TensorBuffer.createFixedSize") or len(made.arguments) != 2:
        return None
    shape, width = written_out(made.arguments[0].value), SUPPORT_TYPES.get(_support_type(made.arguments[1].value))
    sizes = [number(each, project) for each in _listed(shape)]
    known = [size for size in sizes if size is not None]
    return width * math.prod(known) if width is not None and known and len(known) == len(sizes) else None


def _listed(shape: Node | None) -> list[Node]:
    """The elements of an array of whole numbers that is written out."""
    if isinstance(shape, Call) and (shape.method in ("intArrayOf", "longArrayOf") or shape.name in ("int[]", "long[]")):
        return [argument.value for argument in shape.arguments]
    return list(shape.children) if isinstance(shape, Array) and shape.exact else []


def _support_type(node: Node) -> str:
    """``FLOAT32`` for ``DataType.FLOAT32``; a variable of the file is followed."""
    node = written_out(node) or node
    return node.attribute if isinstance(node, Member) else node.id if isinstance(node, Name) else ""


def _pixels(call: Call) -> str:
    """The dtype of the elements of a ``TensorImage``: of a new one as it says, of a processed one as its operations do."""
    if call.method == "process" and isinstance(call.callee, Member) and call.arguments:
        operations = steps(call.callee.object)
        if operations is None:
            return ""
        for operation in reversed(operations):
            if operation.name.endswith(".CastOp"):
                return _support_type(operation.arguments[0].value).lower() if operation.arguments else ""
            if operation.name.endswith(".NormalizeOp"):
                values = [argument.value.value for argument in operation.arguments]
                if len(values) != 2 or not all(isinstance(value, (int, float)) for value in values):
                    return ""
                if values not in ([0, 1], [0, 0]):
                    return "float32"
            elif not operation.name.startswith("org.tensorflow.lite.support."):
                return ""
        image = _now(call.arguments[0].value)
        return _pixels(image) if isinstance(image, Call) and image.method != "process" else ""
    if call.name.endswith("support.image.TensorImage.fromBitmap"):
        return "uint8"
    if call.name.endswith("support.image.TensorImage"):
        return _support_type(call.arguments[0].value).lower() if call.arguments else "uint8"
    return ""


def steps(node: Node) -> list[Call] | None:
    """The operations of an ``ImageProcessor`` or ``TensorProcessor`` in order; None if they are not all known."""
    built = written_out(node)
    if not isinstance(built, Call) or built.method != "build":
        return None
    found: list[Call] = []
    each: Node | None = built.receiver
    while isinstance(each, Call) and len(found) < 20:
        if each.method == "add" and each.arguments:
            operation = written_out(each.arguments[0].value)
            if not isinstance(operation, Call):
                return None
            found.append(operation)
        elif each.method == "Builder":
            return found[::-1]
        elif each.method not in ("also", "apply"):
            return None
        each = each.receiver
    return None


def _array(call: Call, project: Project) -> Given | None:
    """``new float[1][10]``, ``Array(1) { FloatArray(10) }``, ``arrayOf(floatArrayOf(...))``."""
    match = re.fullmatch(r"(\w+)((?:\[\])+)", call.name)
    if match:
        sizes = [number(a.value, project) for a in call.arguments]
        rank = match[2].count("[]")
        return Given(call, match[1], (*sizes, *[None] * (rank - len(sizes)))) if match[1] in JAVA_TYPES or match[1] in BOXED else None
    method = call.method if isinstance(call.callee, Name) else ""
    if method in KOTLIN_ARRAYS and call.arguments:
        size = len(call.arguments) if method.endswith("Of") else number(call.arguments[0].value, project)
        return Given(call, KOTLIN_ARRAYS[method], (size,))
    if method == "arrayOfNulls" and (boxed := re.match(r"arrayOfNulls<(\w+)>", call.text)) and boxed[1] in BOXED:
        return Given(call, boxed[1], (number(call.arguments[0].value, project),)) if call.arguments else None
    if method == "Array" and len(call.arguments) == 2 and isinstance(call.arguments[1].value, Function):
        results = call.arguments[1].value.results
        inner = given(results[0], project) if len(results) == 1 else None
        return _around(call, number(call.arguments[0].value, project), inner)
    if method == "arrayOf" and call.arguments:
        return _around(call, len(call.arguments), given(call.arguments[0].value, project))
    return None


def _around(call: Call, size: int | None, inner: Given | None) -> Given | None:
    return Given(call, inner.element, (size, *inner.shape)) if inner is not None and inner.shape is not None else None


def nbytes(tensor: Tensor) -> int | None:
    """Bytes of a tensor whose shape is fixed."""
    return tensor.nbytes if tensor.static and tensor.dtype in BITS else None


def shown(tensor: Tensor) -> str:
    """``float32 [1, 1001]``."""
    return f"{tensor.dtype} [{', '.join('?' if d is None else str(d) for d in tensor.shape or ())}]"


# Delegates.


def on_gpu(call: Call) -> bool:
    """The interpreter's options certainly have the GPU delegate."""
    options = call.argument("options", 1)
    if options is None:
        return False
    origin = options.origin
    if origin is None:
        return False
    chain: list[Call] = [origin]
    while chain[-1].receiver is not None and isinstance(chain[-1].receiver.origin, Call) and len(chain) < 8:
        chain.append(chain[-1].receiver.origin)
    added = [use for each in chain for use in (each, *each.uses) if use.method == "addDelegate" and use.arguments]
    given = [(use, use.arguments[0].value.origin) for use in added]
    return any(made is not None and made.name.endswith("GpuDelegate") and _runs_in(use) in (None, _runs_in(call)) for use, made in given)


def _runs_in(node: Node) -> Function | None:
    """The function that a node is part of when it runs: not the lambda of a scope function."""
    function = node.function
    while function is not None and not function.id and isinstance(function.parent, Call) and function.parent.method in SCOPES:
        function = function.parent.function
    return function


SCOPES = {"apply", "also", "let", "run", "with", "use"}
"""Kotlin's functions that run a lambda on the spot, once."""

# How pixels are scaled.


def processing(node: Node) -> Node | None:
    """The ``ImageProcessor`` that made the picture whose buffer an input is."""
    made = written_out(node)
    held = made.object if isinstance(made, Member) and made.attribute == "buffer" else None
    if isinstance(made, Call) and made.method == "getBuffer":
        held = made.receiver
    image = written_out(held)
    if isinstance(image, Member) and image.attribute == "tensorBuffer":
        image = written_out(image.object)
    return image.callee.object if isinstance(image, Call) and image.method == "process" and isinstance(image.callee, Member) else None


def scaling(node: Node, depth: int = 8) -> tuple[float, float] | None:
    """Mean and standard deviation for an expression that scales a channel of a pixel, ``((p >> 8 & 0xFF) - mean) / std``, in any of its
    spellings; None if it is none, or its numbers are not known."""
    node = written_out(node) or node
    if depth == 0:
        return None
    if isinstance(node, Convert):
        return scaling(node.operand, depth - 1)
    if isinstance(node, Call):
        if isinstance(node.callee, Member) and node.method in ("toFloat", "toInt", "toDouble") and not node.arguments:
            return scaling(node.callee.object, depth - 1)
        return (0.0, 1.0) if node.name.rpartition(".")[2] in ("red", "green", "blue") and "Color" in node.name else None
    if not isinstance(node, Operation) or len(node.children) != 2:
        return None
    left, right = node.children
    if node.operator == "&" and 255 in (left.value, right.value):
        return 0.0, 1.0
    number = right.value
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not number:
        return None
    inner = scaling(left, depth - 1)
    if inner is None:
        return None
    mean, std = inner
    if node.operator == "/":
        return mean, std * number
    if node.operator == "*":
        return mean, std / number
    return (mean + number * std, std) if node.operator == "-" else (mean - number * std, std) if node.operator == "+" else None
