"""What is remembered of a package's rules is what its modules declare, as long as they do."""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from deplint import plugins, rule_index
from deplint.code.python import PythonFile
from deplint.code.source import SourceFile
from deplint.declare import Rule

RULE = '''
"""Nothing is called {name}."""

from deplint import rule
from deplint.code.python import PythonFile


@rule("{id}", severity="{severity}", leaves=["S.1.1"], since={{"torch": "2.0"}}, see=["https://example.org"])
def no_{name}(file: PythonFile, project, *, most: int = 3):
    yield from ()
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes a rule of a package `remembered_rules`; modules that were imported before are forgotten."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "environment"))
    home = tmp_path / "remembered_rules"
    home.mkdir()
    (home / "__init__.py").write_text("")

    def write(name: str, id: str, severity: str = "error") -> Path:
        forget()
        path = home / f"{name}.py"
        path.write_text(RULE.format(name=name, id=id, severity=severity))
        return path

    yield write
    forget()


def forget() -> None:
    importlib.invalidate_caches()
    for name in [name for name in sys.modules if name.startswith("remembered_rules")]:
        del sys.modules[name]


def load() -> list[Rule]:
    broken: list[tuple[str, str]] = []
    rules = list(plugins._rules(["remembered_rules"], broken))
    assert not broken
    return rules


def test_own_rules_are_remembered_as_declared(monkeypatch: pytest.MonkeyPatch):
    broken: list[tuple[str, str]] = []
    declared = list(plugins.rules_below("deplint.rules", broken))
    assert not broken and len(declared) > 500
    for rule in declared:
        again = rule_index._rule(*rule_index._declared(rule))
        for field in (
            "id",
            "severity",
            "leaves",
            "since",
            "until",
            "see",
            "opt_in",
            "name",
            "category",
            "subjects",
            "wants_project",
            "options",
            "doc",
        ):
            assert getattr(again, field) == getattr(rule, field), (rule.id, field)
        for kind in (PythonFile, SourceFile):
            assert again.lints(kind) == issubclass(kind, rule.subject)


def test_a_module_is_imported_when_its_rule_is_called(package: Callable[..., Path]):
    package("red", "TOY201")
    load()
    forget()
    (rule,) = load()
    assert (rule.id, rule.name, rule.wants_project, rule.options["most"].default) == ("TOY201", "no-red", True, 3)
    assert "remembered_rules.red" not in sys.modules
    assert list(rule(None, None)) == []
    assert "remembered_rules.red" in sys.modules


def test_changed_added_and_removed_modules_are_seen(package: Callable[..., Path]):
    red = package("red", "TOY201")
    assert [rule.id for rule in load()] == ["TOY201"]
    package("red", "TOY202", "warning")
    assert [rule.id for rule in load()] == ["TOY202"]
    package("blue", "TOY203")
    assert sorted(rule.id for rule in load()) == ["TOY202", "TOY203"]
    red.unlink()
    forget()
    assert [rule.id for rule in load()] == ["TOY203"]


def test_what_is_broken_is_said_every_time(package: Callable[..., Path]):
    package("red", "TOY201").write_text("raise RuntimeError('no red today')\n")
    for _ in range(2):
        broken: list[tuple[str, str]] = []
        assert list(plugins._rules(["remembered_rules"], broken)) == []
        assert [name for name, _ in broken] == ["remembered_rules.red"]
        forget()


@pytest.mark.parametrize("written", [b"", b"nonsense", b"\xdb\x00\x00\x00\x40", b"N", b"i\x01\x00\x00\x00"])
def test_a_damaged_memory_is_not_believed(package: Callable[..., Path], tmp_path: Path, written: bytes):
    package("red", "TOY201")
    load()
    (memory,) = tmp_path.glob("environment/var/cache/deplint/*")
    memory.write_bytes(written)
    forget()
    assert [rule.id for rule in load()] == ["TOY201"]


def test_nothing_is_written_where_python_is_not_to(package: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package("red", "TOY201")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    load()
    assert not list(tmp_path.glob("environment/**/*"))


def test_a_package_gets_no_file_that_pip_does_not_know(package: Callable[..., Path], tmp_path: Path):
    """What is left in a package's folder when it is uninstalled hides the one that is installed next."""
    path = package("red", "TOY201")
    load()
    assert list(tmp_path.glob("environment/var/cache/deplint/*"))
    assert {file.suffix for file in path.parent.rglob("*") if file.is_file()} == {".py", ".pyc"}


def test_one_module_of_rules_needs_no_memory(package: Callable[..., Path]):
    package("red", "TOY201")
    assert rule_index.remembered("remembered_rules.red") is None
    rule_index.remember("remembered_rules.red", [])
    assert [rule.id for rule in plugins._rules(["remembered_rules.red"], [])] == ["TOY201"]


def test_a_python_file_imports_no_rule_for_apps(tmp_path: Path):
    """The point of it all: linting Python does not pay for rules about Gradle files and models."""
    (tmp_path / "a.py").write_text("import torch\n")
    code = f"import sys; sys.prefix = {str(tmp_path / 'environment')!r}; from deplint.__main__ import main; main(); print(*sys.modules)"
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "a.py")], env=environment, capture_output=True, text=True, check=True
        )
    modules = done.stdout.split()
    rules = [import_module(name) for name in modules if name.startswith("deplint.rules.") and name.count(".") == 3]
    declared = [rule for module in rules for rule in vars(module).values() if isinstance(rule, Rule)]
    assert declared and all(rule.lints(PythonFile) for rule in declared)
