"""Gradient boosting: models of XGBoost, LightGBM and CatBoost. Their trees are not read; what describes them is.

Sources: doc/tutorials/saving_model.rst and src/learner.cc of github.com/dmlc/xgboost, src/boosting/gbdt_model_text.cpp of
github.com/microsoft/LightGBM, catboost/libs/model/flatbuffers/model.fbs of github.com/catboost/catboost.
"""

from __future__ import annotations

import re
import struct

from deplint.formats.flatbuffer import FlatBuffer, Table
from deplint.model import Model, Unreadable
from deplint.project import File

WINDOW = 1 << 16
"""Bytes at the beginning and at the end of a file that are looked at: what describes the trees stands around them."""

TEXT_LIMIT = 1 << 16
"""Bytes of a text in the description beyond which it is left out."""


_VERSION = rb'"version"\s*:\s*\[\s*(\d{1,9})\s*,\s*(\d{1,9})\s*,\s*(\d{1,9})\s*\]'
_VERSION_BINARY = rb"version\[#L\0{7}\x03i(.)i(.)i(.)"


def read_xgboost(file: File) -> Model:
    """A model as JSON, as Universal Binary JSON, or in the binary form of before XGBoost 3.1.

    Raises:
        Unreadable: the file is cut short.
    """
    model = Model(file.shown, "xgboost", "xgboost", size=file.size)
    data = file.map()
    if data[:4] == b"binf":
        if file.size < 32:
            raise Unreadable("the file breaks off within its header")
        _, features, classes, _, _, major, minor = struct.unpack_from("<fIiiiII", data, 4)
        model.producer_version = f"{major}.{minor}"
        model.metadata = {"features": str(features), "classes": str(classes)}
        return model
    text = data[:2] != b"{L"
    first, last = data[:WINDOW], data[-WINDOW:]
    if not last.rstrip().endswith(b"}"):
        raise Unreadable("the file breaks off: it does not end with a brace")
    if version := re.search(_VERSION if text else _VERSION_BINARY, last, re.DOTALL):
        model.producer_version = ".".join(str(int(each) if text else each[0]) for each in version.groups())
    told = {
        "objective": _named(last, "objective", text),
        "features": _string(last, "num_feature", text),
        "classes": _string(last, "num_class", text),
        "trees": _string(first, "num_trees", text) or _string(last, "num_trees", text),
    }
    model.metadata = {key: value for key, value in told.items() if value}
    return model


def _string(data: bytes, key: str, text: bool) -> str:
    """The last string of that key; empty if there is none."""
    if text:
        found = re.findall(rb'"%s"\s*:\s*"([^"\\]*)"' % key.encode(), data)
        return str(found[-1], "utf-8", "replace") if found else ""
    ends = [match.end() for match in re.finditer(rb"%sSL\0{6}" % key.encode(), data)]
    return _sized(data, ends[-1]) if ends else ""


def _named(data: bytes, key: str, text: bool) -> str:
    """The string ``name`` with which the object of that key begins."""
    if text:
        match = re.search(rb'"%s"\s*:\s*\{\s*"name"\s*:\s*"([\w:]*)"' % key.encode(), data)
        return match[1].decode() if match else ""
    match = re.search(rb"%s\{L\0{7}\x04nameSL\0{6}" % key.encode(), data)
    return _sized(data, match.end()) if match else ""


def _sized(data: bytes, at: int) -> str:
    """The string whose length is in the two bytes at `at`."""
    return data[at + 2 : at + 2 + int.from_bytes(data[at : at + 2], "big")].decode("utf-8", "replace")


def read_lightgbm(file: File) -> Model:
    """A model as text: lines of ``key=value``, and after them the trees.

    Raises:
        Unreadable: the trees do not end.
    """
    data = file.map()
    facts = dict(line.split("=", 1) for line in data[:WINDOW].decode("utf-8", "replace").partition("\n\n")[0].splitlines() if "=" in line)
    if data.find(b"\nend of trees") < 0:
        raise Unreadable("the file breaks off: its trees do not end")
    model = Model(file.shown, "lightgbm", "lightgbm", size=file.size)
    model.metadata = {"format": facts.get("version", ""), "objective": facts.get("objective", ""), "classes": facts.get("num_class", "")}
    if facts.get("max_feature_idx", "").isdecimal():
        model.metadata["features"] = str(int(facts["max_feature_idx"][:9]) + 1)
    if "tree_sizes" in facts:
        model.metadata["trees"] = str(len(facts["tree_sizes"].split()))
    return model


_CATBOOST = {
    "TModelCore": {"FormatVersion": (4, "string", None), "ModelTrees": (6, "TModelTrees", None), "InfoMap": (8, "[TKeyValue]", None)},
    "TModelTrees": {"TreeSizes": (8, "[int32]", None)},
    "TKeyValue": {"Key": (4, "string", None), "Value": (6, "string", None)},
}
"""The tables that describe a model, as far as they are read."""


def read_catboost(file: File) -> Model:
    """A model as flatbuffer, after its magic and its size.

    Raises:
        Unreadable: the file is cut short, or offsets contradict it.
    """
    data = file.map()
    size = int.from_bytes(data[4:8], "little")
    if size > file.size - 8:
        raise Unreadable(f"the file breaks off: {size:,} bytes are promised, {max(0, file.size - 8):,} are there")
    buffer = FlatBuffer(data, _CATBOOST)
    core = Table(buffer, "TModelCore", buffer.follow(8))
    model = Model(file.shown, "catboost", "catboost", size=file.size)
    model.metadata["format"] = core["FormatVersion"]
    if trees := core["ModelTrees"]:
        model.metadata["trees"] = str(len(trees["TreeSizes"]))
    for entry in core["InfoMap"]:
        if len(text := entry["Value"]) <= TEXT_LIMIT:
            model.metadata[entry["Key"]] = text
    if version := re.search(r"Branch: tags/v([\d.]+)", model.metadata.get("catboost_version_info", "")):
        model.producer_version = version[1]
    return model
