"""The grammar of documented cases, and that each verdict can fail."""

from __future__ import annotations

import dataclasses
import inspect

import pytest
import toy

from deplint import Finding, Model, rule
from deplint.cases import Case, CaseError, collect, collect_file, run
from deplint.names import Names


def cases_of(rule, text: str) -> list[Case]:
    """The cases of `rule` as if `text` were its documentation."""
    one = dataclasses.replace(rule)
    one.__dict__["doc"] = inspect.cleandoc(text)
    return collect(one)


def problems(rule, text: str) -> list[str]:
    (case,) = cases_of(rule, text)
    return run(case, [toy.READER])


def test_a_docstring_gives_its_cases_and_they_hold():
    cases = cases_of(toy.no_color, toy.no_color.check.__doc__ or "")
    assert [str(case) for case in cases] == ["TOY001-bad-1", "TOY001-good-1"]
    assert [run(case, [toy.READER]) for case in cases] == [[], []]
    assert cases[0].fixed[0].text == "red colour\n"


@pytest.mark.parametrize(
    ("fences", "problem"),
    [
        ("```toy bad path=a.toy\ncolor\n```", "marks no line"),
        ("```toy bad path=a.toy\ncolor\nred # <-\n```", "not reported: a.toy:2"),
        ("```toy bad path=a.toy\ncolor # <-\ncolor\n```", "reported, but not marked: a.toy:2: it is spelt colour"),
        ("```toy good path=a.toy\ncolor\n```", "reported, but not marked: a.toy:1"),
        ("```toy good path=a.txt\ncolour\n```", "nothing in it is read as Toy"),
        ("```toy good path=a.toy\nunreadable\n```", "nothing in it is read as Toy"),
        ("```toy missed path=a.toy\ncolor # <-\n```", "call it `bad`"),
        ("```toy noisy path=a.toy\nred # <-\n```", "call it `good`"),
        ("```toy bad path=a.toy\ncolor # <-\n```\n```toy fixed path=a.toy\ncolours\n```", "another text for a.toy:\ncolour"),
        ("```toy bad path=a.toy\ncolor # <-\n```\n```toy fixed path=b.toy\ncolour\n```", "b.toy that `bad` has not"),
    ],
)
def test_a_case_that_does_not_hold_says_why(fences, problem):
    assert any(problem in found for found in problems(toy.no_color, fences))


def test_known_errors_hold_while_they_last():
    assert problems(toy.no_color, "```toy missed path=a.toy\nCOLOR # <-\n```") == []
    assert problems(toy.no_color, "```toy noisy path=a.toy\ncolor # <- a brand name\n```") == []


def test_a_crash_is_a_problem():
    (found,) = problems(toy.crashes, "```toy bad path=a.toy\ncrash # <-\n```")
    assert "RuntimeError: the rule crashed" in found


def test_an_unsafe_fix_is_tested_too():
    assert problems(toy.no_gray, "```toy bad path=a.toy\ngray # <-\n```\n\n```toy fixed path=a.toy\ngrey\n```") == []


def test_several_files_make_a_project():
    plus = "```toy good path=a.toy\none\n```\nand\n```toy + path=sub/b.toy\ntwo\n```"
    adjacent = "```toy good path=a.toy\none\n```\n\n```toy good path=b.toy\ntwo\n```"
    apart = "```toy good path=a.toy\none\n```\n\nprose\n\n```toy good path=b.toy\ntwo\n```"
    assert [e.path for e in cases_of(toy.lonely_word, plus)[0].examples] == ["a.toy", "sub/b.toy"]
    assert problems(toy.lonely_word, plus) == []
    assert problems(toy.lonely_word, adjacent) == []
    assert len(cases_of(toy.lonely_word, apart)) == 2


def test_a_finding_about_a_file_is_on_its_first_line():
    assert problems(toy.lonely_word, "```toy bad path=a.toy line=1\none\n```") == []


def test_versions_and_options_come_from_the_fence():
    (case,) = cases_of(toy.no_color, "```toy bad path=a.toy versions=tensorflow==2.13,keras==3.1 limit=1\ncolor # <-\ncolor\n```")
    assert case.versions == {"tensorflow": "2.13", "keras": "3.1"}
    assert case.options == {"limit": 1}
    assert run(case, [toy.READER]) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("```toy bad path=a.toy\ncolor", "never closed"),
        ("```toy bad\ncolor\n```", "needs path="),
        ("```toy fixed path=a.toy\ncolour\n```", "stands below no `bad`"),
        ("```toy + path=a.toy\ncolour\n```", "stands below no case"),
        ("```toy bad path=a.toy limits=3\ncolor # <-\n```", "did you mean 'limit'"),
        ("```toy bad path=a.toy\ncolor # <-\n```\n```toy + path=a.toy\nred\n```", "two files of the case are called a.toy"),
    ],
)
def test_malformed_fences_are_errors(text, problem):
    with pytest.raises(CaseError, match=problem):
        cases_of(toy.no_color, text)


def test_fences_without_a_verdict_are_only_documentation():
    assert cases_of(toy.no_color, "```python\nprint()\n```\n\n```\nplain\n```") == []


def test_a_notebook_is_written_as_cells():
    (case,) = cases_of(toy.no_color, "```python bad path=a.ipynb\n# %%\nx = 1\ny = 2\n# %%\nz = 3  # <-\n```")
    assert case.examples[0].marked == {(2, 1)}
    assert b'"x = 1\\n",\n' in case.examples[0].content


def test_markers_of_other_languages_are_removed():
    (case,) = cases_of(toy.no_color, "```html bad\n<p>  <!-- <- here -->\nlet x;  // <-\n```")
    assert case.examples[0].text == "<p>\nlet x;\n"
    assert case.examples[0].marked == {(None, 1), (None, 2)}


def test_bytes_are_written_in_hex():
    (case,) = cases_of(toy.no_color, "```hex good path=model.tflite\n1c 00\nff\n```")
    assert case.examples[0].content == b"\x1c\x00\xff"


def test_a_markdown_file_names_the_rule_in_its_headings(tmp_path):
    path = tmp_path / "edge.md"
    path.write_text(
        "# TOY001\n\n```toy bad path=a.toy\n# not a heading\ncolor  # <-\n```\n\n# no-gray: more\n\n```toy good path=a.toy\ngrey\n```\n"
    )
    first, second = collect_file(path, Names(toy.RULES))
    assert (first.rule, second.rule) == (toy.no_color, toy.no_gray)
    assert first.where == "edge.md:3"
    assert run(first, [toy.READER]) == run(second, [toy.READER]) == []


@rule("TOY009", severity="error")
def no_bad_ops(model: Model):
    for graph, op in model.ops():
        if op.type == "Bad":
            yield Finding(model.at(graph, op), "a bad operator")
    for tensor in model.inputs:
        if tensor.dtype == "float64":
            yield Finding(model.at_tensor(tensor), "a wide input")
    if model.format != "onnx":
        yield Finding(model, "not ONNX")


GRAPH = """
```graph bad path=net.onnx
model onnx opset=17
graph main
  input x float32[1,3]
  input w float64[1,3]  <- too wide
  op Relu r (x) -> (y)
  op Bad b (y) -> (z)  # <- unknown to every runtime
  op If i (c) -> (d)
    then_branch: graph
      op Bad b2 (y) -> (q)  <-
      output q
  op Bad b3 (z) -> (zz)  # <-
  output zz
```
"""


def test_lines_of_a_graph_are_marked_where_its_parts_stand():
    assert problems(no_bad_ops, GRAPH) == []
    assert problems(no_bad_ops, GRAPH.replace("  # <- unknown to every runtime", "")) == [
        "test_cases:1: reported, but not marked: net.onnx:6: a bad operator"
    ]
    assert problems(no_bad_ops, "```graph bad path=a.tflite\nmodel tflite  <-\n```") == []
