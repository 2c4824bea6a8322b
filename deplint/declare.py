"""The `@rule` decorator: a rule is one function, and its signature says what it lints.

    @rule("DPL201", severity="error", leaves=["M.2.6"], since={"tensorflow": "2.0"}, see=["https://..."])
    def int8_without_representative_dataset(file: PythonFile):
        ...
        yield Finding(call, "message")

The first parameter's annotation names the facts the rule wants; a second parameter ``project: Project`` lets it look at other files;
keyword-only parameters are its options. The name is the function's name in kebab case, the category is the folder the file is in.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import import_module
from types import UnionType
from typing import Any

from deplint.finding import Finding, Severity

Check = Callable[..., Iterable[Finding]]

_RULE_ID = re.compile(r"[A-Z]{2,10}[0-9]{3,4}")


class RuleError(Exception):
    """A rule is declared wrongly: its id, its signature or its leaves make no sense."""


@dataclass(frozen=True)
class Option:
    """A keyword-only parameter of a rule: what a configuration may set."""

    name: str
    type: type
    default: Any


@dataclass(frozen=True, eq=False)
class Rule:
    """A check and what is known about it. Calling it runs the check.

    `since` and `until` map a library to the first version for which the rule holds, and the first for which it no longer does.
    """

    id: str
    check: Check = field(repr=False)
    severity: Severity
    leaves: tuple[str, ...] = ()
    since: Mapping[str, str] = field(default_factory=dict)
    until: Mapping[str, str] = field(default_factory=dict)
    see: tuple[str, ...] = ()
    opt_in: bool = False

    def __call__(self, *args: Any, **options: Any) -> Iterable[Finding]:
        return self.check(*args, **options)

    @cached_property
    def name(self) -> str:
        return self.check.__name__.replace("_", "-")

    @cached_property
    def category(self) -> str:
        """The folder the rule's file is in: ``deplint.rules.export.x`` -> ``export``."""
        parts = self.check.__module__.split(".")
        return parts[-2] if len(parts) > 1 else parts[-1]

    @cached_property
    def doc(self) -> str:
        """The module's docstring: the rule's page and, in its fences, its test cases."""
        return inspect.cleandoc(import_module(self.check.__module__).__doc__ or self.check.__doc__ or "")

    @cached_property
    def summary(self) -> str:
        return self.doc.split("\n", 1)[0].rstrip(".")

    @cached_property
    def _parameters(self) -> list[inspect.Parameter]:
        return list(inspect.signature(self.check).parameters.values())

    def _annotation(self, parameter: inspect.Parameter) -> Any:
        note = parameter.annotation
        if isinstance(note, str):
            note = eval(note, vars(sys.modules[self.check.__module__]))
        return note

    @cached_property
    def subject(self) -> type | UnionType:
        """The type of facts the rule lints, or several (``PythonFile | SourceFile``), from its first parameter."""
        positional = [p for p in self._parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        if not positional or positional[0].annotation is inspect.Parameter.empty:
            raise RuleError(f"{self.id}: the first parameter needs the type of the facts it lints, as in (file: PythonFile)")
        if len(positional) > 2 or (len(positional) == 2 and positional[1].name != "project"):
            raise RuleError(f"{self.id}: a rule takes one kind of facts and, if it must, `project`; options are keyword-only")
        subject = self._annotation(positional[0])
        if not isinstance(subject, (type, UnionType)):
            raise RuleError(f"{self.id}: {subject!r} is not a type of facts")
        return subject

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """The types of facts the rule lints, by dotted name: they can be told from others without importing the rule's module."""
        kinds: tuple[type, ...] = self.subject.__args__ if isinstance(self.subject, UnionType) else (self.subject,)
        return tuple(_dotted(kind) for kind in kinds)

    def lints(self, kind: type) -> bool:
        """Whether the rule looks at facts of this type: it, or a base of it, is one of `subjects`."""
        return not _bases(kind).isdisjoint(self.subjects)

    @cached_property
    def wants_project(self) -> bool:
        return any(p.name == "project" for p in self._parameters)

    @cached_property
    def options(self) -> dict[str, Option]:
        return {p.name.replace("_", "-"): Option(p.name, type(p.default), p.default) for p in self._parameters if p.kind is p.KEYWORD_ONLY}


@lru_cache(maxsize=256)
def _bases(kind: type) -> frozenset[str]:
    return frozenset(map(_dotted, kind.__mro__))


def _dotted(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def rule(
    id: str,
    *,
    severity: str,
    leaves: Sequence[str] = (),
    since: Mapping[str, str] | None = None,
    until: Mapping[str, str] | None = None,
    see: Sequence[str] | str = (),
    opt_in: bool = False,
) -> Callable[[Check], Rule]:
    """Declare the function below as a rule.

    Raises:
        RuleError: the id is not letters and digits such as DPL201, or the severity is unknown.
    """
    if not _RULE_ID.fullmatch(id):
        raise RuleError(f"{id!r} is not a rule id: capital letters and three digits, as in DPL201")
    try:
        level = Severity[severity]
    except KeyError:
        raise RuleError(f"{id}: severity is error, warning or info, not {severity!r}") from None

    def declare(check: Check) -> Rule:
        references = (see,) if isinstance(see, str) else tuple(see)
        return Rule(id, check, level, tuple(leaves), dict(since or {}), dict(until or {}), references, opt_in)

    return declare
