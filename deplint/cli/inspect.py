"""Print a model as deplint reads it: one line an operator or tensor, weights never."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from deplint import plugins
from deplint.cli import Exit, UsageError
from deplint.discover import discover
from deplint.formats.artifact import Artifact
from deplint.model import Model
from deplint.project import File, Project
from deplint.report import printable


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL", help="model files, or folders with models")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")


def main(args: Namespace) -> int:
    from deplint.model.text import format_model

    found = discover(args.models)
    if found.missing:
        raise UsageError(f"no such file or folder: {', '.join(found.missing)}")
    project = Project(Path.cwd(), found.files, plugins.load().readers)
    models = list(project.all(Model))
    if args.format == "json":
        print(json.dumps([_plain(model) for model in models], indent=2))
    elif models:
        print("\n\n".join(format_model(model).rstrip("\n") for model in models))
    unread = [f"{trouble.file.shown}: cannot be read as {trouble.reader.name}: {trouble.error}" for trouble in project.troubles]
    read = {model.path for model in models} | {trouble.file.shown for trouble in project.troubles}
    named = {File(Path(os.path.abspath(path))).shown for path in args.models}
    for artifact in project.all(Artifact):
        path = artifact.place.path
        if path not in read and (artifact.fits is False or path in named or not models):
            unread.append(f"{path}: not a model deplint reads: it holds {artifact.holds}")
    for line in unread:
        print(f"deplint: {printable(line)}", file=sys.stderr)
    if not models and not unread:
        raise UsageError("no model among " + ", ".join(str(path) for path in args.models))
    return Exit.trouble if unread else Exit.clean


def _plain(value: Any) -> Any:
    """Dataclasses, tuples and bytes as what JSON has; what is empty is left out."""
    if dataclasses.is_dataclass(value):
        fields = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value) if f.compare)
        return {name: _plain(inner) for name, inner in fields if inner not in (None, "", (), [], {})}
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
