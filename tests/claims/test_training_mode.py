"""export-in-training-mode: what each exporter does with dropout and batch normalisation of a module in training mode."""

from __future__ import annotations

import io
import warnings

import pytest

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")
ort = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")
nn = torch.nn

VALUES = torch.rand(2, 4, 5, 5, generator=torch.Generator().manual_seed(0))
ALIKE = {
    "Dropout2d": lambda: [nn.Dropout2d(0.5), nn.ReLU()],
    "Dropout1d": lambda: [nn.Flatten(2), nn.Dropout1d(0.5), nn.ReLU()],
    "Dropout3d": lambda: [nn.Unflatten(1, (2, 2)), nn.Dropout3d(0.5), nn.ReLU()],
    "AlphaDropout": lambda: [nn.AlphaDropout(0.5), nn.ReLU()],
    "FeatureAlphaDropout": lambda: [nn.FeatureAlphaDropout(0.5), nn.ReLU()],
}


def net(*layers):
    """A module in training mode. Batch normalisation has learnt statistics that differ from those of `VALUES`."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(4, 4, 1), *layers)
    for layer in layers:
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.fill_(2.0)
            layer.running_var.fill_(4.0)
    return module.train()


def norm():
    return net(nn.BatchNorm2d(4), nn.ReLU())


def inner_dropout():
    return net(nn.Dropout(0.5), nn.Conv2d(4, 2, 1))


def last_dropout():
    return net(nn.Dropout(0.5))


def verdict(run, module) -> tuple[str, str]:
    """Whether an exported module always gives the same (a mask of four channels repeats often), and the same as in inference mode."""
    with torch.no_grad():
        first, wanted = run(VALUES), module.eval()(VALUES)
        stable = all(torch.equal(first, run(VALUES)) for _ in range(40))
    return "stable" if stable else "random", "right" if torch.allclose(first, wanted, atol=1e-5) else "wrong"


def traced(module):
    return torch.jit.trace(module, VALUES, check_trace=False).eval()


def exported(module):
    return torch.export.export(module, (VALUES,)).module()


def onnx(module, optimize: bool = True, **settings):
    target = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, (VALUES,), target, **settings)
    options = ort.SessionOptions()
    if not optimize:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(target.getvalue(), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda values: torch.from_numpy(session.run(None, {name: values.numpy()})[0])


@pytest.mark.parametrize("export", [traced, exported])
def test_traces_and_programs_stay_in_training_mode(export):
    for make in (last_dropout, inner_dropout):
        assert verdict(export(make()), make()) == ("random", "wrong")
    assert verdict(export(norm()), norm()) == ("stable", "wrong")
    assert verdict(export(norm().eval()), norm()) == ("stable", "right")


def test_a_script_follows_eval():
    for make in (last_dropout, norm):
        assert verdict(torch.jit.script(make()).eval(), make()) == ("stable", "right")


def test_dynamo_writes_batch_normalisation_for_inference():
    assert verdict(onnx(norm(), dynamo=True), norm()) == ("stable", "right")
    assert verdict(onnx(norm(), dynamo=True, training=torch.onnx.TrainingMode.PRESERVE), norm()) == ("stable", "right")


def test_dynamo_keeps_dropout_and_onnxruntime_removes_it_between_operators():
    assert verdict(onnx(last_dropout(), dynamo=True), last_dropout()) == ("random", "wrong")
    assert verdict(onnx(inner_dropout(), dynamo=True), inner_dropout()) == ("stable", "right")
    assert verdict(onnx(inner_dropout(), optimize=False, dynamo=True), inner_dropout()) == ("random", "wrong")


@pytest.mark.parametrize("kind", ALIKE)
def test_dynamo_writes_other_dropouts_as_random_numbers(kind):
    module = nn.Sequential(*ALIKE[kind]()).train()
    assert verdict(onnx(module, dynamo=True), module) == ("random", "wrong")


def test_the_older_exporter_switches_to_inference_unless_told_not_to():
    for make in (last_dropout, norm):
        assert verdict(onnx(make(), dynamo=False), make()) == ("stable", "right")
    preserve = {"dynamo": False, "training": torch.onnx.TrainingMode.PRESERVE}
    assert verdict(onnx(norm(), **preserve), norm()) == ("stable", "wrong")
    with pytest.raises(Exception, match="training mode"):
        onnx(net(nn.Dropout2d(0.5)), **preserve)


def test_core_ml_leaves_dropout_out_of_a_trace_but_not_batch_normalisation():
    ct = pytest.importorskip("coremltools")

    def operations(module):
        made = ct.convert(traced(module), inputs=[ct.TensorType(shape=VALUES.shape)], skip_model_load=True)
        return {op.op_type for op in made._mil_program.functions["main"].operations} - {"const", "cast"}

    assert operations(inner_dropout()) == {"conv"}
    assert "reduce_mean" in operations(norm())
    assert operations(norm().eval()) == {"conv", "relu"}
