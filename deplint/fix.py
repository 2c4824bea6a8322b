"""Applies fixes: in memory, in rounds until nothing more can be applied, and onto the disk only then.

A fix is applied as a whole or not at all. Fixes whose edits overlap wait for the next round, which sees fresh findings. A Python file
that no longer parses after a round keeps its former text, and its fixes are refused. Encoding, byte order mark, line ends and
permissions stay.
"""

from __future__ import annotations

import ast
import codecs
import difflib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from deplint import notebook
from deplint.engine import Report
from deplint.finding import Edit, Fix
from deplint.model import Unreadable
from deplint.project import TEXT_LIMIT, File

ROUNDS = 8
"""Rounds after which fixing stops; fixes that undo each other would go on for ever."""

_LINE_END = re.compile(r"\r\n|\r|\n")


class EditedFile(File):
    """A file whose content is not what is on the disk (yet)."""

    def __init__(self, original: File, content: bytes) -> None:
        super().__init__(original.path, original.shown)
        self.content = content

    @cached_property
    def size(self) -> int:
        return len(self.content)

    @cached_property
    def head(self) -> bytes:
        return self.content[: len(super().head) or None]

    def raw(self, limit: int = TEXT_LIMIT) -> bytes:
        return self.content

    def map(self) -> bytes:
        return self.content


Overlay = Mapping[str, EditedFile]
"""Edited files by the path they are shown with."""


class Refused(Exception):
    """An edit cannot be made; the message says why."""


@dataclass
class Fixed:
    """What fixing came to: the last report, the files as they are now, how many fixes went in, and what was not applied and why."""

    report: Report
    files: dict[str, EditedFile] = field(default_factory=dict)
    applied: int = 0
    refused: list[str] = field(default_factory=list)


def rounds(report: Report, lint: Callable[[Overlay], Report], *, unsafe: bool = False) -> Fixed:
    """Apply the fixes of `report`, lint again over the edited files, and so on. Nothing is written."""
    done = Fixed(report)
    banned: set[Fix] = set()
    for _ in range(ROUNDS):
        fixes = [f.fix for f in done.report.findings if f.fix and (unsafe or f.fix.safe) and f.fix not in banned]
        edited, chosen = _round(_compatible(fixes), done, banned)
        if chosen:
            done.files |= edited
            done.applied += len(chosen)
            done.report = lint(done.files)
        elif not fixes:
            break
    return done


def _round(chosen: list[Fix], done: Fixed, banned: set[Fix]) -> tuple[dict[str, EditedFile], list[Fix]]:
    """The files that `chosen` fixes edit, and the fixes that could be applied. Those that spoil a file are banned."""
    while True:
        edits: dict[str, list[Edit]] = {}
        for one in dict.fromkeys(edit for fix in chosen for edit in fix.edits):
            edits.setdefault(one.path, []).append(one)
        edited: dict[str, EditedFile] = {}
        spoilt: set[str] = set()
        for path, wanted in edits.items():
            try:
                edited[path] = edit(done.files.get(path) or File(Path(os.path.abspath(path)), path), wanted)
            except Refused as error:
                spoilt.add(path)
                done.refused.append(f"{path}: fix not applied: {error}")
        if not spoilt:
            return edited, chosen
        banned.update(fix for fix in chosen if any(e.path in spoilt for e in fix.edits))
        chosen = [fix for fix in chosen if fix not in banned]


def _compatible(fixes: Iterable[Fix]) -> list[Fix]:
    """The fixes that can go in together, the first of those that overlap. Fixes that make the same edit agree."""
    taken: dict[tuple[str, int | None], list[Edit]] = {}
    chosen: list[Fix] = []
    for fix in fixes:
        if not any(_clash(edit, other) for edit in fix.edits for other in taken.get((edit.path, edit.span.cell), [])):
            chosen.append(fix)
            for edit in fix.edits:
                taken.setdefault((edit.path, edit.span.cell), []).append(edit)
    return chosen


def _clash(one: Edit, other: Edit) -> bool:
    if one == other:
        return False
    a, b = one.span, other.span
    start_a, start_b = (a.line, a.column), (b.line, b.column)
    end_a, end_b = (a.end_line, a.end_column), (b.end_line, b.end_column)
    return start_a == start_b or (start_a < end_b and start_b < end_a)


def edit(file: File, edits: Sequence[Edit]) -> EditedFile:
    """`file` with edits made.

    Raises:
        Refused: it cannot be read or encoded again, or is Python that would no longer parse.
    """
    try:
        raw = file.raw(notebook.LIMIT if file.suffix == ".ipynb" else TEXT_LIMIT)
    except (Unreadable, OSError) as error:
        raise Refused(str(error)) from None
    mark, encoding = _encoding(raw)
    text = raw[len(mark) :].decode(encoding)
    if file.suffix == ".ipynb":
        new = _edit_notebook(text, edits)
    else:
        new = _edit_text(text, edits)
        if file.suffix in (".py", ".pyi"):
            _parse(text, new)
    try:
        return EditedFile(file, mark + new.encode(encoding))
    except UnicodeEncodeError:
        raise Refused(f"the new text cannot be written as {encoding}") from None


def _encoding(raw: bytes) -> tuple[bytes, str]:
    """The byte order mark and the encoding, as `File.text` decides them."""
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if raw.startswith(mark):
            try:
                raw[len(mark) :].decode(encoding)
            except UnicodeDecodeError:
                break
            return mark, encoding
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return b"", "latin-1"
    return b"", "utf-8"


def _edit_text(text: str, edits: Sequence[Edit]) -> str:
    """`text` with edits made, the last first, in the line ends that most of its lines have."""
    ends = list(_LINE_END.finditer(text))
    starts = [0, *(end.end() for end in ends)]
    newline = max(("\n", "\r\n", "\r"), key=[end.group() for end in ends].count)

    def offset(line: int, column: int) -> int:
        if not 1 <= line <= len(starts):
            raise Refused(f"there is no line {line}")
        return min(starts[line - 1] + column - 1, ends[line - 1].start() if line <= len(ends) else len(text))

    for one in sorted(edits, key=lambda e: (e.span.line, e.span.column), reverse=True):
        start, end = offset(one.span.line, one.span.column), offset(one.span.end_line, one.span.end_column)
        text = text[:start] + one.text.replace("\n", newline) + text[end:]
    return text


def _parse(old: str, new: str) -> None:
    """
    Raises:
        Refused: `new` is not Python although `old` was.
    """
    try:
        ast.parse(old)
        ast.parse(new)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise Refused(f"the result would not be valid Python ({error})") from None


def _edit_notebook(text: str, edits: Sequence[Edit]) -> str:
    """A notebook whose cells are edited and nothing else: refused unless its JSON can be written back exactly as it stands."""
    try:
        content = json.loads(text)
        layouts = [partial(json.dumps, indent=indent, ensure_ascii=ascii) for indent in (1, 2, 4, None) for ascii in (False, True)]
        end = text[len(text.rstrip()) :]
        dump = next((dump for dump in layouts if dump(content) + end == text), None)
        if dump is None:
            raise Refused("the notebook is not laid out as Jupyter writes it")
        for cell in {e.span.cell for e in edits}:
            if cell is None:
                raise Refused("an edit of a notebook without a cell")
            source = content["cells"][cell - 1]["source"]
            old = "".join(source)
            new = _edit_text(old, [e for e in edits if e.span.cell == cell])
            _parse(old, new)
            content["cells"][cell - 1]["source"] = new.splitlines(keepends=True) if isinstance(source, list) else new
    except (ValueError, LookupError, TypeError):
        raise Refused("not a notebook") from None
    return dump(content) + end


def diff(files: Mapping[str, EditedFile]) -> str:
    """What would change on the disk, as a unified diff."""
    lines: list[str] = []
    for path, file in sorted(files.items()):
        old, new = (_decode(raw).splitlines(keepends=True) for raw in (file.path.read_bytes(), file.content))
        for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"):
            lines.append(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n")
    return "".join(lines)


def _decode(raw: bytes) -> str:
    mark, encoding = _encoding(raw)
    return raw[len(mark) :].decode(encoding)


def write(files: Mapping[str, EditedFile]) -> None:
    """Put the edited files on the disk: each written beside the old one, then all renamed over theirs.

    Raises:
        OSError: one could not be written; none was replaced then.
    """
    ready: list[tuple[str, str]] = []
    try:
        for file in files.values():
            target = os.path.realpath(file.path)
            handle, beside = tempfile.mkstemp(prefix=".deplint-", dir=os.path.dirname(target))
            ready.append((beside, target))
            with open(handle, "wb") as stream:
                stream.write(file.content)
            shutil.copymode(target, beside)
        while ready:
            os.replace(*ready[0])
            ready.pop(0)
    finally:
        for beside, _ in ready:
            os.unlink(beside)
