"""Sources of support tables: only the module that is asked for is needed."""

from __future__ import annotations

import pytest

from tools.support import sources
from tools.support.__main__ import named


def test_a_broken_module_stops_no_other(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    real, seen = sources.import_module, []

    def importing(name: str) -> object:
        seen.append(name)
        if name != "tools.support.onnxruntime":
            raise SyntaxError("half done")
        return real(name)

    monkeypatch.setattr(sources, "import_module", importing)
    assert sources.source("onnxruntime-cpu").name == "onnxruntime-cpu"
    assert seen[0] == "tools.support.onnxruntime"
    assert "onnxruntime-cpu" in sources.sources()
    assert "half done" in capsys.readouterr().err
    with pytest.raises(KeyError):
        sources.source("no-such-table")


def test_a_table_is_found_by_the_name_of_a_target():
    assert named("coreml-mlprogram").name == "coreml"
    assert named("coreml-neuralnetwork").name == "coreml-neuralnetwork"
    with pytest.raises(KeyError):
        named("no-such-target")
