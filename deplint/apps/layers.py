"""The layers that JavaScript puts together with TensorFlow.js: their order, and the shape of what they give.

    for layer in stack(file_call_of_sequential): ...
    outputs(model)  # (None, 10)

The shapes are those that TensorFlow.js 4.22 gives; sizes that depend on padding and strides are left unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deplint.apps.follow import source, value
from deplint.apps.frames import each_turn
from deplint.apps.tensors import Dims, entries, listed
from deplint.code.source_nodes import Array, Call, Member, Name, Node
from deplint.model import Dim

RANKS = {
    **dict.fromkeys(("conv1d", "lstm", "gru", "simpleRNN", "rnn", "maxPooling1d", "averagePooling1d", "globalAveragePooling1d",
                     "globalMaxPooling1d"), 3),
    **dict.fromkeys(("conv2d", "conv2dTranspose", "separableConv2d", "depthwiseConv2d", "maxPooling2d", "averagePooling2d", "upSampling2d",
                     "globalAveragePooling2d", "globalMaxPooling2d", "zeroPadding2d"), 4),
    **dict.fromkeys(("conv3d", "convLstm2d", "maxPooling3d", "averagePooling3d"), 5),
    "repeatVector": 2,
}  # fmt: skip
"""Layer -> the dimensions of its input, batch included."""

SAME = frozenset({"dropout", "activation", "batchNormalization", "leakyReLU", "reLU", "softmax", "layerNormalization", "masking"})
"""Layers that keep the shape."""

RECURRENT = frozenset({"lstm", "gru", "simpleRNN"})
_FILTERS = frozenset({"conv1d", "conv2d", "conv2dTranspose", "separableConv2d", "conv3d"})
_POOLED = frozenset({"globalAveragePooling1d", "globalMaxPooling1d", "globalAveragePooling2d", "globalMaxPooling2d"})
_SPATIAL = frozenset({"maxPooling1d", "averagePooling1d", "maxPooling2d", "averagePooling2d", "upSampling2d", "zeroPadding2d",
                      "maxPooling3d", "averagePooling3d"})  # fmt: skip


def is_layer(call: Call | None) -> bool:
    return call is not None and call.name.startswith("@tensorflow/tfjs") and ".layers." in call.name and "(" not in call.name


def stack(model: Call) -> Sequence[Call | None]:
    """The layers of a `sequential` in their order, None for what is no known layer; nothing where it is put together in more than one
    stretch of code."""
    options = entries(model.argument(None, 0)) or {}
    layers = options.get("layers")
    if isinstance(layers, Array) and layers.exact:
        given = list(layers.children)
    else:
        added = [use for use in model.uses if use.method == "add"]
        if model.arguments or not all(use.function is added[0].function and each_turn(use) and not use.in_loop for use in added):
            return ()
        if added and _handed_on(model, added[-1]):
            return ()
        given = [node for use in added if (node := use.argument(None, 0)) is not None]
    made = [source(node) for node in given]
    return [call if is_layer(call) else None for call in made]


def _handed_on(model: Call, last: Call) -> bool:
    """Whether other code is given the model before the last layer is there, which may add some."""
    end = (last.span.line, last.span.column)
    return any(
        isinstance(node, Call)
        and (node.span.line, node.span.column) < end
        and any(isinstance(argument.value, (Name, Member)) and argument.value.origin is model for argument in node.arguments)
        for node in model.file.meaning.nodes
    )


def declared(layer: Call) -> Dims:
    """The shape of a layer's input with the batch, where its options say it."""
    options = entries(layer.argument(None, 0)) or {}
    whole, dims = listed(options.get("batchInputShape")), listed(options.get("inputShape"))
    if "inputLength" in options and layer.method == "embedding":
        return (None, None)
    return whole if whole is not None else (None, *dims) if dims is not None else None


def given(layer: Call, dims: Dims) -> Dims:
    """The shape of what a layer gives for an input of shape `dims`."""
    options = entries(layer.argument(None, 0)) or {}
    method = layer.method
    if method in RECURRENT:
        flag = options.get("returnSequences")
        sequences = flag.value if flag is not None else False
        units = _size(options, "units")
        return (None, units) if sequences is False else (None, None, units) if sequences is True else None
    if method == "reshape":
        target = listed(options.get("targetShape"))
        return (None, *target) if target is not None else None
    if method in _FILTERS:
        return (*_unknown(RANKS[method] - 1), _size(options, "filters"))
    if method in _POOLED:
        return (None, dims[-1] if dims else None)
    if method == "flatten":
        return (None, None)
    if method == "repeatVector":
        return (None, _size(options, "n"), dims[-1] if dims else None)
    if method == "embedding":
        return (*dims, _size(options, "outputDim")) if dims is not None else None
    if method == "dense":
        return (*dims[:-1], _size(options, "units")) if dims else None
    if method in SAME:
        return dims
    if method in _SPATIAL:
        return (*_unknown(RANKS[method] - 1), dims[-1] if dims else None)
    return _unknown(RANKS[method]) if method in RANKS and method != "rnn" else None


def outputs(model: Call) -> Dims:
    """The shape of what a `sequential` gives; None where even its rank is not known."""
    dims: Dims = None
    for layer in stack(model):
        if layer is None:
            return None
        known = declared(layer)
        dims = given(layer, known if known is not None else dims)
    return dims


def _unknown(rank: int) -> tuple[Dim, ...]:
    return (None,) * rank


def _size(options: Mapping[str, Node], key: str) -> Dim:
    size = value(options.get(key))
    return size if type(size) is int else None
