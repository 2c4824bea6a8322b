"""`deplint verify`: the real runtime is asked in a process of its own, and what it does to that process is an answer too."""

from __future__ import annotations

import json
import os
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
