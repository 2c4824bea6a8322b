"""The text form of a model: what ``deplint inspect`` prints, what reader tests compare, what a rule's examples are written in.

One thing a line, most of it optional::

    model onnx ir=10 opset=20 producer=pytorch version="2.9.1"
    file net.onnx.data
    metadata author="a name"
    signature serving_default (image=serving_image float32[?,8,8,3]) -> (probs=Identity float32[?,2])
    graph main
      input images float32[batch,3,224,224]
      weight w float32[64,3,7,7] external=net.onnx.data
      weight axes int64[2]{2,3}
      op Conv c1 (images, w) -> (y float32[batch,64,112,112]) kernel_shape=[7,7] auto_pad=SAME_UPPER
      op If choose (flag) -> (z)
        then_branch: graph
          op com.microsoft.FusedGemm (y) -> (z1)
          output z1
      op ReduceMean (z, axes) -> (r)
      output r float32[batch,64]
    function local.Swish
      input x
      op Sigmoid (x) -> (s)
      op Mul (x, s) -> (y)
      output y
    layer dense_1 Dense module=keras.layers {units: 10, activation: relu}

**Lines.** ``model`` comes first and needs only the format. ``size=`` is the bytes of the file, ``tags=[serve]`` the tags; opsets of
domains other than ai.onnx are written ``opset={"": 20, com.microsoft: 1}``. ``graph``, ``function`` and ``training`` open a graph, and
what follows belongs to it; without one, it belongs to a graph without a name. Indentation matters in one place: a nested graph
(``attribute: graph name``) belongs to the operator above it, and what is indented further belongs to the nested graph. ``#`` after a blank
begins a comment.

**Graphs.** ``input``, ``output``, ``weight`` (a tensor whose bytes are stored) and ``tensor`` (any other) name a tensor and may describe
it; so may an operator's outputs. An operator is ``op [domain.]type[@version] [name] (inputs) -> (outputs) attributes``; a custom one of
TFLite has the domain ``custom``; an omitted optional input is ``""``. Attributes whose names begin with ``_`` (TensorFlow's notes to
itself) are read but not written.

**Tensors.** ``float32[1,batch,?]`` is a dtype and sizes: a number, a symbol, unknown; ``[]`` is a scalar; without brackets (or with
``[*]``) even the rank is unknown; ``?`` is an unknown dtype. ``{...}`` gives the values of a small tensor. ``quant(0.5, 3)`` is a scale and
a zero point, ``quant([0.5,0.25], [0,0], axis=0)`` one for each slice; ``scheme=`` names any but affine. ``traits(color=RGB)`` is what a
model says of a tensor besides. Of a weight, ``size=`` is the
stored bytes where they are not those of its shape, ``external=`` the file they are in, ``problem=`` why they cannot be read. Offsets are
not written.

**Values.** Numbers, ``true``, ``false``, ``none``, strings (quoted as in JSON, or bare: ``SAME_UPPER``), ``b"bytes"``, lists, shapes
``(1,?,3)``, tensors ``int64[2]{2,3}``, ``{key: value}``, and ``@name`` for what only a function's caller gives. Names are bare or quoted,
too.

**Abbreviation.** A long list or string is written as its beginning and ``... 60 more``. It reads back with its last shown element
repeated, so that sizes are kept and contents are not.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from deplint.model import Dim, Graph, Layer, Model, Op, Quant, Ref, Signature, Stored, Tensor, Unreadable

SHOWN_LIST, LONGEST_LIST = 8, 16
"""Elements shown of a list longer than the second number."""

SHOWN_TEXT, LONGEST_TEXT = 100, 200
"""Characters shown of a string, bytes shown of bytes, longer than the second number."""

SHOWN_VALUES = 8
"""Elements up to which a stored tensor's values are shown."""

MAX_MORE = 1 << 20
MAX_DEPTH = 100
"""Bounds on what a text may ask for: elements not shown, values or graphs within each other."""

_CODES = {
    "bool": "B", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q",
    "float16": "e", "float32": "f", "float64": "d",
}  # fmt: skip
"""dtype -> `struct` code, where values are shown."""

_BLANK = re.compile(r"\s*")
_NAME = re.compile(r"""(?!->)[^\s,()\[\]{}="'#][^\s,()\[\]{}="']*""")
_KEY = re.compile(r"""[^\s,()\[\]{}="'#:@]+""")
_TYPE_PART = re.compile(r"""[^\s,()\[\]{}="'#:@.]+""")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|inf\b|nan\b)")
_DTYPE = re.compile(r"(\?|[a-z][a-z0-9]*)(?=[\[\s,)]|$)")
_TENSOR = re.compile(r"(?:\?|[a-z][a-z0-9]*)\[")
_UNKNOWN = re.compile(r"\?(?!\[)")
_MORE = re.compile(r"\.\.\. (\d+) more")
_CONSTANTS = {"true": True, "false": False, "none": None, "null": None}
_RESERVED = {*_CONSTANTS, "inf", "nan"}


def format_model(model: Model) -> str:
    """The text form of `model`."""
    return "\n".join(_model_lines(model)) + "\n"


def parse_model(text: str, path: str = "model.txt") -> Model:
    """The model that `text` describes, as if read from `path`.

    Raises:
        Unreadable: a line is not of this form; the message names the line.
    """
    return _Parser(path).parse(text)


# Writing


def _model_lines(model: Model) -> Iterator[str]:
    opset: Any = model.opsets[""] if list(model.opsets) == [""] else model.opsets or None
    facts = {
        "ir": model.ir_version,
        "opset": opset,
        "producer": model.producer or None,
        "version": model.producer_version or None,
        "tags": model.tags or None,
        "size": model.size or None,
    }
    yield " ".join([f"model {_name(model.format)}", *_pairs({k: v for k, v in facts.items() if v is not None})])
    yield from (f"file {_name(path)}" for path in model.files)
    yield from (f"metadata {pair}" for pair in _pairs(model.metadata))
    for signature in model.signatures.values():
        method = [f"method={_value(signature.method)}"] if signature.method else []
        inputs, outputs = _arguments(signature.inputs), _arguments(signature.outputs)
        yield " ".join([f"signature {_name(signature.name)} ({inputs}) -> ({outputs})", *method])
    for graph in model.graphs:
        yield f"{graph.kind} {_name(graph.name)}" if graph.name else graph.kind
        yield from _graph_lines(graph, "  ")
    for layer in model.layers:
        module = [f"module={_value(layer.module)}"] if layer.module else []
        config = [_value(layer.config)] if layer.config else []
        yield " ".join([f"layer {_name(layer.name)} {_name(layer.class_name)}", *module, *config])


def _arguments(tensors: Mapping[str, Tensor]) -> str:
    return ", ".join(
        " ".join(filter(None, [_name(key) if t.name == key else f"{_name(key)}={_name(t.name)}", _description(t)]))
        for key, t in tensors.items()
    )


def _graph_lines(graph: Graph, indent: str) -> Iterator[str]:
    # A tensor is described once, where a reader would look for it first.
    described: set[str] = {t.name for t in graph.weights}

    def once(name: str) -> str:
        if name in described:
            return _name(name)
        described.add(name)
        return " ".join(filter(None, [_name(name), _description(graph.tensor(name))]))

    yield from (f"{indent}input {once(name)}" for name in graph.inputs)
    yield from (f"{indent}weight {_weight(tensor)}" for tensor in graph.weights)
    produced = {name for op in graph.ops for name in op.outputs}
    for name, tensor in graph.tensors.items():
        if name not in produced and name not in graph.outputs and name not in described and _description(tensor):
            yield f"{indent}tensor {once(name)}"
    results = set(graph.outputs) - described
    described |= results
    for op in graph.ops:
        version = f"@{op.version}" if op.version is not None else ""
        domain = f"{_part(op.domain, _KEY)}." if op.domain else ""
        parts = [f"op {domain}{_part(op.type, _TYPE_PART)}{version}"]
        parts += [_name(op.name)] if op.name else []
        parts += [f"({', '.join(map(_name, op.inputs))})"] if op.inputs else []
        parts += [f"-> ({', '.join(map(once, op.outputs))})"] if op.outputs else []
        yield indent + " ".join([*parts, *_pairs({k: v for k, v in op.attributes.items() if not k.startswith("_")})])
        for key, nested in op.graphs.items():
            yield f"{indent}  {_part(key, _KEY)}: graph" + (f" {_name(nested.name)}" if nested.name else "")
            yield from _graph_lines(nested, indent + "    ")
    described -= results
    yield from (f"{indent}output {once(name)}" for name in graph.outputs)


def _description(tensor: Tensor) -> str:
    """dtype, shape, quantization and traits; empty where nothing is known."""
    kind = _type(tensor)
    return " ".join(filter(None, ["" if kind == "?" else kind, _quant(tensor.quant), _traits(tensor)]))


def _traits(tensor: Tensor) -> str:
    return f"traits({', '.join(_pairs(tensor.traits))})" if tensor.traits else ""


def _type(tensor: Tensor) -> str:
    if tensor.shape is None:
        return tensor.dtype or "?"
    return f"{tensor.dtype or '?'}[{','.join(map(_dim, tensor.shape))}]"


def _dim(dim: Dim) -> str:
    return "?" if dim is None else str(dim) if isinstance(dim, int) else dim if _is_word(dim) else _quote(dim)


def _quant(quant: Quant | None) -> str:
    if quant is None:
        return ""

    def numbers(values: Sequence[float]) -> str:
        return _value(values[0] if len(values) == 1 and quant.axis is None else list(values))

    parts = [numbers(quant.scale)] + ([numbers(quant.zero_point)] if quant.zero_point else [])
    parts += [f"axis={quant.axis}"] if quant.axis is not None else []
    parts += [f"scheme={_value(quant.scheme)}"] if quant.scheme != "affine" else []
    return f"quant({', '.join(parts)})"


def _weight(tensor: Tensor) -> str:
    stored = tensor.stored
    assert stored is not None
    facts: dict[str, Any] = {}
    if stored.nbytes != (tensor.nbytes or 0):
        facts["size"] = stored.nbytes
    if stored.external:
        facts["external"] = stored.path
    if stored.problem:
        facts["problem"] = stored.problem
    kind = _type(tensor) + _values(tensor)
    return " ".join(filter(None, [_name(tensor.name), "" if kind == "?" else kind, _quant(tensor.quant), _traits(tensor), *_pairs(facts)]))


def _values(tensor: Tensor) -> str:
    """``{...}`` for a small tensor whose stored values can be read."""
    stored, code, count = tensor.stored, _CODES.get(tensor.dtype), tensor.elements
    if stored is None or stored.problem or tensor.data is None or code is None or not count or count > SHOWN_VALUES:
        return ""
    try:
        values = struct.unpack(f"<{count}{code}", tensor.bytes(tensor.nbytes or 0))
    except (struct.error, Unreadable):
        return ""
    return "{" + ",".join(map(_value, values)) + "}"


def _pairs(values: Mapping[str, Any]) -> Iterator[str]:
    return (f"{_part(str(key), _KEY)}={_value(value)}" for key, value in values.items())


def _value(value: Any, depth: int = 0) -> str:
    if depth > MAX_DEPTH:
        return _quote("...")
    if isinstance(value, Ref):
        return f"@{_name(value)}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "none"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, str):
        if _is_word(value) and len(value) <= LONGEST_TEXT:
            return value
        return _quote(_shown(value, SHOWN_TEXT, LONGEST_TEXT)) + _more(value, SHOWN_TEXT, LONGEST_TEXT)
    if isinstance(value, bytes):
        shown = _shown(value, SHOWN_TEXT, LONGEST_TEXT).decode("latin-1")
        return f"b{json.dumps(shown)}" + _more(value, SHOWN_TEXT, LONGEST_TEXT)
    if isinstance(value, Tensor):
        return (f"{value.dtype or '?'}[*]" if value.shape is None else _type(value)) + _values(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_part(str(k), _KEY)}: {_value(v, depth + 1)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple):
        return "(" + ",".join("?" if v is None else _value(v, depth + 1) for v in value) + ")"
    if isinstance(value, list):
        elements = [_value(v, depth + 1) for v in _shown(value, SHOWN_LIST, LONGEST_LIST)]
        return f"[{','.join(elements)}{_more(value, SHOWN_LIST, LONGEST_LIST)}]"
    return str(value) if isinstance(value, int) else _quote(str(value))


Cut = TypeVar("Cut", str, bytes, list[Any])


def _shown(value: Cut, shown: int, longest: int) -> Cut:
    return value[:shown] if len(value) > longest else value


def _more(value: Sequence[Any], shown: int, longest: int) -> str:
    return f" ... {len(value) - shown} more" if len(value) > longest else ""


def _float(value: float) -> str:
    """The shortest form that reads back as the same float32 if `value` is one (models store float32), else as the same float."""
    try:
        if struct.unpack("<f", struct.pack("<f", value))[0] == value:
            for digits in range(6, 10):
                short = float(f"{value:.{digits}g}")
                if struct.unpack("<f", struct.pack("<f", short))[0] == value:
                    return repr(short)
    except OverflowError:  # beyond float32
        pass
    return repr(value)


def _is_word(text: str) -> bool:
    return _WORD.fullmatch(text) is not None and text not in _RESERVED


def _part(text: str, bare: re.Pattern[str]) -> str:
    return text if bare.fullmatch(text) and text.isprintable() else _quote(text)


def _name(text: str) -> str:
    return _part(text, _NAME)


def _quote(text: str) -> str:
    """A JSON string; all ASCII where a terminal would not show the characters as they are."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


# Reading


class _Line:
    """One line, and how far it has been read."""

    def __init__(self, text: str, path: str) -> None:
        self.text, self.path = text, path
        self.pos = 0
        self.skip()

    def skip(self) -> None:
        match = _BLANK.match(self.text, self.pos)
        assert match
        self.pos = match.end()

    def done(self) -> bool:
        """True at the line's end, or at a comment."""
        return self.pos == len(self.text) or (self.text[self.pos] == "#" and (self.pos == 0 or self.text[self.pos - 1].isspace()))

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.text, self.pos)
        if match:
            self.pos = match.end()
            self.skip()
        return match

    def has(self, mark: str) -> bool:
        """Read `mark` if it is next."""
        if not self.text.startswith(mark, self.pos):
            return False
        self.pos += len(mark)
        self.skip()
        return True

    def expect(self, mark: str) -> None:
        if not self.has(mark):
            raise self.error(f"expected {mark}")

    def error(self, what: str) -> Unreadable:
        rest = self.text[self.pos :]
        return Unreadable(f"{what} at column {self.pos + 1}, where there is {rest[:20]!r}" if rest else f"{what} at the end")

    def name(self, bare: re.Pattern[str] = _NAME) -> str:
        if self.text.startswith('"', self.pos):
            return self.string()
        match = self.take(bare)
        if match is None:
            raise self.error("expected a name")
        return match[0]

    def string(self) -> str:
        match = self.take(_STRING)
        try:
            return str(json.loads(match[0] if match else ""))
        except ValueError:
            raise self.error("expected a string as in JSON") from None

    def optional_name(self) -> str:
        """A name that is not the key of a pair; empty if there is none."""
        start = self.pos
        if self.done() or (self.text[start] != '"' and not _NAME.match(self.text, start)):
            return ""
        name = self.name()
        if self.text.startswith("=", self.pos):
            self.pos = start
            return ""
        return name

    def many(self, item: Callable[[], Any], end: str) -> list[Any]:
        """Items up to `end`, with commas between them. ``... 60 more`` repeats the last."""
        items: list[Any] = []
        while not self.has(end):
            if items:
                if self.more(items):
                    self.expect(end)
                    break
                self.expect(",")
            items.append(item())
        return items

    def more(self, items: list[Any]) -> bool:
        match = self.take(_MORE)
        if match:
            if int(match[1]) > MAX_MORE:
                raise self.error(f"more than {MAX_MORE:,} elements")
            items.extend(items[-1:] * int(match[1]))
        return match is not None

    def names(self) -> list[str]:
        return self.many(self.name, ")") if self.has("(") else []

    def pairs(self) -> dict[str, Any]:
        """``key=value`` up to the line's end."""
        pairs: dict[str, Any] = {}
        while not self.done():
            key = self.name(_KEY)
            self.expect("=")
            pairs[key] = self.value()
        return pairs

    def value(self, depth: int = 0) -> Any:
        if depth > MAX_DEPTH:
            raise self.error(f"values nested deeper than {MAX_DEPTH}")

        def inner() -> Any:
            return self.value(depth + 1)

        if self.has("["):
            return self.many(inner, "]")
        if self.has("("):
            return tuple(self.many(lambda: None if self.take(_UNKNOWN) else inner(), ")"))
        if self.has("{"):
            return dict(self.many(lambda: self.entry(inner), "}"))
        if self.has("@"):
            return Ref(self.name())
        if self.text.startswith('b"', self.pos):
            self.pos += 1
            try:
                return self.repeated(self.string().encode("latin-1"))
            except UnicodeEncodeError:
                raise self.error("bytes beyond \\u00ff") from None
        if self.text.startswith('"', self.pos):
            return self.repeated(self.string())
        number = self.take(_NUMBER)
        if number:
            return float(number[0]) if re.search(r"[.eEn]", number[0]) else int(number[0])
        if _TENSOR.match(self.text, self.pos):
            return self.tensor("")
        word = self.take(_WORD)
        if word is None:
            raise self.error("expected a value")
        return _CONSTANTS.get(word[0], word[0])

    def entry(self, inner: Callable[[], Any]) -> tuple[str, Any]:
        key = self.name(_KEY)
        self.expect(":")
        return key, inner()

    def repeated(self, text: Cut) -> Cut:
        """A string as read, its last character repeated if ``... 60 more`` follows."""
        last: list[Any] = [text[-1:]]
        return text + text[-1:] * (len(last) - 1) if self.more(last) else text

    def tensor(self, name: str) -> Tensor:
        """What describes a tensor, if anything does: dtype, shape and values, quantization, traits."""
        tensor = Tensor(name)
        dtype = self.take(_DTYPE)
        if dtype:
            tensor.dtype = dtype[1].replace("?", "")
            if self.has("["):
                tensor.shape = None if self.has("*]") else tuple(self.many(self.dim, "]"))
            if self.has("{"):
                self.fill(tensor, self.many(self.value, "}"))
        if self.has("quant("):
            tensor.quant = self.quant()
        if self.has("traits("):
            tensor.traits = dict(self.many(self.trait, ")"))
        return tensor

    def trait(self) -> tuple[str, Any]:
        key = self.name(_KEY)
        self.expect("=")
        return key, self.value()

    def dim(self) -> Dim:
        if self.has("?"):
            return None
        value = self.value()
        if isinstance(value, (int, str)):
            return value
        raise self.error("expected a size, a symbol or ?")

    def fill(self, tensor: Tensor, values: list[Any]) -> None:
        """Store `values` in `tensor`."""
        code = _CODES.get(tensor.dtype)
        if code is None or tensor.elements != len(values):
            raise self.error(f"{len(values)} values do not fill {_type(tensor)}")
        try:
            raw = struct.pack(f"<{len(values)}{code}", *values)
        except (struct.error, OverflowError):
            raise self.error(f"values that are no {tensor.dtype}") from None
        tensor.stored = Stored(self.path, 0, len(raw))
        tensor.data = lambda offset, size: raw[offset : offset + size]

    def quant(self) -> Quant:
        numbers: list[tuple[Any, ...]] = []
        facts: dict[str, Any] = {}

        def part() -> None:
            key = self.take(_QUANT_KEY)
            value = self.value()
            if key:
                facts[key[1]] = value
            else:
                numbers.append(tuple(value) if isinstance(value, list) else (value,))

        self.many(part, ")")
        if len(numbers) not in (1, 2):
            raise self.error("expected quant(scale, zero point)")
        return Quant(numbers[0], numbers[1] if len(numbers) > 1 else (), **facts)


_QUANT_KEY = re.compile(r"(axis|scheme)\s*=")
_OP = re.compile(
    r"""(?:(?P<domain>"(?:[^"\\]|\\.)*"|[^\s,()\[\]{}="'#:@]+)\.)?"""
    r"""(?P<type>"(?:[^"\\]|\\.)*"|[^\s,()\[\]{}="'#:@.]+)(?:@(?P<version>\d+))?(?=[\s(]|$)"""
)
_NESTED = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|[^\s,()\[\]{}="'#:@]+)(?=\s*:\s+graph\b)""")


class _Parser:
    def __init__(self, path: str) -> None:
        self.path = path
        self.model: Model | None = None
        self.open: list[tuple[int, Graph]] = []
        """The graphs that a line may belong to, each within the one before, and how far their headers are indented."""

    def parse(self, text: str) -> Model:
        for number, line in enumerate(text.split("\n"), 1):
            try:
                self.line(_Line(line.expandtabs().rstrip(), self.path))
            except Unreadable as error:
                raise Unreadable(f"line {number}: {error}") from None
        if self.model is None:
            raise Unreadable("a model begins with a line `model FORMAT`")
        return self.model

    def line(self, line: _Line) -> None:
        if line.done():
            return
        indent = line.pos
        nested = _NESTED.match(line.text, line.pos)
        word = "" if nested else line.name()
        if word == "model":
            self.model = _header(line, self.path)
        elif self.model is None:
            raise Unreadable("a model begins with a line `model FORMAT`")
        elif nested:
            self.nest(line, indent)
        elif word in _PARTS:
            _PARTS[word](line, self.graph(self.model, indent))
        elif word in ("graph", "function", "training"):
            graph = Graph(line.optional_name(), kind=word)
            self.model.graphs.append(graph)
            self.open = [(indent, graph)]
        elif word in _FACTS:
            _FACTS[word](line, self.model)
        else:
            raise Unreadable(f"a line cannot begin with {word!r}")
        if not line.done():
            raise line.error("expected nothing more")

    def graph(self, model: Model, indent: int) -> Graph:
        """The graph that a line belongs to."""
        if not self.open:
            model.graphs.append(Graph())
            self.open = [(indent, model.graphs[-1])]
        while len(self.open) > 1 and indent <= self.open[-1][0]:
            self.open.pop()
        return self.open[-1][1]

    def nest(self, line: _Line, indent: int) -> None:
        assert self.model
        ops = self.graph(self.model, indent).ops
        if not ops:
            raise line.error("a nested graph belongs to the operator above it, and there is none")
        if len(self.open) > MAX_DEPTH:
            raise line.error(f"graphs nested deeper than {MAX_DEPTH}")
        key = line.name(_KEY)
        line.expect(":")
        line.expect("graph")
        graph = Graph(line.optional_name())
        ops[-1].graphs = {**ops[-1].graphs, key: graph}
        self.open.append((indent, graph))


def _header(line: _Line, path: str) -> Model:
    model = Model(path, line.name())
    for key, value in line.pairs().items():
        if key == "opset" and isinstance(value, dict):
            model.opsets = value
        elif key == "opset":
            model.opsets = {"": value}
        elif key in _HEADER:
            setattr(model, _HEADER[key], value)
        else:
            raise line.error(f"a model has no {key!r}")
    return model


_HEADER = {"ir": "ir_version", "producer": "producer", "version": "producer_version", "tags": "tags", "size": "size"}


def _describe(line: _Line, graph: Graph, name: str) -> Tensor:
    """Read what describes the tensor `name` of `graph` and add it to what is known."""
    found = line.tensor(name)
    tensor = graph.tensors.get(name)
    if tensor is None:
        if found != Tensor(name):
            graph.tensors[name] = found
        return found
    for key in ("dtype", "shape", "quant", "stored", "data", "traits"):
        if getattr(found, key) not in (None, "", {}):
            setattr(tensor, key, getattr(found, key))
    return tensor


def _input(line: _Line, graph: Graph) -> None:
    name = line.name()
    graph.inputs.append(name)
    _describe(line, graph, name)


def _output(line: _Line, graph: Graph) -> None:
    name = line.name()
    graph.outputs.append(name)
    _describe(line, graph, name)


def _tensor(line: _Line, graph: Graph) -> None:
    _describe(line, graph, line.name())


def _stored(line: _Line, graph: Graph) -> None:
    name = line.name()
    tensor = graph.tensors[name] = _describe(line, graph, name)
    facts = line.pairs()
    known = tensor.stored.nbytes if tensor.stored else tensor.nbytes or 0
    size, external, problem = facts.pop("size", known), facts.pop("external", None), facts.pop("problem", "")
    if facts or not isinstance(size, int):
        raise line.error("of a weight there are size=, external= and problem=")
    tensor.stored = Stored(line.path if external is None else str(external), 0, size, external is not None, str(problem))


def _op(line: _Line, graph: Graph) -> None:
    match = line.take(_OP)
    if match is None:
        raise line.error("expected an operator")
    domain, kind, version = match.groups()
    op = Op(_unquoted(kind), line.optional_name(), _unquoted(domain or ""), line.names(), index=len(graph.ops))
    op.version = int(version) if version else None

    def result() -> str:
        name = line.name()
        _describe(line, graph, name)
        return name

    op.outputs = []
    if line.has("->"):
        line.expect("(")
        op.outputs = line.many(result, ")")
    op.attributes = line.pairs()
    graph.ops.append(op)


def _unquoted(text: str) -> str:
    return _Line(text, "").string() if text.startswith('"') else text


def _file(line: _Line, model: Model) -> None:
    model.files.append(line.name())


def _metadata(line: _Line, model: Model) -> None:
    model.metadata |= {key: str(value) for key, value in line.pairs().items()}


def _signature(line: _Line, model: Model) -> None:
    signature = Signature(line.name())

    def argument() -> tuple[str, Tensor]:
        key = line.name()
        return key, line.tensor(line.name() if line.has("=") else key)

    line.expect("(")
    signature.inputs = dict(line.many(argument, ")"))
    line.expect("->")
    line.expect("(")
    signature.outputs = dict(line.many(argument, ")"))
    if line.has("method="):
        signature.method = str(line.value())
    model.signatures[signature.name] = signature


def _layer(line: _Line, model: Model) -> None:
    layer = Layer(line.name(), line.name())
    if line.has("module="):
        layer.module = str(line.value())
    if not line.done():
        config = line.value()
        if not isinstance(config, dict):
            raise line.error("expected {key: value}")
        layer.config = config
    model.layers.append(layer)


_PARTS: Mapping[str, Callable[[_Line, Graph], None]] = {
    "input": _input,
    "output": _output,
    "weight": _stored,
    "tensor": _tensor,
    "op": _op,
}
_FACTS: Mapping[str, Callable[[_Line, Model], None]] = {
    "file": _file,
    "metadata": _metadata,
    "signature": _signature,
    "layer": _layer,
}
