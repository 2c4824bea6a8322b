"""What `deplint.code.pictures` says of an array is what NumPy, Pillow and OpenCV make of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from deplint.builtin import deplint_readers
from deplint.code.pictures import picture
from deplint.code.python import PythonFile
from deplint.project import File, Project

CODE = """
import cv2
import numpy as np
from PIL import Image

rgb = Image.open(path).convert("RGB").resize((6, 4))
bgr = cv2.resize(cv2.imread(path), (6, 4))
array = {}
np.save("out.npy", array)
"""

EXPRESSIONS = [
    "np.array(rgb)",
    "np.array(rgb)[None] / 255.0",
    "np.expand_dims(np.asarray(rgb, dtype=np.float32) / 127.5 - 1.0, 0)",
    "(np.array(rgb) / 255.0 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])",
    "np.array(rgb)[:, :, ::-1] - [103.9, 116.8, 123.7]",
    "bgr",
    "cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.float32) * (1 / 255.0)",
    "bgr[..., ::-1].transpose(2, 0, 1)[np.newaxis] / 255",
    "((bgr.astype('float32') - np.array([1.0, 2.0, 3.0])) / 50.0)[:, :, ::-1]",
    "cv2.dnn.blobFromImage(bgr, 1 / 127.5, (6, 4), (127.5, 127.5, 127.5), swapRB=True)",
    "np.stack([np.array(rgb), np.array(rgb)]) * 2.0",
    "np.array(rgb).reshape(1, 4, 6, 3) / 10",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_picture_is_what_the_libraries_make(expression: str, tmp_path: Path) -> None:
    np, cv2 = pytest.importorskip("numpy"), pytest.importorskip("cv2")
    image = pytest.importorskip("PIL.Image")
    source = tmp_path / "in.png"
    pixels = np.random.default_rng(0).integers(0, 256, (4, 6, 3)).astype("uint8")
    image.fromarray(pixels).save(source)
    names = {
        "np": np,
        "cv2": cv2,
        "rgb": image.open(source).convert("RGB").resize((6, 4)),
        "bgr": cv2.resize(cv2.imread(str(source)), (6, 4)),
    }
    real = np.asarray(eval(expression, names))

    code = tmp_path / "code.py"
    code.write_text(CODE.format(expression))
    project = Project(tmp_path, [File(code)], deplint_readers())
    file = next(project.all(PythonFile))
    seen = picture(file.calls("numpy.save")[0].argument("arr", 1))
    assert seen is not None and seen.mean is not None and seen.std is not None
    assert seen.size == (4, 6)

    expected = pixels if seen.order == "RGB" else pixels[..., ::-1]
    expected = (expected - np.array(seen.mean)) / np.array(seen.std)
    axes = seen.axes.replace("N", "")
    expected = expected.transpose(["HWC".index(axis) for axis in axes])
    assert real.ndim == len(seen.axes)
    assert np.allclose(real[0] if seen.axes.startswith("N") else real, expected, atol=1e-3)
