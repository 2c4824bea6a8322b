"""`deplint examples/` reports every seeded fault at its place, nothing else, and nothing of the healthy project."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
EXPECTED = json.loads((ROOT / "examples" / "expected.json").read_text())
CONSEQUENCES = {
    ("examples/server/triton/model_repository/embedder/1/model.onnx", "DPL429"),
    ("examples/server/training/export_address.py", "DPL116"),
    ("examples/server/clients/nightly.py", "DPL604"),
}
"""True findings that are a seeded fault's trace in another file: the model that export_embedder.py writes in training mode, the code that
writes a SavedModel without a signature, and the client that asks for it."""


@pytest.fixture(scope="module")
def findings() -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "deplint", "--format", "json", "--no-progress", "examples"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    report: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return report


def answers(expected: dict[str, Any], finding: dict[str, Any]) -> bool:
    if finding["path"] != "examples/" + expected["path"] or finding["rule"] != expected["deplint"]:
        return False
    return "lines" not in expected or finding["line"] in expected["lines"]


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda e: f"{e['deplint']}-{e['path']}")
def test_a_seeded_fault_is_reported(expected: dict[str, Any], findings: list[dict[str, Any]]) -> None:
    assert any(answers(expected, finding) for finding in findings)


def test_nothing_else_is_reported(findings: list[dict[str, Any]]) -> None:
    rest = [f for f in findings if not any(answers(expected, f) for expected in EXPECTED)]
    assert {(f["path"], f["rule"]) for f in rest} <= CONSEQUENCES, rest


def test_the_healthy_project_is_healthy_from_elsewhere(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deplint", "--no-progress", str(ROOT / "examples" / "healthy")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_faults_cover_the_four_families() -> None:
    assert {"conversion", "operators", "quantization", "export"} <= {expected["family"] for expected in EXPECTED}
