"""`deplint verify`: the real runtime is asked in a process of its own, and what it does to that process is an answer too."""

from __future__ import annotations

import configparser
import importlib
import json
import os
import re
import signal
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from deplint import verify
from deplint.cli import run
from deplint.verify import Answer, Asking, Oracle


@pytest.fixture
def models(tmp_path: Path) -> dict[str, Path]:
    found = {}
    for name, dtype in (("good", TensorProto.FLOAT), ("bad", TensorProto.DOUBLE)):
        values = [helper.make_tensor_value_info(tensor, dtype, [2]) for tensor in "xy"]
        graph = helper.make_graph([helper.make_node("Acosh", ["x"], ["y"])], "g", values[:1], values[1:])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        found[name] = tmp_path / f"{name}.onnx"
        onnx.save(model, found[name])
    return found


def test_the_runtime_is_asked(models: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("onnxruntime")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    paths = [str(path) for path in models.values()]
    assert run(["verify", *paths, "--target", "onnxruntime-cpu", "--format", "json"]) == 1
    good, bad = json.loads(capsys.readouterr().out)["answers"]
    assert (good["works"], good["verdict"], good["agrees"]) == (True, "ok", True)
    assert (bad["works"], bad["verdict"], bad["agrees"]) == (False, "fails", True)
    assert "Could not find an implementation for Acosh" in bad["error"]
    with Asking(cache=verify.default_cache()) as asking:
        assert asking.ask(models["good"], "onnxruntime-cpu").cached
        models["good"].write_bytes(models["bad"].read_bytes())
        again = asking.ask(models["good"], "onnxruntime-cpu")
        assert again.works is False and again.cached  # the content is known, the name does not matter


def test_what_is_not_installed_is_said(models: dict[str, Path], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(verify, "KNOWN", (Oracle("onnxruntime", ("onnxruntime-cpu",), ("no_such_package",), "some"),))
    with Asking() as asking:
        answer = asking.ask(models["good"], "onnxruntime-cpu")
    assert answer.works is None and "no_such_package cannot be imported" in answer.error and "dl-deplint[some]" in answer.error


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_crashes_silence_and_exceptions_are_answers(models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A runtime that behaves as the file says: it is made of the same loop as the others."""
    (tmp_path / "serve.py").write_text((verify.ORACLES / "serve.py").read_text())
    (tmp_path / "ask_toy.py").write_text(
        "import os, signal, time\nfrom serve import serve\n\n"
        "def answer(path, target, numeric):\n"
        "    print('noise')\n"
        "    word = open(path).read()\n"
        "    if word == 'crash': os.kill(os.getpid(), signal.SIGSEGV)\n"
        "    if word == 'hang': time.sleep(60)\n"
        "    if word == 'exit': raise SystemExit(3)\n"
        "    if word == 'big': return {'difference': len(bytearray(64 << 30))}\n"
        "    if word != 'good': raise ValueError(word)\n\n"
        "serve(answer)\n"
    )
    monkeypatch.setattr(verify, "ORACLES", tmp_path)
    monkeypatch.setattr(verify, "KNOWN", (Oracle("toy", ("toy",), ("packaging",)),))
    found: dict[str, Answer] = {}
    with Asking(seconds=2) as asking:
        for word in ("good", "crash", "exit", "hang", "big", "strange", "good"):
            (tmp_path / "model").write_text(word)
            found[word] = asking.ask(tmp_path / "model", "toy")
    assert found["good"].works is True
    assert found["crash"].works is False and f"signal {signal.SIGSEGV.value}" in found["crash"].error
    assert found["exit"].works is False and "SystemExit" in found["exit"].error
    assert found["hang"].works is None and "within 2 seconds" in found["hang"].error
    assert found["big"].works is None and found["big"].error == "out of memory"
    assert found["strange"].works is False and found["strange"].error == "ValueError: strange"


@pytest.fixture
def numeric(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A runtime whose converted models are off by what is written in the model's file, relative to one."""
    for name in ("serve.py", "comparing.py"):
        (tmp_path / name).write_text((verify.ORACLES / name).read_text())
    (tmp_path / "ask_toy.py").write_text(
        "from serve import serve\n\n"
        "def answer(path, target, numeric):\n"
        "    if numeric and target == 'onnxruntime-cpu':\n"
        "        from comparing import compared\n"
        "        off = float(open(path).read())\n"
        "        specs = {'x': ('float32', [None, 3])}\n"
        "        return compared(specs, lambda i: [i['x'] * 0 + 1], lambda i: [i['x'] * 0 + 1 + off * (i['x'].size > 2)])\n\n"
        "serve(answer)\n"
    )
    monkeypatch.setattr(verify, "ORACLES", tmp_path)
    monkeypatch.setattr(verify, "KNOWN", (Oracle("toy", ("onnxruntime-cpu", "toy"), ("packaging",)),))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def test_numbers_that_differ_are_told(numeric: Path):
    pytest.importorskip("numpy")
    with Asking() as asking:
        for written, differs in (("0", False), ("0.00001", False), ("0.01", True), ("nan", True)):
            (numeric / "model").write_text(written)
            answer = asking.ask(numeric / "model", "onnxruntime-cpu", numeric=True)
            assert answer.works and answer.differs is differs, written
            assert "float32, random inputs" in answer.numbers
        assert asking.ask(numeric / "model", "onnxruntime-cpu").differs is None
        assert "not compared" in asking.ask(numeric / "model", "toy", numeric=True).numbers


def test_supplied_inputs_are_compared_too(numeric: Path):
    numpy = pytest.importorskip("numpy")
    (numeric / "ask_toy.py").write_text(
        "from serve import serve\n\n"
        "def answer(path, target, numeric):\n"
        "    from comparing import compared\n"
        "    return compared({'x': ('float32', [2])}, lambda i: [i['x']], lambda i: [i['x'] + (i['x'] > 5)])\n\n"
        "serve(answer)\n"
    )
    (numeric / "model").write_text("")
    numpy.savez(numeric / "seen.npz", x=numpy.array([1, 9], "float32"))
    numpy.savez(numeric / "named.npz", image=numpy.array([1, 9], "float32"))
    with Asking(cache=numeric / "cache") as asking:
        assert asking.ask(numeric / "model", "toy", numeric=True).differs is False
        answer = asking.ask(numeric / "model", "toy", numeric=True, inputs=numeric / "seen.npz")
        assert answer.differs is True and "supplied inputs" in answer.numbers
        answer = asking.ask(numeric / "model", "toy", numeric=True, inputs=numeric / "named.npz")
        assert answer.differs is None and "no array for x" in answer.numbers


def test_numbers_are_printed(numeric: Path, models: dict[str, Path], capsys: pytest.CaptureFixture[str]):
    pytest.importorskip("numpy")
    (numeric / "ask_toy.py").write_text(
        "from serve import serve\n\n"
        "def answer(path, target, numeric):\n"
        "    from comparing import compared\n"
        "    return compared({'x': ('float32', [2])}, lambda i: [i['x']], lambda i: [i['x'] * (2 if 'bad' in path else 1)])\n\n"
        "serve(answer)\n"
    )
    asked = ["verify", str(models["good"]), str(models["bad"]), "--target", "onnxruntime-cpu", "--numeric"]
    assert run([*asked, "--format", "json"]) == 1
    good, bad = json.loads(capsys.readouterr().out)["answers"]
    assert (good["differs"], good["difference"], good["tolerance"]) == (False, 0.0, 1e-4)
    assert bad["differs"] is True and bad["difference"] == 1.0
    assert run(asked) == 1
    shown = capsys.readouterr().out
    assert "the numbers are the same: off by 0 of the largest" in shown and "the numbers are DIFFERENT: off by 1 of the largest" in shown


def test_difference(monkeypatch: pytest.MonkeyPatch):
    numpy = pytest.importorskip("numpy")
    monkeypatch.syspath_prepend(str(verify.ORACLES))
    difference = importlib.import_module("comparing").difference
    one = numpy.array([1.0, 2.0])
    assert difference(one, one) == 0 and difference(one, one * [1, 1.1]) == pytest.approx(0.1)
    assert difference(one, one[:1]) == float("inf")
    odd = numpy.array([numpy.nan, numpy.inf, -4.0])
    assert difference(odd, odd) == 0 and difference(odd, -odd) == float("inf")
    assert difference(numpy.array(["a"], object), numpy.array([b"a"], object)) == 0
    assert difference(numpy.array(["a"], object), numpy.array(["b"], object)) == float("inf")
    assert difference(numpy.array([1 + 2j]), numpy.array([1 - 2j])) > 1


def test_extras_that_are_named_exist():
    setup = configparser.ConfigParser()
    setup.read(Path(verify.__file__).parents[2] / "setup.cfg")
    extras = {name: set(re.findall(r"^[\w.-]+", text, re.M)) for name, text in setup["options.extras_require"].items()}
    for known in verify.KNOWN:
        assert known.extra in extras or known.npm, known.script
