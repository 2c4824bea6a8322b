"""What TensorFlow Serving is told to serve, and what programs send to model servers, as the rules about servers see it."""

from __future__ import annotations

from pathlib import Path

import pytest

from deplint import plugins
from deplint.code.python import PythonFile
from deplint.code.requests import channels, grpc, keys, rest, triton, written
from deplint.data import load
from deplint.project import File, Project
from deplint.settings.serving import Server, answers, kserve, mentioned, saved_models, servers, versions

READERS = plugins.load().readers
SAVED = b"\x08\x01\x12\x07\x0a\x05\x22\x03\x73\x72\x76"
"""The least that is a SavedModel: one graph with a tag."""


def project(root: Path, **texts: str | bytes) -> Project:
    """A project of these files; two underscores in a name stand for a slash, ``_DOT_`` for a full stop."""
    for name, text in texts.items():
        path = root / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return Project(root, [File(path, path.as_posix()) for path in files], READERS)


def server(root: Path, command: str, **texts: str | bytes) -> Server:
    (found,) = servers(project(root, run_DOT_sh=f"docker run {command}\n", **texts))
    return found


@pytest.mark.parametrize(
    ("command", "served"),
    [
        ("tensorflow/serving", [("model", "/models/model")]),
        ("-e MODEL_NAME=fruit tensorflow/serving:2.19.0", [("fruit", "/models/fruit")]),
        ("-e MODEL_NAME=fruit -e MODEL_BASE_PATH=/srv/ tensorflow/serving", [("fruit", "/srv/fruit")]),
        ("-e MODEL_BASE_PATH=gs://bucket/models tensorflow/serving", [("model", "gs://bucket/models/model")]),
        # The entry point passes the flags on, behind its own: they win, and only they.
        ("-e MODEL_NAME=fruit tensorflow/serving --model_name=cars", [("cars", "/models/fruit")]),
        ("tensorflow/serving --model_name cars --model_base_path /srv/cars", [("cars", "/srv/cars")]),
        ("--entrypoint tensorflow_model_server tensorflow/serving --model_base_path=/srv/cars", [("default", "/srv/cars")]),
        ("--entrypoint /usr/bin/tf_serving_entrypoint.sh tensorflow/serving", [("model", "/models/model")]),
        ("--entrypoint tensorflow_model_server tensorflow/serving", None),
        ("--entrypoint bash tensorflow/serving -c 'start'", None),
        ("-e MODEL_NAME tensorflow/serving", None),
        ("-e MODEL_NAME=$1 tensorflow/serving", None),
        ("--env-file .env tensorflow/serving", None),
        ("--env-file .env -e MODEL_NAME=fruit tensorflow/serving", None),  # the base path may be in the file
        ("tensorflow/serving --model_base_path=models", None),
        ("tensorflow/serving --model_config_file=/models/missing.config", None),
        ('tensorflow/serving "$@"', None),
    ],
)
def test_models_of_a_container(tmp_path, command, served):
    models = server(tmp_path, command).models
    assert (models and [(m.name, m.base) for m in models]) == served


def test_models_of_a_list(tmp_path):
    listed = 'model_config_list { config { name: "a" base_path: "/models/a/" } config { name: "b" base_path: "/models/b" \
        model_version_policy { specific { versions: 3 } } } config { name: "c" base_path: "gs://c/c/" model_version_policy { all {} } } }'
    found = server(
        tmp_path,
        "-v ./conf/models.config:/etc/models.config tensorflow/serving --model_config_file=/etc/models.config",
        conf__models_DOT_config=listed,
    ).models
    assert found is not None
    assert [(m.name, m.base, m.versions) for m in found] == [("a", "/models/a", ()), ("b", "/models/b", (3,)), ("c", "gs://c/c", None)]


@pytest.mark.parametrize("image", ["tensorflow/serving:2.19.0-devel", "bitnami/tensorflow-serving:2", "tensorflow/tensorflow", "$IMAGE"])
def test_other_images_are_not_the_server(tmp_path, image):
    assert servers(project(tmp_path, run_DOT_sh=f"docker run {image}\n")) == []


def test_the_registry_of_an_image_matters(tmp_path):
    assert servers(project(tmp_path / "a", run_DOT_sh="docker run docker.io/tensorflow/serving\n"))
    assert not servers(project(tmp_path / "b", run_DOT_sh="docker run quay.io/tensorflow/serving\n"))


def test_folders_behind_paths_in_a_container(tmp_path):
    dockerfile = "FROM tensorflow/serving:2.19.0\nCOPY models /models\nCOPY models.config other.txt /etc/\nENV MODEL_NAME=fruit\n"
    compose = "services:\n  a:\n    build: ./serving\n    volumes: ['./newer:/models/fruit', 'data:/models/cars']\n"
    found = project(
        tmp_path,
        serving__Dockerfile=dockerfile,
        serving__models_DOT_config="",
        serving__models__fruit__1__saved_model_DOT_pb=SAVED,
        serving__models__cars__1__saved_model_DOT_pb=SAVED,
        newer__7__saved_model_DOT_pb=SAVED,
        docker_compose_DOT_yml="",
        compose_DOT_yml=compose,
    )
    built, run = sorted(servers(found), key=lambda s: s.deployment.kind == "compose")
    assert (built.deployment.kind, run.deployment.kind) == ("dockerfile", "compose")
    assert [m.base for m in run.models or ()] == ["/models/fruit"]
    assert built.folder("/models/fruit") == tmp_path / "serving/models/fruit"
    assert run.folder("/models/fruit") == tmp_path / "newer"  # what is mounted hides what was copied
    assert run.folder("/models/fruit/7") == tmp_path / "newer/7"
    assert run.folder("/elsewhere") is None
    config = built.file("/etc/models.config")
    assert config is not None and config.path == tmp_path / "serving/models.config"
    assert versions(found, tmp_path / "newer") == {7: tmp_path / "newer/7"}


def test_which_models_a_name_means(tmp_path):
    models = {f"models__{name}__{version}__saved_model_DOT_pb": SAVED for name, version in (("a", 1), ("a", 12), ("b", 3))}
    config = 'model_config_list { config { name: "alias" base_path: "/models/b" } config { name: "b" base_path: "gs://x/away" } }'
    found = project(tmp_path, client_DOT_py="", conf__models_DOT_config=config, **models)
    near = found.files[0]

    def means(name: str, version: str = "") -> list[str]:
        return [str(Path(model.path).parent.relative_to(tmp_path)) for model in saved_models(found, name, near, version)]

    assert means("a") == ["models/a/12"]
    assert means("a", "1") == ["models/a/1"]
    assert means("a", "2") == []
    assert means("alias") == ["models/b/3"]
    assert means("b") == []  # somebody says it is elsewhere
    assert means("c") == []


def test_a_readme_keeps_examples_apart(tmp_path):
    found = project(tmp_path, one__README_DOT_md="", one__client_DOT_py="", two__client_DOT_py="", two__a__1__saved_model_DOT_pb=SAVED)
    one, two = (file for file in found.files if file.name == "client.py")
    assert found.area(one) == tmp_path / "one" and found.area(two) == tmp_path
    assert saved_models(found, "a", one) == []
    assert len(saved_models(found, "a", two)) == 1


def test_who_answers_a_request(tmp_path):
    plain = project(tmp_path / "a", client_DOT_py="", fruit__1__saved_model_DOT_pb=SAVED)
    near = plain.files[0]
    assert answers(plain, "x", 8501, near) and answers(plain, "fruit", 80, near)
    assert not answers(plain, "x", 80, near) and not answers(plain, "x", None, near)
    moved = project(tmp_path / "b", run_DOT_sh="docker run -p 9501:8501 tensorflow/serving\n")
    assert answers(moved, "x", 9501, moved.files[0]) and not answers(moved, "x", 9500, moved.files[0])
    service = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: fruit}\n"
    behind = project(tmp_path / "c", service_DOT_yaml=service, fruit__1__saved_model_DOT_pb=SAVED)
    assert kserve(behind) and not answers(behind, "fruit", 8501, behind.files[0])
    assert saved_models(behind, "fruit", behind.files[0]) == []


def test_what_texts_mention(tmp_path):
    found = project(
        tmp_path, README_DOT_md="docker run -p 8500:8501", a_DOT_bin=b"8500:8501 \x00", big_DOT_txt=b"x" * (1 << 20) + b"needle"
    )
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere")
    found.files.append(File(tmp_path / "gone.md"))
    assert mentioned(found, r"8500:8501")
    assert not mentioned(found, r"8500:8501", found.files[0].shown)
    assert not mentioned(found, "needle")


def code(root: Path, text: str) -> PythonFile:
    (file,) = project(root, client_DOT_py=text).all(PythonFile)
    return file


def test_requests_over_rest(tmp_path):
    text = """
import json, os
import aiohttp, httpx, requests, urllib.request

HOST = os.environ.get("HOST", "http://localhost:9501")
requests.post("http://h:8501/v1/models/a:predict", json={"instances": [1]})
requests.post(f"{HOST}/v1/models/b/versions/3:classify", data=json.dumps({"examples": []}))
requests.post(f"https://{os.environ['HOST']}/v1/models/c/labels/x:regress", unknown())
httpx.Client().request("POST", "http://[::1]:8501/v1/models/d:predict", content=json.dumps(body()).encode())
requests.get("http://h:8501/v1/models/e")
requests.post("http://h:8501/v1/models/f/metadata")
requests.post("http://h:8501/v2/models/g/infer")
requests.request("PUT", "http://h:8501/v1/models/h:predict")
requests.post(url())
"""
    found = list(rest(code(tmp_path, text)))
    assert [(r.model, r.verb, r.version) for r in found] == [
        ("a", "predict", ""),
        ("b", "classify", "3"),
        ("c", "regress", None),
        ("d", "predict", ""),
    ]
    assert [r.port for r in found] == [8501, 9501, None, 8501]  # a default is what runs
    assert [keys(r.body) for r in found] == [{"instances"}, {"examples"}, None, None]


def test_requests_over_grpc(tmp_path):
    text = """
import grpc
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc as service

stub = service.PredictionServiceStub(grpc.insecure_channel("localhost:8500"))

def ask(image, name):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "fruit"
    request.inputs["image"].CopyFrom(image)
    request.inputs[name].CopyFrom(image)
    return stub.Predict(request, 1.0)
"""
    file = code(tmp_path, text)
    (request,) = grpc(file)
    assert (request.model.text, request.signature.missing, list(request.inputs)) == ("fruit", True, ["image"])
    place = request.inputs["image"]
    assert place.span is not None and place.span.line == 10
    (target,) = channels(file)
    assert target.text == "localhost:8500"
    span = written(target, ":8500").span
    assert span is not None and span.line == 5


def test_requests_to_triton(tmp_path):
    text = """
import tritonclient.http as http
import tritonclient.grpc.aio as aio

client = http.InferenceServerClient("localhost:8000")
a, b = http.InferInput("a", [1], "FP32"), http.InferInput("b", [1], "FP32")
client.infer("m", [a, b], outputs=[http.InferRequestedOutput("y")])
client.infer("n", [a, *others()])
client.infer(name(), [a])

async def ask():
    other = aio.InferenceServerClient("localhost:8001")
    await other.infer(model_name="o", inputs=[aio.InferInput("c", [1], "FP32")])
"""
    found = {r.model: r for r in triton(code(tmp_path, text))}
    assert set(found) == {"m", "n", "o"}
    assert ([v.text for v in found["m"].inputs], [v.text for v in found["m"].outputs], found["m"].complete) == (["a", "b"], ["y"], True)
    assert not found["n"].complete and found["o"].complete


def test_operators_are_known_from_when_they_were_registered():
    since = {row["op"]: row["since"] for row in load("tensorflow_ops")["rows"]}
    assert since["DecodeWebP"] == "2.20" and since["BatchMatMulV3"] == "2.6" and since["DisableCopyOnRead"] == "2.10"
    # Registered long before Python could name them, and in every release.
    assert not {"NearestNeighbors", "DebugIdentity", "Conv2D", "StatefulPartitionedCall"} & set(since)
    assert all(minor.startswith("2.") and 1 <= int(minor[2:]) <= 21 for minor in since.values())
