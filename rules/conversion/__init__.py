"""Conversion: calls of converters that raise, or that do something else than they say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deplint import Project
from deplint.code.facts import Call, Value
from deplint.code.values import Truth
from deplint.settings.text import HOLE, Word

CONVERTER = {"tensorflowjs_converter", "tensorflowjs.converters.converter"}
LAUNCHER = re.compile(r"python[\d.]*|sudo|time|exec|nohup|env|poetry|uv|uvx|pipenv|pipx|conda|docker|podman")
ALONE = {"--skip_op_check", "--split_weights_by_layer", "--version", "-v", "-h", "--help"}
"""Flags that take no value."""

SELECT = "tensorflow.lite.OpsSet.SELECT_TF_OPS"


COREML_BEFORE_15 = "coremltools.target.{iOS13,iOS14,macOS10_15,macOS10_16,macOS11,watchOS6,watchOS7,tvOS13,tvOS14}"
"""Deployment targets for which `coremltools.convert` makes a neural network by default (coremltools 9.0)."""


def coreml_kind(convert: Call, project: Project) -> str:
    """What `coremltools.convert` certainly makes, ``mlprogram`` or ``neuralnetwork``; else empty."""
    to, target = convert.argument("convert_to", 6), convert.argument("minimum_deployment_target", 5)
    if not to.missing and to.python() is not None:
        return to.text or ""
    if not target.missing and target.python() is not None:
        if not target.certain or not target.name:
            return ""
        return "neuralnetwork" if target.is_(COREML_BEFORE_15) is Truth.yes else "mlprogram"
    return "mlprogram" if not convert.open and project.versions.holds({"coremltools": "7.0"}, {}, convert) else ""


def selects(converter: Value) -> Truth:
    """May the TFLite converter fall back on TensorFlow's own operators?"""
    answers = {value.contains(SELECT) for value in converter.values("target_spec.supported_ops")}
    if not converter.certainly("target_spec.supported_ops"):
        answers.add(Truth.no if converter.escaped is Truth.no else Truth.maybe)
    return answers.pop() if len(answers) == 1 else Truth.maybe


def tfjs_flags(words: Sequence[Word]) -> tuple[dict[str, Word], list[Word]] | None:
    """The flags of a call of tensorflowjs_converter, each as the word that holds its value (or itself), and its other words; None for
    another command, or where a variable may hold any number of words."""
    names = [(word.text or "").rpartition("/")[2] for word in words]
    at = next((i for i, name in enumerate(names[:8]) if name in CONVERTER), None)
    if at is None or (at and not LAUNCHER.fullmatch(names[0])):
        return None
    return flags_of(words[at + 1 :])


def flags_of(words: Sequence[Word]) -> tuple[dict[str, Word], list[Word]] | None:
    """The flags among a converter's arguments, each as the word that holds its value (or itself), and the other words; None where a
    variable may hold any number of words."""
    flags: dict[str, Word] = {}
    paths: list[Word] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, _ = word.masked.partition("=")
        if not name.startswith("-"):
            if word.written.startswith("$"):
                return None
            paths.append(word)
        elif equals or name in ALONE or not rest or rest[0].masked.startswith("-"):
            flags[name] = word
        else:
            flags[name] = rest.pop(0)
    return flags, paths


def flag_value(word: Word) -> str:
    """The value of a flag, holes included."""
    return word.masked.partition("=")[2] if word.masked.startswith("-") else word.masked


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
