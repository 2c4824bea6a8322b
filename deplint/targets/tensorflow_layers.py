"""What Keras layers are made of: the TensorFlow operators of each, as they were traced with the arguments that make a difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deplint.model import Layer
from deplint.targets.table import Row, Rows

LAYERS = "tensorflow-layers"
"""The table of what Keras layers are made of."""

ONLY_WITH: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "StringLower": ("standardize", ("lower", "lower_and_strip_punctuation")),
    "StringSplitV2": ("split", ("whitespace",)),
    "AsString": ("dtype", ()),  # of what the layer reads, which the layer does not say
}
"""Operator of layers that prepare text -> the argument it comes with, and the values of it."""


def uses(known: Rows, layer: Layer, fixed: bool) -> Sequence[str]:
    """The operators of a layer and of its activation, each ``NAME:DTYPE`` of its first input; `fixed` where the batch size is known."""
    used = dict.fromkeys(_used(known.get(("", layer.class_name), ()), layer.config, fixed))
    if isinstance(activation := layer.config.get("activation"), str):
        used |= dict.fromkeys(_used(known.get(("", "Activation"), ()), {"activation": activation}, False))
    return [use for use in used if (only := ONLY_WITH.get(use.partition(":")[0])) is None or layer.config.get(only[0]) in only[1]]


def _used(found: Sequence[Row], config: Mapping[str, Any], fixed: bool) -> Sequence[str]:
    """The operators a layer of this configuration is made of, as with those of the arguments it was tried with that make a difference."""
    tried = [row.more for row in found if bool(row.more.get("batch")) == fixed] or [row.more for row in found]
    plain: Sequence[str] = next((more["uses"] for more in tried if "when" not in more), ())
    given = [more["uses"] for more in tried if "when" in more and all(_same(config.get(key), value) for key, value in more["when"].items())]
    return next((uses for uses in given if uses != plain), plain)


def _same(given: Any, tried: Any) -> bool:
    """Whether an argument is what was tried: Keras writes ``2`` as ``[2, 2]``."""
    return given == tried or (isinstance(given, list | tuple) and bool(given) and all(each == tried for each in given))
