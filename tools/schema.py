"""What the generators of format tables in deplint/data share: accessors read from released packages, and the file that is written."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any


def classes(path: Path) -> Iterator[tuple[ast.ClassDef, dict[str, Any]]]:
    """The classes of flatbuffer accessors: enumerations with their members, tables with nothing beside them."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef):
            assigned = [statement for statement in node.body if isinstance(statement, ast.Assign)]
            members = {ast.unparse(each.targets[0]): each.value for each in assigned}
            if "__slots__" in members:
                yield node, {}
            elif members:
                yield node, {name: ast.literal_eval(value) for name, value in members.items()}


def lines(entries: Mapping[str, object]) -> str:
    """JSON with one entry a line, for readable diffs."""
    return "{\n" + ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in entries.items()) + "\n}"


LAYOUT = "tables: field -> [vtable offset, type, default, enumeration]"


def write(
    name: str, source: str, versions: Mapping[str, str], parts: Mapping[str, Mapping[str, object]], what: str = "enumerations by name"
) -> None:
    """Write deplint/data/NAME.json: `parts` by name, and where they come from. The parts are ``enums`` and ``tables``, and what else `what`
    tells."""
    target = Path(__file__).parent.parent / "deplint" / "data" / f"{name}.json"
    meta = {
        "what": f"{what}, and {LAYOUT}",
        "source": f"{source}, tools/{name}.py",
        "versions": dict(versions),
        "date": date.today().isoformat(),
    }
    body = ",\n".join(f'"{part}": {lines(entries)}' for part, entries in parts.items())
    target.write_text(f'{{"meta": {json.dumps(meta)},\n{body}\n}}\n')
    print(f"{target.name}: {', '.join(f'{len(entries)} {part}' for part, entries in parts.items())}")
