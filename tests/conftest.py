"""Fixtures that several test modules use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import toy

from deplint import builtin, plugins
from deplint.cli import run


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Deplint = Callable[..., Ran]


@pytest.fixture
def deplint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Deplint:
    """Runs the command line in an empty folder, over the toy language and rules only: ``deplint("a.toy", "--fix")``."""

    def load(packages: object = ()) -> plugins.Plugins:
        return plugins.Plugins(list(toy.RULES), [toy.READER], builtin.deplint_reporters(), names=["toy"])

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plugins, "load", load)

    def call(*arguments: str) -> Ran:
        capsys.readouterr()
        code = run(arguments)
        return Ran(code, *capsys.readouterr())

    return call
