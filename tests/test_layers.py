"""Imports point one way through the house (docs/design.md), and the package list is what is on the disk."""

from __future__ import annotations

import ast
import configparser
from collections.abc import Iterator
from pathlib import Path

import pytest

import deplint

ROOT = Path(__file__).parents[1]

LAYERS: list[set[str]] = [
    {"finding"},
    {"notebook", "declare", "own", "model", "code", "settings", "data", "worker"},
    {"project", "names"},
    {"formats", "discover", "apps"},
    {"config", "engine", "suppress", "cache", "fix", "baseline"},
    {"report", "plugins", "rule_index", "targets", "verify", "builtin", "cases"},
    {"cli"},
]
"""Rooms by layer; a room may import from its own layer and those above it in this list."""

WITHIN = {("code", "project"), ("settings", "project"), ("data", "project")}
"""Readers are given a `File` and the project, and the facts of code and settings are what a project's versions and traces are made of."""


def modules() -> Iterator[Path]:
    yield from sorted((ROOT / "deplint").rglob("*.py"))


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def imported(path: Path) -> Iterator[str]:
    """The modules of deplint a file imports, also inside functions; not those for type checkers only."""
    tree = ast.parse(path.read_text("utf-8"))
    checking = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in checking:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "deplint":
            if node.module == "deplint":
                yield from (f"deplint.{deplint._HOME.get(alias.name, alias.name)}" for alias in node.names)
            else:
                yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "deplint")


def depth(name: str) -> int | None:
    return next((level for level, rooms in enumerate(LAYERS) if name in rooms), None)


@pytest.mark.parametrize("path", list(modules()), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_point_one_way(path: Path):
    here = room(".".join(path.relative_to(ROOT).with_suffix("").parts))
    if here in ("__init__", "__main__"):
        return
    level = depth(here)
    assert level is not None, f"{here} is in no layer: say in LAYERS where it belongs"
    for module in imported(path):
        there = room(module)
        target = depth(there)
        if target is not None and (here, there) not in WITHIN:
            assert target <= level, f"{here} imports {there}"


def test_rules_import_what_rule_authors_may():
    """Rules speak deplint's vocabulary: facts, findings, tables; not the engine, the reports or the command line."""
    allowed = {"finding", "declare", "model", "code", "settings", "project", "formats", "apps", "targets", "data", "rules", ""}
    for path in sorted((ROOT / "rules").rglob("*.py")):
        for module in imported(path):
            assert room(module) in allowed, f"{path.relative_to(ROOT)} imports {module}"


def packages() -> list[str]:
    found = []
    for top, package in (("deplint", "deplint"), ("rules", "deplint.rules")):
        for init in (ROOT / top).rglob("__init__.py"):
            below = init.parent.relative_to(ROOT / top).parts
            found.append(".".join([package, *below]))
    return sorted(found)


def test_setup_cfg_lists_the_packages_on_the_disk():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    assert sorted(setup["options"]["packages"].split()) == packages()


def test_every_folder_of_rules_says_what_it_is_about():
    for folder in sorted({path.parent for path in (ROOT / "rules").rglob("*.py")}):
        docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8")))
        assert docstring, f"{folder.relative_to(ROOT)}/__init__.py has a docstring that describes the category"
