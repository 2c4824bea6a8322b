# ruff: noqa: E501 - a table of payloads
"""Nothing that is linted is run, imported or followed out of its folder: payloads in every format that could carry one."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import marshal
import os
import pickle
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import seeded

from deplint import code, formats, settings
from deplint.project import File

ROOT = Path(__file__).parents[1]
HARNESS = Path(__file__).with_name("audited.py")
READERS = (*code.READERS, *formats.READERS, *settings.READERS)

NAMES = (
    "ast_grep_py", "conftest", "configparser", "deplint_rules", "fnmatch", "h5py", "json", "libcst", "numpy", "onnx", "packaging",
    "pathspec", "planted", "pluggy", "plugins", "rich", "setup", "sitecustomize", "tensorflow", "tokenize", "tomli", "tomllib", "torch",
    "usercustomize", "yaml", "zipfile", "zlib",
)  # fmt: skip
"""Modules that someone may expect to be imported from the working folder."""


class Runs:
    """Unpickling it runs Python, or a command."""

    def __init__(self, source: str, command: bool = False) -> None:
        self.source, self.command = source, command

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, (f"{sys.executable} -c {self.source!r}",)) if self.command else (exec, (self.source,))


def archive(members: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return stream.getvalue()


def numpy_objects(source: str) -> bytes:
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + pickle.dumps(Runs(source))


def legacy(source: str) -> bytes:
    parts: list[object] = [0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, Runs(source), []]
    return b"".join(pickle.dumps(part, 2) for part in parts)


def older(source: str) -> bytes:
    """As PyTorch saved before 0.1.12: a tar archive of pickles."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as opened:
        for name in ("sys_info", "pickle", "tensors", "storages"):
            content = pickle.dumps(Runs(source), 2)
            info = tarfile.TarInfo(name)
            info.size = len(content)
            opened.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def torch_zip(source: str, **more: bytes) -> bytes:
    return archive({"a/data.pkl": pickle.dumps(Runs(source, command=True), 2), "a/version": b"3\n", **more})


def exported(source: str) -> bytes:
    content = (ROOT / "tests/data/models/torch/exported_2_7.pt2").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        members = {info.filename: opened.read(info) for info in opened.infolist()}
    return archive({name: torch_zip(source) if name.endswith(".pt") else old for name, old in members.items()})


def layers(source: str) -> dict[str, Any]:
    """A Keras model with a Lambda of marshalled code, and layers of modules that the folder has."""
    raw = base64.b64encode(marshal.dumps(compile(source, "<lambda>", "exec"))).decode()
    lambda_2 = {"name": "l", "function": [raw, None, None], "function_type": "lambda", "module": "planted"}
    lambda_3 = {"name": "m", "function": {"class_name": "__lambda__", "config": {"code": raw, "defaults": None, "closure": None}}}
    own = {"module": "planted", "class_name": "Planted", "registered_name": "planted>Planted", "config": {"name": "n"}}
    inside = [{"class_name": "Lambda", "config": lambda_2}, {"module": "keras.layers", "class_name": "Lambda", "config": lambda_3}, own]
    return {"class_name": "Sequential", "config": {"name": "s", "layers": inside}}


def keras(source: str) -> bytes:
    return archive(
        {
            "config.json": json.dumps(layers(source)).encode(),
            "metadata.json": b'{"keras_version": "3.3.0"}',
            "../../escaped.py": source.encode(),
            "/tmp/escaped.py": source.encode(),
            "model.weights.h5": b"",
        }
    )


@cache
def bomb() -> bytes:
    """A member of a gigabyte of zeros, where the model's configuration should be."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as opened:
        opened.writestr("metadata.json", "{}")
        with opened.open("config.json", "w") as member:
            for _ in range(64):
                member.write(bytes(1 << 24))
    return stream.getvalue()


@cache
def nested() -> bytes:
    """Archives in archives, sixteen in each, as 42.zip is made."""
    content = bytes(1 << 20)
    for _ in range(4):
        content = archive({f"{n:x}.zip": content for n in range(16)}, zipfile.ZIP_DEFLATED)
    return content


def hdf5(path: Path, source: str, outside: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as h5:
        h5.attrs["model_config"] = json.dumps(layers(source))
        h5.attrs["keras_version"] = "2.9.0"
        h5["away"] = h5py.ExternalLink(str(outside / "pipe"), "x")
        endless = h5py.h5s.UNLIMITED
        layout = h5py.VirtualLayout((4,), "f4", maxshape=(None,))
        layout[:endless] = h5py.VirtualSource(str(outside / "pipe"), "x", (4,), maxshape=(None,))[:endless]
        h5.create_virtual_dataset("virtual", layout)
        h5.create_dataset("raw", (4,), "f4", external=[(str(outside / "secret"), 0, 16)])


def onnx(location: str) -> bytes:
    onnx = pytest.importorskip("onnx")
    weight = onnx.TensorProto(name="w", data_type=1, dims=[4, 4], data_location=onnx.TensorProto.EXTERNAL)
    weight.external_data.add(key="location", value=location)
    graph = onnx.GraphProto(name="g", initializer=[weight], node=[onnx.NodeProto(op_type="MatMul", input=["x", "w"], output=["y"])])
    model: bytes = onnx.ModelProto(ir_version=8, graph=graph, opset_import=[onnx.OperatorSetIdProto(version=17)]).SerializeToString()
    return model


YAML = "a: !!python/object/apply:os.system [{0!r}]\nb: !!python/object/new:exec [{0!r}]\nc: !!python/name:planted.Planted\n"

FILES: Mapping[str, tuple[str, Callable[[str], bytes]]] = {
    **{f"p{n}.pkl": ("pickle", lambda source, n=n: pickle.dumps([Runs(source), Runs(source, True)], n)) for n in range(6)},
    "zlib.joblib": ("pickles", lambda source: zlib.compress(pickle.dumps(Runs(source)))),
    "gzip.joblib": ("pickles", lambda source: gzip.compress(pickle.dumps(Runs(source)))),
    "bz2.joblib": ("pickles", lambda source: bz2.compress(pickle.dumps(Runs(source)))),
    "xz.joblib": ("pickles", lambda source: lzma.compress(pickle.dumps(Runs(source)))),
    "zip.pt": ("torch", torch_zip),
    "script.pt": ("torchscript", lambda source: torch_zip(source, **{"a/constants.pkl": b"\x80\2).", "a/code/__torch__.py": source.encode()})),
    "legacy.pth": ("torch", legacy),
    "tar.pth": ("artifact", older),
    "program.pt2": ("torch-export", exported),
    "objects.npy": ("npy", numpy_objects),
    "objects.npz": ("npz", lambda source: archive({"o.npy": numpy_objects(source)})),
    "lambda.keras": ("keras", keras),
    "bomb.keras": ("keras", lambda source: bomb()),
    "nested.keras": ("artifact", lambda source: nested()),
    "python.pb": ("graphdef", lambda source: seeded.X + seeded.graph_node(source[:99], "EagerPyFunc", "x")),
    "saved_model.pb": ("savedmodel", lambda source: seeded.saved_model(seeded.X, seeded.graph_node("y", "PyFunc", "x"))),
    "config.pbtxt": ("triton", lambda source: b'platform: "x"\ninclude: "../outside/secret"\nimport "../outside/secret"\n#include "/etc/passwd"\n'),
    "environment.yml": ("conda", lambda source: b"dependencies:\n - a\n" + YAML.format(source).encode()),
    "compose.yaml": ("compose", lambda source: b"include: ['../outside/secret']\nservices: {}\n" + YAML.format(source).encode()),
    "pod.yaml": ("kubernetes", lambda source: b"apiVersion: v1\nkind: Pod\n" + YAML.format(source).encode()),
    "pubspec.yaml": ("pubspec", lambda source: YAML.format(source).encode()),
    "pnpm-lock.yaml": ("pnpm-lock", lambda source: YAML.format(source).encode()),
    "requirements.txt": ("requirements", lambda source: b"-r ../outside/requirements.txt\n-c /etc/passwd\n-e .\nnumpy\n"),
    "pyproject.toml": ("pyproject", lambda source: b'[build-system]\nbuild-backend = "planted"\nbackend-path = ["."]\n[project]\ndynamic = ["version"]\n'),
    "setup.cfg": ("setup.cfg", lambda source: b"[metadata]\nversion = attr: planted.version\n[options]\ninstall_requires = file: ../outside/secret\n"),
    "Dockerfile": ("dockerfile", lambda source: f"FROM python\nRUN {sys.executable} -c {source!r}\n".encode()),
    "run.sh": ("docker-run", lambda source: f"docker run $({sys.executable} -c {source!r}) x\n".encode()),
    "package.json": ("package.json", lambda source: json.dumps({"scripts": {"preinstall": source}, "dependencies": {"a": "file:../outside"}}).encode()),
    "build.gradle": ("gradle", lambda source: b"apply from: '../outside/secret'\n'touch x'.execute()\n"),
    "notebook.ipynb": (
        "notebook-installs",
        lambda source: json.dumps({"cells": [{"cell_type": "code", "source": [source, "\n%run planted.py\n!pip install x"]}]}).encode(),
    ),
    "model.json": (
        "tfjs",
        lambda source: b'{"format": "layers-model", "modelTopology": {"model_config": {"class_name": "Sequential", "config": []}}, '
        b'"weightsManifest": [{"paths": ["../outside/secret", "/etc/passwd", "http://127.0.0.1:9/w", "pipe"], '
        b'"weights": [{"name": "w", "shape": [4], "dtype": "float32"}]}]}',
    ),
    "x.safetensors.index.json": ("weight-index", lambda source: b'{"weight_map": {"a": "../outside/secret", "b": "/etc/passwd", "c": "pipe"}}'),
    "model.xml": (
        "",
        lambda source: b'<?xml version="1.0"?><!DOCTYPE net [<!ENTITY a SYSTEM "../outside/secret"><!ENTITY % b SYSTEM "http://127.0.0.1:9/">%b;]>'
        b'<net name="&a;" version="11"><layers/></net>',
    ),
    "laughs.xml": (
        "",
        lambda source: b"<!DOCTYPE net [<!ENTITY a0 'lol'>"
        + b"".join(b"<!ENTITY a%d '%s'>" % (n + 1, b"&a%d;" % n * 10) for n in range(12))
        + b']><net name="&a12;" version="11"><layers/></net>',
    ),
    "checkpoint": ("", lambda source: b'model_checkpoint_path: "../outside/secret"\nall_model_checkpoint_paths: "/etc/passwd"\n'),
    "x.mlpackage/Manifest.json": (
        "",
        lambda source: b'{"fileFormatVersion": "1.0.0", "itemInfoEntries": {"A": {"path": "../../../outside/secret", "name": "m"}}, '
        b'"rootModelIdentifier": "A"}',
    ),
}  # fmt: skip
"""File -> the reader that is to take it ("" if there may be none), and its content for a Python program to be run."""

LOCATIONS = (
    "../outside/secret",
    "../outside/pipe",
    "/etc/passwd",
    "link",
    "pipe",
    "device",
    "sub/../../outside/secret",
    "..\\outside\\secret",
)
"""Where ONNX models say that their weights are."""


@pytest.fixture
def planted(tmp_path: Path) -> Iterator[Path]:
    """A folder in which everything that is run leaves ``canary`` beside it."""
    folder, outside = tmp_path / "linted", tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"tensorflow==1.0\n" + bytes(64))
    (outside / "requirements.txt").write_text("tensorflow==1.0\n")
    os.mkfifo(outside / "pipe")
    (folder / ".git").mkdir(parents=True)
    source = f"open({str(tmp_path / 'canary')!r}, 'a').write('run ')"
    for name, (_, content) in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content(source))
    hdf5(folder / "lambda.h5", source, outside)
    os.mkfifo(folder / "pipe")
    (folder / "link").symlink_to("../outside/secret")
    (folder / "device").symlink_to("/dev/zero")
    for index, location in enumerate(LOCATIONS):
        (folder / f"external{index}.onnx").write_bytes(onnx(location))
    for name in NAMES:
        (folder / f"{name}.py").write_text(source + "\n")
    installed = folder / "planted-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: planted\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[deplint]\nplanted = planted\n")
    yield folder


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file at and below the folder, its size and when it was changed."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        found[str(path)] = status.st_size, status.st_mtime_ns
    return found


def audited(folder: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """deplint with these arguments in the folder, and what it did that it must not."""
    report = folder.parent / "report"
    command = [sys.executable, "-I", "-B", str(HARNESS), str(report), str(folder.parent / "canary"), "--", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=100)
    lines = report.read_text("utf-8", "replace").splitlines()
    report.unlink()
    return done, lines


@pytest.mark.parametrize(
    "arguments", [(".", "--select=all,DPL441"), ("inspect", "."), (".", "--diff", "--unsafe-fixes")], ids=lambda a: a[0] + a[1][:6]
)
def test_nothing_is_run_and_nothing_outside_is_opened(planted: Path, arguments: tuple[str, ...]) -> None:
    before = tree(planted.parent)
    done, did = audited(planted, *arguments)
    assert did == []
    assert tree(planted.parent) == before, "a file was made, changed or removed"
    assert done.returncode in (0, 1, 2) and "Traceback" not in done.stderr
    assert "crashed" not in done.stdout + done.stderr


def test_every_payload_reaches_its_reader(planted: Path) -> None:
    for name, (reader, _) in FILES.items():
        if reader:
            assert reader in {each.name for each in READERS if each.claims(File(planted / name))}, name


def test_what_runs_code_is_said(planted: Path) -> None:
    done, _ = audited(planted, ".", "--select=pickle-runs-code", "--format=json")
    pickled = {name for name, (reader, _) in FILES.items() if reader in ("pickle", "pickles", "torch", "npy", "npz", "torch-export")}
    assert {finding["path"] for finding in json.loads(done.stdout)["findings"]} >= pickled


@pytest.mark.parametrize(
    "command",
    [
        [str(Path(sys.executable).with_name("deplint"))],
        [sys.executable, "-P", "-m", "deplint"] if sys.version_info >= (3, 11) else [sys.executable, "-I", "-m", "deplint"],
        [sys.executable, "-m", "deplint"],
    ],
    ids=["deplint", "python -P -m deplint", "python -m deplint"],
)
def test_no_module_or_plugin_of_the_working_folder_is_taken(planted: Path, command: list[str]) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run([*command, "."], cwd=planted, env=environment, capture_output=True, text=True, errors="replace", timeout=100)
    assert not (planted.parent / "canary").exists()
    assert done.returncode == 1 and "lambda.h5" in done.stdout, done.stderr


def test_a_configuration_cannot_name_code(planted: Path) -> None:
    for key in ("plugins", "plugin", "rules-path", "load", "extend"):
        (planted / "deplint.toml").write_text(f'{key} = ["planted"]\n')
        done, did = audited(planted, ".")
        assert (done.returncode, did) == (2, []) and f"unknown key '{key}'" in done.stderr


CONTROLS = {
    "pickle": "import pickle; pickle.loads(open('p4.pkl', 'rb').read())",
    "import": "import sys; sys.path.insert(0, '.'); import planted",
    "marshal": "import marshal; marshal.loads(marshal.dumps(compile(open('planted.py').read(), 'x', 'exec')))",
    "exec": "exec(open('planted.py').read())",
    "command": "import os; os.system('true')",
    "process": "import subprocess; subprocess.run(['true'])",
    "outside": "open('../outside/secret').close()",
    "link": "open('link').close()",
    "write": "open('new', 'w').close()",
    "socket": "import socket; socket.socket()",
}


@pytest.mark.parametrize("name", CONTROLS)
def test_the_harness_sees_what_it_must(planted: Path, name: str) -> None:
    """The same hook, with code that does what deplint must not."""
    report = planted.parent / "report"
    program = f"import sys; sys.path.insert(0, {str(HARNESS.parent)!r}); import audited; audited.install({str(report)!r}, "
    program += f"{str(planted.parent / 'canary')!r}, {str(planted)!r}); {CONTROLS[name]}"
    subprocess.run([sys.executable, "-B", "-c", program], cwd=planted, check=True, timeout=60)
    assert report.read_text()
