"""Readers of the files in which Python projects list packages: requirements, pyproject, setup, Pipfile, conda and their locks.

All give `Requirements`. A line that is no requirement is passed over: such files are read by tools with many dialects.
"""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from deplint.finding import Place, Span
from deplint.model import Unreadable
from deplint.project import File
from deplint.settings.pins import Include, Pin, Requirements, canonical
from deplint.settings.text import LIMIT, Finder, Misread, Source, small

_REQUIREMENT = re.compile(
    r"""(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?) \s*
        (?:\[ (?P<extras>[^\]]*) \])? \s*
        (?: @ \s* (?P<url>[^\s;]+) | \(? (?P<specifier>(?:===|==|~=|!=|<=|>=|<|>) [^;#]*?)? \)? ) \s*
        (?: ; \s* (?P<marker>.*) )?""",
    re.VERBOSE,
)
_WHEEL = re.compile(r"([A-Za-z0-9_.]+)-([0-9][A-Za-z0-9_.!+]*)(?:-[^-/]+)?-[^-/]+-[^-/]+-[^-/]+\.whl")
_SDIST = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]*)-([0-9][A-Za-z0-9_.!+]*)\.(?:tar\.gz|zip)")
_UNKNOWN = re.compile(r"\$|\{\{|%\(")


def requirement(text: str, place: Place, group: str = "", locked: bool = False) -> Pin | None:
    """One requirement as pip reads it: ``name[extra]>=1; marker``, ``name @ url``, or the URL or path of a wheel or source archive."""
    text = text.strip()
    if len(text) > 2000:
        return None
    match = _REQUIREMENT.fullmatch(text)
    if match is None:
        return _archive(text, place, group)
    specifier, url = (match["specifier"] or "").strip(), match["url"] or ""
    if url:
        archive = _archive(url, place, group)
        specifier = (archive.specifier if archive else None) or ""
    extras = tuple(extra.strip() for extra in (match["extras"] or "").split(",") if extra.strip())
    known = None if _UNKNOWN.search(specifier) or (url and not specifier) else specifier
    return Pin(canonical(match["name"]), known, place, "pypi", match["name"], locked, group, (match["marker"] or "").strip(), extras, url)


def _archive(text: str, place: Place, group: str) -> Pin | None:
    path, _, fragment = text.partition("#")
    file = re.sub(r"%2B", "+", path.partition("?")[0].rpartition("/")[2], flags=re.IGNORECASE)
    match = _WHEEL.fullmatch(file) or (_SDIST.fullmatch(file) if "/" in path else None)
    if match:
        return Pin(canonical(match[1]), f"=={match[2].replace('_', '+')}", place, "pypi", match[1], group=group, url=text)
    egg = re.search(r"\begg=([A-Za-z0-9][A-Za-z0-9._-]*)", fragment)
    if egg:
        return Pin(canonical(egg[1].partition("[")[0]), None, place, "pypi", egg[1], group=group, url=text)
    return None


def read_requirements(file: File) -> Requirements:
    """``requirements*.txt``, ``constraints*.txt``, pip-tools' ``*.in``, and any ``.txt`` in a folder named requirements."""
    source = Source(file.shown, file.text)
    constraints = "constraint" in file.name.lower()
    found = Requirements(file.shown, "constraints" if constraints else "requirements")
    group = "" if constraints else _group(file)
    for start, end, line in _logical_lines(source.text):
        place = source.place(start, end)
        option = re.match(r"(-r|--requirement|-c|--constraint)(?:\s*=\s*|\s+|(?=[^\s-]))(\S+)", line)
        editable = re.match(r"(?:-e|--editable)(?:\s*=\s*|\s+)(\S.*)", line)
        if option:
            found.includes.append(Include(option[2], place, option[1] in ("-c", "--constraint")))
        elif editable or not line.startswith("-"):
            pin = requirement(re.split(r"\s+--?[A-Za-z]", editable[1] if editable else line, maxsplit=1)[0], place, group)
            if pin:
                found.packages.append(pin)
    return found


_NOTEBOOK_INSTALL = re.compile(r"^\s*[!%]\s*(?:\{?[\w./]*(?:executable|python3?)\}?\s+-m\s+)?pip3?\s+install\s+(.+)", re.M)
_WRITTEN = re.compile(r"\s*%%(?:writefile|file)\s+(\S+)[ \t]*\n")
_COLAB_VERSION = re.compile(r"^\s*%tensorflow_version\s+([12])\.x", re.M)
_VALUED = ("-f", "-i", "--find-links", "--index-url", "--extra-index-url", "-t", "--target", "-r", "-c", "--requirement", "--constraint")


def read_notebook(file: File) -> Requirements:
    """What an ``.ipynb`` installs with pip in its code cells, also from a list that a cell of its own writes. Its pins hold for the
    notebook alone."""
    found = Requirements(file.shown, "notebook")
    try:
        cells = [(n, cell.text) for n, cell in enumerate(file.notebook.cells, 1) if cell.code]
    except Unreadable:
        return found  # the notebook's own reader says what is wrong
    written = {posixpath.basename(match[1]): (n, text) for n, text in cells if (match := _WRITTEN.match(text))}
    for number, text in cells:
        for match in _COLAB_VERSION.finditer(text):
            line = text.count("\n", 0, match.start(1)) + 1
            place = Place(file.shown, Span(line, 1, line, 1, number), f"cell {number}")
            found.packages.append(Pin("tensorflow", f"=={match[1]}.*", place))
        for match in _NOTEBOOK_INSTALL.finditer(text):
            line = text.count("\n", 0, match.start(1)) + 1
            words = match[1].split("#")[0].split()
            for before, word in zip(["", *words], words, strict=False):
                if not word.startswith("-") and before not in _VALUED:
                    place = Place(file.shown, Span(line, 1, line, 1, number), f"cell {number}")
                    pin = requirement(word.strip("'\""), place)
                    if pin:
                        found.packages.append(pin)
                elif before in ("-r", "--requirement"):
                    found.packages += _listed_in_cell(file, *written.get(posixpath.basename(word), (number, "")))
    return found


def _listed_in_cell(file: File, number: int, text: str) -> Iterator[Pin]:
    """The requirements that the lines of a cell with ``%%writefile`` list."""
    for n, line in enumerate(text.split("\n"), 1):
        pin = requirement(line.split("#")[0], Place(file.shown, Span(n, 1, n, 1, number), f"cell {number}"))
        if pin:
            yield pin


def _group(file: File) -> str:
    """The part of the name that sets this file apart from requirements.txt: "dev" of requirements-dev.txt and of requirements/dev.txt."""
    stem = re.sub(r"\.(txt|in|lock)$", "", file.name.lower())
    group = re.sub(r"^[-_.]+|[-_.]+$", "", re.sub(r"requirements?", "", stem))
    return "" if group in ("base", "main", "prod", "production", "common", "core", "lock", "all", "default", "pip", "python") else group


def _logical_lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Start and end offset and content of each line with its continuations, comments left out."""
    for match in re.finditer(r"(?:[^\n\\]|\\\n|\\)+", text):
        line = re.sub(r"(?m)(^|\s)#.*$", "", match.group()).replace("\\\n", " ")
        stripped = line.strip()
        if stripped:
            start = match.start() + len(match.group()) - len(match.group().lstrip())
            end = match.start() + len(match.group().partition("\n")[0].rstrip(" \t\\"))
            comment = re.search(r"\s+#", text[start:end])
            yield start, max(start + comment.start() if comment else end, start), stripped


def read_pyproject(file: File) -> Requirements:
    """``pyproject.toml``: the project table, dependency groups, poetry's, pdm's and uv's tables; the build system's needs are left out."""
    source, data = toml_table(file)
    finder, found, project, poetry = (
        Finder(source),
        Requirements(file.shown, "pyproject"),
        _table(data, "project"),
        _table(data, "tool", "poetry"),
    )
    if isinstance(project.get("requires-python"), str):
        found.packages.append(Pin("python", project["requires-python"], finder.key("requires-python")))
    _listed(found, project.get("dependencies"), finder, finder.section(r"dependencies\s*="))
    groups = [
        (r"\[project\.optional-dependencies\]", _table(project, "optional-dependencies")),
        (r"\[dependency-groups\]", _table(data, "dependency-groups")),
        (r"\[tool\.pdm\.dev-dependencies\]", _table(data, "tool", "pdm", "dev-dependencies")),
        (r"\[tool\.uv\]", {"dev": _table(data, "tool", "uv").get("dev-dependencies")}),
    ]
    for header, tables in groups:
        for group, listed in tables.items():
            _listed(found, listed, finder, finder.section(header), group)
    _keyed(found, _table(poetry, "dependencies"), finder, finder.section(r"\[tool\.poetry\.dependencies\]"))
    _keyed(found, _table(poetry, "dev-dependencies"), finder, finder.section(r"\[tool\.poetry\.dev-dependencies\]"), "dev")
    for group in _table(poetry, "group"):
        start = finder.section(rf"\[tool\.poetry\.group\.{re.escape(group)}\.dependencies\]")
        _keyed(found, _table(poetry, "group", group, "dependencies"), finder, start, group)
    return found


def read_pipfile(file: File) -> Requirements:
    source, data = toml_table(file)
    finder, found, requires = Finder(source), Requirements(file.shown, "pipfile"), _table(data, "requires")
    for name in ("python_version", "python_full_version"):
        if isinstance(requires.get(name), str):
            found.packages.append(Pin("python", _series(requires[name]), finder.key(name)))
    _keyed(found, _table(data, "packages"), finder, finder.section(r"\[packages\]"))
    _keyed(found, _table(data, "dev-packages"), finder, finder.section(r"\[dev-packages\]"), "dev")
    return found


def read_setup_cfg(file: File) -> Requirements:
    """``setup.cfg``: install_requires, python_requires and the extras."""
    import configparser

    source = Source(file.shown, small(file))
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(source.text)
    except configparser.Error as error:
        raise Unreadable(f"not an ini file: {str(error).splitlines()[0]}") from None
    found, finder = Requirements(file.shown, "setup.cfg"), Finder(source)

    def section(name: str) -> Mapping[str, str]:
        return dict(parser.items(name)) if parser.has_section(name) else {}

    def listed(text: str | None, start: int, group: str = "") -> None:
        for line in (text or "").split("\n" if "\n" in (text or "") else ";"):
            line = line.split(" #")[0].strip()
            at = source.text.find(line, start)
            pin = requirement(line, source.place(at, at + len(line)) if at >= 0 else file.place, group)
            if pin:
                found.packages.append(pin)

    options = section("options")
    if options.get("python_requires"):
        found.packages.append(Pin("python", options["python_requires"], finder.key("python_requires")))
    listed(options.get("install_requires"), finder.section(r"install_requires\s*="))
    for group, text in section("options.extras_require").items():
        listed(text, finder.section(r"\[options\.extras_require\]"), group)
    return found


def read_setup_py(file: File) -> Requirements:
    """``setup.py``: what is written as literals in the call of ``setup``, or in a list assigned to a name once. Both sides of a condition
    are listed: which holds is known on the machine alone."""
    import ast

    source = Source(file.shown, small(file))
    try:
        nodes = list(ast.walk(ast.parse(source.text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(f"not Python: {error}") from None
    found, lines = Requirements(file.shown, "setup.py"), source.text.split("\n")
    assigned: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            assigned.setdefault(node.targets[0].id, []).append(node.value)

    def literal(node: ast.expr | None) -> ast.expr | None:
        values = assigned.get(node.id, []) if isinstance(node, ast.Name) else []
        return values[0] if len(values) == 1 else node

    def string(node: ast.expr | None) -> str:
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""

    def place(node: ast.expr) -> Place:
        before = lines[node.lineno - 1].encode()[: node.col_offset].decode(errors="replace")  # ast counts bytes
        return source.place(source.offset(node.lineno, len(before) + 1))

    def chosen(node: ast.expr | None, depth: int = 0) -> Iterator[ast.expr]:
        """The items of a list, of lists that are added, and of both sides of a condition; at most 20 levels deep."""
        node = literal(node)
        if depth > 20 or node is None:
            return
        if isinstance(node, ast.List | ast.Tuple):
            below = list(node.elts)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            below = [node.left, node.right]
        elif isinstance(node, ast.IfExp):
            below = [node.body, node.orelse]
        else:
            yield node
            return
        for item in below:
            yield from chosen(item, depth + 1)

    def listed(node: ast.expr | None, group: str = "") -> None:
        for item in chosen(node):
            pin = requirement(string(item), place(item), group)
            if pin:
                found.packages.append(pin)

    for call in nodes:
        if not isinstance(call, ast.Call) or getattr(call.func, "id", getattr(call.func, "attr", "")) != "setup":
            continue
        for keyword in call.keywords:
            value = literal(keyword.value)
            if keyword.arg == "install_requires":
                listed(value)
            elif keyword.arg == "extras_require" and isinstance(value, ast.Dict):
                for name, extra in zip(value.keys, value.values, strict=True):
                    listed(extra, string(name))
            elif keyword.arg == "python_requires" and string(value):
                found.packages.append(Pin("python", string(value), place(keyword.value)))
    return found


def read_conda(file: File) -> Requirements:
    """``environment.yml``: conda's packages and the pip section. A template of Jinja's, as conda-devenv reads it, says nothing certain."""
    from deplint.settings.yamltree import documents

    found, text = Requirements(file.shown, "conda"), small(file)
    for document in () if "{%" in text else documents(file.shown, text):
        for item in document.list("dependencies"):
            pins = [conda_package(item.text, item.place)] if item.text else []
            pins += [requirement(line.text, line.place) for line in item.list("pip") if line.text]
            found.packages.extend(pin for pin in pins if pin)
    return found


def conda_package(text: str, place: Place) -> Pin | None:
    """A package as conda writes it: ``channel::name=2.13``, ``name=2.13.0=build``, ``name>=2,<3``, ``name 2.13.*``."""
    match = re.fullmatch(r"(?:[\w./:-]+::)?([A-Za-z0-9_][\w.-]*)\s*(?:\[[^\]]*\])?\s*(.*?)\s*", text[:500])
    if not match:
        return None
    name, rest = match.groups()
    build = re.fullmatch(r"=?([^=<>!~\s]+)(?:=|\s+)[^=<>!~\s]+", rest)
    if build:
        rest = f"=={build[1]}"
    return Pin(canonical(name), None if _UNKNOWN.search(rest) else rest, place, "conda", name)


def read_python(file: File) -> Requirements:
    """``.python-version`` (pyenv, uv) and ``runtime.txt`` (Heroku and others): the interpreter."""
    found = Requirements(file.shown, "python")
    source = Source(file.shown, small(file, 4096))
    match = re.search(r"(?m)^[ \t]*(?:c?python-)?([0-9]+(?:\.[0-9]+){0,2})[ \t]*$", source.text)
    if match:
        place = source.place(match.start(1), match.end(1))
        found.packages.append(Pin("python", _series(match[1]), place, written=match[1]))
    return found


def _series(version: str) -> str:
    return f"=={version}" if version.count(".") > 1 else f"=={version}.*"


def read_toml_lock(file: File) -> Requirements:
    """``poetry.lock``, ``uv.lock`` and ``pylock.toml``, line by line: they are large, and written by machines in one layout."""
    source = Source(file.shown, file.text)
    kind = "pylock" if file.name.lower().startswith("pylock") else file.name.lower()
    found = Requirements(file.shown, kind)
    for match in re.finditer(r"(?m)^\[\[packages?\]\]\nname = \"([^\"\n]+)\"\nversion = \"([^\"\n]+)\"", source.text):
        place = source.place(match.start(1) - 8, match.end())
        found.packages.append(Pin(canonical(match[1]), f"=={match[2]}", place, written=match[1], locked=True))
    return found


def read_pipfile_lock(file: File) -> Requirements:
    source, data = json_object(file)
    found, finder = Requirements(file.shown, "pipfile.lock"), Finder(source)
    for section, group in (("default", ""), ("develop", "develop")):
        for name, entry in _table(data, section).items():
            version = entry.get("version") if isinstance(entry, dict) else None
            if isinstance(version, str):
                place = finder.key(name)
                found.packages.append(Pin(canonical(name), version, place, written=name, locked=True, group=group))
    return found


def read_conda_lock(file: File) -> Requirements:
    source, found = Source(file.shown, file.text), Requirements(file.shown, "conda-lock")
    for match in re.finditer(r"(?m)^ *- name: [\"']?([\w.-]+)[\"']?\n +version: [\"']?([^\s\"']+)", source.text):
        place = source.place(match.start(1), match.end())
        found.packages.append(Pin(canonical(match[1]), f"=={match[2]}", place, "conda", match[1], locked=True))
    return found


def json_object(file: File) -> tuple[Source, dict[str, Any]]:
    """The text and the object of a JSON file.

    Raises:
        Unreadable: it is not JSON, or not an object.
    """
    import json

    source = Source(file.shown, file.text)
    try:
        data = json.loads(source.text)
    except json.JSONDecodeError as error:
        raise Misread(f"not JSON: {error.msg}", source.place(min(error.pos, len(source.text)))) from None
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {error}") from None
    if not isinstance(data, dict):
        raise Unreadable("JSON, but not an object")
    return source, data


def toml_table(file: File) -> tuple[Source, dict[str, Any]]:
    """The text and the table of a TOML file.

    Raises:
        Unreadable: it is not TOML, or large.
    """
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    source = Source(file.shown, small(file, LIMIT // 4))
    try:
        table: dict[str, Any] = toml.loads(source.text)
    except (ValueError, RecursionError) as error:
        at = re.search(r"line (\d+), column (\d+)", str(error))
        place = source.place(source.offset(int(at[1]), int(at[2]))) if at else file.place
        raise Misread(f"not TOML: {error}", place) from None
    return source, table


def _table(data: Any, *path: str) -> dict[str, Any]:
    """The table at `path`; empty if there is none."""
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _listed(found: Requirements, listed: Any, finder: Finder, start: int = 0, group: str = "") -> None:
    """Add the requirements of a TOML array of strings."""
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, str):
            pin = requirement(item, finder.string(item, start), group)
            if pin:
                found.packages.append(pin)


def _keyed(found: Requirements, table: Mapping[str, Any], finder: Finder, start: int, group: str = "") -> None:
    """Add the requirements of a TOML table from names to versions, as poetry and pipenv write them."""
    for name, entry in table.items():
        place = finder.key(name, start)
        for one in entry if isinstance(entry, list) else [entry]:
            details = one if isinstance(one, dict) else {"version": one}
            version, url = details.get("version", ""), details.get("url") or details.get("git") or details.get("path")
            marker = details.get("markers") or (f"python_version {details['python']}" if details.get("python") else "")
            found.packages.append(
                Pin(
                    canonical(name),
                    None if url or not isinstance(version, str) else version,
                    place,
                    written=name,
                    group=group or ("optional" if details.get("optional") is True else ""),
                    marker=str(marker),
                    extras=tuple(map(str, details["extras"])) if isinstance(details.get("extras"), list) else (),
                    url=str(url or ""),
                )
            )
