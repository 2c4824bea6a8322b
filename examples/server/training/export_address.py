"""Export the address matcher, a plain tf.Module without Keras."""

from pathlib import Path

import tensorflow as tf

TARGET = Path(__file__).resolve().parents[1] / "serving" / "models" / "address" / "1"


class AddressMatcher(tf.Module):
    """Compares two address embeddings of 16 numbers."""

    def __init__(self) -> None:
        super().__init__(name="address")
        self.kernel = tf.Variable(tf.random.stateless_normal([16, 8], seed=[3, 5]), name="kernel")

    @tf.function
    def match(self, left, right):
        a = tf.math.l2_normalize(left @ self.kernel, axis=-1)
        b = tf.math.l2_normalize(right @ self.kernel, axis=-1)
        return tf.reduce_sum(a * b, axis=-1)


def main() -> None:
    matcher = AddressMatcher()
    matcher.match(tf.zeros([1, 16]), tf.zeros([1, 16]))
    tf.saved_model.save(matcher, str(TARGET))


if __name__ == "__main__":
    main()
