"""DPL120, DPL121, DPL123, DPL125: what exporters of PyTorch refuse, and what runs where."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")
ort = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")
nn = torch.nn
X = torch.zeros(2, 4)
BATCH = torch.export.Dim("batch")


@pytest.fixture
def net():
    return nn.Sequential(nn.Linear(4, 4)).eval()


@pytest.mark.parametrize("make", [torch.jit.script, lambda module: torch.jit.trace(module, X)])
def test_script_modules(net, make, tmp_path):
    path, scripted = str(tmp_path / "net.onnx"), make(net)
    with pytest.raises(ValueError, match="Exporting a ScriptModule is not supported"):
        torch.export.export(scripted, (X,))
    with pytest.raises(torch.onnx.OnnxExporterError):
        torch.onnx.export(scripted, (X,), path, dynamo=True, verbose=False)
    torch.onnx.export(scripted, (X,), path, dynamo=False)
    with pytest.raises(RuntimeError, match="__getstate__"):
        torch.save(scripted, str(tmp_path / "net.pt"))


def test_data_parallel(net, tmp_path):
    with pytest.raises(ValueError, match="DataParallel is not supported"):
        torch.onnx.export(nn.DataParallel(net), (X,), str(tmp_path / "net.onnx"), dynamo=False)
    torch.onnx.export(nn.DataParallel(net), (X,), str(tmp_path / "net.onnx"), dynamo=True, verbose=False)


def test_dynamic_shapes(net, tmp_path):
    path = str(tmp_path / "net.onnx")
    with pytest.raises(ValueError, match="dynamic shapes through parameter dynamic_axes"):
        torch.onnx.export(net, (X,), path, dynamo=False, dynamic_shapes=({0: BATCH},))
    with pytest.raises(Exception, match="specialized it to be a constant"):
        torch.export.export(net, (X[:1],), dynamic_shapes=({0: BATCH},))
    with pytest.raises(ValueError, match="0/1 specialized"):
        torch.export.export(net, (X[:1],), dynamic_shapes=({0: torch.export.Dim.DYNAMIC},))
    torch.export.export(net, (X[:1],), dynamic_shapes=({0: torch.export.Dim.AUTO},))
    torch.export.export(net, (X,), dynamic_shapes=({0: BATCH},))
    torch.onnx.export(net, (X[:1],), path, dynamo=True, dynamic_shapes=({0: BATCH},), verbose=False)


def test_devices(net):
    moved = X.clone()
    moved.to("meta")
    assert moved.device.type == "cpu"
    net.to("meta")
    assert next(net.parameters()).device.type == "meta"
    with pytest.raises(RuntimeError, match="meta"):
        torch.jit.trace(net, moved)


def test_convolutions_in_double(tmp_path):
    path, image = str(tmp_path / "net.onnx"), torch.zeros(1, 1, 2, 2, dtype=torch.float64)
    torch.onnx.export(nn.Conv2d(1, 1, 1).double(), (image,), path, dynamo=False)
    with pytest.raises(Exception, match=r"Could not find an implementation for Conv"):
        ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    torch.onnx.export(nn.Linear(2, 2).double(), (image,), path, dynamo=False)
    ort.InferenceSession(path, providers=["CPUExecutionProvider"])


def test_executorch_without_a_partitioner(net):
    exir = pytest.importorskip("executorch.exir")
    partition = pytest.importorskip("executorch.backends.xnnpack.partition.xnnpack_partitioner")
    program = torch.export.export(net, (X,))
    plain = exir.to_edge_transform_and_lower(program).to_executorch().executorch_program
    lowered = exir.to_edge_transform_and_lower(program, partitioner=[partition.XnnpackPartitioner()]).to_executorch().executorch_program
    assert not plain.execution_plan[0].delegates and lowered.execution_plan[0].delegates


class Flat(nn.Module):
    def forward(self, x):
        return x.view(1, -1)


class Pair(nn.Module):
    def forward(self, x):
        return x.view(2, 4) + torch.ones(2, 1)


@pytest.mark.parametrize(("kind", "batch"), [(Flat, 1), (Pair, 2)])
def test_a_batch_that_is_written_out(kind, batch, tmp_path):
    path = str(tmp_path / "net.onnx")
    names = {"input_names": ["x"], "output_names": ["y"], "dynamic_axes": {"x": {0: "batch"}}}
    torch.onnx.export(kind(), (X[:batch],), path, dynamo=False, **names)
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    three = torch.ones(3, 4).numpy()
    if kind is Flat:
        assert session.run(None, {"x": three})[0].shape == (1, 12)
    else:
        with pytest.raises(Exception, match="Reshape"):
            session.run(None, {"x": three})


@pytest.mark.parametrize(("asked", "made"), [(13, 18), (16, 18), (17, 17)])
def test_layer_normalization_has_no_opset_before_17(asked, made):
    """DPL649."""
    program = torch.onnx.export(nn.LayerNorm(4).eval(), (X,), None, dynamo=True, opset_version=asked)
    assert [one.version for one in program.model_proto.opset_import if one.domain == ""] == [made]
