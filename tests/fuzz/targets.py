"""What is fuzzed: one target a reader, taken from the readers' own tables, so that a new reader has a target without more code.

A target gives its bytes to the reader as a file of a name the reader claims, and then asks for all that follows from what was read: the
text form, the plain data of ``deplint inspect --format json``, the first bytes of each tensor, the pins of a settings file.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from deplint import formats, settings
from deplint.cli.inspect import _plain
from deplint.declare import Rule
from deplint.engine import check
from deplint.finding import Placed
from deplint.model import Model, Unreadable
from deplint.model.text import format_model
from deplint.plugins import load
from deplint.project import File, Project, Reader
from deplint.settings.pins import Pinned

SECONDS = 2.0
"""Processor time that a small file may take."""

MEMORY = 300 << 20
"""Bytes that reading one file may add to the most the process has held."""

SEED_LIMIT = 1 << 16
"""Bytes of a file beyond which it is no seed: mutations of small files say more a second."""

NAMES = {"requirements": "requirements.txt", "tf-serving": "models.config", "artifact": "x.pb"}
"""Names for readers whose first pattern is not enough."""


class Slow(Exception):
    """A file took too long, or too much memory."""


def name_for(reader: Reader) -> str:
    """A file name that the reader claims."""
    return NAMES.get(reader.name, reader.names[0].replace("*", "x").replace("?", "0"))


@dataclass(frozen=True)
class Target:
    """A reader to be fuzzed, by a name of its own."""

    name: str
    reader: Reader

    @property
    def folder(self) -> str:
        """The target's name as a folder may be called."""
        return self.name.replace(":", "-")

    @property
    def in_worker(self) -> bool:
        """True if a C library reads these files in a process of its own, so that a run takes a quarter of a second."""
        return self.name == "keras-h5"

    @cached_property
    def modules(self) -> tuple[str, ...]:
        """The module of the reader and those of its package that it imports."""
        home = self.reader.load.partition(":")[0]
        self.reader.function  # noqa: B018 - imports them
        named = {getattr(value, "__module__", "") for value in vars(sys.modules[home]).values()}
        return (home, *sorted(name for name in named - {home} if name in sys.modules and name.startswith(home.rpartition(".")[0] + ".")))

    def read(self, file: File, rules: bool = False) -> None:
        """Read the file and whatever follows from it; with `rules`, run every rule on it, too.

        Raises:
            Slow: that took longer, or more memory, than a small file may.
            Exception: whatever the reader raises but `Unreadable`, and whatever a rule raises.
        """
        most, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        try:
            self.reader.claims(file)
            for facts in self.reader.read(file):
                follow(facts)
        except Unreadable as error:
            assert str(error), "a refusal says what was seen"
        if rules:
            report = check(Project(file.path.parent, [file], READERS), [file], all_rules())
            if report.crashes:
                raise AssertionError(report.crashes[0])
        spent = time.process_time() - begun
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - most) << 10
        if spent > SECONDS or more > MEMORY:
            raise Slow(f"{spent:.1f} s and {more >> 20} MB for {file.size:,} bytes")


def follow(facts: Any) -> None:
    """Ask for all that follows from what was read of a file."""
    if isinstance(facts, Model):
        format_model(facts)
        json.dumps(_plain(facts))
        for tensor in (tensor for graph in facts.graphs for tensor in graph.tensors.values()):
            try:
                tensor.bytes(4096)
            except Unreadable:
                continue
    if isinstance(facts, Placed):
        assert isinstance(facts.place.path, str)
    for pin in facts.pins if isinstance(facts, Pinned) else ():
        assert pin.name and pin.place.path
        assert pin.range is None or pin.range.parts


def _targets(readers: tuple[Reader, ...]) -> Iterator[Target]:
    """The first reader of a name is called by it, others by it and their function, or what files they take."""
    taken: set[str] = set()
    for reader in readers:
        names = (reader.name, f"{reader.name}:{reader.load.partition(':')[2]}", f"{reader.name}:{reader.names[0]}")
        name = next(name for name in names if name not in taken)
        taken.add(name)
        yield Target(name, reader)


READERS = (*formats.READERS, *settings.READERS)

TARGETS: Mapping[str, Target] = {target.name: target for target in _targets(READERS)}


@cache
def all_rules() -> list[Rule]:
    return load().rules


def surroundings(target: Target, data: Path) -> Iterator[tuple[Path, bytes]]:
    """Small files beside the files that the target claims (external weights, variables), as paths relative to a model and contents."""
    seen = set()
    for path in sorted(data.rglob("*")):
        if path.is_file() and target.reader.claims(File(path)):
            for folder, _, names in os.walk(path.parent):
                for name in names:
                    beside = Path(folder, name)
                    relative = beside.relative_to(path.parent)
                    if relative in seen or beside.stat().st_size > SEED_LIMIT or target.reader.claims(File(beside)):
                        continue
                    seen.add(relative)
                    yield relative, beside.read_bytes()
