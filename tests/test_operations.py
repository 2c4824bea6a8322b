"""What the code of a model certainly does when it runs, and what the graph of a SavedModel makes of its inputs.

Each program is written with the answer it must give; `tests/claims/test_operations_*.py` hold the same functions against the exporters.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from test_traces import load

from deplint.code import keras, pytorch
from deplint.code.facts import Value
from deplint.data import load as table
from deplint.formats.tensorflow import read_saved_model
from deplint.model import Graph, Model, Op, Tensor
from deplint.model.flow import worked
from deplint.project import File


def exported(tmp_path: Path, source: str) -> Value:
    """The model given to ``torch.onnx.export``."""
    [call] = load(tmp_path, source).calls("torch.onnx.export")
    return call.argument("model", 0)


def torch_names(tmp_path: Path, forward: str, init: str = "pass") -> list[str]:
    lines = textwrap.indent(textwrap.dedent(forward).strip(), " " * 8)
    made = textwrap.indent(textwrap.dedent(init).strip(), " " * 8)
    source = (
        f"class M(nn.Module):\n    def __init__(self):\n        super().__init__()\n{made}\n    def forward(self, x, y=None):\n{lines}\n"
    )
    return [operation.name for operation in pytorch.operations(exported(tmp_path, source + "torch.onnx.export(M(), x)\n"))]


@pytest.mark.parametrize(
    ("forward", "names"),
    [
        ("return torch.median(x)", ["torch.median"]),
        ("return x.median()", [".median"]),
        ("return (x + 1).median()", [".median"]),
        ("return x[:, 0].median()", [".median"]),
        ("return torch.relu(x).median().values", ["torch.relu", ".median"]),
        ("return {'a': [torch.sort(x)[0]]}", ["torch.sort"]),
        ("a = torch.sort(x)[0]\nb = a * 2\nreturn b", ["torch.sort"]),
        ("a, b = torch.sort(x)\nreturn b", ["torch.sort"]),
        ("a, b = torch.sort(x)[0], x + 1\nreturn a", ["torch.sort"]),
        ("with torch.no_grad():\n    a = torch.sin(x)\nreturn a.detach()", ["torch.sin", ".detach"]),
        ("return (lambda t: torch.cos(t))(x)", ["torch.cos"]),
        ("out = torch.zeros(4)\nout[0] = torch.sin(x)\nreturn out", ["torch.zeros", "torch.sin"]),
        ("for _ in range(2):\n    x = torch.sin(x)\nreturn x", ["torch.sin", "torch.sin"]),
    ],
)
def test_what_a_forward_does(tmp_path, forward, names):
    assert torch_names(tmp_path, forward) == names


@pytest.mark.parametrize(
    "forward",
    [
        "torch.median(x)\nreturn x",
        "m = torch.median(x)\nreturn x",
        "m, n = torch.median(x), x + 1\nreturn n",
        "return (torch.median(x), x)[1]",
        "return x * float(torch.median(x))",
        "m = torch.median(x).item()\nreturn x * m",
        "if torch.median(x) > 1:\n    return x\nreturn x + 1",
        "assert torch.median(x) > 1\nreturn x",
        "print(torch.median(x))\nreturn x",
        "return x + 1 if torch.median(x) > 1 else x",
        "self.last = torch.median(x)\nreturn x",
        "if y is not None:\n    x = torch.median(x)\nreturn x",
        "if y:\n    return x\nreturn torch.median(x)",
        "for row in y:\n    x = torch.median(x)\nreturn x",
        "try:\n    x = compute(x)\nexcept ValueError:\n    x = torch.median(x)\nreturn x",
        "return [torch.median(t) for t in y]",
        "if torch.onnx.is_in_onnx_export():\n    return x\nreturn torch.median(x)",
    ],
)
def test_what_a_trace_may_do_without(tmp_path, forward):
    assert "torch.median" not in torch_names(tmp_path, forward)


def test_training_is_over_once_it_is_said_to_be(tmp_path):
    source = """
    class M(nn.Module):
        def forward(self, x):
            if self.training:
                x = torch.sin(x)
            return torch.cos(x)

    torch.onnx.export(M().eval(), x)
    """
    assert [operation.name for operation in pytorch.operations(exported(tmp_path, source))] == ["torch.cos"]


def test_helpers_and_modules_within_modules(tmp_path):
    source = """
    class Inner(nn.Module):
        def forward(self, x):
            return torch.sin(x)

    class Outer(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = Inner()
            self.body = nn.Sequential(nn.Linear(2, 2), Inner(), nn.CELU())

        def scale(self, x):
            return torch.cos(x)

        def log(self, x):
            return torch.tan(x)

        def forward(self, x):
            self.log(x)
            return self.body(self.inner(self.scale(x)))

    torch.onnx.export(Outer(), x)
    """
    names = [operation.name for operation in pytorch.operations(exported(tmp_path, source))]
    assert names == ["torch.cos", "torch.sin", "torch.nn.Linear", "torch.sin", "torch.nn.CELU"]


def test_what_a_module_is_given_and_what_it_has(tmp_path):
    source = """
    class M(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(2, 2))

        def forward(self, x):
            return torch.linalg.inv(self.weight) + torch.linalg.inv(x * 2)

    torch.onnx.export(M(), x)
    """
    assert [operation.given for operation in pytorch.operations(exported(tmp_path, source))] == [False, True]


@pytest.mark.parametrize("model", ["torch.load('m.pt')", "build()", "nn.Sequential(*parts)", "nn.Sequential(nn.CELU()) if y else Net()"])
def test_modules_nobody_can_see_into(tmp_path, model):
    assert list(pytorch.operations(exported(tmp_path, f"torch.onnx.export({model}, x)"))) == []


def keras_names(tmp_path: Path, source: str) -> list[str]:
    text = textwrap.dedent(source) + "tf.lite.TFLiteConverter.from_keras_model(model).convert()\n"
    [call] = load(tmp_path, "from tensorflow import keras\nfrom tensorflow.keras import layers\n" + text).calls("**.convert")
    made = call.receiver.origin
    assert made is not None
    return [operation.name for operation in keras.operations(made.argument("model", 0))]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (
            "model = keras.Sequential([layers.Input((4,)), layers.Dense(2), layers.Lambda(lambda t: tf.sin(t))])\n",
            ["keras.layers.Input", "keras.layers.Dense", "tensorflow.sin"],
        ),
        (
            "model = keras.Sequential()\nmodel.add(layers.Dense(2, input_shape=(4,)))\nmodel.add(layers.ReLU())\n",
            ["keras.layers.Dense", "keras.layers.ReLU"],
        ),
        (
            "i = keras.Input((4,))\nh = layers.Dense(2)(i)\nmodel = keras.Model(i, layers.Add()([h, layers.ReLU()(h)]))\n",
            ["keras.layers.Add", "keras.layers.Dense", "keras.Input", "keras.layers.ReLU", "keras.layers.Dense", "keras.Input"],
        ),
        ("class M(keras.Model):\n    def call(self, x):\n        return tf.cos(x)\nmodel = M()\n", ["tensorflow.cos"]),
        (
            """
class L(layers.Layer):
    def call(self, x):
        return tf.cos(x)
model = keras.Sequential([layers.Input((4,)), L()])
""",
            ["keras.layers.Input", "tensorflow.cos"],
        ),
        (
            "head = keras.Sequential([layers.Input((4,)), layers.ReLU()])\nmodel = keras.Sequential([layers.Input((4,)), head])\n",
            ["keras.layers.Input", "keras.layers.Input", "keras.layers.ReLU"],
        ),
        ("model = keras.Sequential(build())\n", []),
        ("model = keras.models.load_model('m.keras')\n", []),
    ],
)
def test_what_a_keras_model_does(tmp_path, source, names):
    assert keras_names(tmp_path, source) == names


def graph(name: str, ops: list[Op], inputs: list[str], outputs: list[str], kind: str = "graph", **dtypes: str) -> Graph:
    for number, op in enumerate(ops):
        op.index = number
    return Graph(name, ops, {n: Tensor(n, d) for n, d in dtypes.items()}, inputs, outputs, kind)


def test_weights_and_constants_are_computed_beforehand():
    called = graph(
        "f", [Op("Inv", inputs=["a"], outputs=["c"]), Op("Det", inputs=["b"], outputs=["d"])], ["a", "b"], ["c", "d"], "function"
    )
    ops = [
        Op("Placeholder", outputs=["x"]),
        Op("Const", outputs=["k"]),
        Op("PartitionedCall", inputs=["x", "k"], outputs=["y"], attributes={"f": "f"}),
        Op("Debug", inputs=["x"], outputs=["unused"]),
    ]
    model = Model("m", "savedmodel", graphs=[graph("main", ops, ["x"], ["y"]), called])
    assert sorted(op.type for op in worked(model)) == ["Inv", "PartitionedCall"]


def test_both_branches_of_a_condition_count():
    branch = graph("then", [Op("Inv", inputs=["a"], outputs=["c"])], ["a"], ["c"], "function")
    ops = [Op("StatelessIf", inputs=["p", "x"], outputs=["y"], attributes={"then_branch": "then"})]
    model = Model("m", "savedmodel", graphs=[graph("main", ops, ["x"], ["y"]), branch])
    assert {op.type for op in worked(model)} == {"StatelessIf", "Inv"}


def test_functions_that_call_each_other_end():
    loop = graph("f", [Op("f", inputs=["a"], outputs=["b"])], ["a"], ["b"], "function")
    model = Model("m", "savedmodel", graphs=[graph("main", [Op("f", inputs=["x"], outputs=["y"])], ["x"], ["y"]), loop])
    assert [op.type for op in worked(model)] == ["f", "f"]


@pytest.mark.parametrize("path", sorted((Path(__file__).parent / "data" / "models").glob("savedmodel*/**/saved_model.pb")), ids=str)
def test_what_saves_a_model_is_no_part_of_it(path):
    assert not {op.type for op in worked(read_saved_model(File(path)))} & {"SaveV2", "RestoreV2", "MergeV2Checkpoints", "ShardedFilename"}


def test_no_row_is_about_an_operation_that_proves_nothing_alone():
    conversion = table("tflite_conversion")
    assert not set(conversion["context_dependent"]) & {op for ops in conversion["ops"].values() for op in ops}
