"""R160, export-in-training-mode, dynamic-axes-unknown-name: what PyTorch's exporters refuse, keep and ignore."""

from __future__ import annotations

import io
import warnings

import pytest
from shipped import table

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
from tools import torch_probe  # noqa: E402  needs the path conftest sets

ROWS = table("torch_export")["rows"]


def rows(exporter: str) -> list[dict]:
    return [row for row in ROWS if exporter in row]


@pytest.mark.parametrize("row", rows("torchscript"), ids=lambda row: row["name"])
def test_the_torchscript_exporter_has_no_translation(row):
    assert torch_probe.refused(row["example"], "torchscript") == row["torchscript"]


@pytest.mark.parametrize("row", rows("dynamo"), ids=lambda row: row["name"])
def test_the_dynamo_exporter_has_no_translation(row):
    assert torch_probe.refused(row["example"], "dynamo") == row["dynamo"]


@pytest.mark.parametrize("row", [row for row in ROWS if "method" in row], ids=lambda row: row["name"])
def test_the_method_is_the_same_operation(row):
    method = torch_probe.as_method(row["example"])
    assert method is not None and torch_probe.aten_ops(method) == torch_probe.aten_ops(row["example"])


@pytest.mark.parametrize(
    "expression", ["torch.linalg.norm(x)", "torch.addcmul(x, y, y)", "torch.topk(x, 2)[0]", "torch.sort(x)[0]", "torch.roll(x, 1, 1)"]
)
@pytest.mark.parametrize("exporter", ["torchscript", "dynamo"])
def test_both_exporters_take_these(exporter, expression):
    model, inputs = torch_probe.module(expression)
    torch_probe._EXPORT[exporter](model, inputs)


class Net(torch.nn.Module):
    def __init__(self, *tail: torch.nn.Module) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.body = torch.nn.Sequential(torch.nn.Linear(8, 8), *tail)

    def forward(self, values):
        return self.body(values)


VALUES = torch.arange(32.0).reshape(4, 8) / 32


def exported(model, **settings):
    """The exported model and the texts of the warnings on the way."""
    target = io.BytesIO()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.onnx.export(model, (VALUES,), target, **settings)
    return onnx.load_from_string(target.getvalue()), [str(warning.message) for warning in caught]


def node_types(model) -> list[str]:
    return [node.op_type for node in model.graph.node]


def test_dynamo_keeps_dropout_of_a_model_in_training_mode():
    model, told = exported(Net(torch.nn.Dropout(0.5)).train(), dynamo=True)
    assert "Dropout" in node_types(model)
    assert any("Exporting a model while it is in training mode" in text for text in told)
    assert "Dropout" not in node_types(exported(Net(torch.nn.Dropout(0.5)).eval(), dynamo=True)[0])


def test_dynamo_folds_batch_normalization_with_its_running_statistics():
    model = Net(torch.nn.BatchNorm1d(8)).train()
    model.body[1].running_mean.fill_(3.0)
    graph, _ = exported(model, dynamo=True)
    assert node_types(graph) == ["Gemm"]
    session = pytest.importorskip("onnxruntime").InferenceSession(graph.SerializeToString())
    (answer,) = session.run(None, {session.get_inputs()[0].name: VALUES.numpy()})
    assert torch.allclose(torch.tensor(answer), model.eval()(VALUES), atol=1e-4)


@pytest.mark.parametrize("layer", [torch.nn.Dropout2d(0.5), torch.nn.AlphaDropout(0.5)], ids=["Dropout2d", "AlphaDropout"])
def test_dynamo_keeps_the_other_dropouts(layer):
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), layer).train()
    target = io.BytesIO()
    torch.onnx.export(model, (torch.ones(1, 1, 4, 4),), target, dynamo=True)
    assert "RandomUniformLike" in node_types(onnx.load_from_string(target.getvalue()))


def test_dynamo_keeps_the_dropout_between_recurrent_layers():
    target = io.BytesIO()
    torch.onnx.export(torch.nn.LSTM(4, 4, 2, dropout=0.5).train(), (torch.rand(3, 2, 4),), target, dynamo=True)
    assert "Dropout" in node_types(onnx.load_from_string(target.getvalue()))


def test_dynamo_ignores_the_training_argument():
    model, _ = exported(Net(torch.nn.Dropout(0.5)).train(), dynamo=True, training=torch.onnx.TrainingMode.EVAL)
    assert "Dropout" in node_types(model)


def test_dynamo_is_the_default():
    _, told = exported(Net().eval())
    assert not any("legacy TorchScript-based ONNX export" in text for text in told)


def test_torchscript_exporter_switches_to_eval_by_itself():
    model = Net(torch.nn.BatchNorm1d(8), torch.nn.Dropout(0.5)).train()
    graph, _ = exported(model, dynamo=False)
    assert "Dropout" not in node_types(graph) and model.training
    for mode in (torch.onnx.TrainingMode.PRESERVE, torch.onnx.TrainingMode.TRAINING):
        assert "Dropout" in node_types(exported(model, dynamo=False, training=mode)[0])


def test_a_trace_in_training_mode_stays_in_training_mode():
    dropout = torch.jit.trace(Net(torch.nn.Dropout(0.5)).train(), VALUES, check_trace=False).eval()
    assert not torch.equal(dropout(VALUES), dropout(VALUES))
    model = Net(torch.nn.BatchNorm1d(8)).train()
    traced = torch.jit.trace(model, VALUES, check_trace=False).eval()
    before = model.body[1].running_mean.clone()
    assert not torch.allclose(traced(3 * VALUES), model.eval()(3 * VALUES))
    assert not torch.equal(before, model.body[1].running_mean)
    fixed = torch.jit.trace(Net(torch.nn.Dropout(0.5)).eval(), VALUES)
    assert torch.equal(fixed(VALUES), fixed(VALUES))


def test_a_script_can_still_be_switched():
    scripted = torch.jit.script(Net(torch.nn.Dropout(0.5)).train()).eval()
    assert torch.equal(scripted(VALUES), scripted(VALUES))


def test_an_exported_program_of_a_model_in_training_mode_drops_at_random():
    program = torch.export.export(Net(torch.nn.Dropout(0.5)).train(), (VALUES,)).module()
    assert not torch.equal(program(VALUES), program(VALUES))


def first_dimension(model) -> object:
    dimension = model.graph.input[0].type.tensor_type.shape.dim[0]
    return dimension.dim_param or dimension.dim_value


NAMES = {"input_names": ["x"], "output_names": ["y"]}
AXIS = {0: "batch"}


@pytest.mark.parametrize("dynamo", [False, True])
def test_dynamic_axes_with_the_right_names(dynamo):
    model, _ = exported(Net().eval(), dynamo=dynamo, **NAMES, dynamic_axes={"x": AXIS, "y": AXIS})
    assert first_dimension(model) == "batch"


def test_torchscript_exporter_ignores_an_unknown_name():
    model, told = exported(Net().eval(), dynamo=False, **NAMES, dynamic_axes={"input": AXIS, "output": AXIS})
    assert first_dimension(model) == 4
    assert any("Provided key input for dynamic axes is not a valid input/output name" in text for text in told)


@pytest.mark.parametrize("axes", [{"input": AXIS, "output": AXIS}, {"x": AXIS, "output": AXIS}, {"x": [0], "z": [0]}])
def test_dynamo_refuses_an_unknown_name(axes):
    with pytest.raises(RuntimeError, match="Failed to convert 'dynamic_axes' to 'dynamic_shapes'"):
        exported(Net().eval(), dynamo=True, **NAMES, dynamic_axes=axes)


def test_without_input_names_dynamo_matches_the_parameters_of_forward():
    model, _ = exported(Net().eval(), dynamo=True, dynamic_axes={"values": AXIS})
    assert first_dimension(model) == "batch"
    assert first_dimension(exported(Net().eval(), dynamo=False, dynamic_axes={"input": AXIS})[0]) == 4


@pytest.mark.parametrize(("width", "external"), [(4, False), (64, True)])
def test_dynamo_writes_a_second_file_and_refers_to_it_for_all_but_tiny_weights(tmp_path, width, external):
    path = tmp_path / "model.onnx"
    torch.onnx.export(torch.nn.Linear(width, width).eval(), (torch.rand(1, width),), str(path), dynamo=True)
    model = onnx.load(path, load_external_data=False)
    assert path.with_name("model.onnx.data").is_file()
    assert any(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in model.graph.initializer) == external
    path.with_name("model.onnx.data").unlink()
    torch.onnx.export(torch.nn.Linear(width, width).eval(), (torch.rand(1, width),), str(path), dynamo=True, external_data=False)
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.onnx"]


def test_load_reads_only_weights_by_default(tmp_path):
    model = Net()
    torch.save(model, tmp_path / "model.pt")
    torch.save(model.state_dict(), tmp_path / "state.pt")
    torch.jit.save(torch.jit.trace(model.eval(), VALUES), tmp_path / "script.pt")
    with pytest.raises(Exception, match="Weights only load failed"):
        torch.load(tmp_path / "model.pt")
    with pytest.raises(RuntimeError, match="Cannot use ``weights_only=True`` with TorchScript archives"):
        torch.load(tmp_path / "script.pt")
    assert torch.load(tmp_path / "state.pt").keys() == model.state_dict().keys()
    assert torch.load(tmp_path / "model.pt", weights_only=False)
