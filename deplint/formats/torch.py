"""PyTorch checkpoints: what ``torch.save`` writes, as a zip archive (since 1.6) or as pickles one after the other (before).

A state dict, a whole pickled module, or a dictionary of both is told apart in ``metadata["kind"]``: ``state_dict``, ``module``,
``checkpoint`` (anything else). Tensors are named by the keys that lead to them; the modules of a pickled one are `Model.layers`.
Nothing is unpickled: `deplint.formats.pickles` follows the pickle.

Sources: ``torch/serialization.py`` (``_save``, ``_legacy_save``), the comments in ``caffe2/serialize/inline_container.h``.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from typing import Any

from deplint.formats.archive import open_zip, read_member
from deplint.formats.members import locate
from deplint.formats.pickled import STORAGES, Contents, Locate, class_of, is_module, mapping
from deplint.formats.pickles import Data, Pickle, Raw, follow
from deplint.formats.wire import DataReader, RawData
from deplint.model import BITS, Graph, Model, Stored, Unreadable
from deplint.project import File

KEYS_SHOWN = 20
"""Top-level keys of a checkpoint that `Model.metadata` names."""

LEGACY_PROTOCOL = 1001
"""The only version of the format from before 1.6."""

Places = Mapping[str, tuple[Stored, DataReader | None]]


def read(file: File) -> Model:
    """The checkpoint.

    Raises:
        Unreadable: the archive or a pickle in it is damaged, or tensors contradict the file.
    """
    return read_zip(file) if file.head.startswith(b"PK") else read_legacy(file)


def read_zip(file: File) -> Model:
    with open_zip(file) as archive:
        value, contents = whole(file, archive)
        model = describe(file, value, contents)
        model.metadata["archive_version"] = text(archive, f"{root_of(archive)}version")
        return model


def whole(file: File, archive: zipfile.ZipFile, base: int = 0) -> tuple[Any, Contents]:
    """The object that was saved and what it holds. The archive begins at `base` in the file."""
    root = root_of(archive)
    value = follow(read_member(archive, f"{root}data.pkl")).checked().value
    contents = Contents(storages(file, archive, f"{root}data/", text(archive, f"{root}byteorder") == "big", base), outside)
    contents.visit(value)
    return value, contents


def root_of(archive: zipfile.ZipFile) -> str:
    """The folder in which everything is, as PyTorch finds it: that of the first member, with a slash at its end.

    Raises:
        Unreadable: the first member is in no folder.
    """
    name = next(iter(archive.namelist()), "")
    if "/" not in name:
        raise Unreadable(f"a PyTorch archive whose first member, {name!r}, is in no folder")
    return name[: name.index("/") + 1]


def text(archive: zipfile.ZipFile, name: str) -> str:
    """A short member as text; "" if there is none."""
    return read_member(archive, name, 1 << 12).decode("utf-8", "replace").strip() if name in archive.NameToInfo else ""


def storages(file: File, archive: zipfile.ZipFile, folder: str, swapped: bool = False, base: int = 0) -> Locate:
    """Where storages are that lie as members of `folder`, each named by its key; not to be read if their bytes are `swapped`.

    The archive begins at `base` in the file.
    """
    known: dict[str, tuple[Stored, DataReader | None]] = {}

    def place(key: Any) -> tuple[Stored, DataReader | None] | None:
        name = f"{folder}{key[2]}"
        if name not in known:
            info = archive.NameToInfo.get(name)
            if info is None:
                return Stored(file.shown, 0, 0, problem=f"the archive has no {name}"), None
            stored, reader = locate(file, archive, info, base)
            known[name] = stored, None if swapped else reader
        return known[name]

    return place


def outside(raw: Raw) -> None:
    """Where a payload of a pickle lies that is a member of an archive and was perhaps compressed: that is not looked for."""


def in_file(file: File, raw: Raw) -> tuple[Stored, DataReader]:
    """Where a payload of a pickle lies that is the file itself."""
    return Stored(file.shown, raw.start, raw.size), RawData(file.path, raw.start)


def describe(file: File, value: Any, contents: Contents) -> Model:
    """The model that `value`, a whole pickle, is."""
    model = Model(file.shown, "torch", size=file.size, graphs=[Graph("main", tensors=contents.tensors)], layers=contents.layers)
    entries = mapping(value)
    if is_module(value):
        kind = "module"
        model.metadata["class"] = str(class_of(value))
    elif entries and all(str(key) in contents.tensors for key, _ in entries):
        kind = "state_dict"
    else:
        kind = "checkpoint"
    model.metadata["kind"] = kind
    if kind == "checkpoint" and entries:
        more = f" and {len(entries) - KEYS_SHOWN} more" if len(entries) > KEYS_SHOWN else ""
        model.metadata["keys"] = ", ".join(str(key) for key, _ in entries[:KEYS_SHOWN] if isinstance(key, (str, int))) + more
    if contents.devices - {"cpu"}:
        model.metadata["devices"] = ", ".join(sorted(contents.devices))
    return model


def read_legacy(file: File) -> Model:
    """The format from before 1.6: a magic number, the version, facts of the machine, the object, the keys of its storages, each a
    pickle; then each storage, the number of its elements in 8 bytes before it.
    """
    data: Data = file.map()
    pickles: list[Pickle] = []
    for _ in range(5):
        pickles.append(follow(data, pickles[-1].end if pickles else 0).checked())
    _, version, system, saved, keys = pickles
    if version.value != LEGACY_PROTOCOL:
        raise Unreadable(f"a PyTorch checkpoint of version {version.value!r}, not {LEGACY_PROTOCOL}")
    little = dict(mapping(system.value) or ()).get("little_endian") is not False
    places = _legacy_storages(file, data, saved, keys, little)
    contents = Contents(lambda key: places.get(key[2]), lambda raw: in_file(file, raw))
    contents.visit(saved.value)
    model = describe(file, saved.value, contents)
    model.metadata["archive_version"] = "legacy"
    return model


def _legacy_storages(file: File, data: Data, saved: Pickle, keys: Pickle, little: bool) -> Places:
    """Every storage by its key. Element sizes are told by the object's own pickle."""
    kinds = {outside.id[2]: outside.id[1] for outside in saved.persistent if _names_storage(outside.id)}
    places: dict[str, tuple[Stored, DataReader | None]] = {}
    pos = keys.end
    for key in keys.value if isinstance(keys.value, list) else ():
        kind = kinds.get(key) if isinstance(key, str) else None
        if kind is None:
            raise Unreadable("a storage that no tensor uses, so that its size cannot be told")
        bits = BITS.get(STORAGES.get(kind.name.removesuffix("Storage"), ""), 8)
        count = int.from_bytes(data[pos : pos + 8], "little", signed=True)
        start, nbytes = pos + 8, count * bits // 8
        if not 0 <= nbytes <= file.size - start:
            raise Unreadable(f"a storage of {nbytes:,} bytes at byte {start:,} of a file of {file.size:,} bytes: it was cut short")
        places[key] = Stored(file.shown, start, nbytes), RawData(file.path, start) if little else None
        pos = start + nbytes
    return places


def _names_storage(key: Any) -> bool:
    return isinstance(key, tuple) and len(key) >= 5 and key[0] == "storage" and isinstance(key[2], str) and hasattr(key[1], "name")
