"""What ONNX Runtime writes at which level of optimization, asked of the installed release."""

from __future__ import annotations

from pathlib import Path

import pytest

from deplint.formats import onnx, ort
from deplint.model import Model
from deplint.project import File
from deplint.rules.model.onnx_optimized_for_one_cpu import DOMAIN

runtime = pytest.importorskip("onnxruntime")

SOURCE = Path(__file__).parents[1] / "data" / "models" / "onnx" / "torch_legacy_opset11.onnx"


def saved(path: Path, level: str) -> Model:
    options = runtime.SessionOptions()
    options.graph_optimization_level = getattr(runtime.GraphOptimizationLevel, level)
    options.optimized_model_filepath = str(path)
    if path.suffix == ".ort":
        options.add_session_config_entry("session.save_model_format", "ORT")
    runtime.InferenceSession(SOURCE, options)
    return (ort if path.suffix == ".ort" else onnx).read(File(path))


def blocks(model: Model) -> set[str]:
    return {op.type for _, op in model.ops() if op.domain == DOMAIN}


@pytest.mark.parametrize("suffix", [".onnx", ".ort"])
def test_the_highest_level_is_for_one_machine(suffix: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The runtime says so itself; the level below writes nothing of the kind, and without a level it is the highest."""
    found = blocks(saved(tmp_path / f"all{suffix}", "ORT_ENABLE_ALL"))
    if not found:
        pytest.skip("a CPU for which nothing is rearranged")
    assert found == {"Conv", "Upsample", "ReorderOutput"}
    assert "should only be used in the same environment the model was optimized in" in capfd.readouterr().err
    assert not blocks(saved(tmp_path / f"extended{suffix}", "ORT_ENABLE_EXTENDED"))
    assert "same environment" not in capfd.readouterr().err
    assert runtime.SessionOptions().graph_optimization_level == runtime.GraphOptimizationLevel.ORT_ENABLE_ALL
