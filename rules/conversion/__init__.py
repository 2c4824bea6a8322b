"""Conversion: calls of converters that raise, or that do something else than they say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deplint.code.facts import Value
from deplint.code.values import Truth
from deplint.settings.text import HOLE, Word

CONVERTER = {"tensorflowjs_converter", "tensorflowjs.converters.converter"}
LAUNCHER = re.compile(r"python[\d.]*|sudo|time|exec|nohup|env|poetry|uv|uvx|pipenv|pipx|conda|docker|podman")
ALONE = {"--skip_op_check", "--split_weights_by_layer", "--version", "-v", "-h", "--help"}
"""Flags that take no value."""

SELECT = "tensorflow.lite.OpsSet.SELECT_TF_OPS"


def selects(converter: Value) -> Truth:
    """May the TFLite converter fall back on TensorFlow's own operators?"""
    answers = {value.contains(SELECT) for value in converter.values("target_spec.supported_ops")}
    if not converter.certainly("target_spec.supported_ops"):
        answers.add(Truth.no if converter.escaped is Truth.no else Truth.maybe)
    return answers.pop() if len(answers) == 1 else Truth.maybe


def tfjs_input(words: Sequence[Word]) -> tuple[str, Word] | None:
    """The input format and the input path of a call of tensorflowjs_converter; None for another command, or if they are not certain."""
    names = [(word.text or "").rpartition("/")[2] for word in words]
    at = next((i for i, name in enumerate(names[:8]) if name in CONVERTER), None)
    if at is None or (at and not LAUNCHER.fullmatch(names[0])):
        return None
    kind, rest = "tf_saved_model", list(words[at + 1 :])
    while rest:
        word = rest.pop(0)
        text = word.masked
        if text.startswith("--input_format"):
            value = text.partition("=")[2] if "=" in text else rest.pop(0).masked if rest else HOLE
            if HOLE in value:
                return None
            kind = value
        elif text.startswith("-"):
            if "=" not in text and text not in ALONE and rest and not rest[0].masked.startswith("-"):
                rest.pop(0)
        elif word.written.startswith("$"):  # any number of words
            return None
        else:
            unsure = any(later.masked.startswith("--input_format") or later.written.startswith("$") for later in rest)
            return None if unsure else (kind, word)
    return None
