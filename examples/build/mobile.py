"""Write the models of examples/mobile: what earlier, working versions of its converters produced."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from common import EXAMPLES, must

CONVERT = EXAMPLES / "mobile" / "convert"


def photos(size: int) -> Callable[[], Iterator[list[Any]]]:
    """Return a calibration set of 8 smooth pictures with values 0..255, shape [1, size, size, 3], float32."""
    import numpy as np

    def calibration() -> Iterator[list[Any]]:
        for seed in range(8):
            rng = np.random.default_rng(seed)
            coarse = rng.integers(0, 256, (1, 4, 4, 3)).astype(np.float32)
            yield [coarse.repeat(size // 4, axis=1).repeat(size // 4, axis=2)]

    return calibration


def tflite() -> None:
    """Convert the Keras models and modules as the app's release notes say."""
    import keras
    import keras_models
    import tensorflow as tf
    from harvest_interval import HarvestInterval
    from paths import ASSETS, IOS_MODELS
    from symptoms import SymptomFinder

    keras.utils.set_random_seed(1)
    for name, build, size in (("leaf_int8", keras_models.leaf, 96), ("pest_uint8", keras_models.pest, 64)):
        converter = tf.lite.TFLiteConverter.from_keras_model(build())
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = photos(size)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.uint8
        converter.inference_output_type = tf.uint8
        (ASSETS / f"{name}.tflite").write_bytes(converter.convert())

    converter = tf.lite.TFLiteConverter.from_keras_model(keras_models.watering(batch=1))
    (ASSETS / "watering.lite").write_bytes(converter.convert())

    finder = SymptomFinder()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([finder.find.get_concrete_function()], finder)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
    symptoms = converter.convert()
    for folder in (ASSETS, IOS_MODELS):
        (folder / "symptoms.tflite").write_bytes(symptoms)

    module = HarvestInterval()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.interval.get_concrete_function()], module)
    converter.allow_custom_ops = True
    (ASSETS / "harvest_interval.tflite").write_bytes(converter.convert())


def coreml() -> None:
    """Convert the leaf segmenter to a package."""
    import coremltools as ct
    import torch
    from paths import IOS_MODELS
    from torch_models import LeafSegmenter

    torch.manual_seed(0)
    traced = torch.jit.trace(LeafSegmenter().eval(), torch.zeros(1, 3, 64, 64))
    model = ct.convert(
        traced,
        inputs=[ct.ImageType(name="photo", shape=(1, 3, 64, 64), scale=1 / 255.0)],
        outputs=[ct.TensorType(name="mask")],
        minimum_deployment_target=ct.target.iOS15,
    )
    target = IOS_MODELS / "LeafSegmenter.mlpackage"
    shutil.rmtree(target, ignore_errors=True)
    model.save(str(target))
    for file in target.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)


def main() -> None:
    """Rebuild everything; with an argument only that half, in this interpreter."""
    sys.path.insert(0, str(CONVERT))
    if sys.argv[1:]:
        return {"tflite": tflite, "coreml": coreml}[sys.argv[1]]()
    this = Path(__file__).resolve()
    must("tf", this, "tflite")
    must("torch", this, "coreml")


if __name__ == "__main__":
    main()
