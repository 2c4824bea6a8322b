"""What the rules of a package declare, remembered in the environment that it is installed in.

Importing every rule, and the facts each asks, is most of what a short run costs. So the declarations (id, severity, the facts a rule
lints, ...) are kept in a file that is valid as long as no module of the package or of deplint has changed, and a rule's module is
imported when the rule is first called. It lies below the environment's prefix and goes with it, in ``var``, where such things are, and not
beside the package: pip takes away what it has brought, and what is left of a folder hides the package that is installed next.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from deplint.declare import Check, Option, Rule
from deplint.finding import Severity

Declared = tuple[Any, ...]
"""A rule in plain values that `marshal` takes."""

_TYPES = {"bool": bool, "int": int, "float": float, "str": str}


def remembered(package: str) -> list[Rule] | None:
    """The rules of the package of that dotted name as they were when `remember` last saw them, each importing its module when called.
    ``None`` where nothing is remembered, or something has changed since."""
    with suppress(OSError, ValueError, EOFError, TypeError, ImportError):
        if (spec := find_spec(package)) and (file := _file(spec)):
            stamp, declared = marshal.loads(file.read_bytes())
            if stamp == _stamp(spec):
                return [_rule(*one) for one in declared]
    return None


def remember(package: str, rules: list[Rule]) -> None:
    """Write down what the rules declare. Does nothing where Python is not to write byte code, or cannot."""
    if sys.dont_write_bytecode:
        return
    with suppress(OSError, ValueError, StopIteration):
        if (spec := find_spec(package)) and (file := _file(spec)):
            file.parent.mkdir(parents=True, exist_ok=True)
            unfinished = file.with_name(f"{file.name}.{os.getpid()}")
            unfinished.write_bytes(marshal.dumps((_stamp(spec), [_declared(rule) for rule in rules])))
            unfinished.replace(file)


def _file(spec: ModuleSpec) -> Path | None:
    """Where a package's declarations are kept; ``None`` for one module, and for a package that is not a folder of files."""
    if not spec.submodule_search_locations or not spec.origin or not spec.has_location:
        return None
    place = hashlib.sha256(spec.origin.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return Path(sys.prefix) / "var" / "cache" / "deplint" / f"{spec.name}.{sys.implementation.cache_tag}.{place}"


def _stamp(spec: ModuleSpec) -> list[tuple[str, int, int]]:
    """Path, time of change (ns) and size of every module that the declarations may come from."""
    return [
        module
        for root in dict.fromkeys([*(spec.submodule_search_locations or ()), str(Path(__file__).parent)])
        for module in _modules(root)
    ]


def _modules(folder: str) -> Iterator[tuple[str, int, int]]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.endswith(".py"):
            seen = entry.stat()
            yield entry.path, seen.st_mtime_ns, seen.st_size
        elif entry.is_dir() and entry.name.isidentifier():
            yield from _modules(entry.path)


def _declared(rule: Rule) -> Declared:
    home = rule.check.__module__
    attribute = next(name for name, value in vars(import_module(home)).items() if value is rule)
    options = [(name, option.name, option.type.__name__, option.default) for name, option in rule.options.items()]
    return (
        *(home, attribute, rule.check.__name__, rule.id, rule.severity.name, rule.leaves, dict(rule.since), dict(rule.until)),
        *(rule.see, rule.opt_in, rule.subjects, rule.wants_project, options),
    )


def _rule(
    home: str,
    attribute: str,
    function: str,
    id: str,
    severity: str,
    leaves: tuple[str, ...],
    since: dict[str, str],
    until: dict[str, str],
    see: tuple[str, ...],
    opt_in: bool,
    subjects: tuple[str, ...],
    wants_project: bool,
    options: list[tuple[str, str, str, Any]],
) -> Rule:
    rule = Rule(id, _deferred(home, attribute, function), Severity[severity], leaves, since, until, see, opt_in)
    known = {name: Option(parameter, _TYPES[kind], default) for name, parameter, kind, default in options}
    # What a rule works out of its function's signature the first time it is asked.
    vars(rule).update(subjects=subjects, wants_project=wants_project, options=known)
    return rule


def _deferred(home: str, attribute: str, function: str) -> Check:
    def check(*arguments: Any, **options: Any) -> Any:
        return getattr(import_module(home), attribute).check(*arguments, **options)

    check.__module__, check.__name__ = home, function
    return check
