"""The three hooks, and the manager that calls them.

A plugin is a package with an entry point in the group ``deplint``; it implements any of the hooks below with
``deplint.hookimpl``. deplint's own rules, readers and reporters are plugins on the same hooks (`deplint.builtin`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pluggy

from deplint.project import Reader
from deplint.rule import Rule

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
