"""The ``Manifest.json`` of an ``.mlpackage``, the folder that a Core ML model and its weights are in.

It lists items by an identifier, each with a path below ``Data``, and says which is the model. The model itself is read as any ``.mlmodel``.

Source: ``modelpackage/src/ModelPackage.cpp`` of https://github.com/apple/coremltools
"""

from __future__ import annotations

from dataclasses import dataclass

from deplint.finding import Place
from deplint.formats.beside import Beside, beside
from deplint.formats.keras import parse_json
from deplint.model import Unreadable
from deplint.project import File

LIMIT = 1 << 20
"""Bytes beyond which a manifest is not read."""

FIELDS = ("path", "name", "author", "description")
"""What every item has to have."""


@dataclass(frozen=True)
class Item:
    """A file or folder of a package. `place` says where it is, or why it cannot be there; `lacks` what is not said of it."""

    identifier: str
    name: str
    place: Beside
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Package:
    """An ``.mlpackage``, by its manifest. `root` is the identifier of the item that is the model."""

    place: Place
    version: str
    root: str
    items: tuple[Item, ...]

    @property
    def model(self) -> Item | None:
        return next((item for item in self.items if item.identifier == self.root), None)


def read(file: File) -> Package:
    """The package whose manifest `file` is.

    Raises:
        Unreadable: it is no JSON, or not the manifest of a package.
    """
    top = parse_json(file.raw(LIMIT))
    entries = top.get("itemInfoEntries", {}) if isinstance(top, dict) else None
    if not isinstance(entries, dict):
        raise Unreadable("no list of the package's items in it")
    data = File(file.path.parent / "Data" / "-", file.shown[: -len(file.name)] + "Data/-")
    items = tuple(_item(data, identifier, entry) for identifier, entry in entries.items() if isinstance(entry, dict))
    return Package(file.place, str(top.get("fileFormatVersion", "")), str(top.get("rootModelIdentifier", "")), items)


def _item(data: File, identifier: str, entry: dict[str, object]) -> Item:
    found = {key: value for key in FIELDS if isinstance(value := entry.get(key), str)}
    lacks = tuple(key for key in FIELDS if key not in found)
    return Item(identifier, found.get("name", ""), beside(data, found.get("path", ""), folder=True), lacks)
