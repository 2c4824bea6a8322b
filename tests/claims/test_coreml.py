"""R149, R161: how coremltools names its packages and which PyTorch calls it cannot convert."""

from __future__ import annotations

import pytest
from shipped import table

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")
ct = pytest.importorskip("coremltools")
from tools import torch_probe  # noqa: E402  needs the path conftest sets

ROWS = [row for row in table("torch_export")["rows"] if "coreml" in row]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_no_conversion_for(row):
    assert torch_probe.refused(row["example"], "coreml") == row["coreml"]


@pytest.mark.parametrize(
    "expression", ["torch.linalg.norm(x)", "torch.cumsum(x, 1)", "torch.topk(x, 2)[0]", "torch.log1p(x)", "torch.frac(x)"]
)
def test_converts(expression):
    torch_probe._coreml(*torch_probe.module(expression))


def converted(**settings):
    traced = torch.jit.trace(torch.nn.Linear(4, 2).eval(), torch.rand(1, 4))
    return ct.convert(traced, inputs=[ct.TensorType(shape=(1, 4))], **settings)


PROGRAM = [
    {},
    {"convert_to": "mlprogram"},
    {"minimum_deployment_target": ct.target.iOS15},
    {"minimum_deployment_target": ct.target.macOS12},
]
NETWORK = [
    {"convert_to": "neuralnetwork"},
    {"minimum_deployment_target": ct.target.iOS14},
    {"minimum_deployment_target": ct.target.macOS11},
]


@pytest.mark.parametrize("settings", PROGRAM, ids=str)
def test_ml_program_must_be_an_mlpackage(settings, tmp_path):
    model = converted(**settings)
    assert model.get_spec().WhichOneof("Type") == "mlProgram"
    for name in ("model.mlmodel", "model.foo"):
        with pytest.raises(Exception, match=r"For an ML Program, extension must be \.mlpackage"):
            model.save(str(tmp_path / name))
    model.save(str(tmp_path / "model.mlpackage"))
    model.save(str(tmp_path / "bare"))
    assert {path.name for path in tmp_path.iterdir()} == {"model.mlpackage", "bare.mlpackage"}


@pytest.mark.parametrize("settings", NETWORK, ids=str)
def test_a_neural_network_may_be_an_mlmodel(settings, tmp_path):
    model = converted(**settings)
    assert model.get_spec().WhichOneof("Type") == "neuralNetwork"
    model.save(str(tmp_path / "model.mlmodel"))


def test_a_program_needs_a_new_enough_target():
    with pytest.raises(ValueError, match="When 'convert_to' is mlprogram, the minimum deployment target must be at least iOS15"):
        converted(convert_to="mlprogram", minimum_deployment_target=ct.target.iOS14)
