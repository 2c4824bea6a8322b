"""The TensorFlow operators that Keras layers and operations are made of, with the arguments that change them: each traced by itself.

python -m tools.support.probes.tensorflow_layers ANSWER
"""

# ruff: noqa: RUF024 - the lists are read only
from __future__ import annotations

import inspect
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

SHAPES = ((8,), (6, 4), (8, 8, 3), (6, 6, 6, 2), (4, 8, 8, 3))

ACTIVATIONS = (
    *(
        "celu",
        "elu",
        "exponential",
        "gelu",
        "glu",
        "hard_shrink",
        "hard_sigmoid",
        "hard_silu",
        "hard_swish",
        "hard_tanh",
        "leaky_relu",
        "linear",
    ),
    *("log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus", "softsign"),
    *("sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "swish", "tanh", "tanh_shrink", "threshold"),
)

VARIED: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "Activation": [{"activation": name} for name in ACTIVATIONS],
    **dict.fromkeys(
        ("LSTM", "GRU", "SimpleRNN", "RNN"),
        [
            {"return_sequences": True},
            {"unroll": True},
            {"go_backwards": True},
            {"dropout": 0.2},
            {"recurrent_dropout": 0.2},
            {"stateful": True},
        ],
    ),
    "GRU": [{"return_sequences": True}, {"unroll": True}, {"go_backwards": True}, {"recurrent_dropout": 0.2}, {"reset_after": False}],
    "Embedding": [{"mask_zero": True}],
    "UpSampling2D": [{"interpolation": name} for name in ("bilinear", "bicubic", "lanczos3", "lanczos5")],
    "Resizing": [{"interpolation": name} for name in ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5")],
    "CategoryEncoding": [{"output_mode": name} for name in ("one_hot", "count")],
    "StringLookup": [{"output_mode": name} for name in ("one_hot", "multi_hot", "count")],
    "IntegerLookup": [{"output_mode": name} for name in ("one_hot", "multi_hot", "count")],
    "TextVectorization": [{"output_mode": name} for name in ("multi_hot", "count")],
    "Discretization": [{"output_mode": name} for name in ("one_hot", "multi_hot", "count")],
    "Hashing": [{"output_mode": name} for name in ("one_hot", "multi_hot")],
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D"), [{"dilation_rate": 2}, {"padding": "same"}, {"strides": 2}]),
    **dict.fromkeys(("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"), [{"dilation_rate": 2}, {"padding": "same"}, {"strides": 2}]),
    **dict.fromkeys(("MaxPooling1D", "AveragePooling1D", "MaxPooling2D", "AveragePooling2D"), [{"padding": "same"}, {"strides": 1}]),
    "Attention": [{"use_scale": True}, {"score_mode": "concat"}],
    "Bidirectional": [{"merge_mode": name} for name in ("sum", "mul", "ave")],
    "BatchNormalization": [{"scale": False}, {"axis": 1}],
    "LayerNormalization": [{"axis": 1}],
    "Softmax": [{"axis": 1}],
    "ReLU": [{"max_value": 6.0}, {"negative_slope": 0.1}, {"threshold": 0.2}],
}
"""Arguments that are tried for a layer, besides its own defaults."""

FIXED = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "TimeDistributed", "StackedRNNCells")
"""Layers that loop: a batch size that is fixed changes what becomes of them."""


@dataclass(frozen=True)
class Case:
    """A layer or an operation: `make` gives the function that is called with inputs, `row` what the layer was given."""

    name: str
    make: Callable[[], Any]
    row: Mapping[str, Any] = field(default_factory=dict)
    batch: int | None = None


def cases(keras: Any) -> Iterator[Case]:
    for name, kind in sorted(vars(keras.layers).items()):
        if not inspect.isclass(kind) or not issubclass(kind, keras.layers.Layer) or name in ("Layer", "Wrapper", "InputLayer", "Lambda"):
            continue
        for when in ({}, *VARIED.get(name, ())):
            for batch in (None, 2) if name in FIXED else (None,):
                row = {**({"when": when} if when else {}), **({"batch": True} if batch else {})}
                yield Case(name, partial(_layer, keras, kind, when), row, batch)
    for name in sorted(dir(keras.ops)) if hasattr(keras, "ops") else ():
        function = getattr(keras.ops, name)
        if inspect.isfunction(function):
            yield Case(name, partial(_itself, function))


def _layer(keras: Any, kind: Any, when: Mapping[str, Any]) -> Any:
    """A layer and all that is in it, made anew: what was called once keeps its shapes."""
    from tools.agreement.build_keras import EXAMPLES

    return kind(**{**EXAMPLES.get(kind.__name__, {}), **own(keras).get(kind.__name__, {}), **when})


def _itself(function: Any) -> Any:
    return function


def own(keras: Any) -> Mapping[str, Mapping[str, Any]]:
    k = keras.layers
    return {
        "Bidirectional": {"layer": k.LSTM(3)}, "TimeDistributed": {"layer": k.Dense(3)}, "RNN": {"cell": k.LSTMCell(3)},
        "StringLookup": {"vocabulary": ["a", "b"]}, "TextVectorization": {"vocabulary": ["a", "b"], "output_sequence_length": 4},
    }  # fmt: skip


def branch(keras: Any, case: Case) -> tuple[list[Any], Any]:
    """Inputs and output of the layer; it raises where no shape fits."""
    dtypes = {"StringLookup": ("string",), "TextVectorization": ("string",), "Embedding": ("int32",)}.get(case.name, ("float32", "int32"))
    for dtype in dtypes:
        for shape in SHAPES if dtype != "string" else ((1,),):
            for count in (1, 2, 3, -2):
                inputs = [keras.layers.Input(shape, batch_size=case.batch, dtype=dtype) for _ in range(abs(count))]
                try:
                    made = case.make()
                    output = made(inputs) if count < 0 else made(*inputs)
                    return inputs, output[0] if isinstance(output, list | tuple) else output
                except Exception:
                    continue
    raise ValueError("fits no shape")


def uses(tf: Any, keras: Any, inputs: Sequence[Any], output: Any, folder: Path) -> list[str]:
    """The operators between inputs and output that cannot be computed before, each with the dtype of its first input."""
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    from deplint.formats.tensorflow import read_graph_def
    from deplint.project import File
    from deplint.targets.subject import Subject
    from deplint.targets.tensorflow_graph import nodes
    from deplint.targets.tensorflow_lite import part_of_gelu, sized

    model = keras.Model(list(inputs), output)
    specs = [tf.TensorSpec(fed.shape, fed.dtype) for fed in inputs]
    function = tf.function(lambda *fed: model(list(fed) if len(fed) > 1 else fed[0], training=False), autograph=False)
    frozen = convert_variables_to_constants_v2(function.get_concrete_function(*specs), lower_control_flow=False)
    path = folder / "graph.pb"
    path.write_bytes(frozen.graph.as_graph_def().SerializeToString())
    subject = Subject(path, path.name, "graphdef", read_graph_def(File(path)))
    found = set()
    for node in subject.once(nodes):
        op = node.op
        if node.folded or part_of_gelu(node) or (op.type == "TensorListReserve" and sized(node)):
            continue
        kinds = [op.attributes.get(key) for key in ("Tin", "Tout")]
        dtype = (
            ">".join(map(str, kinds))
            if op.type.startswith("LookupTableFind")
            else op.attributes.get("T") or next((i.dtype for i in node.inputs), "")
        )
        found.add(f"{op.type}:{dtype}")
    return sorted(found)


def main() -> None:
    import tensorflow as tf

    keras = tf.keras
    rows: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for case in cases(keras):
            try:
                inputs, output = branch(keras, case)
                operation = type(getattr(output._keras_history, "operation", None) or output._keras_history.layer).__name__
                row = {"op": operation, **case.row, "uses": uses(tf, keras, inputs, output, Path(folder))}
            except Exception as error:
                print(f"{case.name}: {type(error).__name__}: {error}"[:200], file=sys.stderr)
                continue
            rows.setdefault(json.dumps({**row, "uses": None}, sort_keys=True), row)
            keras.backend.clear_session()
    Path(sys.argv[1]).write_text(json.dumps([rows[key] for key in sorted(rows)]), "utf-8")


if __name__ == "__main__":
    main()
