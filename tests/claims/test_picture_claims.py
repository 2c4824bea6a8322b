"""Claims about pixels (DPL630): what each `preprocess_input` does, and the order of channels that libraries read."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from deplint.code.pictures import FAMILIES, Picture, preprocessed

PIXELS = np.random.default_rng(0).integers(0, 256, (1, 4, 4, 3)).astype("float32")
MODULES = {"resnet": "resnet50", **{name: name for name in FAMILIES if name != "resnet"}}


@pytest.mark.tensorflow
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_preprocess_input(family):
    keras = pytest.importorskip("keras")
    module = importlib.import_module(f"keras.applications.{family}")
    assert keras is not None
    done = np.asarray(module.preprocess_input(PIXELS.copy()))
    seen = preprocessed(Picture(order="RGB"), f"keras.applications.{family}.preprocess_input")
    assert seen is not None and seen.mean is not None and seen.std is not None
    source = PIXELS if seen.order == "RGB" else PIXELS[..., ::-1]
    assert np.allclose((source - np.array(seen.mean)) / np.array(seen.std), done, atol=1e-3)


def test_opencv_reads_blue_first(tmp_path):
    cv2 = pytest.importorskip("cv2")
    image = pytest.importorskip("PIL.Image")
    image.new("RGB", (4, 4), (255, 0, 0)).save(tmp_path / "red.png")
    assert cv2.imread(str(tmp_path / "red.png"))[0, 0].tolist() == [0, 0, 255]
    assert np.array(image.open(tmp_path / "red.png"))[0, 0].tolist() == [255, 0, 0]
