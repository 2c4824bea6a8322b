"""The documentation is what its sources say: generated pages are up to date, links lead somewhere, README shows what deplint prints."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from deplint import config, plugins
from deplint.cli import run
from deplint.config import KEYS
from deplint.names import Names
from deplint.own import OWN
from tools import docs

ROOT = Path(__file__).parents[1]
PAGES = docs.pages()


@pytest.mark.parametrize("path", PAGES)
def test_a_generated_page_is_up_to_date(path):
    assert (ROOT / "docs" / path).read_text("utf-8") == PAGES[path], "run `python -m tools.docs`"


def test_no_page_is_left_of_a_rule_that_is_gone():
    assert {f"rules/{path.name}" for path in (ROOT / "docs" / "rules").glob("*.md")} <= set(PAGES)


def test_every_leaf_is_listed():
    leaves = json.loads((ROOT / "deplint" / "data" / "taxonomy.json").read_text("utf-8"))["leaves"]
    assert len(leaves) == 81
    assert sum(1 for leaf in leaves if leaf["leaf"]) == 72
    assert sum(leaf["posts"] for leaf in leaves) == 582
    rows = re.findall(r"^\| ([SMB]\.[\d.]+) \| (.+) \| (\d+) \| (.+) \|$", PAGES["taxonomy.md"], re.MULTILINE)
    assert [row[0] for row in rows] == [leaf["id"] for leaf in leaves]
    assert all(re.match(r"\[DPL|no rule yet|not statically checkable, because ", row[3]) for row in rows)


def test_every_key_of_the_configuration_is_documented():
    for key in KEYS:
        assert f"## `{key}`" in PAGES["configuration.md"]


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))])
def test_rules_that_are_named_exist(path):
    free = {"DPL999"}  # the one that the pages about writing rules write
    known = {rule.id for rule in plugins.load().rules} | set(OWN) | free
    assert set(re.findall(r"DPL\d{3}", (ROOT / path).read_text("utf-8"))) <= known


@pytest.mark.parametrize("page", ["index.md", "configuration.md"])
def test_configurations_that_are_shown_are_valid(page, tmp_path):
    shown = re.findall(r"^```(toml|ini)\n(.*?)^```", (ROOT / "docs" / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert shown
    for language, text in shown:
        path = tmp_path / {"toml": "deplint.toml", "ini": "setup.cfg"}[language]
        path.write_text(text)
        config.load(path).resolve(Names(plugins.load().rules))


def test_the_readme_shows_what_deplint_prints(monkeypatch, capsys):
    found = re.search(r"^From `deplint ([^`]+)`:\n\n```text\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found
    monkeypatch.chdir(ROOT)
    assert run([*found[1].split(), "--no-progress"]) == 1
    printed = capsys.readouterr().out
    shown = [line for line in found[2].splitlines() if line != "..."]
    assert len(shown) > 6
    assert [line for line in shown if line not in printed.splitlines()] == []


def test_the_readme_opens_with_two_commands():
    (block,) = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    install_and_lint, install_and_test = block.splitlines()
    assert install_and_lint.endswith("deplint examples/")
    assert install_and_test.endswith("pytest")


@pytest.mark.parametrize("path", sorted(p.relative_to(ROOT).as_posix() for p in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]))
def test_links_lead_somewhere(path):
    text = re.sub(r"^(`{3,}).*?^\1", "", (ROOT / path).read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if "://" not in target:
            assert ((ROOT / path).parent / target).exists(), target
