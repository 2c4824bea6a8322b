"""Harvest estimate with an error bar: mean and spread in kilograms, and two levels in -1..1, to two bounds."""

import tensorflow as tf
from paths import ASSETS


class HarvestInterval(tf.Module):
    @tf.function(
        input_signature=[
            tf.TensorSpec([1, 2], tf.float32, name="estimate"),
            tf.TensorSpec([1, 2], tf.float32, name="levels"),
        ]
    )
    def interval(self, estimate, levels):
        mean, spread = tf.split(estimate, 2, axis=1)
        reach = tf.sqrt(2.0) * tf.math.erfinv(levels)
        return {"kilograms": mean + tf.nn.softplus(spread) * reach}


def main() -> None:
    module = HarvestInterval()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.interval.get_concrete_function()], module)
    converter.allow_custom_ops = True
    (ASSETS / "harvest_interval.tflite").write_bytes(converter.convert())


if __name__ == "__main__":
    main()
