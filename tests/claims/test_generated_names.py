"""DPL498: names that PyTorch's exporters make up."""

from __future__ import annotations

import io

import pytest

from deplint.rules.model.generated_names import GENERATED

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")


def names(module, **settings) -> list[str]:
    target = io.BytesIO()
    torch.onnx.export(module, (torch.rand(1, 4),), target, dynamo=False, **settings)
    graph = onnx.load_from_string(target.getvalue()).graph
    return [value.name for value in (*graph.input, *graph.output)]


class Wrapped(torch.nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x)


def test_names_that_are_not_given_are_made_up_and_another_export_has_others():
    net = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    deeper = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.ReLU(), torch.nn.Linear(4, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    made_up, others = names(net), names(deeper)
    assert all(GENERATED["onnx"].fullmatch(name) for name in (*made_up, *others))
    assert made_up != others


def test_names_that_are_given_stay():
    given = {"input_names": ["features"], "output_names": ["scores"]}
    for net in (torch.nn.Linear(4, 2), Wrapped(torch.nn.Linear(4, 2))):
        assert names(net, **given) == ["features", "scores"]
