"""Conversion: calls of converters that raise, or that do something else than they say."""

from __future__ import annotations

from deplint.code.facts import Value
from deplint.code.values import Truth

SELECT = "tensorflow.lite.OpsSet.SELECT_TF_OPS"


def selects(converter: Value) -> Truth:
    """May the TFLite converter fall back on TensorFlow's own operators?"""
    answers = {value.contains(SELECT) for value in converter.values("target_spec.supported_ops")}
    if not converter.certainly("target_spec.supported_ops"):
        answers.add(Truth.no if converter.escaped is Truth.no else Truth.maybe)
    return answers.pop() if len(answers) == 1 else Truth.maybe
