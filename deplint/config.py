"""The configuration: one table, from the nearest file that has one, never merged with another.

In the folder of the first path and then in each above it, up to the repository's root, the first of these wins: ``deplint.toml``,
``[tool.deplint]`` in ``pyproject.toml``, ``[deplint]`` in ``setup.cfg``. An unknown key is an error.
"""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from deplint.declare import Rule
from deplint.discover import Patterns
from deplint.finding import Severity
from deplint.names import Names, Unknown, did_you_mean
from deplint.project import TEXT_LIMIT


class ConfigError(Exception):
    """The configuration makes no sense. The message names the file and the key."""


@dataclass(frozen=True)
class Waiver:
    """An entry of `ignore` with a reason: findings of `rules` (empty: all) in `paths` are suppressed until a date."""

    rules: tuple[str, ...]
    reason: str
    paths: tuple[str, ...] = ()
    until: datetime.date | None = None

    def expired(self, today: datetime.date) -> bool:
        return self.until is not None and today > self.until


@dataclass(frozen=True)
class Config:
    """What a project asks of deplint. `root` is the folder that paths and patterns are relative to; `path` the file it is from."""

    root: Path
    path: Path | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    exclude: tuple[str, ...] = ()
    fail_on: Severity = Severity.warning
    severity: Mapping[str, Severity] = field(default_factory=dict)
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    fragments: bool = False
    baseline: Path | None = None
    format: str = "text"

    @property
    def excluded(self) -> Patterns:
        return Patterns(self.root, self.exclude)

    def resolve(self, names: Names) -> Config:
        """This configuration with every rule named by its id, and the options of rules checked against their signatures.

        Raises:
            ConfigError: a rule or an option does not exist, or a value has the wrong type.
        """
        try:
            for word in (*(self.select or ()), *self.ignore):
                names.many(word)
            return replace(
                self,
                waivers=tuple(replace(w, rules=tuple(sorted({i for word in w.rules for i in names.many(word)}))) for w in self.waivers),
                severity={names.one(word): level for word, level in self.severity.items()},
                rules={(i := names.one(word)): options(names.rules.get(i), given) for word, given in self.rules.items()},
            )
        except (Unknown, ConfigError) as error:
            raise ConfigError(f"{self.path or 'configuration'}: {error}") from None


def find(start: Path) -> Config:
    """The configuration that holds for `start`, a file or folder; the defaults where there is none.

    Raises:
        ConfigError: it makes no sense.
    """
    here = Path(os.path.abspath(start))
    folder = here if here.is_dir() else here.parent
    for above in (folder, *folder.parents):
        for name in SOURCES:
            path = above / name
            if os.path.exists(path) and not os.path.isfile(path):
                continue  # a folder, or a pipe, of which reading may never end
            table = _table(path)
            if table is not None:
                return _config(path, table)
        if (above / ".git").exists():
            break
    return Config(Path.cwd())


def load(path: Path) -> Config:
    """The configuration in one file, which must have one.

    Raises:
        ConfigError: it has none, or one that makes no sense.
    """
    table = _table(path)
    if table is None:
        raise ConfigError(f"{path}: no deplint configuration in it" if path.exists() else f"{path}: no such file")
    return _config(Path(os.path.abspath(path)), table)


def _read(path: Path, errors: str = "strict") -> str:
    """The text of a file. It may be a pipe (`--config <(...)`), which does not tell its size."""
    with open(path, encoding="utf-8", errors=errors) as stream:
        text = stream.read(TEXT_LIMIT + 1)
    if len(text) > TEXT_LIMIT:
        raise ConfigError(f"{path}: more than the {TEXT_LIMIT:,} characters deplint reads of a configuration")
    return text


def _toml(path: Path) -> dict[str, Any]:
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        table: dict[str, Any] = toml.loads(_read(path))
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, or nested too deep
        raise ConfigError(f"{path}: {error}") from None
    return table


def _pyproject(path: Path) -> dict[str, Any] | None:
    if "deplint" not in _read(path, "replace"):  # most are other tools' only: not worth parsing
        return None
    table = _toml(path).get("tool", {}).get("deplint")
    return table if table is None or isinstance(table, dict) else {}


def _setup_cfg(path: Path) -> dict[str, Any] | None:
    """``[deplint]`` as the table TOML would give: ``[deplint:severity]`` and so on are its tables, ``[deplint:ignore:NAME]`` the entries
    of `ignore` that are tables."""
    text = _read(path, "replace")
    if "[deplint" not in text:
        return None
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names of rules keep their case
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ConfigError(f"{path}: {error}") from None
    table: dict[str, Any] = {}
    for section in parser.sections():
        head, *names = section.split(":")
        if head != "deplint":
            continue
        values = dict(parser[section])
        if not names:
            table |= {key: _words(text) if key in _LISTS else text for key, text in values.items()}
        elif names[0] == "ignore" and len(names) == 2:
            table.setdefault("ignore", []).append({k: _words(v) if k in ("rule", "paths") else v for k, v in values.items()})
        else:
            inner = table
            for name in names:
                inner = inner.setdefault(name, {})
                if not isinstance(inner, dict):
                    raise ConfigError(f"{path}: {name} is a key and a section [{section}]")
            inner |= values
    return table


def _words(text: str) -> list[str]:
    return [word for line in text.splitlines() for word in (w.strip() for w in line.split(",")) if word]


SOURCES: dict[str, Callable[[Path], dict[str, Any] | None]] = {
    "deplint.toml": _toml,
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
}


def _table(path: Path) -> dict[str, Any] | None:
    try:
        return SOURCES.get(path.name, _toml)(path)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"a string is wanted, not {value!r}")
    return value


def _boolean(value: Any) -> bool:
    if isinstance(value, bool) or str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise ConfigError(f"true or false is wanted, not {value!r}")


def _strings(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ConfigError(f"a list of strings is wanted, not {value!r}")
    return tuple(value)


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"a table is wanted, not {value!r}")
    return value


def _severity(value: Any) -> Severity:
    try:
        return Severity[_string(value)]
    except KeyError:
        raise ConfigError(f"error, warning or info is wanted, not {value!r}") from None


def _version(value: Any) -> str:
    from deplint.settings.pins import configured
    from deplint.settings.ranges import parse

    if parse(configured(_string(value))) is None:
        raise ConfigError(f"a version such as 2.13, or a range such as >=2.13, is wanted, not {value!r}")
    return str(value)


def _date(value: Any) -> datetime.date:
    try:
        return value if isinstance(value, datetime.date) else datetime.date.fromisoformat(_string(value))
    except ValueError:
        raise ConfigError(f"a date such as 2027-01-31 is wanted, not {value!r}") from None


def _waiver(given: Mapping[str, Any]) -> Waiver:
    keys: dict[str, tuple[str, Callable[[Any], Any]]] = {
        "rule": ("rules", _strings),
        "paths": ("paths", _strings),
        "reason": ("reason", _string),
        "until": ("until", _date),
    }
    _known(given, keys)
    if not str(given.get("reason", "")).strip():
        raise ConfigError("an entry of `ignore` that is a table says why, in `reason`")
    if not given.get("rule") and not given.get("paths"):
        raise ConfigError("an entry of `ignore` that is a table names a `rule`, `paths`, or both")
    return Waiver(**{"rules": ()} | {keys[key][0]: _at(key, keys[key][1], value) for key, value in given.items()})


def _ignore(value: Any) -> tuple[tuple[str, ...], tuple[Waiver, ...]]:
    entries = value if isinstance(value, list) else [value]
    tables = [entry for entry in entries if isinstance(entry, dict)]
    return _strings([entry for entry in entries if not isinstance(entry, dict)]), tuple(_waiver(t) for t in tables)


@dataclass(frozen=True)
class Key:
    """A key of the table: how its value is read, an example, and what it means (these make up the reference in the documentation)."""

    read: Callable[[Any], Any]
    example: str
    doc: str


KEYS: dict[str, Key] = {
    "select": Key(
        _strings,
        'select = ["export", "DPL201", "M.2"]',
        "The rules to run, by id, name, category or leaf of the taxonomy. Default: all but the opt-in ones.",
    ),
    "ignore": Key(
        _ignore,
        'ignore = ["DPL429", { rule = "DPL201", paths = ["legacy/"], reason = "replaced in May", until = 2027-05-31 }]',
        "The rules not to run, named likewise. An entry that is a table suppresses findings of `rule` (one or a list; all if left out) in "
        "`paths` (git-ignore patterns; everywhere if left out) and must say the `reason`; after the date `until` it no longer holds, and "
        "that is reported.",
    ),
    "exclude": Key(
        _strings,
        'exclude = ["third_party/", "*.ipynb"]',
        "Files and folders not to look at, as git-ignore patterns relative to the configuration's folder.",
    ),
    "fail-on": Key(
        _severity,
        'fail-on = "error"',
        "The least severity that makes the exit code 1: `error`, `warning` (the default) or `info`.",
    ),
    "severity": Key(
        lambda value: {rule: _at(rule, _severity, level) for rule, level in _mapping(value).items()},
        'severity = { DPL201 = "warning" }',
        "Another severity for a rule.",
    ),
    "rules": Key(
        lambda value: {rule: _at(rule, _mapping, options) for rule, options in _mapping(value).items()},
        "rules.DPL435.min-kilobytes = 500",
        "Options of a rule; its page lists them.",
    ),
    "versions": Key(
        lambda value: {library: _at(library, _version, version) for library, version in _mapping(value).items()},
        'versions = { tensorflow = "2.13" }',
        "Versions of libraries the project runs on, where its requirements do not say, or say something else.",
    ),
    "targets": Key(
        _strings,
        'targets = ["onnxruntime-cpu==1.17", "tflite>=2.14"]',
        "Where the models are deployed: runtimes and converters, perhaps at versions, as `deplint targets` lists them. Models are held "
        "against these, and against the runtimes that the project's own files pin.",
    ),
    "fragments": Key(
        _boolean,
        "fragments = true",
        "The Python is made of fragments, as documentation and questions show them: where nothing gives `tf`, `np`, `nn`, `ort`, `ct` and "
        "other usual names a meaning, they stand for their libraries. Default: false.",
    ),
    "baseline": Key(_string, 'baseline = "deplint-baseline.json"', "A baseline file: findings in it are not reported."),
    "format": Key(_string, 'format = "github"', "The output format, unless the command line names one."),
}

_LISTS = frozenset({"select", "ignore", "exclude", "targets"})


def _at(key: str, read: Callable[[Any], Any], value: Any) -> Any:
    """Read a value; what is wrong with it is said with the key it stands under."""
    try:
        return read(value)
    except ConfigError as error:
        raise ConfigError(f"{key}: {error}") from None


def _known(given: Mapping[str, Any], keys: Mapping[str, Any]) -> None:
    for key in given:
        if key not in keys:
            raise ConfigError(f"unknown key {key!r}{did_you_mean(key, keys)}")


def _config(path: Path, table: Mapping[str, Any]) -> Config:
    try:
        _known(table, KEYS)
        values = {key.replace("-", "_"): _at(key, KEYS[key].read, value) for key, value in table.items()}
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    if "ignore" in values:
        values["ignore"], values["waivers"] = values["ignore"]
    if "baseline" in values:
        values["baseline"] = path.parent / values["baseline"]
    return Config(root=path.parent, path=path, **values)


def options(rule: Rule | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments that `given` options mean for a rule."""
    options = rule.options if rule else {}
    name = rule.id if rule else "this rule"
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in options:
            raise ConfigError(f"{name} has no option {key!r}{did_you_mean(key, options)}")
        option = options[key]
        values[option.name] = _at(f"{name}.{key}", partial(_convert, option.type), value)
    return values


_TRUTH = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def _convert(kind: type, value: Any) -> Any:
    """`value` as the type of an option's default; setup.cfg knows strings only."""
    if kind in (tuple, list, frozenset, set):
        return kind(_words(value) if isinstance(value, str) else _strings(value))
    if kind is bool and isinstance(value, str) and value.lower() in _TRUTH:
        return _TRUTH[value.lower()]
    if kind in (int, float) and isinstance(value, str | int) and not isinstance(value, bool):
        try:
            return kind(value)
        except ValueError:
            pass
    if kind is not type(None) and (not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool)):
        raise ConfigError(f"{kind.__name__} is wanted, not {value!r}")
    return value
