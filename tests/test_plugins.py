"""Plugins on the three hooks, deplint's own among them; a broken one is said and the others still load."""

from __future__ import annotations

import importlib.metadata
import sys
import textwrap
from pathlib import Path

import pytest
import toy

from deplint import builtin, hookimpl, plugins


class Entry:
    """An installed entry point."""

    def __init__(self, name: str, plugin: object) -> None:
        self.name, self.plugin = name, plugin

    def load(self) -> object:
        if isinstance(self.plugin, Exception):
            raise self.plugin
        return self.plugin


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch):
    def install(**given: object) -> plugins.Plugins:
        entries = [Entry(name, plugin) for name, plugin in given.items()]
        monkeypatch.setattr(builtin, "deplint_rules", hookimpl(_no_rules))
        monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: entries if group == "deplint" else [])
        return plugins.load()

    return install


def _no_rules() -> list[plugins.Rule]:
    return []


class Good:
    @hookimpl
    def deplint_rules(self):
        return [toy.no_color]

    @hookimpl
    def deplint_readers(self):
        return [toy.READER]

    @hookimpl
    def deplint_reporters(self):
        return {"toy": "toy:read"}


class Raises:
    @hookimpl
    def deplint_rules(self):
        raise RuntimeError("no rules today")


class Clashes:
    @hookimpl
    def deplint_rules(self):
        from deplint import rule

        return [rule("TOY001", severity="error")(toy.no_gray.check)]


class WrongSignature:
    @hookimpl
    def deplint_rules(self, colour):
        return []


def test_deplint_itself_is_a_plugin():
    loaded = plugins.load()
    assert "deplint" in loaded.names
    assert {"text", "json", "sarif", "github"} <= set(loaded.reporters)
    assert {"python", "onnx"} <= {reader.name for reader in loaded.readers}


def test_a_plugin_adds_rules_readers_and_formats(install):
    loaded = install(good=Good())
    assert loaded.names == ["deplint", "good"]
    assert toy.no_color in loaded.rules
    assert toy.READER in loaded.readers
    assert loaded.reporters["toy"] == "toy:read"
    assert loaded.broken == []


@pytest.mark.parametrize(
    ("plugin", "problem"),
    [
        (ImportError("no module named theirs"), "ImportError: no module named theirs"),
        (Raises(), "RuntimeError: no rules today"),
        (WrongSignature(), "PluginValidationError"),
    ],
)
def test_a_broken_plugin_is_said_and_the_others_load(install, plugin, problem):
    loaded = install(broken=plugin, good=Good())
    assert toy.no_color in loaded.rules
    ((name, said),) = loaded.broken
    assert name == "broken"
    assert problem in said


def test_an_id_belongs_to_one_rule(install):
    loaded = install(good=Good(), second=Clashes())
    assert [rule for rule in loaded.rules if rule.id == "TOY001"] == [toy.no_color]
    assert "TOY001 is already taken" in loaded.broken[0][1]


def test_a_package_of_rules_is_searched_and_a_bad_module_does_not_hide_the_others(tmp_path, monkeypatch):
    package = tmp_path / "theirs"
    (package / "export").mkdir(parents=True)
    for name, text in {
        "__init__.py": "",
        "export/__init__.py": "",
        "export/one.py": """
            '''One rule.'''
            from deplint import Finding, rule
            from deplint.model import Model
            @rule("XYZ001", severity="error")
            def rule_one(model: Model):
                yield Finding(model, "one")
            """,
        "export/bad.py": "import nothing_of_that_name",
        "export/unsigned.py": """
            from deplint import rule
            @rule("XYZ002", severity="error")
            def unsigned(model):
                yield
            """,
    }.items():
        (package / name).write_text(textwrap.dedent(text))
    monkeypatch.syspath_prepend(tmp_path)
    loaded = plugins.load(["theirs"])
    (one,) = [rule for rule in loaded.rules if rule.id.startswith("XYZ")]
    assert (one.id, one.name, one.category, one.summary) == ("XYZ001", "rule-one", "export", "One rule")
    problems = dict(loaded.broken)
    assert "No module named 'nothing_of_that_name'" in problems["theirs.export.bad"]
    assert "the first parameter needs the type" in problems["theirs.export.unsigned"]
    for name in [name for name in sys.modules if name.split(".")[0] == "theirs"]:
        del sys.modules[name]


def test_a_broken_plugin_ends_a_run_with_2(install, tmp_path, monkeypatch, capsys):
    from deplint.cli import run

    install(broken=ImportError("no module named theirs"))
    monkeypatch.chdir(tmp_path)
    Path("requirements.txt").write_text("numpy\n")
    assert run(["."]) == 2
    out = capsys.readouterr().out
    assert ".: error DPL001 rule-crashed: plugin 'broken' could not be loaded" in out
    assert "help: ImportError: no module named theirs" in out


def test_a_reporter_that_crashes_is_said_in_plain_text(install, tmp_path, monkeypatch, capsys):
    from deplint.cli import run

    install(good=Good())
    monkeypatch.chdir(tmp_path)
    Path("requirements.txt").write_text("numpy\n")
    assert run([".", "--format", "toy"]) == 2
    assert "reporter 'toy' crashed" in capsys.readouterr().out
