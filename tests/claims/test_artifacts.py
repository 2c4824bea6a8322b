"""R008, R167: how the loaders take a file that is not what its name says."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.tensorflow
tf = pytest.importorskip("tensorflow")
keras = pytest.importorskip("keras")

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 12345\n"


@pytest.fixture(params=[POINTER, b"<!DOCTYPE html><html><body>Not found</body></html>"], ids=["lfs", "html"])
def content(request):
    return request.param


def test_keras_h5(tmp_path, content):
    (tmp_path / "m.h5").write_bytes(content)
    with pytest.raises(OSError, match="file signature not found"):
        keras.models.load_model(tmp_path / "m.h5")


def test_keras_archive_says_not_found(tmp_path, content):
    (tmp_path / "m.keras").write_bytes(content)
    with pytest.raises(ValueError, match="File not found"):
        keras.models.load_model(tmp_path / "m.keras")


def test_tflite(tmp_path, content):
    (tmp_path / "m.tflite").write_bytes(content)
    with pytest.raises(ValueError, match="should be 'TFL3'"):
        tf.lite.Interpreter(str(tmp_path / "m.tflite"))


def test_litert(tmp_path, content):
    interpreter = pytest.importorskip("ai_edge_litert.interpreter").Interpreter
    (tmp_path / "m.tflite").write_bytes(content)
    with pytest.raises(ValueError, match="not a valid Flatbuffer buffer"):
        interpreter(str(tmp_path / "m.tflite"))


def test_saved_model(tmp_path, content):
    (tmp_path / "saved_model.pb").write_bytes(content)
    with pytest.raises(OSError, match="Cannot parse file"):
        tf.saved_model.load(str(tmp_path))


def test_one_format_under_the_name_of_another(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.save(tmp_path / "m.h5")
    model.save(tmp_path / "m.keras")
    (tmp_path / "hdf5.keras").write_bytes((tmp_path / "m.h5").read_bytes())
    (tmp_path / "zip.h5").write_bytes((tmp_path / "m.keras").read_bytes())
    with pytest.raises(ValueError, match="File not found"):
        keras.models.load_model(tmp_path / "hdf5.keras")
    with pytest.raises(OSError, match="file signature not found"):
        keras.models.load_model(tmp_path / "zip.h5")
