"""Models with one planted defect each: deplint names it, ONNX Runtime confirms it, and the model without it is clean."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import seeded

from deplint import Finding, Severity, plugins
from deplint.engine import check
from deplint.project import File, Project

LOADED = plugins.load()
MODEL_RULES = [rule for rule in LOADED.rules if rule.category == "model"]
onnx = pytest.mark.parametrize("name", seeded.ONNX)


def lint(folder: Path, name: str, content: bytes, everything: bool = True) -> list[Finding]:
    """What the rules say of a model; without `everything`, those that are on by default."""
    path = folder / name
    path.write_bytes(content)
    files = [File(path, name)]
    rules = [rule for rule in LOADED.rules if everything or not rule.opt_in]
    report = check(Project(folder, files, LOADED.readers), files, rules)
    assert report.crashes == []
    return report.findings


def rules_of(findings: list[Finding]) -> set[str]:
    return {finding.rule for finding in findings}


def results(content: bytes) -> np.ndarray:
    runtime = pytest.importorskip("onnxruntime")
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    image = np.random.default_rng(2).normal(size=(1, 3, 8, 8)).astype(np.float32)
    return np.asarray(session.run(None, {i.name: image for i in session.get_inputs()})[0])


def planted(name: str) -> bytes:
    model = seeded.healthy()
    seeded.ONNX[name].plant(model)
    return bytes(model.SerializeToString())


def test_the_model_without_a_defect_is_clean_and_runs(tmp_path):
    content = seeded.healthy().SerializeToString()
    assert lint(tmp_path, "net.onnx", content) == []
    assert np.isfinite(results(content)).all()


@onnx
def test_a_defect_is_named(tmp_path, name):
    found, rule = lint(tmp_path, "net.onnx", planted(name)), seeded.ONNX[name].rule
    assert rule in rules_of(found)
    assert {f.rule for f in found if f.severity is Severity.error} <= {rule}
    # What lies before an operator that was cut off is dead; a scale that is no number is found as a weight, too.
    assert rules_of(found) <= {rule, "DPL438", "DPL446"}


@onnx
def test_onnx_runtime_agrees(name):
    wanted, content = seeded.ONNX[name].verdict, planted(name)
    if wanted in ("", "*"):
        same = np.array_equal(results(content), results(seeded.healthy().SerializeToString()))
        assert wanted == "" or not same
    else:
        with pytest.raises(Exception, match=re.compile(wanted, re.DOTALL | re.IGNORECASE)):
            results(content)


def optimized(folder: Path, name: str) -> tuple[list[str], list[np.ndarray]]:
    """The operators ONNX Runtime makes of a model, and what they give."""
    runtime, library = pytest.importorskip("onnxruntime"), pytest.importorskip("onnx")
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    options.optimized_model_filepath = str(folder / "optimized.onnx")
    session = runtime.InferenceSession(planted(name), options, providers=["CPUExecutionProvider"])
    image = np.random.default_rng(2).normal(size=(1, 3, 8, 8)).astype(np.float32)
    kinds = [node.op_type for node in library.load(options.optimized_model_filepath).graph.node]
    return kinds, session.run(None, {"image": image})


def test_a_fused_matrix_product_ignores_the_scale_of_its_bias(tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    kinds, (_, fused) = optimized(tmp_path, "bias_of_another_scale")
    assert "QGemm" in kinds
    options = runtime.SessionOptions()
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = runtime.InferenceSession(planted("bias_of_another_scale"), options, providers=["CPUExecutionProvider"])
    image = np.random.default_rng(2).normal(size=(1, 3, 8, 8)).astype(np.float32)
    assert not np.array_equal(session.run(None, {"image": image})[1], fused)


def test_a_quantized_convolution_that_is_read_in_float_stays_float(tmp_path):
    kinds, _ = optimized(tmp_path, "quantized_convolution_that_is_read_in_float")
    assert "QLinearConv" not in kinds and {"Conv", "FusedConv"} & set(kinds)


def test_onnx_runtime_folds_a_normalization_into_the_convolution(tmp_path):
    assert "BatchNormalization" not in optimized(tmp_path, "normalization_after_convolution")[0]


@pytest.mark.parametrize("name", seeded.TFLITE)
def test_a_defect_of_a_tflite_model_is_named(tmp_path, name):
    rule, *change = seeded.TFLITE[name]
    whole = (seeded.DATA / "tflite" / "int8.tflite").read_bytes()
    assert lint(tmp_path, "net.tflite", whole) == []
    found = rules_of(lint(tmp_path, "net.tflite", seeded.poke(whole, *change)))
    assert rule in found and found <= {rule, "DPL438"}  # what lies before an operator that was cut off is dead


@pytest.mark.parametrize("name", [*seeded.TENSORFLOW, *seeded.WHOLE])
def test_a_defect_of_a_whole_file_is_named(tmp_path, name):
    rule, file, bad, good = (seeded.TENSORFLOW | seeded.WHOLE)[name]
    assert rules_of(lint(tmp_path, file, good)) == set()
    assert rules_of(lint(tmp_path, file, bad)) == {rule}


@pytest.mark.parametrize("name", seeded.COREML)
def test_a_defect_of_a_core_ml_model_is_named(tmp_path, name):
    rule, bad, good = seeded.COREML[name]
    assert rules_of(lint(tmp_path, "net.mlmodel", good)) == set()
    assert rules_of(lint(tmp_path, "net.mlmodel", bad)) == {rule}


@pytest.mark.parametrize("name", seeded.TFJS)
def test_a_defect_of_a_tensorflow_js_model_is_named(tmp_path, name):
    rule, bad, good = seeded.TFJS[name]
    assert rules_of(lint(tmp_path, "model.json", good)) == set()
    assert rules_of(lint(tmp_path, "model.json", bad)) == {rule}


def test_a_class_of_ones_own_in_a_keras_file_is_named(tmp_path):
    for name in ("k3_custom.keras", "k3_functional.keras"):
        found = rules_of(lint(tmp_path, name, (seeded.DATA / "keras" / name).read_bytes()))
        assert ("DPL496" in found) == (name == "k3_custom.keras")


def test_optimizer_state_in_a_keras_file_is_named(tmp_path):
    h5py = pytest.importorskip("h5py")
    content = (seeded.DATA / "keras" / "k2_sequential.h5").read_bytes()
    assert "DPL444" not in rules_of(lint(tmp_path, "net.h5", content))
    with h5py.File(tmp_path / "net.h5", "a") as file:
        file.create_dataset("optimizer_weights/Adam/m/dense/kernel:0", data=np.ones((200, 200), np.float32))
    assert "DPL444" in rules_of(lint(tmp_path, "net.h5", (tmp_path / "net.h5").read_bytes()))


def test_code_in_a_keras_file_is_named(tmp_path):
    for name in ("k2_lambda.h5", "k3_lambda.keras"):
        assert rules_of(lint(tmp_path, name, (seeded.DATA / "keras" / name).read_bytes())) == {"DPL442"}


def test_each_rule_that_can_be_seeded_is():
    named = (
        {d.rule for d in seeded.ONNX.values()}
        | {rule for rule, *_ in (*seeded.TFLITE.values(), *seeded.TENSORFLOW.values(), *seeded.COREML.values(), *seeded.TFJS.values())}
        | {rule for rule, *_ in seeded.WHOLE.values()}
    )
    assert {rule.id for rule in MODEL_RULES} - named - {"DPL442", "DPL444", "DPL496"} == {"DPL447", "DPL448", "DPL536", "DPL549"}, (
        "too large to make, or to edit"
    )


def healthy_files() -> list[Path]:
    """Models among the test data that real exporters wrote, and what is written by hand and could be theirs."""
    files = (p for kind in ("onnx", "tflite", "graphdef") for p in (seeded.DATA / kind).iterdir())
    return sorted(p for p in files if p.suffix in (".onnx", ".tflite", ".pb") and p.stem not in ("attributes", "torch1.13_training"))


@pytest.mark.parametrize("path", healthy_files(), ids=lambda path: path.name)
def test_what_exporters_write_is_clean(path):
    files = [File(path, path.name)]
    report = check(Project(path.parent, files, LOADED.readers), files, [rule for rule in MODEL_RULES if not rule.opt_in])
    assert [f for f in report.findings if f.severity is not Severity.info] == []
