"""Targets and verdicts: which releases a question is about, how reasons become verdicts, what `deplint matrix` prints."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import onnx
import pytest
from onnx import TensorProto, helper

from deplint.cli import run
from deplint.targets import UnknownTarget, asked
from deplint.targets.known import TARGETS
from deplint.targets.matrix import judge, subjects
from deplint.targets.releases import choose
from deplint.targets.table import ABSENT, Limit, Operand
from deplint.targets.verdict import Reason, Verdict, merged, worst

SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "matrix.schema.json").read_text("utf-8"))
KNOWN = ("1.15.1", "1.16.3", "1.17.3", "1.18.1")


@pytest.mark.parametrize(
    ("specifier", "releases", "beyond"),
    [
        ("", ["1.18.1"], False),
        ("==1.16.3", ["1.16.3"], False),
        ("==1.16.0", ["1.16.3"], False),
        ("==1.16.*", ["1.16.3"], False),
        ("==1.17", ["1.17.3"], False),
        ("==1.99", ["1.18.1"], True),
        ("==1.14", [], False),
        (">=1.16", ["1.16.3", "1.17.3", "1.18.1"], False),
        (">=1.16,<1.18", ["1.16.3", "1.17.3"], False),
        (">=2", ["1.18.1"], True),
        ("<1.0", [], False),
        ("!nonsense", [], False),
    ],
)
def test_releases_that_are_meant(specifier, releases, beyond):
    chosen = choose(KNOWN, specifier)
    assert (list(chosen.releases), chosen.beyond) == (releases, beyond)


def test_equal_reasons_are_counted_and_the_worst_comes_first():
    slow = Reason("fallback", Verdict.degraded, "slow", "Conv", locations=("a",))
    gone = Reason("operator", Verdict.fails, "gone", "Foo", locations=("b",))
    found = merged([slow, slow, gone, Reason("fallback", Verdict.degraded, "slow", "Conv", locations=("c",))])
    assert [(r.message, r.count, r.locations) for r in found] == [("gone", 1, ("b",)), ("slow", 3, ("a", "c"))]
    assert worst(found) is Verdict.fails and worst([]) is Verdict.ok


def test_limits_say_no_only_when_they_know():
    rank = Limit("rank", 0, (3, 4))
    assert rank.met({}, [Operand(shape=(1, 2, 3))]) is True
    assert rank.met({}, [Operand(shape=(1, 2))]) is False
    assert rank.met({}, [Operand()]) is None
    assert rank.met({}, [ABSENT]) is True and rank.met({}, []) is True
    assert Limit("in", "axis", (1,)).met({}, []) is True
    assert Limit("in", "pads", ((0, 0),)).met({"pads": [0, 0]}, []) is True
    assert Limit("absent", "axis").met({"axis": 0}, []) is False
    assert Limit("constant", 0).met({}, [Operand(constant=None)]) is None


def test_names_of_targets():
    assert asked("onnxruntime-cpu == 1.17").version == "1.17"
    assert asked("onnxruntime-cpu>=1.15,<1.18").version == ">=1.15,<1.18"
    with pytest.raises(UnknownTarget, match="did you mean 'onnxruntime-cpu'"):
        asked("onnxruntime-cp")


@pytest.mark.parametrize("target", TARGETS.values(), ids=str)
def test_every_target_says_where_its_knowledge_is_from(target):
    assert target.releases and target.meta["source"] and target.meta["date"] and target.meta["licence"]
    assert callable(target._judge)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A model every runtime loads, one whose operator exists in float only, and a file that breaks off."""

    def save(name: str, op: str, dtype: int) -> bytes:
        values = [helper.make_tensor_value_info(tensor, dtype, [2]) for tensor in "xy"]
        model = helper.make_model(
            helper.make_graph([helper.make_node(op, ["x"], ["y"])], "g", values[:1], values[1:]),
            opset_imports=[helper.make_opsetid("", 17)],
        )
        model.ir_version = 8
        onnx.save(model, tmp_path / name)
        return model.SerializeToString()

    content = save("good.onnx", "Sin", TensorProto.FLOAT)
    save("wide.onnx", "Acosh", TensorProto.DOUBLE)
    (tmp_path / "cut.onnx").write_bytes(content[: len(content) // 2])
    return tmp_path


def test_matrix_json_fits_its_schema(models: Path, capsys: pytest.CaptureFixture[str]):
    names = ["good.onnx", "wide.onnx", "cut.onnx"]
    code = run(
        ["matrix", *(str(models / name) for name in names), "--target", "onnxruntime-cpu==1.17,onnxruntime-cpu>=1.16", "--format", "json"]
    )
    data = json.loads(capsys.readouterr().out)
    jsonschema.validate(data, SCHEMA)
    assert code == 1
    assert [[t["verdict"] for t in model["targets"]] for model in data["models"]] == [["ok", "ok"], ["fails", "fails"], ["fails", "fails"]]
    assert [t["version"] for t in data["models"][0]["targets"]] == ["1.17", ">=1.16"]
    reason = data["models"][1]["targets"][0]["reasons"][0]
    assert reason["operator"] == "Acosh" and "float64" in reason["message"] and reason["locations"] == ["g:op[0](Acosh)"]
    assert data["models"][2]["targets"][0]["reasons"][0]["message"]


def test_matrix_as_text(models: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["matrix", str(models / "wide.onnx"), "--target", "onnxruntime-cpu==1.17"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert next(line for line in lines if line.startswith("Acosh")).split() == ["Acosh", "✗"]
    assert max(map(len, lines)) <= 100


def test_matrix_as_a_page(models: Path, capsys: pytest.CaptureFixture[str]):
    odd = models / "<b>&wide.onnx"
    odd.write_bytes((models / "wide.onnx").read_bytes())
    assert run(["matrix", str(odd), str(models / "good.onnx"), "--target", "onnxruntime-cpu==1.17", "--format", "html"]) == 1
    page = capsys.readouterr().out
    assert page.count("<tr>") == 3 and "<b>" not in page and "&lt;b&gt;&amp;wide.onnx" in page
    assert "<script" not in page and "http" not in page
    assert page.count("class=fails>") == 2 and page.count("class=ok>") == 1


def test_matrix_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["matrix", str(tmp_path / "gone.onnx")]) == 2
    assert run(["matrix", str(tmp_path)]) == 2
    assert run(["matrix", str(tmp_path), "--target", "nowhere"]) == 2
    assert "no target is called 'nowhere'" in capsys.readouterr().err


def test_onnxruntime_agrees(tmp_path: Path):
    """Hundreds of ONNX's own test models, judged and loaded by the release that is installed."""
    runtime = pytest.importorskip("onnxruntime")
    from onnx.backend.test.case.node import collect_testcases

    options = runtime.SessionOptions()
    options.log_severity_level = 4
    target = asked(f"onnxruntime-cpu=={runtime.__version__}")
    wrong, failed = [], 0
    for number, case in enumerate(collect_testcases(None)):
        # Text is compared by a locale of the system: not a matter of the model.
        if number % 5 or case.model is None or "strnorm" in case.name:
            continue
        path = tmp_path / f"{case.name}.onnx"
        onnx.save(case.model, path)
        try:
            runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
            loads = True
        except Exception:
            loads = False
        [judged] = judge(subjects([path]), [target])
        failed += not loads
        if (judged.judgements[0].verdict is Verdict.fails) == loads:
            wrong.append((case.name, loads, [r.message for r in judged.judgements[0].reasons]))
    assert failed > 10
    assert not wrong
