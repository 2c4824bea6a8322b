"""Make the ONNX models among the test data that no exporter writes in one file: every kind of attribute, tensor and nesting.

Run from this folder, in an environment with onnx: ``python build_onnx.py``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper

ONNX = Path("onnx")


def value(name: str, dtype: int = T.FLOAT, shape: object = ("batch", 4)) -> onnx.ValueInfoProto:
    return h.make_tensor_value_info(name, dtype, shape)


def functions() -> onnx.ModelProto:
    """Functions of a domain of their own, with an attribute that only the caller knows, and one within the other."""
    own = h.make_opsetid("local", 1)
    main = h.make_opsetid("", 21)
    scaled = h.make_node("LeakyRelu", ["x"], ["y"])
    scaled.attribute.append(onnx.AttributeProto(name="alpha", type=onnx.AttributeProto.FLOAT, ref_attr_name="slope"))
    leaky = h.make_function("local", "Leaky", ["x"], ["y"], [scaled], [main], ["slope"])
    twice = [
        h.make_node("Leaky", ["x"], ["h"], domain="local", slope=0.1),
        h.make_node("Leaky", ["h"], ["y"], domain="local", slope=0.3),
    ]
    outer = h.make_function("local", "Twice", ["x"], ["y"], twice, [own])
    graph = h.make_graph([h.make_node("Twice", ["x"], ["y"], "call", domain="local")], "main", [value("x")], [value("y")])
    return h.make_model(graph, functions=[leaky, outer], opset_imports=[main, own], ir_version=10)


def nested() -> onnx.ModelProto:
    """A loop whose body branches, and names of every awkward kind."""

    def branch(name: str, op: str) -> onnx.GraphProto:
        return h.make_graph([h.make_node(op, ["v"], [f"{name} out"])], name, [], [value(f"{name} out")])

    body = h.make_graph(
        [
            h.make_node("Identity", ["going"], ["go on"]),
            h.make_node("If", ["go on"], ["v'"], "pick", then_branch=branch("then", "Relu"), else_branch=branch("else", "Neg")),
        ],
        "body",
        [value("i", T.INT64, ()), value("going", T.BOOL, ()), value("v")],
        [value("go on", T.BOOL, ()), value("v'")],
    )
    nodes = [
        h.make_node("Loop", ["trips", "", "x"], ["y"], "loop # 1", body=body),
        h.make_node("Clip", ["y", "", "six"], ['say "z", twice']),
    ]
    trips = h.make_tensor("trips", T.INT64, (), [3])
    six = h.make_tensor("six", T.FLOAT, (), [6.0])
    graph = h.make_graph(nodes, "", [value("x")], [value('say "z", twice')], [trips, six], value_info=[value("y")])
    model = h.make_model(graph, opset_imports=[h.make_opsetid("ai.onnx", 16)], ir_version=8, producer_name="a producer")
    h.set_model_props(model, {"names": "{0: 'cat', 1: 'dog'}", "two words": "line\nbreak"})
    return model


def tensors() -> onnx.ModelProto:
    """A weight of every dtype, as raw bytes and as numbers; sparse weights, strings, an annotation, an old-style input."""
    weights = []
    for dtype in sorted(T.DataType.values()):
        name = T.DataType.Name(dtype)
        if name in ("UNDEFINED", "STRING") or name.startswith("FLOAT6"):
            continue
        weights.append(h.make_tensor(f"numbers {name}", dtype, (2, 3), [0, 1, 1, 0, 1, 1]))
        array = numpy_helper.to_array(weights[-1])
        weights.append(numpy_helper.from_array(array, f"raw {name}"))
    weights.append(h.make_tensor("int64 typed", T.INT64, (3,), [-1, 2**40, -(2**63)]))
    weights.append(h.make_tensor("int8 typed", T.INT8, (3,), [-128, -1, 127]))
    weights.append(h.make_tensor("strings", T.STRING, (2,), [b"one", b"zwei"]))
    weights.append(h.make_tensor("nothing", T.FLOAT, (0, 4), []))
    weights.append(h.make_tensor("scale", T.FLOAT, (), [0.25]))
    weights.append(h.make_tensor("zero", T.UINT8, (), [128]))
    values = h.make_tensor("sparse", T.FLOAT, (2,), [1.0, 2.0])
    sparse = h.make_sparse_tensor(values, h.make_tensor("", T.INT64, (2,), [0, 9]), [10])
    graph = h.make_graph(
        [h.make_node("Mul", ["x", "raw FLOAT"], ["y"])], "tensors", [value("x", shape=(2, 3)), value("raw FLOAT", shape=(2, 3))],
        [value("y", shape=(2, 3))], weights, sparse_initializer=[sparse],
    )  # fmt: skip
    annotation = graph.quantization_annotation.add(tensor_name="x")
    annotation.quant_parameter_tensor_names.add(key="SCALE_TENSOR", value="scale")
    annotation.quant_parameter_tensor_names.add(key="ZERO_POINT_TENSOR", value="zero")
    return h.make_model(graph, ir_version=3, opset_imports=[h.make_opsetid("", 7)])


def attributes() -> onnx.ModelProto:
    """An attribute of every kind, inputs and outputs of every type."""
    tensor = h.make_tensor("t", T.INT64, (2,), [3, 4])
    kinds = h.make_node(
        "Everything", ["x", "", "n"], ["y"], "all", domain="com.example", f=0.1, i=-7, s="text", raw=b"\xff\x00", t=tensor,
        floats=[1.0, 2.5], ints=[1, -2, 300], strings=["a", "b c"], tensors=[tensor, tensor], long=list(range(100)),
        tp=h.make_tensor_type_proto(T.FLOAT16, (1, None, "n")),
        sparse=h.make_sparse_tensor(h.make_tensor("", T.FLOAT, (1,), [1.0]), h.make_tensor("", T.INT64, (1,), [2]), [5]),
        graphs=[h.make_graph([h.make_node("Neg", ["x"], ["u"])], n, [], [value("u")]) for n in ("first", "second")],
    )  # fmt: skip
    kinds.attribute.append(h.make_attribute("empty", [], attr_type=onnx.AttributeProto.INTS))
    kinds.attribute.append(h.make_attribute("large", "word " * 100))
    sequence = h.make_tensor_sequence_value_info("sequence", T.FLOAT, None)
    optional = h.make_value_info("optional", h.make_optional_type_proto(h.make_tensor_type_proto(T.FLOAT, (1,))))
    table = h.make_value_info("map", h.make_map_type_proto(T.STRING, h.make_tensor_type_proto(T.FLOAT, ())))
    shapes = [value("x", shape=(0, None, "n + 1")), value("unranked", shape=None), h.make_value_info("untyped", onnx.TypeProto())]
    graph = h.make_graph([kinds], "g", [*shapes, sequence, optional, table, value("n", T.INT64, ())], [value("y", shape=None)])
    return h.make_model(graph, opset_imports=[h.make_opsetid("", 18), h.make_opsetid("com.example", 2)], ir_version=9)


def newest() -> onnx.ModelProto:
    """What came with the latest IR versions: overloads, notes everywhere, devices, floats of six bits; and how to train it, a segment."""
    own, main = h.make_opsetid("local", 1), h.make_opsetid("", 26)

    def noted(proto: object, key: str, text: str) -> None:
        entry = proto.metadata_props.add()  # type: ignore[attr-defined]
        entry.key, entry.value = key, text

    functions = []
    for overload, kind in (("", "Relu"), ("soft", "Softplus")):
        function = h.make_function("local", "Act", ["x"], ["y"], [h.make_node(kind, ["x"], ["y"])], [main], overload=overload)
        function.doc_string = f"is {kind}"
        noted(function, "author", "a function's")
        functions.append(function)
    nodes = [
        h.make_node("MatMul", ["x", "w"], ["h"], "product", doc_string="a node's text"),
        h.make_node("Act", ["h"], ["y"], "act", domain="local", overload="soft"),
    ]
    noted(nodes[0], "namespace", "net.dense")
    devices = nodes[0].device_configurations.add(configuration_id="two", pipeline_stage=1)
    devices.sharding_spec.add(tensor_name="w", device=[0, 1])
    weights = [h.make_tensor("w", T.FLOAT, (4, 4), [float(i) for i in range(16)])]
    for dtype in (T.FLOAT6E2M3, T.FLOAT6E3M2, T.FLOAT8E8M0, T.UINT2, T.INT2):
        weights.append(h.make_tensor(f"numbers {T.DataType.Name(dtype)}", dtype, (5,), [1, 0, 1, 1, 0]))
        weights.append(numpy_helper.from_array(numpy_helper.to_array(weights[-1]), f"raw {T.DataType.Name(dtype)}"))
    graph = h.make_graph(nodes, "main", [value("x")], [value("y")], weights, doc_string="a graph's text")
    noted(graph, "exported", "by hand")
    model = h.make_model(graph, functions=functions, opset_imports=[main, own], ir_version=14)
    model.configuration.add(name="two", num_devices=2, device=["left", "right"])
    start = h.make_graph([h.make_node("RandomNormal", [], ["first"], shape=[4, 4])], "start", [], [value("first", shape=(4, 4))])
    step = h.make_graph([h.make_node("Sub", ["w", "w"], ["w_new"])], "step", [], [value("w_new", shape=(4, 4))])
    for number in range(2):
        training = model.training_info.add()
        training.algorithm.CopyFrom(step)
        training.update_binding.add(key="w", value="w_new")
        if number == 0:
            training.initialization.CopyFrom(start)
            training.initialization_binding.add(key="w", value="first")
    return model


def external() -> None:
    """Weights in one file, at offsets; and in a file each."""
    rng = np.random.default_rng(0)
    weights = [numpy_helper.from_array(rng.random((4, 4), np.float32), f"w{i}") for i in range(3)]
    nodes = [h.make_node("MatMul", [f"h{i}" if i else "x", f"w{i}"], [f"h{i + 1}"]) for i in range(3)]
    graph = h.make_graph(nodes, "g", [value("x")], [value("h3")], weights)
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 13)], ir_version=7)
    settings = {"save_as_external_data": True, "size_threshold": 0}
    for path in (ONNX / "external_one.bin", *(ONNX / f"w{i}" for i in range(3))):
        path.unlink(missing_ok=True)
    copy = onnx.ModelProto.FromString(model.SerializeToString())
    onnx.save(copy, ONNX / "external_one.onnx", location="external_one.bin", **settings)
    onnx.save(model, ONNX / "external_many.onnx", all_tensors_to_one_file=False, **settings)


if __name__ == "__main__":
    ONNX.mkdir(exist_ok=True)
    for build in (functions, nested, tensors, attributes, newest):
        (ONNX / f"{build.__name__}.onnx").write_bytes(build().SerializeToString(deterministic=True))
    external()
