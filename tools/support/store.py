"""How support tables are written: the rows of all releases together, each row once with the releases it holds for."""

from __future__ import annotations

import datetime
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.version import Version

FOLDER = Path(__file__).parents[2] / "deplint" / "data" / "support"

Row = Mapping[str, Any]
"""A row as a source gives it for one release: the keys of `deplint.targets.table`, dtypes in `types` by name, without `releases`."""


def releases(name: str) -> dict[str, list[Row]]:
    """The rows of each release in a table as it is stored; nothing for a table that is not there."""
    path = FOLDER / f"{name}.json.gz"
    if not path.exists():
        return {}
    stored = json.loads(gzip.decompress(path.read_bytes()))
    known: list[str] = stored["meta"]["releases"]
    found: dict[str, list[Row]] = {release: [] for release in known}
    for row in stored["rows"]:
        first, last = row.pop("releases", (0, None))
        if "types" in row:
            row["types"] = {key: stored["dtypes"][number] for key, number in row["types"].items()}
        for release in known[first : None if last is None else last + 1]:
            found[release].append(row)
    return found


def meta(name: str) -> dict[str, Any]:
    path = FOLDER / f"{name}.json.gz"
    stored: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))["meta"] if path.exists() else {}
    return stored


def write(name: str, facts: Mapping[str, Any], by_release: Mapping[str, Sequence[Row]]) -> None:
    """Write a table. `facts` are its ``source``, ``licence`` and what else its readers should know of all releases."""
    order = sorted(by_release, key=Version)
    spans: dict[str, list[list[int]]] = {}
    for number, release in enumerate(order):
        for text in {_canonical(row) for row in by_release[release]}:
            runs = spans.setdefault(text, [])
            if runs and runs[-1][1] == number - 1:
                runs[-1][1] = number
            else:
                runs.append([number, number])
    dtypes: list[list[str]] = []
    rows = []
    for text in sorted(spans):
        for first, last in spans[text]:
            row = json.loads(text)
            if "types" in row:
                row["types"] = {key: _number(dtypes, names) for key, names in row["types"].items()}
            end = None if last == len(order) - 1 else last
            rows.append(row | ({} if (first, end) == (0, None) else {"releases": [first, end]}))
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    table = {"meta": {**facts, "releases": order, "date": today}, "dtypes": dtypes, "rows": rows}
    FOLDER.mkdir(exist_ok=True)
    content = json.dumps(table, ensure_ascii=False, separators=(",", ":")).encode()
    (FOLDER / f"{name}.json.gz").write_bytes(gzip.compress(content, mtime=0))


def difference(before: Iterable[Row], after: Iterable[Row]) -> list[str]:
    """What changed, a line an operator: ``+ Conv``, ``- Conv``, ``~ Conv``."""

    def grouped(rows: Iterable[Row]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for row in rows:
            domain = row.get("domain", "")
            found.setdefault(f"{domain}.{row['op']}" if domain else row["op"], set()).add(_canonical(row))
        return found

    old, new = grouped(before), grouped(after)
    changed = [f"~ {name}" for name in sorted(old.keys() & new.keys()) if old[name] != new[name]]
    return [f"+ {name}" for name in sorted(new.keys() - old.keys())] + [f"- {name}" for name in sorted(old.keys() - new.keys())] + changed


def _canonical(row: Row) -> str:
    types = {key: sorted(names) for key, names in row.get("types", {}).items()}
    return json.dumps({**row, **({"types": types} if types else {})}, sort_keys=True, ensure_ascii=False)


def _number(known: list[list[str]], names: list[str]) -> int:
    if names not in known:
        known.append(names)
    return known.index(names)
