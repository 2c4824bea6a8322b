"""What Flask, FastAPI and ONNX Runtime do with the faults that rules about a project's own services name."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest

flask = pytest.importorskip("flask")
fastapi = pytest.importorskip("fastapi")
pytest.importorskip("httpx")
testclient = pytest.importorskip("fastapi.testclient")


def test_paths_and_methods_that_nobody_has() -> None:
    app = flask.Flask("service")
    app.route("/predict")(lambda: {"ok": True})
    client = app.test_client()
    assert client.post("/predict").status_code == 405
    assert client.get("/api/predict").status_code == 404

    service = fastapi.FastAPI()
    service.get("/rows")(list)
    asking = testclient.TestClient(service)
    assert asking.post("/rows").status_code == 405
    assert asking.get("/health").status_code == 404


def test_an_answer_without_fields_of_its_model() -> None:
    pydantic = pytest.importorskip("pydantic")
    model = pydantic.create_model("Prediction", label=(str, ...), probability=(float, ...))
    service = fastapi.FastAPI()
    service.get("/predict", response_model=model)(lambda: {"label": "a", "prob": 1.0})
    with pytest.raises(fastapi.exceptions.ResponseValidationError):
        testclient.TestClient(service).get("/predict")
    assert testclient.TestClient(service, raise_server_exceptions=False).get("/predict").status_code == 500


def test_reading_an_upload_gives_a_promise_and_then_nothing() -> None:
    async def predict() -> None:
        file = fastapi.UploadFile(io.BytesIO(b"abc"))
        promise = file.read()
        with pytest.raises(TypeError, match="bytes-like object is required, not 'coroutine'"):
            io.BytesIO(promise)
        assert (await promise, await file.read()) == (b"abc", b"")

    asyncio.run(predict())
    app = flask.Flask("service")

    def read() -> dict[str, int]:
        file = flask.request.files["image"]
        return {"first": len(file.read()), "second": len(file.read())}

    app.post("/predict")(read)
    answer = app.test_client().post("/predict", data={"image": (io.BytesIO(b"abc"), "a.png")})
    assert answer.get_json() == {"first": 3, "second": 0}


def test_apps_speak_one_interface() -> None:
    with pytest.raises(TypeError, match="send"):
        fastapi.FastAPI()({}, lambda *_: None)
    with pytest.raises(TypeError, match="positional argument"):
        flask.Flask("service")({}, None, None)


def test_a_batch_for_a_model_of_one_row_and_a_list_for_an_array(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    numpy = pytest.importorskip("numpy")
    helper = onnx.helper
    ends = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 4]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "main", ends[:1], ends[1:])
    path = str(tmp_path / "net.onnx")
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    with pytest.raises(Exception, match=r"Got: 2 Expected: 1"):
        session.run(None, {"x": numpy.zeros((2, 4), numpy.float32)})
    out = session.run(None, {"x": numpy.zeros((1, 4), numpy.float32)})
    with pytest.raises(AttributeError, match="'list' object has no attribute 'argmax'"):
        out.argmax()
    with pytest.raises(AttributeError, match="'list' object has no attribute 'name'"):
        session.get_inputs().name  # noqa: B018
    options = runtime.SessionOptions()
    with pytest.raises(TypeError):
        options.intra_op_num_threads = "2"


def test_a_body_of_another_kind_is_refused() -> None:
    pytest.importorskip("python_multipart")
    app = flask.Flask("service")
    app.post("/score")(lambda: flask.request.get_json())
    assert app.test_client().post("/score", data='{"rows": [1]}').status_code == 415

    service = fastapi.FastAPI()

    def prices(features: list[float]) -> int:
        return len(features)

    def image(file: fastapi.UploadFile) -> int:
        return 1

    service.post("/prices")(prices)
    service.post("/image")(image)
    asking = testclient.TestClient(service)
    assert asking.post("/prices", json=[1.0]).json() == 1
    assert asking.post("/prices", json={"features": [1.0]}).status_code == 422
    assert asking.post("/image", json={"file": "abc"}).status_code == 422
