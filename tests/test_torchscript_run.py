"""TorchScript followed without numbers: hand-made archives, and the shapes PyTorch itself notes while it traces."""

# mypy: disable-error-code="no-untyped-def,union-attr,attr-defined,func-returns-value,arg-type"

from __future__ import annotations

import json
import pickle
import sys
import types
import zipfile
from pathlib import Path

import pytest

from deplint.project import File
from deplint.targets import asked
from deplint.targets.matrix import subjects
from deplint.targets.torchscript_run import run
from deplint.targets.torchscript_shapes import UNKNOWN, Lost, Shaped, Size, result

X = Shaped("float32", (2, 3, 8, 8))


def archive(path: Path, body: str, inputs: object = (("float32", (1, 4, 9, 9)),), more: str = "", parameters: str = "x: Tensor") -> Path:
    """A module ``M`` whose forward is `body`, with a number and a list as attributes."""
    module = types.ModuleType("__torch__")
    kind = type("M", (), {"__module__": "__torch__"})
    module.M = kind
    sys.modules["__torch__"] = module
    try:
        thing = kind()
        thing.__dict__.update({"kind": "pool", "sizes": [2, 2], "training": True})
        data = pickle.dumps(thing, protocol=2)
    finally:
        del sys.modules["__torch__"]
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    code = f"class M(Module):\n  kind : str\n  def forward(self: __torch__.M,\n    {parameters}) -> Tensor:\n{lines}{more}"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {
            "data.pkl": data,
            "code/__torch__.py": code,
            "constants.pkl": pickle.dumps((), protocol=2),
            "version": "3\n",
            "extra/inputs.json": json.dumps(inputs),
        }.items():
            archive.writestr(f"m/{name}", content)
    return path


def said(target: str, path: Path) -> list[str]:
    return [reason.message for subject in subjects([path]) for reason in asked(target).judge(subject).reasons]


def called(path: Path) -> list[tuple[int, tuple[object, ...]]]:
    return [(each.index, each.args) for each in run(File(path), [("float32", (1, 4, 9, 9))]).calls]


def test_branches_on_attributes_are_decided(tmp_path):
    body = 'kind = self.kind\nif torch.eq(kind, "pool"):\n  y = torch.relu(x)\nelse:\n  y = torch.gelu(x)\nreturn y'
    found = called(archive(tmp_path / "m.pt", body))
    assert found == [(0, ("pool", "pool")), (1, (Shaped("float32", (1, 4, 9, 9)),))]


def test_what_runs_only_under_an_unknown_condition_is_not_told(tmp_path):
    body = "if bool(torch.gt(torch.sum(x), 1.)):\n  y = torch.relu(x)\nelse:\n  y = torch.tanh(x)\nreturn torch.neg(y)"
    found = called(archive(tmp_path / "m.pt", body))
    assert [index for index, _ in found] == [1, 0, 4]
    assert found[-1][1] == (Shaped("float32", (1, 4, 9, 9), by="relu"),) or found[-1][1] == (UNKNOWN,)


def test_functions_loops_and_lists(tmp_path):
    body = "y = __torch__.twice(x, [1, 1], )\nfor i in range(2):\n  y = torch.unsqueeze(y, i)\nreturn torch.flatten(y, 2)"
    more = "def twice(x: Tensor,\n    pads: List[int],\n    n: int=2) -> Tensor:\n  return torch.pad(torch.repeat(x, [n, 1, 1, 1]), pads)\n"
    path = archive(tmp_path / "m.pt", body, more=more)
    last = run(File(path), [("float32", (1, 4, 9, 9))]).calls[-1]
    assert last.args[0].shape == (1, 1, 2, 4, 9, 11)


def test_endless_code_ends(tmp_path):
    path = archive(tmp_path / "m.pt", "y = x\nwhile True:\n  y = torch.relu(y)\nreturn y")
    assert run(File(path), None).calls
    path = archive(tmp_path / "n.pt", "return __torch__.f(x, )", more="def f(x: Tensor) -> Tensor:\n  return __torch__.f(x, )\n")
    assert not run(File(path), None).whole


@pytest.mark.parametrize(
    ("name", "args", "shape"),
    [
        ("conv2d", [X, Shaped("float32", (5, 3, 3, 3)), None, [2, 2], [1, 1], [1, 1]], (2, 5, 4, 4)),
        ("conv_transpose2d", [X, Shaped("float32", (3, 5, 3, 3)), None, [2, 2], [1, 1], [1, 1]], (2, 5, 16, 16)),
        ("max_pool2d", [X, [3, 3], [2, 2], [0, 0], [1, 1], True], (2, 3, 4, 4)),
        ("avg_pool2d", [X, [2, 2], [], [0, 0]], (2, 3, 4, 4)),
        ("view", [X, [2, -1]], (2, 192)),
        ("permute", [X, [0, 2, 3, 1]], (2, 8, 8, 3)),
        ("slice", [X, 2, 1, 9223372036854775807, 3], (2, 3, 3, 8)),
        ("matmul", [X, Shaped("float32", (8, 5))], (2, 3, 8, 5)),
        ("index", [X, [None, Shaped("int64", (4,))]], (2, 4, 8, 8)),
        ("relu_of_tomorrow", [X], None),
        ("view", [X, "damaged"], None),
        ("conv2d", [X, 3], None),
    ],
)
def test_shapes(name, args, shape):
    found = result(name, args, {})
    assert (found.shape if isinstance(found, Shaped) else None) == shape


def test_what_the_exporter_forgets():
    padded = result("pad", [X, [0, 0]], {})
    assert padded.forgotten and all(isinstance(size, Lost) for size in padded.shape)
    assert result("add", [X, padded], {}).forgotten
    assert not result("view", [padded, [2, 3, 64]], {}).forgotten
    assert not result("view", [padded, [Size(2), Size(3), 64]], {}).forgotten
    assert result("view", [padded, [2, 3, -1]], {}).forgotten
    assert result("unflatten", [X, 1, [1, 3]], {}).unranked


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return torch.adaptive_avg_pool2d(x, [2, 2])", "divide the input's"),
        ("return torch.adaptive_avg_pool2d(x, [3, 3])", ""),
        ("return torch.adaptive_avg_pool2d(x, [1, 1])", ""),
        ("return torch.adaptive_avg_pool2d(torch.pad(x, [1, 1]), [3, 3])", "sizes it knows"),
        ("return torch.adaptive_avg_pool2d(torch.pad(x, [1, 1]), [1, 1])", ""),
        ("return torch.transpose(torch.unflatten(x, 1, [2, 2]), 0, 1)", "rank it knows"),
        ("return torch.batch_norm(torch.pad(x, [1, 1]), None, None, x, x, False, 0.1, 0.1, True)", "without its weights"),
        ("return torch.threshold(x, 0.5, 0.)", "threshold"),
        ("y = torch.empty_like(x)\nreturn torch.copy_(y, x)", "aten::copy_"),
        ("y = torch.clone(x)\nreturn torch.copy_(torch.select(y, 0, 0), torch.select(x, 0, 0))", ""),
        ("return torch.lstm(x, [x, x], [x, x, x, x, x], True, 1, 0., False, False, True)", "projections"),
        ("return torch.lstm(x, [x, x], [x, x, x, x], True, 1, 0., False, False, True)", ""),
    ],
)
def test_the_older_exporter(tmp_path, body, words):
    messages = said("torch-onnx-legacy", archive(tmp_path / "m.pt", body))
    assert any(words in message for message in messages) if words else not messages


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return torch.grid_sampler(torch.unsqueeze(x, 0), x, 0, 0, True)", "rank 4"),
        ("return torch.gather(x, 0, torch.unsqueeze(torch.floor_divide(x, 3), 0))", "floor_divide"),
        ("return torch.rnn_tanh(x, x, [x], True, 1, 0., False, True, True)", "one direction"),
        ("return torch.conv2d(x, x, None, [1, 1])", "bias"),
        ('if torch.ne(torch.len([1]), 1):\n  ops.prim.RaiseException("no")\nelse:\n  pass\nreturn torch.relu(x)', "branches and checks"),
        ("return torch.relu(x)", ""),
    ],
)
def test_coremltools(tmp_path, body, words):
    messages = said("coreml-mlprogram", archive(tmp_path / "m.pt", body))
    assert any(words in message for message in messages) if words else not messages


def test_parameters_that_are_left_out(tmp_path):
    path = archive(tmp_path / "m.pt", "return torch.relu(x)", parameters="x: Tensor,\n    y: Optional[Tensor]=None")
    for target in ("torch-onnx-legacy", "coreml-mlprogram"):
        assert any("left out (y)" in message for message in said(target, path))


@pytest.mark.torch
def test_shapes_are_those_that_pytorch_traces(tmp_path):
    torch = pytest.importorskip("torch")
    nn = torch.nn
    pooled = [nn.MaxPool2d(3, 2, 1, ceil_mode=True), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(24, 5)]
    first = [nn.Conv2d(3, 6, 3, 2, 1), nn.BatchNorm2d(6), nn.ReLU(), nn.ConvTranspose2d(6, 6, 3, 2, 1, 1), nn.PixelShuffle(1)]
    modules = [
        (nn.Sequential(*first, *pooled), torch.rand(2, 3, 17, 17)),
        (nn.TransformerEncoderLayer(8, 2, batch_first=True), torch.rand(2, 5, 8)),
    ]
    for module, given in modules:
        module.train()  # the fast path of transformers is one operator
        traced = torch.jit.trace(module, (given,), check_trace=False)
        traced.save(str(tmp_path / "m.pt"))
        noted = [
            (node.kind().split("::")[1], first.sizes())
            for node in traced.inlined_graph.nodes()
            for first in [next(iter(node.inputs()), None) and next(iter(node.inputs())).type()]
            if node.kind().startswith("aten::") and first is not None and first.kind() == "TensorType" and first.sizes() is not None
        ]
        model = next(iter(subjects([tmp_path / "m.pt"]))).model
        graphs = {graph.name: graph for graph in model.graphs}
        found = run(File(tmp_path / "m.pt"), [("float32", tuple(given.shape))])
        seen = [(graphs[each.graph].ops[each.index].type, list(each.args[0].shape)) for each in found.calls if _known(each.args[:1])]
        assert found.whole and len(seen) > 8
        assert set(map(repr, seen)) - {"('size', [])"} <= set(map(repr, noted))


def _known(args: tuple[object, ...]) -> bool:
    return bool(args) and isinstance(args[0], Shaped) and args[0].shape is not None and None not in args[0].shape and bool(args[0].shape)
