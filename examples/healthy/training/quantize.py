"""How converters are set up, for all models of the phone app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf


@dataclass(frozen=True)
class Plan:
    """What a converted model should be. The calibration is a function that returns an iterator of inputs."""

    calibration: Callable | None = None
    integer_io: bool = False
    select_ops: bool = False

    @property
    def ops(self) -> list:
        if self.integer_io:
            return [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        return [tf.lite.OpsSet.TFLITE_BUILTINS, *([tf.lite.OpsSet.SELECT_TF_OPS] if self.select_ops else [])]


def prepare(converter: tf.lite.TFLiteConverter, plan: Plan) -> tf.lite.TFLiteConverter:
    converter.target_spec.supported_ops = plan.ops
    if plan.calibration is not None:
        _quantize(converter, plan)
    if plan.integer_io:
        converter.inference_input_type = tf.uint8
        converter.inference_output_type = tf.uint8
    return converter


def _quantize(converter, plan: Plan) -> None:
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = plan.calibration


def half(converter: tf.lite.TFLiteConverter) -> tf.lite.TFLiteConverter:
    converter.target_spec.supported_types = [tf.float16]
    options = {"optimizations": [tf.lite.Optimize.DEFAULT]}
    for name, value in options.items():
        setattr(converter, name, value)
    return converter
