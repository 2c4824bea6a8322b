"""DPL208 to DPL210: what quantization of PyTorch leaves out, and what it needs."""

from __future__ import annotations

import copy

import pytest

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]
torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")
nn, ao = torch.nn, torch.ao.quantization
X = torch.rand(2, 3, 8, 8)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.quant, self.dequant = ao.QuantStub(), ao.DeQuantStub()
        self.conv, self.bn, self.fc = nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Linear(4, 5)

    def forward(self, x):
        return self.dequant(self.fc(self.bn(self.conv(self.quant(x))).mean((2, 3))))


def quantized(layer):
    return ".quantized" in type(ao.quantize_dynamic(nn.Sequential(layer).eval(), {type(layer)}, dtype=torch.qint8)[0]).__module__


def test_layers_with_dynamic_kernels():
    assert all(map(quantized, (nn.Linear(4, 4), nn.LSTM(4, 4), nn.GRU(4, 4), nn.RNNCell(4, 4), nn.LSTMCell(4, 4))))
    left = (nn.Conv1d(1, 1, 1), nn.Conv2d(1, 1, 1), nn.Conv3d(1, 1, 1), nn.ConvTranspose2d(1, 1, 1), nn.BatchNorm2d(2), nn.LayerNorm(4))
    assert not any(
        map(quantized, (*left, nn.RNN(4, 4), nn.MultiheadAttention(4, 2), nn.ReLU(), nn.GELU(), nn.Softmax(), nn.GroupNorm(1, 2)))
    )
    for layer in (nn.Embedding(4, 4), nn.EmbeddingBag(4, 4)):
        with pytest.raises(AssertionError, match="float_qparams_weight_only_qconfig"):
            quantized(layer)


def prepared():
    net = Net().eval()
    net.qconfig = ao.get_default_qconfig("fbgemm")
    return ao.prepare(net)


def test_without_calibration_the_results_are_wrong():
    calibrated = prepared()
    calibrated(X)
    expected = Net().eval()(X)
    assert torch.allclose(ao.convert(calibrated)(X), expected, atol=0.1)
    assert not torch.allclose(ao.convert(prepared())(X), expected, atol=0.1)


def test_without_a_qconfig_nothing_is_prepared():
    net = ao.prepare(Net().eval())
    assert not any("Observer" in type(module).__name__ for module in net.modules())
    assert type(ao.convert(net).conv) is nn.Conv2d


def test_modes():
    with pytest.raises(AssertionError, match="prepare_qat only works on models in training mode"):
        ao.prepare_qat(Net().eval())
    with pytest.raises(AssertionError, match="Fusion only for eval!"):
        ao.fuse_modules(Net(), [["conv", "bn"]])
    ao.fuse_modules(Net().eval(), [["conv", "bn"]])


def test_functions_that_return_copies():
    net = Net().eval()
    before = copy.deepcopy(net)
    ao.fuse_modules(net, [["conv", "bn"]])
    ao.quantize_dynamic(net, {nn.Linear})
    assert str(net) == str(before)


def test_exports_of_quantized_modules(tmp_path):
    path, x = str(tmp_path / "net.onnx"), torch.rand(1, 4)
    dynamic = ao.quantize_dynamic(nn.Sequential(nn.Linear(4, 4)).eval(), {nn.Linear})
    with pytest.raises(Exception, match="quantized::linear_dynamic"):
        torch.onnx.export(dynamic, (x,), path, dynamo=False)
    with pytest.raises(torch.onnx.OnnxExporterError):
        torch.onnx.export(dynamic, (x,), path, dynamo=True, verbose=False)
    with pytest.raises(Exception, match=r".*"):
        torch.export.export(dynamic, (x,))
    net = ao.fuse_modules(Net().eval(), [["conv", "bn"]])
    net.qconfig = ao.get_default_qconfig("fbgemm")
    calibrated = ao.prepare(net)
    calibrated(X)
    static = ao.convert(calibrated)
    torch.onnx.export(static, (X,), path, dynamo=False)
    with pytest.raises(torch.onnx.OnnxExporterError):
        torch.onnx.export(static, (X,), path, dynamo=True, verbose=False)
