"""Make the models among the test data whose formats are read in part, each with what its own library reads of it (``.truth.json``).

Run from this folder, once for each library and release: ``python build_named.py xgboost`` in an environment with that library. The files
committed were made with xgboost 1.6.2 and 3.2.0, lightgbm 3.3.5 and 4.7.0, catboost 1.2 and 1.2.10, ncnn and pnnx 20240410 and 20261020
(with torch), MNN 3.0.0 and 3.6.1, paddlepaddle 2.6.2 and 3.3.1, mxnet 1.6.0 and 1.9.1, opencv-python-headless 4.10.0 (for Caffe and
Darknet, whose own libraries cannot be installed from an index).
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

OUT = Path("named")


def tell(path: Path, **facts: Any) -> None:
    path.with_name(f"{path.name}.truth.json").write_text(json.dumps(facts, separators=(",", ":")) + "\n")


def short(version: str) -> str:
    return ".".join(version.split(".")[:2])


def table() -> tuple[Any, Any]:
    features = np.random.default_rng(0).random((60, 4)).astype(np.float32)
    return features, (features[:, 0] > 0.5).astype(int)


def build_xgboost() -> None:
    import xgboost

    features, labels = table()
    given = xgboost.DMatrix(features, labels, feature_names=["a", "b", "c", "d"])
    made = xgboost.train({"objective": "binary:logistic", "max_depth": 2}, given, 3)
    for suffix in ("json", "ubj", "model"):
        path = OUT / f"xgboost_{short(xgboost.__version__)}.{suffix}"
        made.save_model(path)
        read = xgboost.Booster(model_file=path)
        objective = json.loads(read.save_config())["learner"]["objective"]["name"]
        tell(path, features=read.num_features(), trees=read.num_boosted_rounds(), objective=objective, version=xgboost.__version__)


def build_lightgbm() -> None:
    import lightgbm

    features, labels = table()
    for objective, suffix in (("binary", "txt"), ("l2", "model")):
        options = {"objective": objective, "verbose": -1, "min_data_in_leaf": 5}
        made = lightgbm.train(options, lightgbm.Dataset(features, labels, feature_name=["a", "b", "c", "d"]), 3)
        path = OUT / f"lightgbm_{short(lightgbm.__version__)}.{suffix}"
        made.save_model(path)
        read = lightgbm.Booster(model_file=path)
        tell(path, features=read.num_feature(), trees=read.num_trees(), names=read.feature_name())


def build_catboost() -> None:
    import catboost

    for kind, name in ((catboost.CatBoostClassifier, ""), (catboost.CatBoostRegressor, "_regressor")):
        path = OUT / f"catboost_{catboost.__version__}{name}.cbm"
        kind(iterations=3, depth=2, verbose=0, allow_writing_files=False).fit(*table()).save_model(path)
        read = kind().load_model(path)
        metadata = {key: value for key, value in read.get_metadata().items() if key in ("model_guid", "catboost_version_info")}
        tell(path, metadata=metadata, trees=read.tree_count_)


def build_ncnn() -> None:
    import ncnn
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4, 2)

        def forward(self, image: torch.Tensor) -> torch.Tensor:
            one, other = torch.split(torch.relu(self.conv(image)), 2, dim=1)
            return torch.softmax(self.head(torch.cat([other, one], 1).mean((2, 3))), 1)

    release = ncnn.__version__.rpartition(".")[2][:4]
    torch.jit.trace(Net().eval(), torch.zeros(1, 3, 8, 8)).save("net.pt")
    subprocess.run([Path(sys.executable).with_name("pnnx"), "net.pt", "inputshape=[1,3,8,8]"], check=True, stdout=subprocess.DEVNULL)
    for kind in ("ncnn", "pnnx"):
        for suffix in ("param", "bin"):
            os.replace(f"net.{kind}.{suffix}", OUT / f"{kind}_{release}.{suffix}")
    for path in Path().glob("*net*"):
        if path.suffix in (".py", ".pt", ".onnx"):
            path.unlink()
    path = OUT / f"ncnn_{release}.param"
    net = ncnn.Net()
    assert net.load_param(str(path)) == 0 and net.load_model(str(path.with_suffix(".bin"))) == 0
    blobs = [blob.name for blob in net.blobs()]
    layers = [
        {"type": layer.type, "name": layer.name, "inputs": [blobs[i] for i in layer.bottoms], "outputs": [blobs[i] for i in layer.tops]}
        for layer in net.layers()
    ]
    tell(path, layers=layers, inputs=list(net.input_names()), outputs=list(net.output_names()))


def build_mnn() -> None:
    import MNN

    tool = Path(sys.executable).with_name("mnnconvert")
    for source, name in (("torch_legacy_opset17", ""), ("torch_legacy_loop", "_loop")):
        path = OUT / f"mnn_{short(MNN.version())}{name}.mnn"
        subprocess.run([tool, "-f", "ONNX", "--modelFile", f"onnx/{source}.onnx", "--MNNModel", path, "--bizCode", "biz"], check=True)
        subprocess.run([tool, "-f", "MNN", "--modelFile", path, "--JsonFile", "net.json"], check=True)
        told = json.loads(Path("net.json").read_text())
        Path("net.json").unlink()
        operators = [[op["type"], op.get("name", ""), op.get("inputIndexes", []), op.get("outputIndexes", [])] for op in told["oplists"]]
        graphs = [[nested["name"], [op["type"] for op in nested["nodes"]]] for nested in told.get("subgraphs", [])]
        tell(path, tensors=told["tensorName"], outputs=told["outputName"], operators=operators, graphs=graphs, version=MNN.version())


def build_paddle() -> None:
    import paddle
    from paddle import nn

    net = nn.Sequential(nn.Conv2D(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2D(1), nn.Flatten(), nn.Linear(4, 2), nn.Softmax())
    net.eval()
    described = [paddle.static.InputSpec([None, 3, 8, 8], "float32", "image")]
    path = OUT / f"paddle_{short(paddle.__version__)}"
    paddle.jit.save(paddle.jit.to_static(net, input_spec=described), str(path))
    paddle.save(net.state_dict(), f"{path}.pdparams")
    path.with_suffix(path.suffix + ".pdiparams.info").unlink(missing_ok=True)
    paddle.enable_static()
    program = paddle.static.load_inference_model(str(path), paddle.static.Executor(paddle.CPUPlace()))[0]
    stored = path.with_name(f"{path.name}.pdmodel")
    if stored.exists():
        block = program.global_block()
        operators = [
            {
                "type": op.type,
                "inputs": {key: op.input(key) for key in op.input_names},
                "outputs": {key: op.output(key) for key in op.output_names},
                "ints": {key: op.attr(key) for key in op.attr_names if type(op.attr(key)) is int},
            }
            for op in block.ops
        ]
        weights = {
            var.name: [str(var.dtype), list(var.shape)]
            for var in program.list_vars()
            if var.persistable and var.name not in ("feed", "fetch")
        }
        values = {var.name: [str(var.dtype), list(var.shape)] for var in block.vars.values() if var.name.endswith("tmp_0")}
        tell(stored, operators=operators, weights=weights, values=values)
    else:
        stored = path.with_name(f"{path.name}.json")
        operators = [
            {"type": op.name(), "outputs": [[str(value.dtype), list(value.shape)] for value in op.results()]}
            for op in program.global_block().ops
        ]
        tell(stored, operators=operators)


def build_mxnet() -> None:
    import mxnet as mx

    found = mx.sym.Activation(mx.sym.Convolution(mx.sym.Variable("data"), kernel=(3, 3), num_filter=4, name="conv"), act_type="relu")
    halves = mx.sym.split(found, num_outputs=2, name="halves")
    joined = mx.sym.concat(halves[1], halves[0], dim=1)
    head = mx.sym.FullyConnected(mx.sym.mean(joined, axis=(2, 3)), num_hidden=2, name="head")
    module = mx.mod.Module(mx.sym.softmax(head, name="probs"), data_names=["data"], label_names=None)
    module.bind([("data", (1, 3, 8, 8))], for_training=False)
    module.init_params()
    path = OUT / f"mxnet_{short(mx.__version__)}"
    module.save_checkpoint(str(path), 0)
    symbol = mx.sym.load(f"{path}-symbol.json")
    arrays = mx.nd.load(f"{path}-0000.params")
    tell(
        Path(f"{path}-symbol.json"),
        arguments=symbol.list_arguments(),
        outputs=symbol.list_outputs(),
        internals=symbol.get_internals().list_outputs(),
        version=mx.__version__,
    )
    weights = {key: [np.dtype(value.dtype).name, list(value.shape), value.asnumpy().tobytes().hex()] for key, value in arrays.items()}
    tell(Path(f"{path}-0000.params"), weights=weights)


DARKNET = """[net]
# Testing
batch=1
width=8
height=8
channels=3

[convolutional]
batch_normalize=1
filters=4
size=3
stride=1
pad=1
activation=leaky

[maxpool]
size=2
stride=2

[convolutional]
filters=4
size=1
stride=1
pad=1
activation=linear

[shortcut]
from=-2
activation=linear

[route]
layers=-1,1

[upsample]
stride=2
"""

CAFFE = """name: "tiny"
input: "data"
input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }
layer {
  name: "conv1"
  type: "Convolution"
  bottom: "data"
  top: "conv1"
  convolution_param { num_output: 4 kernel_size: 3 }
}
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "fc" type: "InnerProduct" bottom: "conv1" top: "fc" inner_product_param { num_output: 2 } }
layer { name: "prob" type: "Softmax" bottom: "fc" top: "prob" }
"""


def build_opencv() -> None:
    import cv2

    def layers(net: Any) -> list[list[str]]:
        return [[net.getLayer(net.getLayerId(name)).type, name] for name in net.getLayerNames()]

    path = OUT / "darknet.cfg"
    path.write_text(DARKNET)
    weights = np.arange(4 * 4 + 4 * 3 * 9 + 4 + 4 * 4, dtype="<f4") / 100 + 1
    path.with_suffix(".weights").write_bytes(struct.pack("<iiiQ", 0, 2, 5, 32013312) + weights.tobytes())
    tell(path, layers=layers(cv2.dnn.readNetFromDarknet(str(path), str(path.with_suffix(".weights")))))

    path = OUT / "caffe.prototxt"
    path.write_text(CAFFE)
    shapes = {"conv1": ((4, 3, 3, 3), (4,)), "fc": ((2, 144), (2,))}
    for name, newer in (("caffe", True), ("caffe_v1", False)):
        model = path.with_name(f"{name}.caffemodel")
        model.write_bytes(caffe_model(shapes, newer))
        net = cv2.dnn.readNetFromCaffe(str(path), str(model))
        stored = {layer: [list(net.getParam(layer, i).shape) for i in range(2)] for layer in shapes}
        values = {layer: net.getParam(layer, 0).tobytes().hex() for layer in shapes}
        tell(model, layers=layers(net), stored=stored, values=values)


def caffe_model(shapes: dict[str, tuple[tuple[int, ...], ...]], newer: bool) -> bytes:
    """A NetParameter as Caffe writes it, with layers as messages of today or of 2014 (field numbers of its caffe.proto)."""

    def field(number: int, value: bytes | int) -> bytes:
        def varint(value: int) -> bytes:
            return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + varint(value >> 7)

        if isinstance(value, int):
            return varint(number << 3) + varint(value)
        return varint(number << 3 | 2) + varint(len(value)) + value

    def blob(shape: tuple[int, ...]) -> bytes:
        data = field(5, (np.arange(np.prod(shape), dtype="<f4") / 64).tobytes())
        if newer:
            return data + field(7, field(1, bytes(shape) if max(shape) < 128 else b"\x02\x90\x01"))
        return b"".join(field(i + 1, size) for i, size in enumerate((1,) * (4 - len(shape)) + shape)) + data

    types = {"conv1": (b"Convolution", 4), "relu1": (b"ReLU", 18), "fc": (b"InnerProduct", 14), "prob": (b"Softmax", 20)}
    ports = {"conv1": (b"data", b"conv1"), "relu1": (b"conv1", b"conv1"), "fc": (b"conv1", b"fc"), "prob": (b"fc", b"prob")}
    found = field(1, b"tiny")
    for name, (kind, number) in types.items():
        bottom, top = ports[name]
        blobs = [blob(shape) for shape in shapes.get(name, ())]
        if newer:
            parts = [field(1, name.encode()), field(2, kind), field(3, bottom), field(4, top), *(field(7, each) for each in blobs)]
        else:
            parts = [field(2, bottom), field(3, top), field(4, name.encode()), field(5, number), *(field(6, each) for each in blobs)]
        found += field(100 if newer else 2, b"".join(parts))
    return found


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    globals()[f"build_{sys.argv[1]}"]()
