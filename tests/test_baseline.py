"""The baseline: a multiset of fingerprints that survives moved lines, and hides nothing new."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from deplint import baseline
from deplint.baseline import BaselineError


def summary(ran) -> str:
    return ran.out.splitlines()[-1]


def test_known_findings_are_not_reported_and_new_ones_are(deplint):
    Path("a.toy").write_text("color\nx\n")
    Path("b.toy").write_text("x\n")
    ran = deplint(".", "--write-baseline", "known.json")
    assert (ran.code, ran.out, ran.err) == (0, "", "deplint: 1 finding written to known.json\n")
    assert json.loads(Path("known.json").read_text())["findings"][0] | {"fingerprint": ""} == {
        "rule": "TOY001",
        "name": "no-color",
        "path": "a.toy",
        "message": "it is spelt colour",
        "fingerprint": "",
        "count": 1,
    }
    ran = deplint(".", "--baseline", "known.json")
    assert (ran.code, summary(ran)) == (0, "No findings in 2 files; 1 in the baseline.")
    Path("a.toy").write_text("moved\ndown\n  color  \nx\n")
    assert deplint(".", "--baseline", "known.json").code == 0
    Path("a.toy").write_text("color\nx\ncolor\n")
    assert summary(deplint(".", "--baseline", "known.json")).startswith("1 error in 2 files; 1 in the baseline")
    Path("a.toy").write_text("another color\n")
    assert deplint(".", "--baseline", "known.json").code == 1


def test_it_holds_from_every_folder(deplint, monkeypatch, tmp_path):
    (tmp_path / ".git").mkdir()
    Path("sub").mkdir()
    Path("sub/a.toy").write_text("color\n")
    Path("sub/b.toy").write_text("x\n")
    Path("deplint.toml").write_text('baseline = "known.json"\n')
    deplint(".", "--write-baseline", "known.json")
    assert deplint("sub").code == 0
    assert deplint("sub/a.toy").code == 0
    monkeypatch.chdir(tmp_path / "sub")
    assert deplint(".").code == 0


def test_a_crash_is_never_known(deplint):
    Path("a.toy").write_text("crash\n")
    assert deplint(".", "--write-baseline", "known.json").code == 2
    assert deplint(".", "--baseline", "known.json").code == 2


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema": "other"}', '{"schema": "deplint/baseline/1", "findings": [{}]}'])
def test_another_file_is_refused(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(BaselineError, match=r"x\.json"):
        baseline.read(tmp_path / "x.json")


def test_it_counts(deplint):
    Path("a.toy").write_text("color color\ncolor color\n")
    deplint("a.toy", "--write-baseline", "known.json")
    assert sorted(baseline.read(Path("known.json")).values()) == [1, 4]
    assert baseline.read(Path("known.json")).total() == 5
    assert isinstance(baseline.read(Path("known.json")), Counter)
