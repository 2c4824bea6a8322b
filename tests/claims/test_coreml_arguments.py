"""DPL118, DPL211: what `coremltools.convert` and the compressors refuse."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]
torch = pytest.importorskip("torch")
ct = pytest.importorskip("coremltools")
nn = torch.nn
X = torch.zeros(1, 3, 8, 8)
SHAPE = ct.TensorType(shape=X.shape)
HALF = ct.TensorType(shape=X.shape, dtype=np.float16)


@pytest.fixture(scope="module")
def net():
    return nn.Sequential(nn.Conv2d(3, 4, 1), nn.Flatten()).eval()


@pytest.fixture(scope="module")
def traced(net):
    return torch.jit.trace(net, X)


REFUSED = {
    "no inputs": ({}, "inputs"),
    "no list": ({"inputs": SHAPE}, "must be of type list"),
    "no bound": ({"inputs": [ct.TensorType(shape=(ct.RangeDim(), 3, 8, 8))]}, "infinite upper_bound"),
    "precision": (
        {"inputs": [SHAPE], "convert_to": "neuralnetwork", "compute_precision": ct.precision.FLOAT16},
        "compute_precision is only supported for mlprogram",
    ),
    "new network": (
        {"inputs": [SHAPE], "convert_to": "neuralnetwork", "minimum_deployment_target": ct.target.iOS15},
        "cannot be neuralnetwork",
    ),
    "old program": (
        {"inputs": [SHAPE], "convert_to": "mlprogram", "minimum_deployment_target": ct.target.iOS14},
        "must be at least iOS15",
    ),
    "half": ({"inputs": [HALF]}, "float16 dtype for inputs"),
    "half for iOS 15": ({"inputs": [HALF], "minimum_deployment_target": ct.target.iOS15}, "float16 dtype for inputs"),
    "scales": ({"inputs": [ct.ImageType(shape=X.shape, scale=[1 / 255.0] * 3)]}, "Incompatible dim"),
    "one bias": ({"inputs": [ct.ImageType(shape=X.shape, scale=1 / 255.0, bias=0.5)]}, "cannot reshape"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case, traced):
    arguments, message = REFUSED[case]
    with pytest.raises((ValueError, TypeError), match=message):
        ct.convert(traced, **arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"inputs": [SHAPE]},
        {"inputs": [ct.TensorType(shape=(ct.RangeDim(1, 4), 3, 8, 8))]},
        {"inputs": [ct.TensorType(shape=(ct.RangeDim(), 3, 8, 8))], "convert_to": "neuralnetwork"},
        {"inputs": [HALF], "minimum_deployment_target": ct.target.iOS16},
        {"inputs": [ct.ImageType(shape=X.shape, scale=1 / 255.0, bias=[0.5] * 3)]},
    ],
)
def test_taken(arguments, traced):
    ct.convert(traced, **arguments)


def test_labels():
    net = nn.Sequential(nn.Flatten(), nn.Linear(192, 3)).eval()
    traced = torch.jit.trace(net, X)
    with pytest.raises(ValueError, match="number of classes must match"):
        ct.convert(traced, inputs=[SHAPE], classifier_config=ct.ClassifierConfig(["a", "b"]))
    ct.convert(traced, inputs=[SHAPE], classifier_config=ct.ClassifierConfig(["a", "b", "c"]))


def test_exported_programs(net):
    program = torch.export.export(net, (X,))
    with pytest.raises(NotImplementedError, match="ATEN or EDGE dialect"):
        ct.convert(program)
    ct.convert(program.run_decompositions({}))


def test_models_it_cannot_tell(net, tmp_path):
    for given in (net, net.state_dict(), str(tmp_path / "net.onnx"), str(tmp_path / "net.tflite")):
        with pytest.raises(ValueError, match="Unable to determine the type of the model"):
            ct.convert(given, inputs=[SHAPE])


def test_compressors(traced):
    coreml = ct.optimize.coreml
    config = coreml.OptimizationConfig(global_config=coreml.OpLinearQuantizerConfig(mode="linear_symmetric"))
    program, network = (ct.convert(traced, inputs=[SHAPE], convert_to=kind) for kind in ("mlprogram", "neuralnetwork"))
    quantize = ct.models.neural_network.quantization_utils.quantize_weights
    coreml.linear_quantize_weights(program, config)
    quantize(network, nbits=16)
    with pytest.raises(TypeError, match="only with mlprogram"):
        coreml.linear_quantize_weights(network, config)
    with pytest.raises(Exception, match="weights"):
        quantize(program, nbits=8)
