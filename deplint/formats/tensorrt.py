"""TensorRT engines (``.engine``, ``.plan``, ``.trt``): compiled for one GPU and one version of TensorRT, in a layout that is not public.

What is known: a plan begins with ``ftrt`` and the number of its layout; in layout 0 the version of TensorRT that made it is in bytes 24 to
27. Ultralytics puts its own metadata before the plan, JSON with its length.

Source: `printPlanVersion` in samples/common/sampleEngines.cpp of github.com/NVIDIA/TensorRT; ultralytics/nn/autobackend.py.
"""

from __future__ import annotations

import json

from deplint.formats.keras import parse_json
from deplint.model import Model, Unreadable
from deplint.project import File

MAGICS = (b"ftrt", b"ptrt")

PREFIX_LIMIT = 1 << 20
"""Bytes of metadata before the plan, at most."""


def read(file: File) -> Model:
    """What the header tells: `producer_version` where it is certain, and the metadata of Ultralytics as it stands.

    Raises:
        Unreadable: there is no plan where one must begin.
    """
    model = Model(file.shown, "tensorrt", "tensorrt", size=file.size)
    try:
        with open(file.path, "rb") as stream:
            first = stream.read(4)
            if first not in MAGICS:
                length = int.from_bytes(first, "little")
                if length > min(PREFIX_LIMIT, file.size):
                    raise Unreadable(f"{length:,} bytes of metadata in a file of {file.size:,}")
                about = parse_json(stream.read(length))
                if isinstance(about, dict):
                    model.metadata = {key: value if isinstance(value, str) else json.dumps(value) for key, value in about.items()}
                first = stream.read(4)
            rest = stream.read(24)
    except OSError as error:
        raise Unreadable(f"cannot be opened: {error.strerror}") from None
    if first not in MAGICS:
        raise Unreadable("the file breaks off before the engine" if len(first) < 4 else "no TensorRT engine follows the metadata")
    if len(rest) < 24:
        raise Unreadable("the file breaks off within the header of the engine")
    if first == b"ftrt" and rest[:4] == bytes(4):
        model.producer_version = ".".join(map(str, rest[20:24]))
    return model
