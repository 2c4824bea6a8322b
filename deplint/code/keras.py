"""What a Keras model consists of and does: its layers, its inputs, and the calls in code of the project that runs as part of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from deplint.code.facts import Call, Value
from deplint.code.uses import kept
from deplint.code.values import Truth
from deplint.finding import Place

KERAS = "{tensorflow.keras,keras}"
INPUT = (KERAS + ".{layers.,}Input()", KERAS + ".layers.InputLayer()")
MODEL = KERAS + ".{models.,}Model()"
SEQUENTIAL = KERAS + ".{models.,}Sequential()"
LAYER = KERAS + ".layers.Layer()"

DEPTH = 200
"""Layers followed from a model's outputs."""

NESTED = 5
"""Models within each other that are looked into."""


def layers(model: Value) -> list[Value] | None:
    """Every layer object a model certainly consists of, its inputs among them; None if that cannot be told."""
    made = model.origin
    if made is None or model.project_class is not None:
        return None
    if model.is_(SEQUENTIAL) is Truth.yes:
        given = made.argument("layers", 0)
        added = [call.argument("layer", 0) for call in model.calls_of("add")]
        first = [] if given.missing else given.items
        if first is None or (not given.missing and not given.exact) or model.escaped is not Truth.no:
            return None
        return None if any(layer.origin is None for layer in (*first, *added)) else [*first, *added]
    if model.is_(MODEL) is Truth.yes:
        found: list[Value] = []
        return found if _walk(made.argument("outputs", 1), found) else None
    return None


def _walk(value: Value, found: list[Value]) -> bool:
    """Collect the layers a functional model's tensor came through; False if the way back is lost."""
    if len(found) > DEPTH:
        return False
    if value.items is not None:
        return value.exact and all(_walk(item, found) for item in value.items)
    made = value.origin
    if made is None:
        return False
    if value.is_(*INPUT) is Truth.yes:
        found.append(value)
        return True
    layer = made.receiver
    if layer.origin is None:
        return False
    found.append(layer)
    return bool(made.arguments) and _walk(made.arguments[0], found)


def ends_in_softmax(model: Value) -> bool:
    """The model certainly gives what a softmax gives: its only output's last layer is one, or has it for its activation."""
    made = model.origin
    found = layers(model)
    if made is None or not found:
        return False
    last = found[-1]
    if model.is_(MODEL) is Truth.yes:
        given = made.argument("outputs", 1).origin
        last = given.receiver if given is not None else model
    layer = last.origin
    if layer is None or last.project_class is not None:
        return False
    activation = layer.argument("activation", 0 if layer.name.endswith(".Activation") else 1)
    named = activation.text == "softmax" or activation.is_(KERAS + ".activations.softmax", "tensorflow.nn.softmax") is Truth.yes
    return layer.name.endswith(".layers.Softmax") or (named and layer.name.endswith((".layers.Dense", ".layers.Activation")))


def units(model: Value) -> int | None:
    """How many numbers the model certainly gives for each example: the size of its last dense layer, if nothing but activations follow."""
    for layer in reversed(layers(model) or ()):
        made = layer.origin
        if made is None or layer.project_class is not None:
            return None
        if not made.name.endswith((".layers.Activation", ".layers.Softmax", ".layers.Dropout")):
            size = made.argument("units", 0).python() if made.name.endswith(".layers.Dense") else None
            return size if type(size) is int else None
    return None


def inputs(found: list[Value]) -> list[Value]:
    """Those of a model's layers that say what its input is: an Input, or a first layer with ``input_shape=``."""
    return [
        layer
        for layer in found
        if layer.is_(*INPUT) is Truth.yes or (layer.origin is not None and not layer.origin.argument("input_shape").missing)
    ]


@dataclass(frozen=True)
class Operation:
    """A layer (`name` is its class, ``keras.layers.MaxPooling3D``) or a call that running it certainly makes (``tensorflow.roll``);
    `made` is the call that constructs the layer, or the call itself."""

    name: str
    made: Call

    @property
    def place(self) -> Place:
        return self.made.place


def operations(model: Value, depth: int = 0) -> Iterator[Operation]:
    """What running the model certainly does, as far as it can be seen: the layers it and the models within it consist of, and the calls
    inside its own `call`, of layers of the project and of `Lambda` functions, on what these are given."""
    if model.project_class is not None and model.is_(MODEL) is Truth.yes:
        yield from running(model.inside("call"))
    for layer in layers(model) or () if depth < NESTED else ():
        made = layer.origin
        if layer.project_class is not None:
            yield from running(layer.inside("call")) if layer.is_(LAYER, MODEL) is Truth.yes else ()
        elif made is not None and layer.is_(KERAS + ".layers.Lambda()") is Truth.yes:
            yield from running(made.argument("function", 0).body())
        elif layer.is_(SEQUENTIAL, MODEL) is Truth.yes:
            yield from operations(layer, depth + 1)
        elif made is not None:
            yield Operation(layer.name.removeprefix("tensorflow.").removesuffix("()"), made)


def running(calls: list[Call]) -> Iterator[Operation]:
    """Of the calls in a traced function those that are certainly made on what it is given, and whose results take part in its own."""
    for call in calls:
        values = (call.receiver, *call.arguments, *call.keywords.values())
        if call.certain and not call.guarded and any(value.given for value in values) and (kept(call) or call.name == "tensorflow.print"):
            yield Operation(call.name, call)
