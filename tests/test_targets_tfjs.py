"""TensorFlow.js's backends and layers: what each refuses, as the library itself does where Node has it (DEPLINT_NODE_MODULES)."""

from __future__ import annotations

import base64
import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from deplint.targets import asked
from deplint.targets.matrix import subjects
from deplint.targets.verdict import Verdict
from deplint.verify.oracles.tfjs_runtime import Runtime, question

DATA = Path(__file__).parent / "data" / "models"

TYPES = {"float32": "DT_FLOAT", "int32": "DT_INT32", "complex64": "DT_COMPLEX64", "string": "DT_STRING"}


def attribute(value: Any) -> Any:
    if isinstance(value, bool):
        return {"b": value}
    if isinstance(value, str):
        return {"s": base64.b64encode(value.encode()).decode()}
    if isinstance(value, list):
        return {"list": {"i": value} if isinstance(value[0], int) else {"s": [attribute(each)["s"] for each in value]}}
    return {"i": str(value)} if isinstance(value, int) else {"f": value}


def fed(name: str, dtype: str, shape: tuple[int, ...]) -> dict[str, Any]:
    sizes = {"shape": {"dim": [{"size": str(size)} for size in shape]}}
    return {"name": name, "op": "Placeholder", "attr": {"dtype": {"type": TYPES[dtype]}, "shape": sizes}}


def graph(op: str, dtype: str = "float32", *shapes: tuple[int, ...], output: str = "y", **attributes: Any) -> dict[str, Any]:
    """A graph model of one operator."""
    given = [fed(f"x{number}", dtype, shape) for number, shape in enumerate(shapes or [(2, 3)])]
    attr = {"T": {"type": TYPES[dtype]}, **{key: attribute(value) for key, value in attributes.items()}}
    nodes = [*given, {"name": "y", "op": op, "input": [node["name"] for node in given], "attr": attr}]
    inputs = {node["name"]: {"name": f"{node['name']}:0", "dtype": node["attr"]["dtype"]["type"],
                             "tensorShape": node["attr"]["shape"]["shape"]} for node in given}  # fmt: skip
    signature = {"inputs": inputs, "outputs": {"y": {"name": output, "dtype": TYPES[dtype]}}}
    return {
        "format": "graph-model",
        "modelTopology": {"node": nodes, "versions": {"producer": 1}},
        "weightsManifest": [],
        "signature": signature,
    }


def layered(*layers: dict[str, Any], weights: list[Any] | None = None, shape: str = "batch_input_shape") -> dict[str, Any]:
    """A layers model without weights: of the layers after an input."""
    first = {"class_name": "InputLayer", "config": {shape: [None, 8, 8, 3], "dtype": "float32", "name": "x"}}
    config = {"class_name": "Sequential", "config": {"name": "m", "layers": [first, *layers]}}
    manifest = [{"paths": [], "weights": weights}] if weights else []
    return {"format": "layers-model", "modelTopology": {"keras_version": "2.15.0", "model_config": config}, "weightsManifest": manifest}


def layer(kind: str, **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": kind.lower(), **config}}


BN = {"epsilon": 0.001, "data_format": "NHWC", "is_training": True}
FUSED = {"num_args": 1, "fused_ops": ["BiasAdd", "Tanh"], "transpose_a": False, "transpose_b": False}
AXIS = [(2, 2, 2, 2, 2), ()]

BACKENDS = [
    ("cpu wasm webgl webgpu", "", "", graph("Relu")),
    ("cpu webgl webgpu", "", "", graph("ComplexAbs", "complex64")),
    ("wasm", "dtype", "not registered for backend 'wasm'", graph("ComplexAbs", "complex64")),
    ("wasm", "operator", "Kernel 'Einsum' not registered", graph("Einsum", "float32", (2, 3), (3, 4), equation="ab,bc->ac", N=2)),
    ("webgpu", "operator", "Kernel 'Unique' not registered for backend 'webgpu'", graph("Unique", "float32", (3,))),
    ("cpu wasm webgl", "", "", graph("Unique", "float32", (3,))),
    ("wasm", "dtype", "MatMul", graph("MatMul", "int32", (2, 3), (3, 4), transpose_a=False, transpose_b=False)),
    ("cpu", "", "", graph("MatMul", "int32", (2, 3), (3, 4), transpose_a=False, transpose_b=False)),
    ("cpu wasm webgl webgpu", "dtype", "must be numeric tensor, but got string tensor", graph("Relu", "string")),
    ("webgl webgpu", "limit", "Reverse", graph("ReverseV2", "float32", (2, 2, 2, 2, 2), (1,))),
    ("cpu wasm webgl webgpu", "operator", "Unknown op 'Betainc'", graph("Betainc")),
    ("cpu wasm webgl webgpu", "limit", "Cannot exit frame", graph("Exit")),
    ("cpu", "limit", "first output", graph("FusedBatchNormV3", "float32", (1, 2, 2, 2), *[(2,)] * 4, output="y:1", **BN)),
    ("cpu", "", "", graph("FusedBatchNormV3", "float32", (1, 2, 2, 2), *[(2,)] * 4, **BN)),
    ("cpu wasm", "limit", "tanh", graph("_FusedMatMul", "float32", (2, 3), (3, 4), (4,), **FUSED)),
]

GRU = {"units": 2, "implementation": 2}
ZEROS = {"class_name": "Zeros", "config": {}}
SEPARABLE = {"filters": 2, "kernel_size": [2, 2], "padding": "same", "kernel_initializer": ZEROS}

LAYERS = [
    ("", "", layered(layer("Flatten"))),
    ("operator", "Unknown layer: GroupNormalization", layered(layer("GroupNormalization"))),
    ("operator", "Unknown layer: Identity", layered(layer("Identity"))),
    ("limit", "Unknown activation", layered(layer("Activation", activation="exponential"))),
    ("version", "batchInputShape", layered(layer("Flatten"), shape="batch_shape")),
    ("limit", "reset_after", layered(layer("Reshape", target_shape=[64, 3]), layer("GRU", **GRU, reset_after=True))),
    ("limit", "Fields kernelInitializer", layered(layer("SeparableConv2D", **SEPARABLE))),
    ("limit", "bicubic", layered(layer("UpSampling2D", size=[2, 2], interpolation="bicubic"))),
]  # fmt: skip


def judged(folder: Path, top: dict[str, Any], target: str) -> Any:
    (folder / "model.json").write_text(json.dumps(top))
    return asked(target).judge(next(subjects([folder])))


@pytest.mark.parametrize(("backends", "cause", "words", "top"), BACKENDS)
def test_backends(backends, cause, words, top, tmp_path):
    for backend in backends.split():
        found = judged(tmp_path, top, f"tfjs-{backend}")
        assert found.verdict is (Verdict.fails if cause else Verdict.ok), (backend, found.reasons)
        assert not cause or (found.reasons[0].cause, words in found.reasons[0].message) == (cause, True), found.reasons


@pytest.mark.parametrize(("cause", "words", "top"), LAYERS)
def test_layers(cause, words, top, tmp_path):
    found = judged(tmp_path, top, "tfjs-layers")
    assert found.verdict is (Verdict.fails if cause else Verdict.ok), found.reasons
    assert not cause or (found.reasons[0].cause, words in found.reasons[0].message) == (cause, True), found.reasons


def test_weights_named_as_in_an_archive(tmp_path):
    top = layered(layer("Flatten"), weights=[{"name": "layers/dense/vars/0", "shape": [0], "dtype": "float32"}])
    assert "no target variable" in judged(tmp_path, top, "tfjs-layers").reasons[0].message


def test_a_shard_that_is_not_there(tmp_path):
    top = graph("Relu")
    top["weightsManifest"] = [{"paths": ["gone.bin"], "weights": [{"name": "w", "shape": [2], "dtype": "float32"}]}]
    shape = {"dim": [{"size": "2"}]}
    value = {"tensor": {"dtype": "DT_FLOAT", "tensorShape": shape}}
    top["modelTopology"]["node"].append({"name": "w", "op": "Const", "attr": {"dtype": {"type": "DT_FLOAT"}, "value": value}})
    assert judged(tmp_path, top, "tfjs-cpu").verdict is Verdict.fails


def test_a_loop_that_waits_for_a_switch(tmp_path):
    """As the converter lowers a loop whose body reads variables; the real ones are Keras 3's recurrent layers."""
    nodes = [
        fed("x", "float32", (2,)),
        {"name": "enter", "op": "Enter", "input": ["x"], "attr": {"frame_name": attribute("f")}},
        {"name": "merge", "op": "Merge", "input": ["enter", "next"]},
        {"name": "more", "op": "LoopCond", "input": ["merge"]},
        {"name": "switch", "op": "Switch", "input": ["merge", "more"]},
        {"name": "wait", "op": "NoOp", "input": ["^switch"]},
        {"name": "next", "op": "NextIteration", "input": ["switch:1", "^wait"]},
        {"name": "y", "op": "Exit", "input": ["switch"]},
    ]
    top = {"format": "graph-model", "modelTopology": {"node": nodes, "versions": {"producer": 1}}, "weightsManifest": []}
    assert "does not go on" in judged(tmp_path, top, "tfjs-cpu").reasons[0].message
    nodes[6]["input"] = ["switch:1"]
    assert judged(tmp_path, top, "tfjs-cpu").verdict is Verdict.ok


MODULES = os.environ.get("DEPLINT_NODE_MODULES", "")
needs_node = pytest.mark.skipif(not (MODULES and shutil.which("node")), reason="Node, or DEPLINT_NODE_MODULES, is not there")


@pytest.mark.tensorflow
@needs_node
@pytest.mark.parametrize("backend", ["cpu", "wasm", "webgl", "webgpu"])
def test_the_library_says_the_same(backend, tmp_path):
    runtime = Runtime(MODULES, backend)
    try:
        for backends, cause, _, top in BACKENDS:
            if backend in backends.split():
                (tmp_path / "model.json").write_text(json.dumps(top))
                error = runtime.ask({"kind": backend, **question(tmp_path / "model.json")})["error"]
                assert bool(error) == bool(cause), (top["modelTopology"]["node"][-1]["op"], error)
        for cause, _, top in LAYERS if backend == "cpu" else ():
            (tmp_path / "model.json").write_text(json.dumps(top))
            told = question(tmp_path / "model.json")
            error = runtime.ask({"kind": "layers", "top": {k: v for k, v in told["top"].items() if k != "weightSpecs"}})["error"]
            assert bool(error) == bool(cause), (top, error)
    finally:
        runtime.close()


def archive(path: Path, layer: str, kind: str = "Functional", **config: Any) -> Path:
    """An archive as Keras 3 saves it: of an input and a layer."""
    first = {"class_name": "InputLayer", "module": "keras.layers", "config": {"batch_shape": [None, 4, 4, 4, 2], "name": "x"}}
    second = {"class_name": layer, "module": "keras.layers", "config": {"name": "y", **config}}
    model = {"module": "keras", "class_name": kind, "config": {"name": "m", "layers": [first, second]}, "registered_name": None}
    with zipfile.ZipFile(path, "w") as written:
        written.writestr("config.json", json.dumps(model))
        written.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        written.writestr("model.weights.npz", b"weights")
    return path


@pytest.mark.parametrize(
    ("layer", "kind", "config", "words"),
    [
        ("Dense", "Functional", {"units": 2}, ""),
        ("Dense", "Functional", {"units": 2, "activation": "softsign"}, "no Softsign, which Dense uses"),
        ("Activation", "Functional", {"activation": "gelu"}, "no Erfc, which Activation uses"),
        ("Dense", "Functional", {"units": 2, "time_major": True}, "does not take time_major"),
        ("Dense", "Sequential", {"units": 2}, "no Sequential of Keras 3"),
        ("Conv3DTranspose", "Functional", {"filters": 2, "kernel_size": [3, 3, 3]}, "no Conv3DBackpropInputV2"),
        ("StringLookup", "Functional", {"vocabulary": ["a"]}, "does not freeze the table"),
        ("TextVectorization", "Functional", {"standardize": "lower", "split": "whitespace"}, "no StringLower, StringSplitV2"),
        ("TextVectorization", "Functional", {"standardize": "strip_punctuation", "split": None}, "does not freeze the table"),
        ("Hashing", "Functional", {"num_bins": 4}, ""),  # of strings; of integers it does not
    ],
)
def test_keras_files(tmp_path: Path, layer: str, kind: str, config: dict[str, Any], words: str):
    (subject,) = subjects([archive(tmp_path / "m.keras", layer, kind, **config)])
    for target in ("tfjs-graph", "tfjs-wasm"):
        told = asked(target).judge(subject)
        assert told.verdict is (Verdict.fails if words else Verdict.ok)
        assert words in " ".join(reason.message for reason in told.reasons)


def test_a_keras_file_that_only_legacy_keras_loads(tmp_path: Path):
    path = archive(tmp_path / "m.keras", "Dense", "Sequential", units=2)
    with zipfile.ZipFile(path) as read:
        config = read.read("config.json").decode()
        others = {name: read.read(name) for name in read.namelist() if name != "config.json"}
    with zipfile.ZipFile(path, "w") as written:
        changed = config.replace('"module": "keras"', '"module": "tf_keras.src.engine.sequential"').replace(
            "batch_shape", "batch_input_shape"
        )
        written.writestr("config.json", changed)
        for name, content in others.items():
            written.writestr(name, content)
    (subject,) = subjects([path])
    assert asked("keras3").judge(subject).verdict is Verdict.fails
    assert asked("tfjs-graph").judge(subject).verdict is Verdict.ok


def test_a_savedmodel_without_its_variables(tmp_path: Path):
    shutil.copytree(DATA / "savedmodel" / "simple_save", tmp_path / "m")
    (whole,) = subjects([tmp_path / "m"])
    assert asked("tfjs-graph").judge(whole).verdict is Verdict.ok
    (tmp_path / "m" / "variables" / "variables.index").unlink()
    (broken,) = subjects([tmp_path / "m"])
    for target in ("tfjs-graph", "onnx"):
        told = asked(target).judge(broken)
        assert told.verdict is Verdict.fails
        assert {reason.fault for reason in told.reasons} == {"DPL476"}
