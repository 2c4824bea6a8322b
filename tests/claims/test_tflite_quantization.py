"""R162, R163, R164, R145: what the quantization settings of the TensorFlow Lite converter really do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from shipped import table

pytestmark = pytest.mark.tensorflow
tf = pytest.importorskip("tensorflow")

DEFAULT = [tf.lite.Optimize.DEFAULT]
BUILTINS, SELECT, INT8 = tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS, tf.lite.OpsSet.TFLITE_BUILTINS_INT8
INT16X8 = tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
NO_DATASET = "For full integer quantization, a `representative_dataset` must be specified"


def dataset():
    for seed in range(2):
        yield [np.random.default_rng(seed).random((1, 64), dtype=np.float32)]


class Dense(tf.Module):
    """One layer big enough (64 x 64) for the converter to quantize its weights; `fake_quant` makes it look trained for quantization."""

    def __init__(self, fake_quant: bool = False) -> None:
        super().__init__()
        self.fake_quant = fake_quant
        self.kernel = tf.Variable(tf.random.normal((64, 64), seed=1))

    @tf.function(input_signature=[tf.TensorSpec([1, 64], name="x")])
    def __call__(self, x):
        if not self.fake_quant:
            return tf.matmul(x, self.kernel)
        fake = tf.quantization.fake_quant_with_min_max_args
        return fake(tf.matmul(fake(x, -1, 1), fake(self.kernel, -4, 4)), -60, 60)


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> dict[str, str]:
    folders = {"plain": str(tmp_path_factory.mktemp("plain")), "qat": str(tmp_path_factory.mktemp("qat"))}
    tf.saved_model.save(Dense(), folders["plain"])
    tf.saved_model.save(Dense(fake_quant=True), folders["qat"])
    return folders


def convert(folder: str, api: Any = tf.lite, **settings: Any) -> bytes:
    """Convert a SavedModel; `ops` and `types` go to the target specification, the rest to the converter."""
    converter = api.TFLiteConverter.from_saved_model(folder)
    for name, value in settings.items():
        holder, name = (converter.target_spec, f"supported_{name}") if name in ("ops", "types") else (converter, name)
        setattr(holder, name, value)
    return converter.convert()


def dtypes(model: bytes) -> set[str]:
    return {np.dtype(tensor["dtype"]).name for tensor in tf.lite.Interpreter(model_content=model).get_tensor_details()}


def io_dtypes(model: bytes) -> tuple[str, str]:
    interpreter = tf.lite.Interpreter(model_content=model)
    ends = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    return np.dtype(ends[0]["dtype"]).name, np.dtype(ends[1]["dtype"]).name


@pytest.mark.parametrize("optimizations", [None, [], DEFAULT], ids=["unset", "empty", "default"])
@pytest.mark.parametrize(
    "target",
    [{"ops": [INT8]}, {"ops": [BUILTINS, INT8]}, {"ops": [INT8, SELECT]}, {"types": [tf.int8]}],
    ids=["int8", "builtins", "select", "types"],
)
def test_int8_needs_a_representative_dataset(saved, target, optimizations):
    settings = target if optimizations is None else {**target, "optimizations": optimizations}
    with pytest.raises(ValueError, match=NO_DATASET):
        convert(saved["plain"], **settings)


def test_int8_with_a_representative_dataset_is_integer(saved):
    model = convert(saved["plain"], ops=[INT8], optimizations=DEFAULT, representative_dataset=dataset)
    assert "int8" in dtypes(model)


def test_int8_needs_a_dataset_in_a_target_spec_and_in_the_v1_converter(saved):
    with pytest.raises(ValueError, match=NO_DATASET):
        convert(saved["plain"], target_spec=tf.lite.TargetSpec(supported_ops=[INT8]))
    with pytest.raises(ValueError, match=NO_DATASET):
        convert(saved["plain"], tf.compat.v1.lite, ops=[INT8])


def test_int8_for_a_qat_model_still_needs_it(saved):
    with pytest.raises(ValueError, match=NO_DATASET):
        convert(saved["qat"], ops=[INT8], optimizations=DEFAULT)
    assert "int8" in dtypes(convert(saved["qat"], optimizations=DEFAULT))


def test_int8_is_not_required_by_float16_beside_it_nor_by_int16x8(saved):
    assert "float16" not in dtypes(convert(saved["plain"], types=[tf.float16, tf.int8], optimizations=DEFAULT))
    assert dtypes(convert(saved["plain"], ops=[INT16X8])) == {"float32"}


def test_int8_alone_excludes_float16(saved):
    with pytest.raises(ValueError, match="As full integer quantization has been enabled"):
        convert(saved["plain"], ops=[INT8], types=[tf.float16], optimizations=DEFAULT, representative_dataset=dataset)


SILENT = {
    "dataset": {"representative_dataset": dataset},
    "dataset-int8": {"representative_dataset": dataset, "ops": [INT8]},
    "dataset-int8-type": {"representative_dataset": dataset, "types": [tf.int8]},
    "float16": {"types": [tf.float16]},
    "int16x8": {"ops": [INT16X8]},
    "int16x8-dataset": {"ops": [INT16X8], "representative_dataset": dataset},
    "empty": {"representative_dataset": dataset, "optimizations": []},
    "string": {"representative_dataset": dataset, "optimizations": ["DEFAULT"]},
}


@pytest.mark.parametrize("settings", SILENT.values(), ids=SILENT)
def test_quantization_is_silently_off(saved, settings, recwarn):
    assert dtypes(convert(saved["plain"], **settings)) == {"float32"}
    assert not [warning for warning in recwarn if "quantiz" in str(warning.message)]


@pytest.mark.parametrize("settings", [SILENT["dataset"], SILENT["dataset-int8"], SILENT["float16"], SILENT["int16x8-dataset"]])
def test_an_optimization_turns_it_on(saved, settings):
    assert dtypes(convert(saved["plain"], **settings, optimizations=DEFAULT)) - {"float32"}


def test_int16x8_without_a_dataset_is_dynamic_range(saved):
    assert dtypes(convert(saved["plain"], ops=[INT16X8], optimizations=DEFAULT)) == {"float32", "int8"}
    assert "int16" in dtypes(convert(saved["plain"], ops=[INT16X8], optimizations=DEFAULT, representative_dataset=dataset))


def test_float16_never_reads_the_dataset(saved):
    def unread():
        raise AssertionError("read")
        yield

    assert "float16" in dtypes(convert(saved["plain"], types=[tf.float16], optimizations=DEFAULT, representative_dataset=unread))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optimizations": tf.lite.Optimize.DEFAULT}, "'Optimize' is not iterable"),
        ({"ops": INT8, "optimizations": DEFAULT, "representative_dataset": dataset}, "'OpsSet' object is not iterable"),
        ({"optimizations": DEFAULT, "representative_dataset": [[np.zeros((1, 64), np.float32)]]}, "'list' object is not callable"),
    ],
)
def test_settings_of_the_wrong_type(saved, settings, message):
    with pytest.raises(TypeError, match=message):
        convert(saved["plain"], **settings)


NOT_INTEGER = {
    "nothing": {},
    "default": {"optimizations": DEFAULT},
    "dataset": {"representative_dataset": dataset},
    "dataset-int8": {"representative_dataset": dataset, "ops": [INT8]},
    "float16": {"optimizations": DEFAULT, "representative_dataset": dataset, "types": [tf.float16]},
}


@pytest.mark.parametrize("dtype", [tf.uint8, tf.int8, tf.int16, tf.float16], ids=lambda dtype: dtype.name)
@pytest.mark.parametrize("settings", NOT_INTEGER.values(), ids=NOT_INTEGER)
def test_integer_io_needs_integer_quantization(saved, settings, dtype):
    with pytest.raises(ValueError, match=r"inference_input_type and inference_output_type must be tf\.float32"):
        convert(saved["plain"], **settings, inference_input_type=dtype)


@pytest.mark.parametrize("dtype", [tf.uint8, tf.int8], ids=lambda dtype: dtype.name)
@pytest.mark.parametrize("target", [{}, {"ops": [INT8]}], ids=["builtins", "int8"])
def test_integer_io_works_with_default_and_dataset(saved, dtype, target):
    model = convert(
        saved["plain"],
        **target,
        optimizations=DEFAULT,
        representative_dataset=dataset,
        inference_input_type=dtype,
        inference_output_type=dtype,
    )
    assert io_dtypes(model) == (dtype.name, dtype.name)


def test_integer_io_of_a_qat_model_needs_only_an_optimization(saved):
    assert io_dtypes(convert(saved["qat"], optimizations=DEFAULT, inference_input_type=tf.uint8)) == ("uint8", "float32")
    with pytest.raises(ValueError, match=r"must be tf\.float32"):
        convert(saved["qat"], inference_input_type=tf.uint8)


def test_integer_io_of_the_wrong_width(saved):
    full = {"optimizations": DEFAULT, "representative_dataset": dataset}
    with pytest.raises(ValueError, match=r"Expected to be in \('tf.uint8', 'tf.int8'\), instead got tf.int16"):
        convert(saved["plain"], **full, inference_input_type=tf.int16)
    with pytest.raises(ValueError, match=r"must be in \['tf.float32', 'tf.int16'\]"):
        convert(saved["plain"], **full, ops=[INT16X8], inference_input_type=tf.int8)
    assert io_dtypes(convert(saved["plain"], **full, ops=[INT16X8], inference_input_type=tf.int16))[0] == "int16"


def test_integer_io_of_the_v1_converter_asks_for_stats(saved):
    with pytest.raises(ValueError, match="The `quantized_input_stats` flag must be defined"):
        convert(saved["plain"], tf.compat.v1.lite, inference_input_type=tf.uint8)


UNKNOWN = {
    "post_training_quantize": True,
    "target_ops": [INT8],
    "inference_type": tf.int8,
    "supported_ops": [INT8],
    "supported_types": [tf.float16],
    "quantized_input_stats": {"x": (0.0, 1.0)},
    "default_ranges_stats": (0, 6),
    "optimization": DEFAULT,
    "representative_datasets": dataset,
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_attributes_change_nothing(saved, name):
    assert dtypes(convert(saved["plain"], **{name: UNKNOWN[name]})) == {"float32"}
    assert name not in {row["name"] for row in table("converter_attributes")["rows"] if row["of"] == "v2"}


def test_the_v1_converter_handles_its_old_names(saved):
    with pytest.warns(UserWarning, match="Property post_training_quantize is deprecated"):
        model = convert(saved["plain"], tf.compat.v1.lite, post_training_quantize=True)
    assert "int8" in dtypes(model)


def test_attribute_table_is_what_the_converters_have(saved):
    model = Dense()
    function = model.__call__.get_concrete_function()
    holders = {
        "v2": [tf.lite.TFLiteConverter.from_saved_model(saved["plain"]), tf.lite.TFLiteConverter.from_concrete_functions([function])],
        "v1": [tf.compat.v1.lite.TFLiteConverter.from_saved_model(saved["plain"])],
        "target_spec": [tf.lite.TargetSpec()],
    }
    for of, made in holders.items():
        shipped = {row["name"] for row in table("converter_attributes")["rows"] if row["of"] == of and row["until"] is None}
        real = {name for holder in made for name in vars(holder) if not name.startswith("_") or name.startswith("_experimental")}
        if of == "v1":
            real |= {"post_training_quantize", "target_ops"}  # properties by __setattr__
        assert real <= shipped
        assert shipped - real <= {"experimental_lower_to_saved_model"}  # of the Keras model constructor
