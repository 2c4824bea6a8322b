"""The functions by which a script tells a container of SageMaker how to serve: ``model_fn``, ``input_fn``, ``predict_fn`` and their like.

Source: `sagemaker_inference/transformer.py` of https://github.com/aws/sagemaker-inference-toolkit.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from deplint.code.facts import Call
from deplint.code.python import PythonFile
from deplint.finding import Placed
from deplint.settings.scripts import Script

TAKES: Mapping[str, tuple[str, ...]] = {
    "model_fn": ("model_dir",),
    "input_fn": ("request_body", "content_type"),
    "predict_fn": ("data", "model"),
    "output_fn": ("prediction", "accept"),
    "transform_fn": ("model", "request_body", "content_type", "accept"),
}
"""What each is called with; each may take the context behind that."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def hooks(file: PythonFile) -> dict[str, Function]:
    """The functions of a script for SageMaker, by name; empty for any other script. TensorFlow's estimators have a ``model_fn`` and an
    ``input_fn`` too: what shows SageMaker is a folder given to the first, or a content type to the others."""
    if "_fn" not in file.text:
        return {}
    found = {
        node.name: node for node in file.shape.tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name in TAKES
    }
    first = parameters(found["model_fn"])[:1] if "model_fn" in found else []
    told = any("content_type" in parameters(node) or "accept" in parameters(node) for node in found.values())
    return found if told or any("dir" in name or "path" in name for name in first) else {}


def parameters(function: Function) -> list[str]:
    """The names of all parameters."""
    given = function.args
    several = [star.arg for star in (given.vararg, given.kwarg) if star is not None]
    return [arg.arg for arg in (*given.posonlyargs, *given.args, *given.kwonlyargs)] + several


@dataclass(frozen=True)
class Packed:
    """What a script puts into an archive: each member's path in it, and where that is said. `whole`: that is all, so that what is not among
    them, or in a folder among them, is not there. `name` is the archive's own, empty if unknown."""

    name: str
    members: Sequence[tuple[str, Placed]]
    whole: bool


def archives(facts: PythonFile | Script) -> list[Packed]:
    """The archives that `tarfile` or ``tar`` makes."""
    return list(_by_command(facts) if isinstance(facts, Script) else _by_tarfile(facts))


def _by_tarfile(file: PythonFile) -> Iterator[Packed]:
    made: dict[int, list[Call]] = {}
    if "tarfile" in file.text:
        for call in file.calls("tarfile.open().add"):
            if call.receiver.origin is not None:
                made.setdefault(id(call.receiver.origin.node), []).append(call)
    for calls in made.values():
        opened = calls[0].receiver.origin
        assert opened is not None
        members, whole = [], not re.search(r"\.(?:addfile|extractall)\(|\badd\(.*filter=", file.text)
        for call in calls:
            stored = call.argument("arcname", 1) if not call.argument("arcname", 1).missing else call.argument("name", 0)
            path = _inside(stored.text)
            whole = whole and bool(path) and call.certain and not call.guarded
            if path:
                members.append((path, call))
        name = opened.argument("name", 0).python(default=True)
        yield Packed(posixpath.basename(name) if isinstance(name, str) else "", members, whole)


_CREATES = re.compile(r"-?(?=[a-zA-Z]*c)[a-zA-Z]*f|--create")


def _by_command(script: Script) -> Iterator[Packed]:
    for command in script.commands:
        words = list(command.words)
        if len(words) < 4 or words[0].text != "tar" or not _CREATES.fullmatch(words[1].text or ""):
            continue
        members, whole, skip = [], True, False
        for word in words[3:]:
            path = _inside(word.text)
            if skip or word.text in ("-C", "--directory"):
                skip = not skip
            elif not path or path.startswith("-") or re.search(r"[*?\[]", path):
                whole = False
            else:
                members.append((path, word))
        yield Packed(posixpath.basename(words[2].text or ""), members, whole)


def _inside(path: str | None) -> str:
    """A member's path from the top of the archive; ``.`` is the top itself."""
    return posixpath.normpath(path).lstrip("/") if path else ""
