"""Every built-in rule keeps what its documentation promises: its cases run, and its facts are in order.

A rule is added by writing one file under `rules/`; nothing here needs to change for it. More cases stand in `tests/cases/*.md`.
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from deplint import plugins
from deplint.cases import Case, collect, collect_file, run
from deplint.declare import Rule
from deplint.names import Names

LOADED = plugins.load()
RULES = [rule for rule in LOADED.rules if rule.check.__module__.startswith("deplint.rules.")]
CASES = [case for rule in RULES for case in collect(rule)]
EDGES = [case for path in sorted(Path(__file__).with_name("cases").glob("*.md")) for case in collect_file(path, Names(RULES))]
LEAVES = {entry["id"] for entry in json.loads(files("deplint.data").joinpath("taxonomy.json").read_text("utf-8"))["leaves"]}

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.id}-{rule.name}")


def test_every_rule_loads():
    assert LOADED.broken == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_documented_case(case: Case):
    assert run(case, LOADED.readers) == []


@pytest.mark.parametrize("case", EDGES, ids=lambda case: f"{case.where}-{case}")
def test_edge_case(case: Case):
    assert run(case, LOADED.readers) == []


@each_rule
def test_it_has_bad_and_good_cases(rule: Rule):
    verdicts = {case.verdict for case in CASES if case.rule is rule}
    assert {"bad", "good"} <= verdicts, "show at least one fault and one way to do it right"


@each_rule
def test_its_documentation_says_what_it_finds(rule: Rule):
    assert 10 < len(rule.summary) <= 100, "the first line of the docstring is a summary"
    assert rule.doc.count("\n\n") >= 1, "below the summary stands what goes wrong, and when"


@each_rule
def test_it_is_tied_to_the_taxonomy(rule: Rule):
    assert rule.leaves
    assert set(rule.leaves) <= LEAVES


@each_rule
def test_it_cites_its_sources(rule: Rule):
    assert rule.see
    assert all(re.fullmatch(r"https://\S+", link) for link in rule.see)


@each_rule
def test_its_id_is_of_deplint_and_not_of_deplint_itself(rule: Rule):
    assert re.fullmatch(r"DPL[1-9][0-9]{2}", rule.id)
