"""Claims of the rules about services and clients: DPL607 to DPL669. Flask, FastAPI, botocore and tritonclient answer themselves."""

from __future__ import annotations

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
    assert client.post("/files", data={"image": (open(__file__, "rb"), "a.py")}).status_code == 400


def test_fastapi_asks_for_its_parameters():
    fastapi = pytest.importorskip("fastapi")
    testing = pytest.importorskip("fastapi.testclient")
    pydantic = pytest.importorskip("pydantic")
    app = fastapi.FastAPI()
    rows = pydantic.create_model("Rows", rows=(list[float], ...))

    @app.post("/rows")
    def read(body: rows):  # type: ignore[valid-type]
        return 1

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
