"""Containers that are run: compose, Kubernetes, scripts and Dockerfiles in one vocabulary; YAML within bounds."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from settings_help import one, read, shown

from deplint.model import Unreadable
from deplint.settings.containers import Container, Deployment, Mount, Port, Probe
from deplint.settings.yamltree import Node, documents


def texts(container: Container) -> list[str | None]:
    return [word.text for word in container.args]


def ports(container: Container) -> list[tuple[int | None, int | None]]:
    return [(port.host, port.container) for port in container.ports]


def mounts(container: Container) -> list[tuple[str | None, str | None, str]]:
    return [(mount.source, mount.target, mount.kind) for mount in container.mounts]


COMPOSE = """\
x-base: &base
  environment: {A: "1"}
  restart: always
services:
  tf:
    <<: *base
    image: tensorflow/serving:${TAG:-2.13.0}
    ports:
      - "8501:8501"
      - 127.0.0.1:8500:8500/tcp
      - "9000-9001:8000-8001"
      - "${PORT}:80"
      - 3000
      - target: 81
        published: "8081"
        host_ip: 10.0.0.1
      - "[::1]:82:82"
    expose: ["99"]
    volumes:
      - ./models/resnet:/models/resnet:ro
      - data:/x
      - /anonymous
      - ${HOME}/models:/models
      - type: bind
        source: ${S}
        target: /y
    command: --model_name=a --port 85 "--x=b c" --q=${Q}
    deploy: {resources: {reservations: {devices: [{driver: nvidia, count: 1, capabilities: [gpu]}]}}}
  web:
    build: {context: ./web, dockerfile: Dockerfile.prod}
    environment:
      - MODEL_NAME=res$$x
      - FROM_HOST
      - LATE=${LATE}
    env_file: .env
    entrypoint: sh -c
    command: ["exec foo --a=$$B --c=1"]
    network_mode: host
  plain:
    build: .
    runtime: nvidia
  derived:
    extends: {service: tf}
  unknown:
    image: ${REGISTRY}/tritonserver
"""


@pytest.fixture
def compose(tmp_path: Path) -> dict[str, Container]:
    return {c.name: c for c in one(tmp_path, "docker-compose.yml", COMPOSE, Deployment).containers}


def test_compose_image_and_places(compose: dict[str, Container]) -> None:
    tf = compose["tf"]
    assert tf.image is not None and (tf.image.name, tf.image.tag) == ("tensorflow/serving", "2.13.0")
    assert shown(tf.place, COMPOSE) == "tensorflow/serving:${TAG:-2.13.0}"
    assert shown(compose["plain"].place, COMPOSE) == "plain"
    assert shown(tf.ports[1].place, COMPOSE) == "127.0.0.1:8500:8500/tcp"
    unknown = compose["unknown"].image
    assert unknown is not None and (unknown.registry, unknown.name, unknown.tag) == (None, "tritonserver", "")


def test_compose_ports_and_volumes(compose: dict[str, Container]) -> None:
    tf = compose["tf"]
    assert ports(tf) == [(8501, 8501), (8500, 8500), (9000, 8000), (9001, 8001), (None, 80), (None, 3000), (8081, 81), (82, 82), (None, 99)]
    assert [p.address for p in tf.ports] == ["", "127.0.0.1", "", "", "", "", "10.0.0.1", "::1", ""]
    assert [p.published for p in tf.ports] == [True] * 8 + [False]
    assert mounts(tf) == [
        ("./models/resnet", "/models/resnet", "bind"),
        ("data", "/x", "volume"),
        ("", "/anonymous", "volume"),
        (None, "/models", "bind"),
        (None, "/y", "bind"),
    ]


def test_compose_commands(compose: dict[str, Container]) -> None:
    tf, web = compose["tf"], compose["web"]
    assert texts(tf) == ["--model_name=a", "--port", "85", "--x=b c", None]
    assert {name: word.text for name, word in tf.flags.items()} == {"model_name": "a", "port": "85", "x": "b c", "q": None}
    assert tf.entrypoint is None and web.entrypoint is not None
    assert [[word.text for word in command] for command in web.commands] == [["exec", "foo", None, "--c=1"]]
    assert web.flags["a"].text is None and web.flags["c"].text == "1"


def test_compose_environment(compose: dict[str, Container]) -> None:
    assert {name: word.text for name, word in compose["tf"].env.items()} == {"A": "1"}
    assert {name: word.text for name, word in compose["web"].env.items()} == {"MODEL_NAME": "res$x", "FROM_HOST": None, "LATE": None}
    assert compose["web"].partial == {"env"} and not compose["tf"].partial
    assert "ports" in compose["derived"].partial


def test_compose_rest(compose: dict[str, Container]) -> None:
    assert {name: c.gpu for name, c in compose.items()} == {"tf": True, "web": False, "plain": True, "derived": False, "unknown": False}
    assert {name: c.build for name, c in compose.items() if c.build} == {"web": "web/Dockerfile.prod", "plain": "Dockerfile"}
    assert compose["web"].network == "host" and compose["tf"].network == ""


def test_compose_of_the_first_version(tmp_path: Path) -> None:
    (found,) = one(tmp_path, "docker-compose.yml", "web:\n  image: a:1\n", Deployment).containers
    assert found.image is not None and found.image.tag == "1"


KUBERNETES = """\
# model server
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec:
  template:
    metadata:
      labels: {app: tf, tier: 1}
    spec:
      hostNetwork: true
      containers:
      - name: tf
        image: tensorflow/serving
        command: ["/bin/sh", "-c"]
        args:
        - exec tensorflow_model_server --port=8500 --model_name=$(MODEL) --v=$MODEL --s=$(SECRET)
        env:
        - {name: MODEL, value: resnet}
        - {name: PATH_OF, value: /models/$(MODEL)}
        - name: SECRET
          valueFrom: {secretKeyRef: {name: a}}
        ports:
        - {containerPort: 8501, name: rest}
        - containerPort: 8500
          hostPort: 8500
        resources: {limits: {nvidia.com/gpu: 1}}
        readinessProbe: {httpGet: {path: /v1/models/resnet, port: rest}}
        livenessProbe: {tcpSocket: {port: 8500}}
        volumeMounts: [{name: m, mountPath: /models}, {name: h, mountPath: /h}, {name: z, mountPath: /z}]
      - name: side
        image: busybox:1
        envFrom: [{configMapRef: {name: x}}]
        args: ["$(UNSET)", "$$(NOT)", "plain"]
      volumes: [{name: m, persistentVolumeClaim: {claimName: x}}, {name: h, hostPath: {path: /data}}]
---
apiVersion: v1
kind: Service
metadata: {name: s}
spec: {type: LoadBalancer, selector: {app: tf}, ports: [{port: 80, targetPort: rest},{port: 85, targetPort: 9, nodePort: 30000}]}
---
---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
spec:
  predictor:
    model: {modelFormat: {name: onnx}}
    containers: [{name: k, image: a}]
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: {name: inner}, spec: {ports: [{port: 1}]}}
"""


@pytest.fixture
def kubernetes(tmp_path: Path) -> Deployment:
    found = one(tmp_path, "serving.yaml", KUBERNETES, Deployment)
    assert isinstance(found, Deployment)
    return found


def test_kubernetes_containers(kubernetes: Deployment) -> None:
    tf, side, custom = kubernetes.containers
    assert (tf.name, side.name, custom.name) == ("tf", "side", "k")
    assert shown(tf.place, KUBERNETES) == "tensorflow/serving"
    assert tf.image is not None and tf.image.tag == ""
    assert {name: word.text for name, word in tf.env.items()} == {"MODEL": "resnet", "PATH_OF": "/models/resnet", "SECRET": None}
    assert {name: word.text for name, word in tf.flags.items()} == {"port": "8500", "model_name": "resnet", "v": "resnet", "s": None}
    assert texts(side) == [None, "$(NOT)", "plain"]
    assert (tf.gpu, side.gpu, tf.network) == (True, False, "host")
    assert tf.labels == {"app": "tf", "tier": "1"}
    assert (tf.partial, side.partial) == (frozenset(), frozenset({"env"}))


def test_kubernetes_ports_mounts_probes(kubernetes: Deployment) -> None:
    tf = kubernetes.containers[0]
    assert [(p.container, p.host, p.published, p.name) for p in tf.ports] == [(8501, None, False, "rest"), (8500, 8500, True, "")]
    assert shown(tf.ports[0].place, KUBERNETES) == "8501"
    assert mounts(tf) == [("m", "/models", "persistentVolumeClaim"), ("/data", "/h", "hostPath"), ("z", "/z", "volume")]
    assert [(p.kind, p.type, p.path, p.port) for p in tf.probes] == [
        ("readiness", "http", "/v1/models/resnet", "rest"),
        ("liveness", "tcp", "", 8500),
    ]
    assert shown(tf.probes[0].place, KUBERNETES) == "/v1/models/resnet"


def test_definitions_of_custom_resources_are_left_out(tmp_path: Path) -> None:
    definition = "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n" + "  a: b\n" * 300_000
    text = "apiVersion: v1\nkind: ConfigMap\n" + definition + "--- # next\napiVersion: v1\nkind: Pod\nspec: {containers: [{image: a}]}\n"
    found = one(tmp_path, "install.yaml", text, Deployment)
    assert [document.string("kind") for document in found.documents] == ["ConfigMap", "Pod"]
    assert shown(found.containers[0].place, text) == "a"


def test_kubernetes_services(kubernetes: Deployment) -> None:
    service, inner = kubernetes.services
    assert (service.name, service.type, inner.name, inner.type) == ("s", "LoadBalancer", "inner", "ClusterIP")
    assert [(p.port, p.target, p.node_port) for p in service.ports] == [(80, "rest", None), (85, 9, 30000)]
    assert [(p.port, p.target) for p in inner.ports] == [(1, 1)]
    assert [c.name for c in kubernetes.behind(service)] == ["tf", "side"]
    assert kubernetes.behind(inner) == []
    assert [document.string("kind") for document in kubernetes.documents] == ["Deployment", "Service", "InferenceService", "List"]
    assert kubernetes.documents[2].string("spec", "predictor", "model", "modelFormat", "name") == "onnx"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("templates/d.yaml", "apiVersion: v1\nkind: Pod\nspec: {{ .Values.spec }}\n"),
        ("templates/f.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: {username}/net:latest\n    name: net\n"),
        ("templates/e.yaml", "{{- if .Values.on }}\napiVersion: v1\nkind: Pod\n{{- end }}\n"),
        ("values.yaml", "image: tensorflow/serving\n"),
        ("workflow.yml", "on: push\njobs: {a: {steps: [{run: docker run x}]}}\n"),
        ("README.md", "docker run tensorflow/serving\n"),
        ("build.sh", "docker build .\n"),
    ],
)
def test_passed_over_in_silence(tmp_path: Path, name: str, text: str) -> None:
    assert read(tmp_path, name, text) == []


SCRIPT = """\
#!/bin/sh
IMAGE=tensorflow/serving
docker run -t --rm -p 8501:8501 -p8500:8500 -itd -v "$(pwd)/models/half:/models/half" -e MODEL_NAME=half -e HOST \\
  --gpus all --mount type=bind,source=/a,target=/b --name=srv $IMAGE:2.1 --enable_batching=true "$@" &
sudo docker run $OPTIONS image
docker container run --net host --entrypoint sh --env-file e --expose 7 repo/image -c "foo --a=1"
nvidia-docker run --shm-size 1g -P "tritonserver:$TAG" tritonserver --model-repository=/models
docker run -v data:/d -v /only -v $VOLUME -v ./here:/here:ro --runtime=nvidia "$WHOLE" arg
docker run --rm "${ARGS[@]}" image
echo docker run
docker ps
"""


def test_script(tmp_path: Path) -> None:
    containers = one(tmp_path, "serve.sh", SCRIPT, Deployment).containers
    first, options, sh, nvidia, whole, several, nothing = containers
    assert first.image is not None and (first.image.name, first.image.tag) == ("tensorflow/serving", "2.1")
    assert shown(first.place, SCRIPT) == "$IMAGE:2.1"
    assert ports(first) == [(8501, 8501), (8500, 8500)]
    assert mounts(first) == [("./models/half", "/models/half", "bind"), ("/a", "/b", "bind")]
    assert {name: word.text for name, word in first.env.items()} == {"MODEL_NAME": "half", "HOST": None}
    assert (first.gpu, first.name, first.partial) == (True, "srv", {"args"})
    assert first.flags["enable_batching"].text == "true"

    assert options.image is None and "ports" in options.partial and not options.args
    assert sh.entrypoint is not None and [word.text for word in sh.entrypoint] == ["sh"]
    assert sh.flags["a"].text == "1" and sh.network == "host" and sh.partial == {"env"}
    assert [(p.container, p.published) for p in sh.ports] == [(7, False)]
    assert nvidia.gpu is True and nvidia.partial == {"ports"}
    assert nvidia.image is not None and (nvidia.image.name, nvidia.image.tag) == ("tritonserver", None)
    assert nvidia.flags["model-repository"].text == "/models"
    assert whole.image is not None and whole.image.name is None and texts(whole) == ["arg"] and whole.gpu is True
    assert mounts(whole) == [("data", "/d", "volume"), ("", "/only", "volume"), (None, None, "bind"), ("./here", "/here", "bind")]
    assert several.image is None and "image" in several.partial
    assert nothing.image is None and not nothing.args


def test_makefile(tmp_path: Path) -> None:
    text = "IMAGE ?= tensorflow/serving:2.13\nTWICE = a\nTWICE = b\nrun: ## don't\n\t@docker run -p $(PORT):8501 $(IMAGE) --x=$(TWICE)\n"
    (found,) = one(tmp_path, "Makefile", text, Deployment).containers
    assert found.image is not None and found.image.tag == "2.13"
    assert ports(found) == [(None, 8501)] and texts(found) == [None]


def test_dockerfile(tmp_path: Path) -> None:
    text = 'FROM tensorflow/serving:2.1 AS base\nENV MODEL_NAME=foo\nFROM base\nEXPOSE 8501 8500/tcp\nCMD ["--model_name=x"]\n'
    (found,) = one(tmp_path, "Dockerfile", text, Deployment).containers
    assert found.image is not None and found.image.tag == "2.1"
    assert found.entrypoint is None and found.flags["model_name"].text == "x"
    assert found.env["MODEL_NAME"].text == "foo" and ports(found) == [(None, 8501), (None, 8500)]
    assert (found.gpu, found.network, found.build) == (None, None, "Dockerfile") and "mounts" in found.partial
    assert shown(found.place, text) == 'CMD ["--model_name=x"]'


def test_dockerfile_shell_forms(tmp_path: Path) -> None:
    text = 'FROM python:3.9\nENV PORT=80\nENTRYPOINT gunicorn --bind 0.0.0.0:$PORT app\nCMD ["ignored"]\n'
    (found,) = one(tmp_path, "Dockerfile", text, Deployment).containers
    assert [[word.text for word in command] for command in found.commands] == [["gunicorn", "--bind", "0.0.0.0:80", "app"]]


def plain(node: Node) -> object:
    if node.kind == "map":
        return {name: plain(child) for name, child in node.entries.items()}
    return [plain(child) for child in node.items] if node.kind == "list" else node.text


YAML = ["a: {b: [1, x, null, ~], c: 'q'}", "- a\n- b: |\n    two\n    lines\n- > \n  folded\n", "a: &x {k: v}\nb: {<<: *x, l: w}\nc: *x\n"]


@pytest.mark.parametrize("text", YAML)
def test_yaml_as_pyyaml_reads_it(text: str) -> None:
    class Strings(yaml.SafeLoader):
        """Every scalar a string, except null."""

    Strings.yaml_implicit_resolvers = {
        key: [(tag, pattern) for tag, pattern in found if tag.endswith((":null", ":merge"))]
        for key, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    assert [plain(node) for node in documents("f", text)] == list(yaml.load_all(text, Loader=Strings))


LAUGHS = [f"{n}: &{n} [{','.join(['*' + m] * 9)}]" for m, n in zip("abcdefgh", "bcdefghi", strict=True)]

BOMBS = {
    "laughs": "\n".join(["a: &a [x,x,x,x,x,x,x,x,x]", *LAUGHS]),
    "deep flow": "[" * 200_000,
    "deep maps": "{a: " * 100_000,
    "deep block": "".join(" " * i + "a:\n" for i in range(1000)),
    "own alias": "a: &a [*a]",
    "no anchor": "a: *b",
    "merges": "a: &a {" + ",".join(f"k{i}: 1" for i in range(2000)) + "}\n" + "".join(f"b{i}: {{<<: *a}}\n" for i in range(2000)),
    "many": "- a\n" * 250_000,
    "tab": "a:\n\t- b",
    "unclosed": "a: 'b",
    "control": "a: \x01",
    "huge": "a: " + "x" * (2 << 20),
}


@pytest.mark.parametrize("name", BOMBS)
def test_yaml_bombs_are_refused_at_once(name: str) -> None:
    begun = time.process_time()
    with pytest.raises(Unreadable):
        documents("f", BOMBS[name])
    assert time.process_time() - begun < 8  # below two on an idle machine


@given(st.text(alphabet="ab:-[]{}&*<?|>'\"# \n,!%@", max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_tree_or_refused(text: str) -> None:
    try:
        for node in documents("f", text):
            for below in node.walk():
                assert below.place.span is not None and below.size
    except Unreadable as error:
        assert str(error)


def wrong(value: str) -> str:
    keys = ("image", "build", "command", "entrypoint", "environment", "ports", "volumes", "deploy", "env_file", "expose", "gpus")
    lists = f"ports: [{value}], volumes: [{value}], environment: [{value}], command: [{value}], build: {{context: {value}}}"
    return "services:\n  a:\n" + "".join(f"    {key}: {value}\n" for key in keys) + f"  b: {value}\n  c: {{{lists}}}\n"


def wrong_pod(value: str) -> str:
    keys = ("image", "command", "args", "env", "ports", "resources", "readinessProbe", "volumeMounts")
    fields = ", ".join(f"{key}: {value}" for key in keys)
    lists = ", ".join(f"{key}: [{value}]" for key in keys[1:])
    ports = f"[{value}, {{port: {value}, targetPort: {value}}}]"
    return (
        f"apiVersion: v1\nkind: Pod\nspec:\n  containers: [{{{fields}}}, {{{lists}}}, {value}]\n  volumes: {value}\n---\n"
        f"apiVersion: v1\nkind: Service\nmetadata: {value}\nspec: {{ports: {ports}, selector: {value}}}\n"
    )


WRONG = ["1", "''", "~", "[]", "{}", "[1, [2]]", "{a: {b: c}}", "[{a: 1}]", "'${'", '":::"', "'$(x) - : /'", "-1", "1e9"]


@pytest.mark.parametrize("value", WRONG)
def test_wrong_types_everywhere(tmp_path: Path, value: str) -> None:
    for name, text in (("compose.yaml", wrong(value)), ("pod.yaml", wrong_pod(value))):
        for deployment in read(tmp_path, name, text):
            for container in deployment.containers:
                assert isinstance(container.flags, dict)
                for fact in (*container.ports, *container.mounts, *container.probes):
                    assert isinstance(fact, Port | Mount | Probe) and fact.place.span is not None
            for service in deployment.services:
                deployment.behind(service)
