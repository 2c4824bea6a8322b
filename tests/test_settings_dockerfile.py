"""Dockerfiles: instructions as dockerfile-parse sees them where it can, and what stages are, set and install."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from settings_help import one, project, shown

from deplint.finding import Place
from deplint.settings.dockerfile import Dockerfile, Stage
from deplint.settings.images import image
from deplint.settings.text import Word

PLAIN = r"""# syntax=docker/dockerfile:1
FROM python:3.11-slim AS build
LABEL a=b
ENV A=1 \
    B=2
RUN apt-get update && \
    # a comment
    apt-get install -y libgl1
COPY --chown=a:b x y /z/

EXPOSE 80 81
FROM build
CMD ["python", "-m", "app"]
"""


def dockerfile(root: Path, text: str) -> Dockerfile:
    made = one(root, "Dockerfile", text, Dockerfile)
    assert isinstance(made, Dockerfile)
    return made


def test_instructions_as_dockerfile_parse_sees_them(tmp_path: Path) -> None:
    theirs = pytest.importorskip("dockerfile_parse").DockerfileParser(fileobj=io.BytesIO(PLAIN.encode()))
    expected = [(s["instruction"], s["startline"] + 1, s["endline"] + 1) for s in theirs.structure if s["instruction"] != "COMMENT"]
    ours = [i for stage in dockerfile(tmp_path, PLAIN).stages for i in stage.instructions]
    assert [(i.keyword, i.place.span.line, i.place.span.end_line) for i in ours if i.place.span] == expected
    assert [stage.image.written for stage in dockerfile(tmp_path, PLAIN).stages if stage.image] == theirs.parent_images[:1]


FULL = r"""ARG TF=2.13.0
ARG BASE=python:3.11-slim
ARG NONE
FROM --platform=linux/amd64 ${BASE} AS Build
ARG TF
ARG X
ARG WITH=${TF}-gpu
ENV A=1 B="two words" C=$X D=${X:-default}
ENV LEGACY some words here
RUN apt-get update && apt-get install -y --no-install-recommends \
    # why

    libgl1 libglib2.0-0=2.66 \
 && pip install --no-cache-dir -r requirements.txt -c constraints.txt "tensorflow-cpu==${TF}" 'numpy>=1.2' torch==$X tensorflow>=2.0 .
RUN <<EOF
python3 -m pip install foo==1
FROM nothing
EOF
RUN ["conda", "install", "-y", "-c", "pytorch", "pytorch=1.7"]
RUN apk add --no-cache --virtual deps curl~=8 && /opt/conda/bin/pip3.9 install https://x.org/onnx-1.2-py3-none-any.whl
COPY --from=other --chown=a:b src/ model.onnx /app/
WORKDIR /app
WORKDIR sub
COPY ["a b", "./m/"]
COPY <<DOC /etc/x
FROM hello
DOC
ADD x ../y
FROM build AS final
ARG B=never
ENV E=$B
EXPOSE 8501 8500/tcp $PORT
USER 1000
ENTRYPOINT exec tensorflow_model_server --port=8500 \
  --model_name=$A
HEALTHCHECK --interval=5s CMD curl -f http://x || exit 1
CMD ["--x", "a\"b", "$Y"]
"""


@pytest.fixture
def stages(tmp_path: Path) -> list[Stage]:
    return dockerfile(tmp_path, FULL).stages


def test_stages(stages: list[Stage]) -> None:
    build, final = stages
    assert (build.name, build.platform, final.name) == ("build", "linux/amd64", "final")
    assert build.image is not None and (build.image.name, build.image.tag) == ("python", "3.11-slim")
    assert final.image is None and final.base is build and final.root is build.image
    assert shown(build.image.place, FULL) == "${BASE}"


def test_environment(stages: list[Stage]) -> None:
    expected = {"A": "1", "B": "two words", "C": None, "D": "default", "LEGACY": "some words here"}
    assert {name: word.text for name, word in stages[0].env.items()} == expected
    assert {name: word.text for name, word in stages[1].env.items()} == {**expected, "E": "two words"}


def test_installs(stages: list[Stage]) -> None:
    installs = [(p.ecosystem, p.name, p.specifier, shown(p.place, FULL)) for p in stages[0].installs]
    assert installs == [
        ("apt", "libgl1", "", "libgl1"),
        ("apt", "libglib2.0-0", "2.66", "libglib2.0-0=2.66"),
        ("pypi", "tensorflow-cpu", "==2.13.0", '"tensorflow-cpu==${TF}"'),
        ("pypi", "numpy", ">=1.2", "'numpy>=1.2'"),
        ("pypi", "torch", None, "torch==$X"),
        ("pypi", "tensorflow", "", "tensorflow"),  # the shell redirects to the file =2.0
        ("pypi", "foo", "==1", "foo==1"),
        ("conda", "pytorch", "=1.7", '"pytorch=1.7"'),
        ("apt", "curl", "8", "curl~=8"),
        ("pypi", "onnx", "==1.2", "https://x.org/onnx-1.2-py3-none-any.whl"),
    ]
    assert [(i.path, i.constraint) for i in stages[0].lists] == [("requirements.txt", False)]
    assert stages[1].installs == [] and len(stages[1].installed) == len(installs)


def test_copies(stages: list[Stage]) -> None:
    copies = [([w.text for w in c.sources], c.destination.text, c.target, c.from_stage) for c in stages[0].copies]
    assert copies == [
        (["src/", "model.onnx"], "/app/", "/app/", "other"),
        (["a b"], "./m/", "/app/sub/m/", ""),
        ([], "/etc/x", "/etc/x", ""),
        (["x"], "../y", "/app/y", ""),
    ]


def test_what_runs(stages: list[Stage]) -> None:
    final = stages[1]
    assert [w.text for w in final.ports] == ["8501", "8500/tcp", None]
    assert final.user is not None and final.user.text == "1000"
    assert final.entrypoint is not None and final.command is not None
    assert not final.entrypoint.exec_form and final.command.exec_form
    assert [[w.text for w in c] for c in final.entrypoint.commands] == [
        ["exec", "tensorflow_model_server", "--port=8500", "--model_name=1"]
    ]
    assert [w.text for w in final.entrypoint.argv][:2] == ["/bin/sh", "-c"]
    assert [w.text for w in final.command.argv] == ["--x", 'a"b', "$Y"]
    assert shown(final.command.words[1].place, FULL) == '"a\\"b"'
    (health,) = final.all("HEALTHCHECK")
    assert [w.text for w in health.commands[0]] == ["curl", "-f", "http://x"]
    assert health.flags == {"interval": "5s"}


def test_pins_are_those_of_the_final_base_and_all_installs(tmp_path: Path) -> None:
    made = dockerfile(
        tmp_path, "FROM tensorflow/tensorflow:2.4.0 AS old\nRUN pip install numpy==1.19\nFROM python:3.8\nCOPY --from=old /a /b\n"
    )
    assert [(p.name, p.specifier, p.ecosystem) for p in made.pins] == [("python", "==3.8.*", "docker"), ("numpy", "==1.19", "pypi")]


@pytest.mark.parametrize(
    ("text", "workdir"),
    [
        ("FROM scratch\nWORKDIR a", "/a"),
        ("FROM python\nWORKDIR a", None),  # the image may have its own
        ("FROM python\nWORKDIR /a\nWORKDIR b/../c", "/a/c"),
        ("FROM python\nWORKDIR /a\nWORKDIR $X", None),
    ],
)
def test_workdir(tmp_path: Path, text: str, workdir: str | None) -> None:
    assert dockerfile(tmp_path, text).final.workdir == workdir


def test_new_entrypoint_clears_inherited_command(tmp_path: Path) -> None:
    made = dockerfile(tmp_path, "FROM a AS b\nCMD x\nFROM b\nENTRYPOINT y\n")
    assert made.final.command is None and made.stages[0].command is not None


def test_escape_directive(tmp_path: Path) -> None:
    made = dockerfile(tmp_path, "# escape=`\nFROM a\nRUN pip `\n  install tensorflow==2.1\nCOPY a\\b C:\\x\n")
    assert [p.specifier for p in made.final.installs] == ["==2.1"]


def test_a_document_that_never_ends_is_none(tmp_path: Path) -> None:
    made = dockerfile(tmp_path, "FROM a\nRUN echo $((1<<X))\nCMD y\n")
    assert made.final.command is not None


IMAGES = [
    ("python", "", "python", "", ""),
    ("python:3.11-slim", "", "python", "3.11-slim", ""),
    ("docker.io/library/python:3.8", "", "python", "3.8", ""),
    ("nvcr.io/nvidia/tritonserver:23.10-py3", "nvcr.io", "nvidia/tritonserver", "23.10-py3", ""),
    ("localhost:5000/a/b:1@sha256:abc", "localhost:5000", "a/b", "1", "sha256:abc"),
    ("localhost/x", "localhost", "x", "", ""),
    ("tensorflow/serving@sha256:abc", "", "tensorflow/serving", "", "sha256:abc"),
    ("$IMAGE", None, None, None, None),
    ("tensorflow/serving:${TAG}", "", "tensorflow/serving", None, ""),
    ("${REGISTRY}/tensorflow/serving:2", None, "tensorflow/serving", "2", ""),
    ("gcr.io/${PROJECT}/x:1", "gcr.io", None, "1", ""),
    ('"a/b:$(git rev-parse HEAD)"', "", "a/b", None, ""),
]


@pytest.mark.parametrize(("text", "registry", "name", "tag", "digest"), IMAGES)
def test_images(text: str, registry: str | None, name: str | None, tag: str | None, digest: str | None) -> None:
    found = image(Word(None if "$" in text else text, Place("d"), text))
    assert (found.registry, found.name, found.tag, found.digest) == (registry, name, tag, digest)


@pytest.mark.parametrize(
    ("text", "package", "specifier"),
    [
        ("tensorflow/tensorflow:2.13.0-gpu-jupyter", "tensorflow", "==2.13.0"),
        ("tensorflow/tensorflow:2.13.0rc1", "tensorflow", "==2.13.0rc1"),
        ("tensorflow/tensorflow:latest-gpu", None, None),
        ("tensorflow/tensorflow", None, None),
        ("tensorflow/serving:2.11.0-gpu", "tensorflow-serving", "==2.11.0"),
        ("pytorch/pytorch:1.4-cuda10.1-cudnn7-devel", "torch", "==1.4.*"),
        ("python:3-alpine", "python", "==3.*"),
        ("python:3.11.4", "python", "==3.11.4"),
        ("nvcr.io/nvidia/tritonserver:23.10-py3", "tritonserver", "==23.10"),
        ("gcr.io/mine/python:3.1", None, None),
        ("python:slim", None, None),
    ],
)
def test_what_tags_mean(text: str, package: str | None, specifier: str | None) -> None:
    pins = image(Word(text, Place("d"), text)).pins
    assert [(p.name, p.specifier) for p in pins] == ([(package, specifier)] if package else [])


@pytest.mark.parametrize(
    ("name", "claimed"),
    [
        ("Dockerfile", True),
        ("Dockerfile.gpu", True),
        ("serving.Dockerfile", True),
        ("Containerfile", True),
        ("Dockerfile.md", False),
        ("dockerfile.py", False),
        ("Dockerfile.j2", False),
        ("Dockerfile.gpu.dockerignore", False),
    ],
)
def test_names(tmp_path: Path, name: str, claimed: bool) -> None:
    made = project(tmp_path, {name: "FROM a\n"})
    assert bool(made.facts(made.by_path[tmp_path / name], Dockerfile)) is claimed


def test_no_from(tmp_path: Path) -> None:
    made = project(tmp_path, {"Dockerfile": "RUN a\n"})
    assert not made.facts(made.by_path[tmp_path / "Dockerfile"], Dockerfile)
    assert "FROM" in str(made.troubles[0].error)
