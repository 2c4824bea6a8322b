"""CNTK models (``.model``, ``.dnn``): recognised, and its dictionary's version and root told. Version 2 is a protobuf, the one before a
layout of its own that begins with the letters BCN in two bytes each.

Source: Source/CNTKv2LibraryDll/proto/CNTK.proto, BackCompat.h and Serialization.h of github.com/microsoft/CNTK
"""

from __future__ import annotations

from deplint.formats.wire import BYTES, VARINT, beginning, open_message
from deplint.model import Model, Unreadable
from deplint.project import File

LEGACY = b"B\0C\0N\0\0\0"

KEYS = {"version", "type", "root", "uid", "name", "primitive_functions", "inputs", "state"}
"""What the dictionary of a function has."""


def sniff(file: File) -> bool:
    """True if the first bytes are those of a Dictionary: its version, then an entry whose key a function has."""
    try:
        found = [(tag, a, b) for tag, a, b in beginning(file.head)]
    except Unreadable:
        return False
    if len(found) < 2 or found[0][:2] != (1 << 3 | VARINT, 1) or found[1][0] != 2 << 3 | BYTES:
        return False
    tag, a, b = next(beginning(file.head, *found[1][1:]), (0, 0, 0))
    return tag == 1 << 3 | BYTES and file.head[a:b].decode("utf-8", "replace") in KEYS


def read(file: File) -> Model:
    """The model, by name.

    Raises:
        Unreadable: the file is no protobuf, or cut short.
    """
    model = Model(file.shown, "cntk", "cntk", size=file.size)
    if file.head.startswith(LEGACY):
        model.metadata["layout"] = "before CNTK 2"
        return model
    root = open_message(file)
    for entry in root.messages(2):
        value = entry.message(2)
        if value is not None and (text := value.text(8)) and len(text) < 200:
            model.metadata[entry.text(1)] = text
    return model
