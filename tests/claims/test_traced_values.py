"""DPL114, DPL119: what tracing makes of Python's look at values, and of dictionaries."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")
ort = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")

EXAMPLE = torch.tensor([[1.0, 2.0]])
OTHER = torch.tensor([[-3.0, 1.0]])


class Item(torch.nn.Module):
    def forward(self, x):
        return x * x.max().item()


class Float(torch.nn.Module):
    def forward(self, x):
        return x * float(x.max())


class Listed(torch.nn.Module):
    def forward(self, x):
        return x + torch.tensor(x.sum(0).tolist())


class Branch(torch.nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x * 2
        return x - 1


class Loop(torch.nn.Module):
    def forward(self, x):
        while x.sum() < 10:
            x = x * 2 + 4
        return x


class Raising(torch.nn.Module):
    def forward(self, x):
        if x.sum() < -100:
            raise ValueError("too small")
        return x * 2


def exported(module, path, dynamo):
    torch.onnx.export(module, (EXAMPLE,), path, dynamo=dynamo, input_names=["x"], verbose=False)
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    return torch.from_numpy(session.run(None, {"x": OTHER.numpy()})[0]) if session.get_inputs() else EXAMPLE * 0


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", [Item, Float, Listed, Branch, Loop])
def test_the_example_stays(kind, tmp_path):
    module = kind().eval()
    assert not torch.allclose(torch.jit.trace(module, EXAMPLE, check_trace=False)(OTHER), module(OTHER))
    assert not torch.allclose(exported(module, str(tmp_path / "net.onnx"), dynamo=False), module(OTHER))


@pytest.mark.filterwarnings("ignore")
def test_a_check_that_raises_changes_nothing():
    assert torch.allclose(torch.jit.trace(Raising(), EXAMPLE)(OTHER), Raising()(OTHER))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", [Item, Float, Listed])
def test_the_newer_exporter_keeps_numbers(kind, tmp_path):
    assert torch.allclose(exported(kind().eval(), str(tmp_path / "net.onnx"), dynamo=True), kind()(OTHER))


@pytest.mark.parametrize("kind", [Branch, Loop])
def test_the_newer_exporters_refuse_branches(kind, tmp_path):
    with pytest.raises(Exception, match="data-dependent"):
        torch.export.export(kind(), (EXAMPLE,))
    with pytest.raises(torch.onnx.OnnxExporterError):
        torch.onnx.export(kind(), (EXAMPLE,), str(tmp_path / "net.onnx"), dynamo=True, verbose=False)


class Named(torch.nn.Module):
    def forward(self, x):
        return {"y": x * 2}


def test_a_dictionary_is_not_traced():
    with pytest.raises(RuntimeError, match="Encountering a dict at the output of the tracer"):
        torch.jit.trace(Named(), EXAMPLE)
    assert torch.jit.trace(Named(), EXAMPLE, strict=False)(OTHER)["y"].equal(OTHER * 2)


def test_transformers_give_dictionaries():
    transformers = pytest.importorskip("transformers")
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "vocab_size": 20}
    ids = torch.ones(1, 4, dtype=torch.long)
    with pytest.raises(RuntimeError, match="Encountering a dict"):
        torch.jit.trace(transformers.BertModel(transformers.BertConfig(**sizes)).eval(), ids)
    torch.jit.trace(transformers.BertModel(transformers.BertConfig(**sizes, return_dict=False)).eval(), ids)
