"""Wildcard patterns: what each of them matches and does not."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deplint.code.patterns import heads, matcher, words

CASES = [
    ("torch.onnx.export", ["torch.onnx.export"], ["torch.onnx.export()", "torch_onnx.export", "x.torch.onnx.export", ""]),
    (
        "tensorflow.lite.TFLiteConverter.*().convert",
        ["tensorflow.lite.TFLiteConverter.from_saved_model().convert", "tensorflow.lite.TFLiteConverter.x().convert"],
        ["tensorflow.lite.TFLiteConverter.from_saved_model.convert", "tensorflow.lite.TFLiteConverter.a.b().convert"],
    ),
    ("tf.*.load", ["tf.keras.load"], ["tf.load", "tf..load", "tf.a.b.load", "tf.a().load"]),
    ("tf.load*Model", ["tf.loadModel", "tf.loadLayersModel"], ["tf.load.Model", "tf.loadModelX"]),
    ("**.convert", ["convert", "a.convert", "a.b().convert"], ["xconvert", "a.converted"]),
    ("torch.**", ["torch.nn", "torch.nn.Linear()"], ["torch", "torchvision.ops"]),
    ("a.**.b", ["a.b", "a.x.b", "a.x().y.b"], ["ab", "a.xb"]),
    ("@tensorflow/tfjs*.{loadLayersModel,loadGraphModel}", ["@tensorflow/tfjs.loadGraphModel", "@tensorflow/tfjs-node.loadLayersModel"],
     ["@tensorflow/tfjs.loadModel", "@tensorflow/other.loadGraphModel"]),
    ("tf.{lite.,}Interpreter", ["tf.lite.Interpreter", "tf.Interpreter"], ["tf.x.Interpreter"]),
    ("{a,b{c,*d}}.x", ["a.x", "bc.x", "bd.x", "bed.x"], ["b.x", "c.x"]),
    ("f(a, b)", ["f(a, b)"], ["f(a"]),
    ("*", ["a", "onnxruntime-web"], ["", "a.b", "a()"]),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "yes", "no"), CASES)
def test_a_pattern_matches_these_and_not_those(pattern: str, yes: list[str], no: list[str]) -> None:
    matches = matcher(pattern)
    assert [name for name in yes if not matches(name)] == []
    assert [name for name in no if matches(name)] == []


def test_several_patterns_match_if_any_does() -> None:
    matches = matcher("a.b", "c.*")
    assert matches("a.b") and matches("c.d") and not matches("a.c")


@pytest.mark.parametrize("pattern", ["a{b", "a}b", "}{"])
def test_a_lonely_brace_is_an_error(pattern: str) -> None:
    with pytest.raises(ValueError, match="brace"):
        matcher(pattern)


@given(st.text(alphabet=".ab()$/@-", max_size=12))
def test_a_name_matches_itself(name: str) -> None:
    assert matcher(name)(name)
    assert matcher("**")(name)
    assert matcher("*")(name) == bool(re.fullmatch(r"[^.()]+", name))


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (("tf.load*Model",), ("Model",)),
        (("tf.{loadModel,loadLayersModel}", "ort.InferenceSession.create"), ("create", "loadLayersModel", "loadModel")),
        (("a.b.{c.d,e}",), ("d", "e")),
        (("a.*().convert",), ("convert",)),
        (("a.*", "b.c"), ()),
        (("**",), ()),
    ],
)
def test_words_a_text_must_contain(patterns: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert words(*patterns) == expected


NAMES = ["a", "b", "tf", "a.b", "tf.a", "a().b", "tf.b()", "b.a.tf"]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(["a", "b", ".", "*", "**", "{", "}", ",", "()", "tf"]), max_size=9), st.sampled_from(NAMES))
def test_a_name_that_matches_begins_as_the_pattern_may(parts: list[str], name: str) -> None:
    pattern = "".join(parts)
    try:
        match = matcher(pattern)
    except (ValueError, re.error):
        return
    if match(name):
        wanted = heads(pattern)
        assert wanted is None or re.split(r"[.(]", name, maxsplit=1)[0] in wanted
