"""R012, R013: where Keras 3 saves to and loads from, and what the legacy package still does."""

from __future__ import annotations

import pathlib

import pytest

pytestmark = pytest.mark.tensorflow
tf = pytest.importorskip("tensorflow")
keras = pytest.importorskip("keras")


@pytest.fixture(scope="module")
def model():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])


@pytest.fixture(autouse=True)
def _inside_a_new_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


PATHS = ["dir", "dir/", "a/b/1", "x.pb", "x.tf", "model_v1.2", "x.H5", pathlib.Path("dir")]


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_save_needs_a_suffix(model, path):
    with pytest.raises(ValueError, match="Invalid filepath extension for saving"):
        model.save(path)


@pytest.mark.parametrize("save", ["keras.saving", "keras.models", "tf.keras.models"])
def test_save_model_is_the_same(model, save):
    module = {"keras.saving": keras.saving, "keras.models": keras.models, "tf.keras.models": tf.keras.models}[save]
    with pytest.raises(ValueError, match="Invalid filepath extension for saving"):
        module.save_model(model, "dir")


@pytest.mark.parametrize("path", ["x.keras", "x.h5", "x.hdf5", pathlib.Path("y.keras")], ids=str)
def test_save_takes_these_suffixes(model, path):
    model.save(path)
    assert pathlib.Path(path).is_file()


def test_save_writes_a_directory_on_request(model):
    model.save("unzipped", zipped=False)
    assert pathlib.Path("unzipped", "config.json").is_file()
    assert keras.models.load_model("unzipped")


def test_save_format_is_an_error_only_without_a_good_suffix(model):
    with pytest.raises(ValueError, match="The `save_format` argument is deprecated in Keras 3"):
        model.save("dir", save_format="tf")
    model.save("x.keras", save_format="tf")
    with pytest.raises(ValueError, match=r"argument\(s\) are not supported: \['signatures'\]"):
        model.save("x.keras", signatures=None)


def test_weights_and_checkpoints_have_suffixes_too(model):
    for path in ("x.ckpt", "x.h5", "dir"):
        with pytest.raises(ValueError, match=r"must end in `\.weights\.h5`"):
            model.save_weights(path)
    model.save_weights("x.weights.h5")
    with pytest.raises(ValueError, match=r"must end in `\.keras`"):
        keras.callbacks.ModelCheckpoint("dir")
    assert keras.callbacks.ModelCheckpoint("x.h5")


@pytest.fixture
def exported(model):
    model.export("exported/1", verbose=False)
    tf.saved_model.save(model, "saved")
    return ["exported/1", "saved"]


def test_load_model_refuses_a_saved_model(exported):
    for folder in [*exported, "exported/1/", "never_written"]:
        for load in (keras.models.load_model, tf.keras.models.load_model):
            with pytest.raises(ValueError, match="File format not supported"):
                load(folder)


def test_a_saved_model_loads_otherwise(exported):
    assert sorted(tf.saved_model.load("exported/1").signatures) == ["serve", "serving_default"]
    assert list(tf.saved_model.load("saved").signatures) == ["serving_default"]
    layer = keras.layers.TFSMLayer("exported/1", call_endpoint="serving_default")
    assert next(iter(layer(tf.ones((1, 4))).values())).shape == (1, 2)


def test_load_model_takes_what_save_writes(model):
    for path in ("x.keras", "x.h5"):
        model.save(path)
        assert keras.models.load_model(path).count_params() == model.count_params()


def test_legacy_keras_still_saves_a_directory():
    legacy = pytest.importorskip("tf_keras")
    model = legacy.Sequential([legacy.Input((4,)), legacy.layers.Dense(2)])
    model.save("one")
    model.save("two", save_format="tf")
    for folder in ("one", "two"):
        assert pathlib.Path(folder, "saved_model.pb").is_file()
        assert legacy.models.load_model(folder)
