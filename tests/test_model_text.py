"""The text form of models: what is written reads back, and what people write by hand is read as they mean it."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deplint.model import BITS, Graph, Layer, Model, Op, Quant, Ref, Signature, Stored, Tensor, Unreadable, text
from deplint.model.text import format_model, parse_model


def parse(body: str) -> Model:
    return parse_model(body, "net.onnx")


def again(model: Model) -> Model:
    """`model` after a round through the text form, which must be the same the second time."""
    written = format_model(model)
    result = parse_model(written, model.path)
    assert format_model(result) == written
    return result


def test_the_example_in_the_documentation() -> None:
    assert text.__doc__
    example = text.__doc__.partition("::\n")[2].partition("\n\n**")[0]
    example = re.sub("^    ", "", example.strip("\n"), flags=re.MULTILINE)
    model = parse(example)
    assert format_model(model).rstrip("\n") == example.rstrip()
    assert model.opsets == {"": 20} and model.producer_version == "2.9.1" and model.metadata == {"author": "a name"}
    assert model.signatures["serving_default"].inputs == {"image": Tensor("serving_image", "float32", (None, 8, 8, 3))}
    main, swish = model.graphs
    assert (main.kind, swish.kind, swish.name) == ("graph", "function", "local.Swish")
    conv, choose, _ = main.ops
    assert (conv.type, conv.name, conv.inputs, conv.outputs) == ("Conv", "c1", ["images", "w"], ["y"])
    assert conv.attributes == {"kernel_shape": [7, 7], "auto_pad": "SAME_UPPER"}
    assert main.tensor("y").shape == ("batch", 64, 112, 112)
    nested = choose.graphs["then_branch"]
    assert nested.ops[0].domain == "com.microsoft" and nested.outputs == ["z1"]
    weight = main.tensor("w").stored
    assert weight and weight.external and weight.path == "net.onnx.data" and weight.nbytes == 64 * 3 * 7 * 7 * 4
    assert main.tensor("axes").bytes() == (2).to_bytes(8, "little") + (3).to_bytes(8, "little")
    assert model.layers == [Layer("dense_1", "Dense", "keras.layers", {"units": 10, "activation": "relu"})]


def test_the_least_one_has_to_write() -> None:
    model = parse("model tflite\nop CONV_2D (x, w) -> (y)")
    assert (model.format, model.path, len(model.graphs)) == ("tflite", "net.onnx", 1)
    assert model.graph.ops == [Op("CONV_2D", inputs=["x", "w"], outputs=["y"])]
    assert parse("model keras\nlayer d Dense").layers == [Layer("d", "Dense")]


def test_traits_of_an_input() -> None:
    model = parse("model coreml\ninput photo image[224,?] traits(color=RGB, size=[[1,2]])\ninput x quant(0.5) traits(optional=true)")
    assert model.graph.tensor("photo") == Tensor("photo", "image", (224, None), traits={"color": "RGB", "size": [[1, 2]]})
    assert model.graph.tensor("x").traits == {"optional": True} and again(model).graph.tensors == model.graph.tensors


def test_comments_and_indentation() -> None:
    model = parse(
        """
        # a model
        model onnx opset=17   # an old one

        input x#1 float32[1]
        op Relu (x#1) -> (y)  # <-
        output y
        """
    )
    assert model.graph.inputs == ["x#1"] and model.graph.outputs == ["y"] and len(model.graph.ops) == 1
    assert parse('model onnx\nmetadata a="x # y"').metadata == {"a": "x # y"}


def test_nested_graphs_end_where_indentation_does() -> None:
    model = parse(
        """model onnx
graph main
  op Loop (n) -> (y)
    body: graph inner
      op If (c) -> (z)
        then_branch: graph
          op Relu (a) -> (b)
        else_branch: graph
          op Neg (a) -> (b)
      op Sqrt (z) -> (v)
  op Abs (y) -> (u)
graph second
  op Exp (u) -> (w)
"""
    )
    main, second = model.graphs
    assert [op.type for op in main.ops] == ["Loop", "Abs"] and [op.index for op in main.ops] == [0, 1]
    inner = main.ops[0].graphs["body"]
    assert [op.type for op in inner.ops] == ["If", "Sqrt"]
    assert {key: [op.type for op in g.ops] for key, g in inner.ops[0].graphs.items()} == {
        "then_branch": ["Relu"],
        "else_branch": ["Neg"],
    }
    assert [op.type for op in second.ops] == ["Exp"]


@pytest.mark.parametrize(
    ("line", "op"),
    [
        ("op Relu", Op("Relu")),
        ("op Relu r", Op("Relu", "r")),
        ("op Relu axis=1", Op("Relu", attributes={"axis": 1})),
        ("op Relu r axis=1", Op("Relu", "r", attributes={"axis": 1})),
        ("op Const -> (c)", Op("Const", outputs=["c"])),
        ("op Const c -> (c, c:1)", Op("Const", "c", outputs=["c", "c:1"])),
        ("op CONV_2D@3 (x)", Op("CONV_2D", inputs=["x"], version=3)),
        ("op custom.TFLite_Detection (x)", Op("TFLite_Detection", domain="custom", inputs=["x"])),
        ("op ai.onnx.ml.Scaler (x)", Op("Scaler", domain="ai.onnx.ml", inputs=["x"])),
        ('op a.b."c.d:e" "my op" ("", "a b", ^x)', Op("c.d:e", "my op", "a.b", ["", "a b", "^x"])),
        ("op Custom>Op x", Op("Custom>Op", "x")),
    ],
)
def test_operators(line: str, op: Op) -> None:
    op.inputs, op.outputs = list(op.inputs), list(op.outputs)
    model = parse(f"model onnx\n{line}")
    assert model.graph.ops == [op]
    assert again(model).graph.ops == [op]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", 1), ("-3", -3), ("1.5", 1.5), ("1e-05", 1e-5), ("inf", float("inf")), ("-inf", float("-inf")), ("true", True),
        ("false", False), ("none", None), ("SAME", "SAME"), ('"true"', "true"), ('"1"', "1"), ('""', ""), ('"a b"', "a b"), ("[]", []),
        ("[1,2.0,[x]]", [1, 2.0, ["x"]]), ("()", ()), ("(1,?,batch)", (1, None, "batch")), ('b"\\u00ff"', b"\xff"),
        ("@alpha", Ref("alpha")), ("(?[*],?)", (Tensor(""), None)),
        ("float32", "float32"), ("float32[1,?]", Tensor("", "float32", (1, None))), ("int8[*]", Tensor("", "int8")),
        ("{a: 1, b: {c: []}}", {"a": 1, "b": {"c": []}}), ("{}", {}), ("keras.layers", "keras.layers"),
        ("tensorflow/serving/predict", "tensorflow/serving/predict"), ('"\\u001b[31m"', "\x1b[31m"), ('"日本"', "日本"),
    ],
)  # fmt: skip
def test_values(written: str, value: Any) -> None:
    model = parse(f"model onnx\nop A key={written}")
    found = model.graph.ops[0].attributes["key"]
    assert found == value and type(found) is type(value)
    assert format_model(model) == f"model onnx\ngraph\n  op A key={written}\n"


def test_null_and_spaces_as_in_json() -> None:
    assert parse('model keras\nlayer d Dense {"units": 3, "bias": null, "shape": [1, 2]}').layers[0].config == {
        "units": 3,
        "bias": None,
        "shape": [1, 2],
    }


@pytest.mark.parametrize(
    ("written", "quant"),
    [
        ("quant(0.5)", Quant((0.5,))),
        ("quant(0.1, 3)", Quant((0.1,), (3,))),
        ("quant([0.5,0.25], [0,0], axis=0)", Quant((0.5, 0.25), (0, 0), 0)),
        ("quant([0.5], [1], axis=3)", Quant((0.5,), (1,), 3)),
        ("quant(0.5, scheme=blockwise)", Quant((0.5,), scheme="blockwise")),
    ],
)
def test_quantization(written: str, quant: Quant) -> None:
    model = parse(f"model tflite\ninput x int8[1] {written}\nop RELU (x) -> (y {written})")
    assert model.graph.tensor("x").quant == quant == model.graph.tensor("y").quant
    assert f"input x int8[1] {written}\n" in format_model(model) and f"(y {written})" in format_model(model)


def test_weights() -> None:
    model = parse(
        """model onnx
weight a float32[2]{0.5,-1.0}
weight b float32[2,3]
weight c ?[2] size=7
weight d int8[4] quant(0.5, 1) external="data/d.bin" problem="file is missing"
weight e bool[]{1}
weight f
"""
    )
    tensors = model.graph.tensors
    assert tensors["a"].bytes() == b"\0\0\0\x3f\0\0\x80\xbf"
    assert tensors["b"].stored == Stored("net.onnx", 0, 24)
    assert tensors["c"].stored == Stored("net.onnx", 0, 7) and tensors["c"].dtype == ""
    assert tensors["d"].stored == Stored("data/d.bin", 0, 4, True, "file is missing")
    assert tensors["e"].bytes() == b"\1"
    assert tensors["f"].stored == Stored("net.onnx", 0, 0)
    assert again(model).graph.tensors == tensors


def test_a_tensor_is_described_once() -> None:
    written = format_model(
        parse("model onnx\ninput x int8[1]\nop A (x) -> (y int8[2])\nop B (y) -> (y)\ntensor u int8[3]\noutput y\noutput x")
    )
    assert written == (
        "model onnx\ngraph\n  input x int8[1]\n  tensor u int8[3]\n  op A (x) -> (y)\n  op B (y) -> (y)\n  output y int8[2]\n  output x\n"
    )


def test_abbreviations() -> None:
    values = {"n": list(range(100)), "s": "x" * 500, "b": bytes(300), "short": list(range(16)), "long_word": "word" * 100}
    quant = Quant(tuple(i / 64 for i in range(40)), axis=0)
    model = Model("m", "onnx", graphs=[Graph(ops=[Op("A", attributes=values)], tensors={"t": Tensor("t", "int8", quant=quant)})])
    written = format_model(model)
    assert "n=[0,1,2,3,4,5,6,7 ... 92 more]" in written
    assert 's="' + "x" * 100 + '" ... 400 more' in written
    assert "short=[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]" in written
    op = again(model).graph.ops[0]
    assert {key: len(value) for key, value in op.attributes.items()} == {key: len(value) for key, value in values.items()}
    found = again(model).graph.tensors["t"].quant
    assert found and len(found.scale) == 40


def test_floats_are_as_short_as_float32_allows() -> None:
    model = Model("m", "onnx", graphs=[Graph(ops=[Op("A", attributes={"a": 0.10000000149011612, "b": 0.1, "c": 1e300, "d": 2.0})])])
    assert "op A a=0.1 b=0.1 c=1e+300 d=2.0" in format_model(model)


def test_notes_of_tensorflow_are_not_written() -> None:
    assert format_model(parse("model savedmodel\nop A _output_shapes=[(1)] T=float32")).endswith("op A T=float32\n")


def test_what_a_model_uses() -> None:
    model = parse(
        """model onnx
graph main
  input x
  op Dead (x) -> (d)
  op Condition (x) -> (c)
  op Outer (x) -> (o)
  op Inner (x) -> (i)
  op If (c) -> (y)
    then_branch: graph
      output o
    else_branch: graph
      op Nested (i) -> (n)
      output n
  op local.Call (y, ^order) -> (z) map=[g]
  op Order order
  output z
function local.Call
  op Body (a) -> (b)
function unused
  op Never (a) -> (b)
function g
  op Mapped (a) -> (b)
  op PartitionedCall (b) -> (c) f=local.Call
"""
    )
    used = [(graph.name, op.type) for graph, op in model.used()]
    main = [(name, kind) for name, kind in used if name in ("main", "")]
    assert [kind for _, kind in main] == ["Condition", "Outer", "Inner", "If", "Nested", "Call", "Order"]
    assert used[len(main) :] == [("local.Call", "Body"), ("g", "Mapped"), ("g", "PartitionedCall")]
    assert "Never" in {op.type for _, op in model.ops()}
    assert [op.type for _, op in parse("model onnx\nop A -> (a)").used()] == ["A"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "a model begins with a line `model FORMAT`"),
        ("op A", "line 1: a model begins with"),
        ("model onnx colour=red", "line 1: a model has no 'colour'"),
        ("model onnx\nlayers", "line 2: a line cannot begin with 'layers'"),
        ("model onnx\nop A (x", "line 2: expected , at the end"),
        ("model onnx\nop A (x y)", "line 2: expected , at column 9, where there is 'y)'"),
        ("model onnx\nop A -> y", "line 2: expected ( at column 9"),
        ("model onnx\nop A k", None),
        ("model onnx\nop A k v", "line 2: expected = at the end"),
        ("model onnx\nop A k=", "line 2: expected a value at the end"),
        ('model onnx\nop A k="a', "line 2: expected a string as in JSON"),
        ("model onnx\nop A k=[1 2]", "line 2: expected ,"),
        ("model onnx\ninput x float32[1] more", "line 2: expected nothing more"),
        ("model onnx\ninput x float32[1.5]", "line 2: expected a size"),
        ("model onnx\nweight x int8[2]{1}", "line 2: 1 values do not fill int8[2]"),
        ("model onnx\nweight x int8[1]{300}", "line 2: values that are no int8"),
        ("model onnx\nweight x int8[1]{a}", "line 2: values that are no int8"),
        ("model onnx\nweight x colour=red", "line 2: of a weight there are"),
        ("model onnx\n  body: graph", "line 2: a nested graph belongs to the operator above it"),
        ("model onnx\nop A k=[0 ... 99999999999 more]", "line 2: more than"),
        ("model onnx\nop A k=" + "[" * 3000, "line 2: values nested deeper"),
        ("model keras\nlayer a B [1]", "line 2: expected {key: value}"),
        ("model onnx\ninput x int8[1] quant()", "line 2: expected quant(scale, zero point)"),
    ],
)
def test_errors_name_the_line(body: str, message: str | None) -> None:
    if message is None:
        parse(body)
        return
    with pytest.raises(Unreadable) as error:
        parse(body)
    assert str(error.value).startswith(message)


def test_deep_nesting_is_refused() -> None:
    lines = ["model onnx", "op If"]
    for depth in range(300):
        lines += [" " * (2 * depth + 1) + "b: graph", " " * (2 * depth + 2) + "op If"]
    with pytest.raises(Unreadable, match="nested deeper"):
        parse("\n".join(lines))


# Whatever a reader finds can be written and read back

words = st.text(max_size=8)
names = st.text(min_size=1, max_size=8)
floats = st.floats(allow_nan=False)
dims = st.one_of(st.none(), st.integers(-1, 1000), names)
shapes = st.one_of(st.none(), st.lists(dims, max_size=4).map(tuple))
dtypes = st.sampled_from(["", *BITS, "string", "sequence"])
quants = st.builds(
    Quant,
    st.lists(floats, min_size=1, max_size=20).map(tuple),
    st.lists(st.integers(-128, 255), max_size=3).map(tuple),
    st.one_of(st.none(), st.integers(0, 3)),
    names,
)
values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**64), floats, st.text(max_size=300), st.binary(max_size=300),
        names.map(Ref), st.builds(Tensor, st.just(""), dtypes, shapes),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=20), st.lists(inner, max_size=3).map(tuple), st.dictionaries(words, inner, max_size=3)
    ),
    max_leaves=10,
)  # fmt: skip
attributes = st.dictionaries(words.filter(lambda key: not key.startswith("_")), values, max_size=3)


@st.composite
def graphs(draw: st.DrawFn, depth: int = 0) -> Graph:
    graph = Graph(draw(words), kind=draw(st.sampled_from(["graph", "function"])) if not depth else "graph")
    for name in draw(st.lists(names, unique=True, max_size=4)):
        tensor = graph.tensors[name] = Tensor(name, draw(dtypes), draw(shapes), draw(st.one_of(st.none(), quants)))
        if draw(st.booleans()):
            size = draw(st.integers(0, 100))
            tensor.stored = Stored(draw(words), 0, size, True, draw(words))
    listed = st.lists(st.one_of(names, st.sampled_from(sorted(graph.tensors) or ["x"])), max_size=3)
    graph.inputs, graph.outputs = draw(listed), draw(listed)
    for index in range(draw(st.integers(0, 3))):
        op = Op(draw(names), draw(words), draw(words), draw(listed), draw(listed), draw(attributes), index)
        op.version = draw(st.one_of(st.none(), st.integers(0, 20)))
        if depth < 2:
            op.graphs = draw(st.dictionaries(words, graphs(depth + 1), max_size=1))
        graph.ops.append(op)
    return graph


tables = st.dictionaries(words, st.builds(Tensor, names, dtypes, shapes), max_size=2)
models = st.builds(
    Model,
    st.just("m.onnx"),
    names,
    words,
    words,
    st.one_of(st.none(), st.integers(0, 20)),
    st.dictionaries(words, st.integers(0, 30), max_size=2),
    st.lists(graphs(), max_size=2),
    st.lists(st.builds(Signature, words, tables, tables, words), max_size=2).map(lambda s: {x.name: x for x in s}),
    st.lists(st.builds(Layer, words, words, words, st.dictionaries(words, values, max_size=2)), max_size=2),
    st.dictionaries(words, st.text(max_size=300), max_size=2),
    st.lists(words, max_size=2),
    st.lists(words, max_size=2),
    st.integers(0, 1 << 40),
)


@settings(max_examples=50, deadline=None)
@given(models)
def test_any_model_reads_back(model: Model) -> None:
    found = again(model)
    assert (found.format, found.producer, found.opsets, found.files, found.tags, found.size) == (
        model.format, model.producer, model.opsets, model.files, model.tags, model.size,
    )  # fmt: skip
    assert list(found.metadata) == list(model.metadata)
    for graph, wanted in zip(found.graphs, model.graphs, strict=True):
        assert (graph.name, graph.kind, graph.inputs, graph.outputs) == (wanted.name, wanted.kind, wanted.inputs, wanted.outputs)
        for op, original in zip(graph.ops, wanted.ops, strict=True):
            assert (op.type, op.name, op.domain, op.version) == (original.type, original.name, original.domain, original.version)
            assert (op.inputs, op.outputs, op.index) == (original.inputs, original.outputs, original.index)
            assert list(op.attributes) == list(original.attributes) and list(op.graphs) == list(original.graphs)
        for name, tensor in graph.tensors.items():
            assert (tensor.dtype, tensor.shape) == (wanted.tensors[name].dtype, wanted.tensors[name].shape)
            assert (tensor.quant is None) == (wanted.tensors[name].quant is None)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["model onnx\n", "op ", "A", " (", "x", ")", " -> ", "=", "[", "]", "{", '"', "1", ".", ",", "\n", "  ", "b: graph"]
        )
    )
)
def test_any_text_is_read_or_refused(parts: list[str]) -> None:
    try:
        model = parse("".join(parts))
    except Unreadable:
        return
    again(model)


def test_a_large_model_is_written_quickly() -> None:
    ops = [Op("Conv", f"conv{i}", inputs=[f"x{i}", "w"], outputs=[f"x{i + 1}"], attributes={"pads": [1, 1, 1, 1]}) for i in range(5000)]
    start = time.process_time()
    assert format_model(Model("m", "onnx", graphs=[Graph("g", ops)])).count("\n") == 5002
    assert time.process_time() - start < 1
