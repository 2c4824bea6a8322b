"""Claims of the rules about services and clients: DPL607 to DPL669. Flask, FastAPI, botocore and tritonclient answer themselves."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

URL = "http://localhost:8501/v1/models/net:predict"


def test_requests_writes_a_dictionary_given_as_data_as_a_form():
    requests = pytest.importorskip("requests")
    form = requests.Request("POST", URL, data={"instances": [[1.0, 2.0]]}).prepare()
    assert form.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert form.body.startswith("instances=")
    twice = requests.Request("POST", URL, json=json.dumps({"instances": [1]})).prepare()
    assert isinstance(json.loads(twice.body), str)
    assert json.loads(requests.Request("POST", URL, json={"instances": [1]}).prepare().body) == {"instances": [1]}


def test_flask_refuses_what_is_no_json_and_keys_that_are_not_there():
    flask = pytest.importorskip("flask")
    app = flask.Flask("probe")
    app.add_url_rule("/json", view_func=lambda: str(flask.request.get_json()["image"]), methods=["POST"], endpoint="json")
    app.add_url_rule("/files", view_func=lambda: str(flask.request.files["file"]), methods=["POST"], endpoint="files")
    client = app.test_client()
    assert client.post("/json", data={"image": "x"}).status_code == 415
    assert client.post("/json", json={"img": "x"}).status_code == 500
    assert client.post("/json", json={"image": "x"}).status_code == 200
    assert client.post("/files", data={"image": (io.BytesIO(b"x"), "a.py")}).status_code == 400


def test_fastapi_asks_for_its_parameters():
    fastapi = pytest.importorskip("fastapi")
    testing = pytest.importorskip("fastapi.testclient")
    pydantic = pytest.importorskip("pydantic")
    app = fastapi.FastAPI()
    rows = pydantic.create_model("Rows", rows=(list[float], ...))

    def read(body):
        return 1

    read.__annotations__ = {"body": rows}
    app.post("/rows")(read)
    client = testing.TestClient(app)
    assert client.post("/rows", json={"row": [1.0]}).status_code == 422
    assert client.post("/rows", data={"rows": "1"}).status_code == 422
    assert client.post("/rows", json={"rows": [1.0]}).status_code == 200


@pytest.mark.parametrize("body", [{"instances": [1]}, [1.0], np.zeros((1, 2))], ids=["dict", "list", "array"])
def test_boto_sends_text_bytes_and_files_alone(body):
    session = pytest.importorskip("botocore.session")
    exceptions = pytest.importorskip("botocore.exceptions")
    stub = pytest.importorskip("botocore.stub")
    client = session.get_session().create_client("sagemaker-runtime", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with stub.Stubber(client) as stubbed:
        stubbed.add_response("invoke_endpoint", {"Body": b""})
        with pytest.raises(exceptions.ParamValidationError, match="Invalid type for parameter Body"):
            client.invoke_endpoint(EndpointName="net", Body=body)
        client.invoke_endpoint(EndpointName="net", Body=json.dumps({"instances": [1]}))


@pytest.mark.parametrize("value", [np.float32(1), np.int64(1), np.zeros(2), round(np.float32(1) * 100, 2)])
def test_numpy_is_no_json_for_flask_and_fastapi(value):
    flask = pytest.importorskip("flask")
    encoders = pytest.importorskip("fastapi.encoders")
    with flask.Flask("probe").app_context():
        with pytest.raises(TypeError, match="is not JSON serializable"):
            flask.jsonify({"value": value})
        assert flask.jsonify({"value": np.float64(1)})
    with pytest.raises(ValueError, match=r"not iterable|cannot convert"):
        encoders.jsonable_encoder({"value": value})
    assert encoders.jsonable_encoder({"value": np.float64(1)})


@pytest.mark.torch
def test_state_dicts_are_dictionaries(tmp_path):
    torch = pytest.importorskip("torch")
    net = torch.nn.Linear(2, 2)
    torch.save(net.state_dict(), tmp_path / "state.pth")
    torch.save(net, tmp_path / "whole.pth")
    with pytest.raises(AttributeError, match="has no attribute 'eval'"):
        torch.load(tmp_path / "state.pth").eval()
    with pytest.raises(RuntimeError, match=r"constants\.pkl"):
        torch.jit.load(tmp_path / "state.pth")
    with pytest.raises(TypeError, match="Expected state_dict to be dict-like"):
        net.load_state_dict(torch.load(tmp_path / "whole.pth", weights_only=False))


@pytest.mark.tensorflow
def test_weights_are_no_model(tmp_path):
    keras = pytest.importorskip("keras")
    keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)]).save_weights(tmp_path / "best.weights.h5")
    with pytest.raises(ValueError, match="No model config found in the file"):
        keras.models.load_model(tmp_path / "best.weights.h5")


@pytest.mark.torch
def test_a_module_is_in_training_mode_after_load_state_dict():
    torch = pytest.importorskip("torch")
    net = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.BatchNorm1d(4), torch.nn.Dropout(0.5))
    net.load_state_dict(net.state_dict())
    assert net.training
    with pytest.raises(ValueError, match="Expected more than 1 value per channel when training"):
        net(torch.ones(1, 4))
    net.eval()
    with pytest.raises(ValueError, match="expected 4D input"):
        torch.nn.BatchNorm2d(3).eval()(torch.ones(3, 4, 4))
    assert net(torch.ones(1, 4)).requires_grad
    with torch.inference_mode():
        assert not net(torch.ones(1, 4)).requires_grad


@pytest.mark.tensorflow
def test_predict_takes_a_batch():
    keras = pytest.importorskip("keras")
    net = keras.Sequential([keras.layers.Input((8, 8, 3)), keras.layers.Conv2D(2, 3), keras.layers.Flatten()])
    with pytest.raises(ValueError, match=r"ndim|shape"):
        net.predict(np.zeros((8, 8, 3)), verbose=0)
    assert net.predict(np.zeros((1, 8, 8, 3)), verbose=0).shape == (1, 72)


def test_a_coroutine_that_computes_stops_the_loop():
    import asyncio
    import time

    async def ticks(work) -> int:
        count = 0

        async def tick() -> None:
            nonlocal count
            while True:
                await asyncio.sleep(0.01)
                count += 1

        ticking = asyncio.create_task(tick())
        await asyncio.sleep(0)
        await work()
        ticking.cancel()
        return count

    async def blocking() -> None:
        time.sleep(0.1)

    async def threaded() -> None:
        await asyncio.to_thread(time.sleep, 0.1)

    assert asyncio.run(ticks(blocking)) == 0
    assert asyncio.run(ticks(threaded)) > 2


def test_one_row_scaled_by_itself_is_zero():
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    assert preprocessing.StandardScaler().fit_transform([[3.0, 7.0]]).tolist() == [[0.0, 0.0]]


@pytest.mark.tensorflow
def test_sequences_are_padded_in_front_unless_told_otherwise():
    pad = pytest.importorskip("keras").utils.pad_sequences
    assert pad([[1, 2]], maxlen=3).tolist() == [[0, 1, 2]]
    assert pad([[1, 2]], maxlen=3, padding="post").tolist() == [[1, 2, 0]]
    assert pad([[1, 2, 3, 4]], maxlen=3).tolist() == [[2, 3, 4]]


def test_a_second_softmax_flattens():
    def softmax(x):
        return np.exp(x) / np.exp(x).sum()

    sure = softmax(np.array([30.0] + [0.0] * 9))
    assert sure[0] > 0.999
    assert round(float(softmax(sure)[0]), 2) == 0.23


def test_the_client_of_triton_compares_dtype_and_shape():
    http = pytest.importorskip("tritonclient.http")
    utils = pytest.importorskip("tritonclient.utils")
    x = http.InferInput("x", [1, 4], "FP32")
    with pytest.raises(utils.InferenceServerException, match="got unexpected datatype FP64 from numpy array, expected FP32"):
        x.set_data_from_numpy(np.zeros((1, 4)))
    with pytest.raises(utils.InferenceServerException, match=r"got unexpected numpy array shape \[4,?\], expected \[1, 4\]"):
        x.set_data_from_numpy(np.zeros(4, np.float32))
    x.set_data_from_numpy(np.zeros((1, 4), np.float32))


@pytest.mark.tensorflow
def test_decoding_takes_one_picture():
    tf = pytest.importorskip("tensorflow")
    for decode in (tf.io.decode_jpeg, tf.io.decode_png, tf.io.decode_image):
        function = tf.function(decode, input_signature=[tf.TensorSpec([None], tf.string)])
        with pytest.raises(ValueError, match="Shape must be rank 0 but is rank 1"):
            function.get_concrete_function()


@pytest.mark.tensorflow
def test_a_tensor_proto_has_room_for_its_shape():
    tf = pytest.importorskip("tensorflow")
    with pytest.raises(ValueError, match=r"Too many elements provided\. Takes at most 1, but got 2"):
        tf.make_tensor_proto([b"a", b"b"], shape=[1])
    assert tf.make_tensor_proto([b"a", b"b"], shape=[2]).string_val == [b"a", b"b"]


@pytest.mark.tensorflow
def test_bare_pixels_are_no_picture_file():
    tf = pytest.importorskip("tensorflow")
    with pytest.raises(tf.errors.InvalidArgumentError, match="Unknown image file format"):
        tf.io.decode_image(np.zeros((4, 4, 3), np.uint8).tobytes())


@pytest.mark.torch
def test_a_checkpoint_from_a_card_is_refused_without_one():
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is a graphics card")
    with pytest.raises(RuntimeError, match="Attempting to deserialize object on a CUDA device"):
        torch.serialization.default_restore_location(torch.UntypedStorage(4), "cuda:0")
