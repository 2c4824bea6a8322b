"""Things in a folder that are no files, or no ordinary ones, under the names of models: a finding or silence, soon, and never a traceback.

The command is run as a user runs it, with a time limit.
"""

from __future__ import annotations

import json
import mmap
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deplint.formats.beside import beside
from deplint.model import Unreadable
from deplint.project import MAP_FROM, File

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a file system without pipes and devices")

DATA = Path(__file__).with_name("data") / "models"

NAMES = (
    "x.onnx", "x.tflite", "x.pb", "x.keras", "x.h5", "x.pt", "x.pth", "x.pt2", "x.safetensors", "x.gguf", "x.ort", "x.pte", "x.npy",
    "x.npz", "x.pkl", "x.joblib", "x.mlmodel", "x.xml", "x.bin", "x.ckpt", "x.meta", "x.index", "x.pbtxt", "x.engine", "x.onnx.data",
    "model.json", "saved_model.pb", "saved_model.pbtxt", "checkpoint", "Manifest.json", "main.py", "note.ipynb", "requirements.txt",
    "setup.py", "Dockerfile", "compose.yaml", "config.pbtxt", "package.json", "index.html", "app.js", "build.gradle", ".gitignore",
    "deplint.toml", "pyproject.toml", "setup.cfg", "README.md",
)  # fmt: skip
"""Names that something reads: models, code, settings, deplint's own."""

BEGINNINGS = {
    "x.onnx": b"\x08\x07\x12\x03abc", "x.tflite": b"\x1c\0\0\0TFL3", "x.keras": b"PK\3\4", "x.h5": b"\x89HDF\r\n\x1a\n", "x.pt": b"PK\3\4",
    "x.safetensors": b"\x02\0\0\0\0\0\0\0{}", "x.gguf": b"GGUF\3\0\0\0\xff\0\0\0\0\0\0\0\xff\0\0\0", "x.ort": b"\x1c\0\0\0ORTM",
    "x.pte": b"\x1c\0\0\0ET12", "x.npz": b"PK\5\6", "x.pkl": b"\x80\4]", "x.pth": b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\2M\xe9\3.",
    "x.npy": b"\x93NUMPY\1\0v\0" + b"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }".ljust(117) + b"\n",
    "saved_model.pb": b"\x08\1\x12\xff\xff\xff\xff\7\x0a\0\x12\xff\xff\xff\xff\6\x0a\xff\xff\xff\xff\5",
    "x.pb": b"\x0a\x80\x80\x80\x80\4\x0a\1x\x12\1y",
}  # fmt: skip
"""How the files without end begin: so that a reader takes them."""


def deplint(folder: Path, *arguments: str, before: tuple[str, ...] = (), seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """The command, in the folder; it must come to an end and not crash."""
    command = [*before, sys.executable, "-m", "deplint", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=seconds, stdin=subprocess.DEVNULL)
    assert "Traceback" not in done.stderr and "DPL001" not in done.stdout and "crashed" not in done.stderr, done.stdout + done.stderr
    return done


def findings(folder: Path, *arguments: str) -> dict[str, list[str]]:
    """File -> what was said of it."""
    found: dict[str, list[str]] = {}
    for each in json.loads(deplint(folder, ".", "--format=json", *arguments).stdout)["findings"]:
        found.setdefault(each["path"], []).append(each["message"])
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "requirements.txt").write_text("numpy\n")
    return tmp_path


def test_pipes_sockets_and_devices(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipes, devices, sockets = folder / "pipes", folder / "devices", folder / "sockets"
    for kind in (pipes, devices, sockets):
        kind.mkdir()
    for name in NAMES:
        os.mkfifo(pipes / name)
        (devices / name).symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as bound:
        monkeypatch.chdir(sockets)  # the path of a socket is short
        bound.bind("x.onnx")
    assert findings(folder) == {}
    for kind in (pipes, devices, sockets):
        assert deplint(kind, ".").returncode == 2  # nothing to lint
        assert deplint(kind, "inspect", ".").returncode == 2
    for name in ("x.onnx", "main.py"):
        assert "no such file" in deplint(pipes, name).stderr
        assert "no such file" in deplint(pipes, "inspect", name).stderr


def test_links_in_circles_and_to_nothing(folder: Path) -> None:
    (folder / "a").symlink_to(".")
    (folder / "b").symlink_to("b")
    (folder / "c").symlink_to("a/c")
    for name in NAMES:
        if name not in ("deplint.toml", "pyproject.toml", "setup.cfg"):
            (folder / name).symlink_to(name)
            (folder / "plain" / f"gone-{name}").symlink_to("/nowhere/" + name)
    assert findings(folder) == {}
    (folder / "deplint.toml").symlink_to("deplint.toml")
    assert "deplint.toml" in deplint(folder, ".").stderr


def test_empty_files(folder: Path) -> None:
    for name in NAMES:
        (folder / name).write_bytes(b"")
    told = findings(folder)
    assert told["x.onnx"] == ["the name promises an ONNX model, the file holds nothing: it is empty: loading it fails"]
    assert deplint(folder, "inspect", ".").returncode == 2


def test_names_of_any_bytes(folder: Path) -> None:
    for name in NAMES[:16]:
        for begin in (b"a\nb", b"\xff\xfe", b"::error::x", b"\x1b[31m", b"%0A%s{0}", b"-rf", "\u202e".encode(), b" "):
            (Path(os.fsdecode(os.fsencode(folder))) / os.fsdecode(begin + name.encode())).write_bytes(b"\x08\x07no model")
    for style in ("text", "json", "sarif", "github"):
        done = deplint(folder, ".", "--format", style)
        assert done.returncode == 1 and "x.onnx" in done.stdout
        if style == "github":  # a name is no command of its own
            assert not any(line.startswith("::error::x") for line in done.stdout.splitlines())
    deplint(folder, "inspect", ".")


def test_files_without_end(folder: Path) -> None:
    """10 TB that hold a beginning and zeros."""
    for name in NAMES:
        if name not in ("deplint.toml", "pyproject.toml", "setup.cfg"):
            with open(folder / name, "wb") as stream:
                stream.write(BEGINNINGS.get(name, b""))
                try:
                    stream.truncate(10 << 40)
                except OSError:
                    pytest.skip("a file system without files of that size")
    begun = time.monotonic()
    told = findings(folder)
    deplint(folder, "inspect", ".")
    assert time.monotonic() - begun < 40
    assert {"x.onnx", "x.tflite", "x.keras", "x.pt", "x.pth", "x.ort", "x.pte", "x.npz", "x.pkl", "x.safetensors"} <= told.keys()
    (folder / "pyproject.toml").touch()
    os.truncate(folder / "pyproject.toml", 10 << 40)
    assert "more than the" in deplint(folder, ".").stderr


def test_files_that_may_not_be_read(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir()
    for name in NAMES:
        (folder / name).write_bytes(BEGINNINGS.get(name, b"x"))
        (folder / name).chmod(0)
    (closed / "x.onnx").write_bytes(b"x")
    closed.chmod(0)
    before: tuple[str, ...] = ()
    if os.geteuid() == 0:  # root may read anything, unless it gives that up
        if not (tool := shutil.which("setpriv")):
            pytest.skip("root may read anything")
        caps = "-dac_override,-dac_read_search"
        before = (tool, "--bounding-set", caps, "--inh-caps", caps)
    try:
        for name in ("deplint.toml", "pyproject.toml", "setup.cfg"):
            done = deplint(folder, ".", before=before)
            assert done.returncode == 2 and f"{name}: Permission denied" in done.stderr
            (folder / name).unlink()
        done = deplint(folder, ".", "--format=json", before=before)
        report = json.loads(done.stdout)
        told = {each["path"]: each["message"] for each in report["findings"]}
        assert "Permission denied" in told["x.onnx"] and "Permission denied" in told["main.py"]
        assert {"path": "closed", "reason": "Permission denied"} in report["summary"]["skipped"]
        deplint(folder, "inspect", ".", before=before)
    finally:
        closed.chmod(0o700)


def test_patterns_that_take_years(folder: Path) -> None:
    """Matching backtracks: 25 asterisks and a name of 200 letters are more steps than there is time."""
    patterns = ["*a" * 25 + "*b", "**/a" * 25 + "/b", "/".join(["*a*a"] * 12) + "/b", "[a-z]*" * 20 + "!", "*.log", "**/*.tmp*"]
    (folder / ".gitignore").write_text("\n".join(patterns) + "\n")
    (folder / "deplint.toml").write_text(f"exclude = {json.dumps(patterns[:-2])}\n")
    deep = folder.joinpath(*["a" * 40] * 12)
    deep.mkdir(parents=True)
    for name in ("a" * 200 + ".py", "x.log", "x.tmp.py"):
        (folder / name).write_text("import tensorflow\n")
        (deep / name).write_text("import tensorflow\n")
    done = deplint(folder, ".", "--format=json", seconds=20)
    assert json.loads(done.stdout)["summary"]["files"] == 5  # two of three names are ignored


@pytest.fixture
def shrinking(tmp_path: Path) -> Iterator[Path]:
    """A model that another process cuts short and writes anew, again and again."""
    path, content = tmp_path / "x.onnx", (DATA / "onnx" / "torch_dynamo.onnx").read_bytes()
    over = threading.Event()
    path.write_bytes(content)

    def write() -> None:
        while not over.is_set():
            path.write_bytes(content)
            os.truncate(path, len(content) // 2)

    writer = threading.Thread(target=write)
    writer.start()
    yield path
    over.set()
    writer.join()


def test_a_file_that_shrinks_while_it_is_read(shrinking: Path) -> None:
    """Touching a mapped page that is gone ends a process (SIGBUS): files of ordinary models are not mapped."""
    from deplint.formats.onnx import read

    begun, refused = time.monotonic(), 0
    while time.monotonic() - begun < 0.5:
        try:
            read(File(shrinking))
        except Unreadable:
            refused += 1
    assert refused


def test_what_is_mapped(tmp_path: Path) -> None:
    for size in (0, 10, MAP_FROM, MAP_FROM + 1):
        path = tmp_path / f"{size}"
        path.touch()
        os.truncate(path, size)
        content = File(path).map()
        assert isinstance(content, mmap.mmap) == (size > MAP_FROM) and len(content) == size


def test_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path(os.devnull)):
        file = File(path)
        assert file.head == b""
        for look in (file.raw, file.map, lambda file=file: file.text, lambda file=file: file.size):
            with pytest.raises(Unreadable, match="not a regular file"):
                look()
    (tmp_path / "m.onnx").touch()
    for name in ("pipe", "."):
        assert beside(File(tmp_path / "m.onnx"), name).problem == "not a regular file"
