"""The three hooks, and the manager that calls them.

A plugin is a package with an entry point in the group ``deplint``; it implements any of the hooks below with
``deplint.hookimpl``. deplint's own rules, readers and reporters are plugins on the same hooks (`deplint.builtin`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pluggy

from deplint import rule_index
from deplint.declare import Rule
from deplint.project import Reader

if TYPE_CHECKING:
    from deplint.engine import Report

hookspec = pluggy.HookspecMarker("deplint")
hookimpl = pluggy.HookimplMarker("deplint")

Reporter = Callable[["Report"], str]


class Hooks:
    """What a plugin may add."""

    @hookspec
    def deplint_rules(self) -> Iterable[Rule | str]:  # type: ignore[empty-body]
        """Return rules, or the dotted name of a package: every `Rule` in every module below it is added."""

    @hookspec
    def deplint_readers(self) -> Iterable[Reader]:  # type: ignore[empty-body]
        """Return readers for kinds of files deplint does not know."""

    @hookspec
    def deplint_reporters(self) -> dict[str, Any]:  # type: ignore[empty-body]
        """Return output formats: name -> ``"module:function"``; the function takes the `Report` and returns the text to print."""


@dataclass
class Plugins:
    """Everything the installed plugins add, deplint's own among them. `broken` says, per plugin that failed, what happened."""

    rules: list[Rule] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)
    reporters: dict[str, Any] = field(default_factory=dict)
    broken: list[tuple[str, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def load(packages: Iterable[str] = ()) -> Plugins:
    """Ask every plugin on the hooks for what it adds. A plugin that fails is noted in `broken`, and the others still load.

    `packages` are further packages of rules by dotted name, as `deplint test PACKAGE` takes them.
    """
    from importlib.metadata import entry_points

    from deplint import builtin

    manager = pluggy.PluginManager("deplint")
    manager.add_hookspecs(Hooks)
    found = Plugins()
    manager.register(builtin, "deplint")
    for entry in entry_points(group="deplint"):
        try:
            manager.register(entry.load(), entry.name)
        except Exception as error:
            found.broken.append((entry.name, f"{type(error).__name__}: {error}"))
    for name, _ in manager.list_name_plugin():
        found.names.append(name)
        try:
            one = manager.subset_hook_caller
            others = [p for n, p in manager.list_name_plugin() if n != name]
            for rules in one("deplint_rules", others)():
                found.rules.extend(_rules(rules, found.broken))
            for readers in one("deplint_readers", others)():
                found.readers.extend(readers)
            for reporters in one("deplint_reporters", others)():
                found.reporters.update(reporters)
        except Exception as error:
            found.broken.append((name, f"{type(error).__name__}: {error}"))
    for package in packages:
        found.rules.extend(_rules([package], found.broken))
    found.rules = sorted({(r.id, r.check.__module__, r.name): r for r in found.rules}.values(), key=lambda r: r.id)
    _check_unique(found)
    return found


def _rules(given: Iterable[Rule | str], broken: list[tuple[str, str]]) -> Iterator[Rule]:
    for item in given:
        if isinstance(item, Rule):
            yield item
        else:
            rules = rule_index.remembered(item)
            if rules is None:
                before = len(broken)
                rules = list(rules_below(item, broken))
                if len(broken) == before:
                    rule_index.remember(item, rules)
            yield from rules


def rules_below(package: str, broken: list[tuple[str, str]]) -> Iterator[Rule]:
    """Every `Rule` in every module of the package (or in the one module) of that dotted name. A module that cannot be imported, or
    declares a rule wrongly, is noted in `broken`; the others are still found."""
    import pkgutil

    try:
        module = import_module(package)
        rules = [value for value in vars(module).values() if isinstance(value, Rule) and value.check.__module__ == package]
        for rule in rules:
            assert rule.subjects, "looking at the signature is what can fail"
    except Exception as error:
        broken.append((package, f"{type(error).__name__}: {error}"))
        return
    yield from rules
    for info in pkgutil.iter_modules(getattr(module, "__path__", []), package + "."):
        yield from rules_below(info.name, broken)


def _check_unique(found: Plugins) -> None:
    by_id: dict[str, Rule] = {}
    for rule in list(found.rules):
        other = by_id.setdefault(rule.id, rule)
        if other is not rule:
            found.rules.remove(rule)
            home = rule.check.__module__
            found.broken.append((home, f"rule id {rule.id} is already taken by {other.check.__module__}"))
