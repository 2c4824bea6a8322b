"""Export the photo judge: takes encoded WebP photos, so the scanners send files instead of pixels."""

from pathlib import Path

import tensorflow as tf

TARGET = Path(__file__).resolve().parents[1] / "serving" / "models" / "photos" / "1"
GRADES = ["clean", "scuffed", "torn", "wet"]


class PhotoJudge(tf.Module):
    def __init__(self) -> None:
        super().__init__(name="photos")
        self.kernel = tf.Variable(tf.random.stateless_normal([3, len(GRADES)], seed=[1, 2]), name="kernel")

    def pixels(self, encoded):
        photo = tf.io.decode_webp(encoded, channels=3)[0]
        return tf.image.resize(tf.cast(photo, tf.float32) / 255.0, [32, 32])

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="image_bytes")])
    def judge(self, image_bytes):
        photos = tf.map_fn(self.pixels, image_bytes, fn_output_signature=tf.TensorSpec([32, 32, 3], tf.float32))
        return {"grades": tf.nn.softmax(tf.reduce_mean(photos, axis=[1, 2]) @ self.kernel)}


def main() -> None:
    judge = PhotoJudge()
    tf.saved_model.save(judge, str(TARGET), signatures={"serving_default": judge.judge})


if __name__ == "__main__":
    main()
