"""Inputs and outputs of a Core ML model as its description gives them: features and their types, already decoded to dictionaries.

Source: ``mlmodel/format/FeatureTypes.proto`` of https://github.com/apple/coremltools
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from deplint.model import Signature, Tensor

DTYPES = {"FLOAT32": "float32", "DOUBLE": "float64", "INT32": "int32", "INT8": "int8", "FLOAT16": "float16"}
"""``ArrayFeatureType.ArrayDataType`` -> dtype."""


def signature_of(description: Mapping[str, Any]) -> Signature:
    """The interface that a model's or function's description gives."""
    inputs, outputs = (dict(map(feature, description.get(key, ()))) for key in ("input", "output"))
    for key, trait in (("predictedFeatureName", "predicted"), ("predictedProbabilitiesName", "probabilities")):
        tensor = outputs.get(description.get(key, ""))
        if tensor is not None:
            tensor.traits = {**tensor.traits, trait: True}
    return Signature(description.get("name") or "main", inputs, outputs)


def feature(description: Mapping[str, Any]) -> tuple[str, Tensor]:
    """An input or output: its name, and what it is."""
    kinds = dict(description.get("type", {}))
    optional = kinds.pop("isOptional", False)
    kind, facts = next(iter(kinds.items()), ("", {}))
    tensor = FEATURES[kind](facts) if kind in FEATURES else Tensor("")
    tensor.name = description.get("name", "")
    if optional:
        tensor.traits = {**tensor.traits, "optional": True}
    return tensor.name, tensor


def _image(facts: Mapping[str, Any]) -> Tensor:
    sizes = [(size.get("height", 0), size.get("width", 0)) for size in facts.get("enumeratedSizes", ())]
    ranges = facts.get("imageSizeRange", {})
    bounds = [_bounds(ranges.get(key, {})) for key in ("heightRange", "widthRange")] if ranges else []
    tensor = _flexible(Tensor("", "image"), (facts.get("height", 0), facts.get("width", 0)), sizes, bounds)
    tensor.traits = {"color": facts.get("colorSpace", ""), **tensor.traits}
    return tensor


def _array(facts: Mapping[str, Any]) -> Tensor:
    kind = facts.get("dataType", "")
    ranges = [_bounds(each) for each in facts.get("shapeRange", ())]
    shapes = [tuple(shape) for shape in facts.get("enumeratedShapes", ())]
    tensor = _flexible(Tensor("", DTYPES.get(kind, "")), tuple(facts.get("shape", ())), shapes, ranges)
    given = next((value for key, value in facts.items() if key.endswith("DefaultValue")), None)
    if given is not None:
        tensor.traits = {**tensor.traits, "value": given}
    return tensor


def _bounds(facts: Mapping[str, Any]) -> list[int | None]:
    """The least and the greatest size, which is None if there is no bound."""
    upper = facts.get("upperBound", 0)
    return [facts.get("lowerBound", 0), upper if upper >= 0 else None]


def _flexible(tensor: Tensor, default: tuple[int, ...], shapes: Sequence[tuple[int, ...]], ranges: Sequence[list[int | None]]) -> Tensor:
    """Give `tensor` the shape that all of its sizes have in common. A Core ML array always has a shape; none given is unknown."""
    tensor.shape = default or None
    if shapes:
        ranks = {len(shape) for shape in shapes}
        tensor.shape = tuple(sizes[0] if len(set(sizes)) == 1 else None for sizes in zip(*shapes, strict=True)) if len(ranks) == 1 else None
        tensor.traits = {"default": list(default), "sizes": [list(shape) for shape in shapes]}
    elif ranges:
        tensor.shape = tuple(least if least == most else None for least, most in ranges)
        tensor.traits = {"default": list(default), "range": list(ranges)}
    return tensor


def _state(facts: Mapping[str, Any]) -> Tensor:
    array = _array(facts.get("arrayType", {}))
    return Tensor("", "resource", array.shape, traits={"element": array.dtype})


def _sequence(facts: Mapping[str, Any]) -> Tensor:
    bounds = {"range": [_bounds(facts["sizeRange"])]} if "sizeRange" in facts else {}
    return Tensor("", "sequence", traits={"element": "int64" if "int64Type" in facts else "string", **bounds})


FEATURES: Mapping[str, Callable[[Mapping[str, Any]], Tensor]] = {
    "int64Type": lambda facts: Tensor("", "int64", ()),
    "doubleType": lambda facts: Tensor("", "float64", ()),
    "stringType": lambda facts: Tensor("", "string", ()),
    "imageType": _image,
    "multiArrayType": _array,
    "dictionaryType": lambda facts: Tensor("", "map", traits={"key": "int64" if "int64KeyType" in facts else "string"}),
    "sequenceType": _sequence,
    "stateType": _state,
}
"""How each type of feature is given."""
