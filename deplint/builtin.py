"""deplint's own rules, readers and reporters, on the same hooks as anyone's."""

from __future__ import annotations

from collections.abc import Iterable

from deplint.plugins import hookimpl
from deplint.project import Reader


@hookimpl
def deplint_rules() -> Iterable[str]:
    return ["deplint.rules"]


@hookimpl
def deplint_readers() -> Iterable[Reader]:
    from deplint import code, formats, settings

    return [reader for module in (code, formats, settings) for reader in getattr(module, "READERS", ())]


@hookimpl
def deplint_reporters() -> dict[str, str]:
    return {
        "text": "deplint.report.text:render",
        "json": "deplint.report.json:render",
        "sarif": "deplint.report.sarif:render",
        "github": "deplint.report.github:render",
    }
