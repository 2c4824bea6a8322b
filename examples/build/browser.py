"""Write the models of examples/browser with TensorFlow.js' own converter and torch's exporter.

Needs tensorflowjs in the TensorFlow environment; a folder with it can be named by DEPLINT_TFJS_PATH.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from common import EXAMPLES, must

CONVERT = EXAMPLES / "browser" / "convert"
MODELS = EXAMPLES / "browser" / "public" / "models"


def tfjs() -> None:
    """Convert the Keras models; the palm model is cut into two shards, of which the second is then lost."""
    import keras
    import models
    from tensorflowjs.converters import save_keras_model
    from tensorflowjs.converters.tf_saved_model_conversion_v2 import convert_tf_saved_model

    keras.utils.set_random_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        for build in (models.gesture, models.pose, models.palm, models.lips):
            model = build()
            model.export(f"{folder}/{model.name}", verbose=False)
            shard = 512 if model.name == "palm" else 4 * 1024 * 1024
            convert_tf_saved_model(f"{folder}/{model.name}", str(MODELS / model.name), weight_shard_size_bytes=shard)
    save_keras_model(models.hands(), str(MODELS / "hands"))
    sorted((MODELS / "palm").glob("*.bin"))[-1].unlink()


def main() -> None:
    """Rebuild everything; with an argument only the TensorFlow.js part, in this interpreter."""
    if sys.argv[1:]:
        sys.path[:0] = [str(CONVERT), *filter(None, [os.environ.get("DEPLINT_TFJS_PATH")])]
        return tfjs()
    shutil.rmtree(MODELS, ignore_errors=True)
    MODELS.mkdir()
    must("tf", Path(__file__).resolve(), "tfjs")
    must("torch", CONVERT / "export_words.py")


if __name__ == "__main__":
    main()
