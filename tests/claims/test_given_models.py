"""DPL110 to DPL113, DPL132: what converters and runtimes around PyTorch and ONNX say of other models than they take."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]
torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
X = torch.zeros(1, 4)


@pytest.fixture(scope="module")
def net():
    return torch.nn.Sequential(torch.nn.Linear(4, 4)).eval()


@pytest.fixture(scope="module")
def files(net, tmp_path_factory):
    """One file of each kind: state dict, pickled module, TorchScript, exported program, ONNX."""
    folder = tmp_path_factory.mktemp("models")
    torch.save(net.state_dict(), folder / "weights.pt")
    torch.save(net, folder / "module.pt")
    torch.jit.trace(net, X).save(str(folder / "script.pt"))
    torch.export.save(torch.export.export(net, (X,)), folder / "program.pt2")
    torch.onnx.export(net, (X,), str(folder / "net.onnx"), dynamo=False)
    (folder / "net.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(64))
    return lambda name: str(folder / name)


def test_exporters_want_modules(net, tmp_path):
    path = str(tmp_path / "net.onnx")
    for given in (net.state_dict(), "net.pt"):
        with pytest.raises(AttributeError, match="modules"):
            torch.onnx.export(given, (X,), path, dynamo=False)
        with pytest.raises(Exception, match=r".*"):
            torch.onnx.export(given, (X,), path, dynamo=True, verbose=False)
        with pytest.raises(ValueError, match=r"instance of `torch.nn.Module`"):
            torch.export.export(given, (X,))
        with pytest.raises(RuntimeError, match="name of python class"):
            torch.jit.trace(given, X)


def test_runtimes_and_tools_want_onnx(files):
    with pytest.raises(Exception, match="INVALID_PROTOBUF"):
        ort.InferenceSession(files("weights.pt"), providers=["CPUExecutionProvider"])
    with pytest.raises(TypeError, match="Unable to load from type"):
        ort.InferenceSession(onnx.load(files("net.onnx")), providers=["CPUExecutionProvider"])
    with pytest.raises(TypeError, match="only accepts ModelProto"):
        onnx.version_converter.convert_version(files("net.onnx"), 13)
    with pytest.raises(TypeError, match="only accepts ModelProto"):
        onnx.shape_inference.infer_shapes(files("net.onnx"))
    with pytest.raises(Exception, match="parsing"):
        onnx.load(files("weights.pt"))
    assert onnx.checker.check_model(onnx.load(files("net.onnx"))) is None


@pytest.mark.parametrize("name", ["net.onnx", "net.h5"])
def test_torch_reads_its_own(files, name):
    for load in (torch.jit.load, lambda path: torch.load(path, weights_only=False)):
        with pytest.raises(Exception, match=r".*"):
            load(files(name))


def test_openvino_reads_its_own(files):
    openvino = pytest.importorskip("openvino")
    for name in ("weights.pt", "net.h5"):
        with pytest.raises(RuntimeError, match="Unable to read the model"):
            openvino.Core().read_model(files(name))
        with pytest.raises(Exception, match="Cannot recognize input model"):
            openvino.convert_model(files(name))


def test_ways_back(files):
    assert isinstance(torch.load(files("weights.pt")), dict)
    with pytest.raises(Exception, match="Weights only load failed"):
        torch.load(files("module.pt"))
    assert isinstance(torch.load(files("module.pt"), weights_only=False), torch.nn.Module)
    with pytest.raises(RuntimeError, match="TorchScript archives"):
        torch.load(files("script.pt"))
    for name in ("weights.pt", "module.pt", "program.pt2"):
        with pytest.raises(RuntimeError, match=r"constants\.pkl"):
            torch.jit.load(files(name))
    with pytest.raises(RuntimeError, match=r"data\.pkl"):
        torch.load(files("program.pt2"))
    for name in ("weights.pt", "module.pt", "script.pt"):
        with pytest.raises(RuntimeError, match="deserializing"):
            torch.export.load(files(name))
    torch.jit.load(files("script.pt"))
    torch.export.load(files("program.pt2"))


def test_what_functions_give(net, files):
    with pytest.raises(AttributeError, match="'_IncompatibleKeys' object has no attribute 'eval'"):
        net.load_state_dict(net.state_dict()).eval()
    quantization = pytest.importorskip("onnxruntime.quantization")
    assert quantization.quantize_dynamic(files("net.onnx"), files("small.onnx")) is None
    model = onnx.load(files("net.onnx"))
    before = model.SerializeToString()
    onnx.shape_inference.infer_shapes(model)
    assert onnx.version_converter.convert_version(model, 18) is not None
    assert model.SerializeToString() == before
