"""DPL204 to DPL206: calibration data that converters cannot use, or that says nothing of real inputs."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.tensorflow, pytest.mark.filterwarnings("ignore")]
tf = pytest.importorskip("tensorflow")
np = pytest.importorskip("numpy")
DATA = np.random.default_rng(0).random((4, 8, 8, 3), np.float32)


@pytest.fixture(scope="module")
def model():
    inputs = tf.keras.Input((8, 8, 3), name="image")
    return tf.keras.Model(inputs, tf.keras.layers.Conv2D(2, 3)(inputs))


def converted(model, dataset):
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations, converter.representative_dataset = [tf.lite.Optimize.DEFAULT], dataset
    return converter.convert()


def yielding(make):
    def samples():
        for index in range(3):
            yield make(index)

    return samples


LISTED = yielding(lambda i: [DATA[i : i + 1]])


@pytest.mark.parametrize("given", [[DATA[:1]], DATA, LISTED(), tf.data.Dataset.from_tensor_slices(DATA).batch(1)])
def test_what_is_not_a_function(model, given):
    with pytest.raises(TypeError, match="object is not callable"):
        converted(model, given)


def test_what_a_function_yields(model):
    with pytest.raises(ValueError, match="You need to provide either a dictionary"):
        converted(model, yielding(lambda i: DATA[i : i + 1]))
    with pytest.raises(ValueError, match="Got value of type FLOAT64 but expected type FLOAT32"):
        converted(model, yielding(lambda i: [np.random.rand(1, 8, 8, 3)]))
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        converted(model, lambda count: iter(()))
    for dataset in (LISTED, lambda: LISTED(), yielding(lambda i: {"image": DATA[i : i + 1]}), tf.lite.RepresentativeDataset(LISTED)):
        assert converted(model, dataset)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A network of two layers that were made for inputs of one kind: a small offset decides."""
    helper = pytest.importorskip("onnx").helper
    rng = np.random.default_rng(1)
    weights = {"w": rng.normal(size=(16, 32)).astype(np.float32), "v": rng.normal(size=(32, 10)).astype(np.float32)}
    numpy_helper = pytest.importorskip("onnx").numpy_helper
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["h"]),
            helper.make_node("Relu", ["h"], ["r"]),
            helper.make_node("MatMul", ["r", "v"], ["y"]),
        ],
        "net",
        [helper.make_tensor_value_info("x", 1, ["n", 16])],
        [helper.make_tensor_value_info("y", 1, ["n", 10])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    path = tmp_path_factory.mktemp("network") / "net.onnx"
    path.write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString())
    return str(path)


def reader(feeds):
    quantization = pytest.importorskip("onnxruntime.quantization")

    class Reader(quantization.CalibrationDataReader):
        def __init__(self):
            self.feeds = iter(feeds)

        def get_next(self):
            return next(self.feeds, None)

    return Reader()


def test_static_quantization_needs_data(network, tmp_path):
    quantization = pytest.importorskip("onnxruntime.quantization")
    out, kinds, feed = str(tmp_path / "q.onnx"), quantization.QuantType, {"x": np.ones((1, 16), np.float32)}
    for given in ((), (None,)):
        with pytest.raises(ValueError, match="Either calibration_data_reader or"):
            quantization.quantize_static(network, out, *given)
    with pytest.raises(AttributeError, match="get_next"):
        quantization.quantize_static(network, out, [feed])
    with pytest.raises(ValueError, match="No data is collected"):
        quantization.quantize_static(network, out, reader([]))
    with pytest.raises(ValueError, match="doesn't support data format"):
        quantization.quantize_static(network, out, reader([feed]), activation_type=kinds.QInt8, weight_type=kinds.QUInt8)
    with pytest.raises(ValueError, match=r"Only QuantFormat\.QDQ supports 16-bit"):
        style = quantization.QuantFormat.QOperator
        quantization.quantize_static(network, out, reader([feed]), quant_format=style, activation_type=kinds.QUInt16)
    quantization.quantize_static(network, out, reader([feed]), activation_type=kinds.QUInt8, weight_type=kinds.QInt8)


def test_only_none_ends_calibration(network, tmp_path):
    """DPL143: a reader that starts again is asked again and again."""
    quantization = pytest.importorskip("onnxruntime.quantization")

    class Enough(Exception):
        pass

    class Circling(quantization.CalibrationDataReader):
        asked = 0

        def get_next(self):
            self.asked += 1
            if self.asked > 50:
                raise Enough
            return {"x": np.ones((1, 16), np.float32)}

    with pytest.raises(Enough):
        quantization.quantize_static(network, str(tmp_path / "q.onnx"), Circling())
    quantization.quantize_static(network, str(tmp_path / "q.onnx"), reader([{"x": np.ones((1, 16), np.float32)}]))


def test_noise_gives_other_ranges(network, tmp_path):
    quantization, ort = pytest.importorskip("onnxruntime.quantization"), pytest.importorskip("onnxruntime")
    rng = np.random.default_rng(2)
    real = (rng.normal(size=(64, 16)) * 3).astype(np.float32)
    noise = rng.random((64, 16)).astype(np.float32)

    def answers(path):
        return ort.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, {"x": real})[0]

    def error(calibration):
        out = str(tmp_path / "q.onnx")
        quantization.quantize_static(network, out, reader([{"x": row[None]} for row in calibration]))
        return np.abs(answers(out) - answers(network)).mean()

    assert error(noise) > 5 * error(real)
