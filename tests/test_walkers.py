"""The walkers that many readers share, against whoever else writes these encodings, and against anything at all.

Each is given what a reference encoder wrote (values come back), what is left of that after bytes were changed, and arbitrary bytes: then
values or `Unreadable`, soon. The pickle walker's and more of the wire's are in test_format_pickle.py and test_format_onnx.py.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import struct
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flatbuffers
import pytest
import yaml
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deplint.formats.archive import open_zip, read_member
from deplint.formats.flatbuffer import FlatBuffer, Table
from deplint.formats.keras import parse_json
from deplint.formats.members import locate
from deplint.formats.pickles import Global, Made, Raw, follow
from deplint.formats.wire import Message
from deplint.model import Unreadable
from deplint.project import File
from deplint.settings.textproto import Message as Text
from deplint.settings.textproto import parse
from deplint.settings.yamltree import Node, documents

often = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

DAMAGE = st.lists(st.tuples(st.integers(0, 1 << 30), st.sampled_from((0, 1, 0x7F, 0x80, 0xFF)) | st.integers(0, 255)), max_size=6)
"""Bytes to change: where (counted around the content), and to what."""


def damaged(content: bytes, damage: list[tuple[int, int]], cut: int | None = None) -> bytes:
    changed = bytearray(content if cut is None else content[: cut % (len(content) + 1)])
    for at, byte in damage if changed else ():
        changed[at % len(changed)] = byte
    return bytes(changed)


def soon(look: Callable[[], Any], seconds: float = 2.0) -> Any:
    """What `look` gives, or None if it refuses; it may not take long."""
    begun = time.process_time()
    try:
        return look()
    except Unreadable as error:
        assert str(error)
        return None
    finally:
        assert time.process_time() - begun < seconds


# The protobuf wire format, and the text format: messages of one recursive type

_KINDS = {
    "a": (1, "TYPE_INT64", False), "b": (2, "TYPE_STRING", False), "c": (3, "TYPE_FLOAT", False), "d": (4, "TYPE_BOOL", False),
    "e": (5, "TYPE_BYTES", False), "m": (6, "TYPE_MESSAGE", False), "ra": (17, "TYPE_INT64", True), "rb": (18, "TYPE_STRING", True),
    "rc": (19, "TYPE_FLOAT", True), "rd": (2000, "TYPE_DOUBLE", True), "rm": (536870911, "TYPE_MESSAGE", True),
}  # fmt: skip
"""Field -> number, type, repeated?"""


def _message_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="walkers.proto", package="walkers", syntax="proto2")
    kind = file.message_type.add(name="M")
    for name, (number, of, repeated) in _KINDS.items():
        label = "LABEL_REPEATED" if repeated else "LABEL_OPTIONAL"
        entry = kind.field.add(name=name, number=number, type=of, label=label)
        if of == "TYPE_MESSAGE":
            entry.type_name = ".walkers.M"
        elif repeated and of in ("TYPE_INT64", "TYPE_DOUBLE"):
            entry.options.packed = True
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("walkers.M"))


M = _message_class()

_INT64 = st.integers(-(2**63), 2**63 - 1)
_FLOAT = st.floats(width=32, allow_nan=False)
_LEAF = st.fixed_dictionaries(
    {},
    optional={
        "a": _INT64,
        "b": st.text(max_size=20),
        "c": _FLOAT,
        "d": st.booleans(),
        "e": st.binary(max_size=20),
        "ra": st.lists(_INT64, max_size=4),
        "rb": st.lists(st.text(max_size=5), max_size=3),
        "rc": st.lists(_FLOAT, max_size=3),
        "rd": st.lists(st.floats(allow_nan=False), max_size=3),
    },
)
MESSAGES = st.recursive(
    _LEAF,
    lambda inner: st.builds(
        lambda leaf, one, many: {**leaf, "rm": many, **({"m": one} if one is not None else {})},
        _LEAF,
        st.none() | inner,
        st.lists(inner, max_size=3),
    ),
    max_leaves=8,
)


def proto(value: dict[str, Any]) -> Any:
    made = M()
    for name, inner in value.items():
        if name == "m":
            made.m.CopyFrom(proto(inner))
        elif name == "rm":
            made.rm.extend(map(proto, inner))
        elif isinstance(inner, list):
            getattr(made, name).extend(inner)
        else:
            setattr(made, name, inner)
    return made


def read_wire(message: Message) -> dict[str, Any]:
    """The message as `MESSAGES` describes it."""
    read: dict[str, Callable[[int], Any]] = {
        "a": message.integer,
        "b": message.text,
        "c": message.real,
        "d": lambda number: bool(message.integer(number)),
        "e": lambda number: message.data[slice(*message.spans(number)[-1])] if message.spans(number) else b"",
        # Damage may make a number of what was a message.
        "m": lambda number: read_wire(inner) if (inner := message.message(number)) is not None else None,
        "ra": lambda number: list(message.integers(number)),
        "rb": message.texts,
        "rc": lambda number: list(message.reals(number)),
        "rd": lambda number: list(message.reals(number, "d")),
        "rm": lambda number: [read_wire(inner) for inner in message.messages(number)],
    }
    return {name: read[name](number) for name, (number, _, _) in _KINDS.items() if number in message}


def full(value: dict[str, Any]) -> dict[str, Any]:
    """A value of `MESSAGES` without its empty lists, which are not written."""
    found = {}
    for name, inner in value.items():
        if name == "m":
            found[name] = full(inner)
        elif inner != [] or not isinstance(inner, list):
            found[name] = [full(each) for each in inner] if name == "rm" else inner
    return found


@often
@given(MESSAGES)
def test_wire_reads_what_protobuf_writes(value: dict[str, Any]) -> None:
    raw = proto(value).SerializeToString()
    message = Message(raw, 0, len(raw))
    assert read_wire(message) == full(value)
    assert message.count(17, "q") == len(value.get("ra", ())) and message.count(2000, "d") == len(value.get("rd", ()))


@often
@given(MESSAGES, MESSAGES)
def test_a_field_written_twice(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Two messages behind each other are one: of single fields the last holds, repeated ones are joined. Messages are not merged."""
    raw = proto(first).SerializeToString() + proto(second).SerializeToString()
    joined = {name: value + full(second).get(name, []) for name, value in full(first).items() if isinstance(value, list)}
    assert read_wire(Message(raw, 0, len(raw))) == {**full(first), **full(second), **joined}


@often
@given(MESSAGES, DAMAGE, st.none() | st.integers(0, 1 << 20))
def test_wire_that_is_damaged(value: dict[str, Any], damage: list[tuple[int, int]], cut: int | None) -> None:
    raw = damaged(proto(value).SerializeToString(), damage, cut)
    soon(lambda: read_wire(Message(raw, 0, len(raw))))
    try:
        expected = M.FromString(raw)
    except Exception:
        return
    found = soon(lambda: read_wire(Message(raw, 0, len(raw))))
    if found is not None and "a" in found and expected.HasField("a"):
        assert found["a"] == expected.a


def lines(message: Text) -> dict[str, Any]:
    """A message in text form as `MESSAGES` describes it."""
    convert: dict[str, Callable[[str], Any]] = {"a": int, "b": str, "c": float, "d": lambda text: text == "true", "e": str}
    found: dict[str, Any] = {}
    for name, values in message.fields.items():
        if name in ("m", "rm"):
            read = [lines(each) for each in values if isinstance(each, Text)]
        else:
            read = [convert.get(name[-1], float)(each.text or "") for each in values if not isinstance(each, Text)]
        found[name] = read if name.startswith("r") else read[-1]
    return found


@often
@given(MESSAGES, st.booleans(), st.booleans())
def test_text_format_is_read_as_protobuf_writes_it(value: dict[str, Any], short: bool, utf8: bool) -> None:
    text = text_format.MessageToString(proto(value), use_short_repeated_primitives=short, as_utf8=utf8)
    found, expected = lines(parse("x", text)), full(value)
    for each in (found, expected):
        _without_bytes(each)
    assert _rounded(found) == _rounded(expected)


def _without_bytes(value: dict[str, Any]) -> None:
    """Bytes that happen to be UTF-8 are text, others Latin-1: not compared."""
    value.pop("e", None)
    for inner in (*([value["m"]] if "m" in value else ()), *value.get("rm", ())):
        _without_bytes(inner)


def _rounded(value: Any) -> Any:
    """float32 numbers as they are stored: text has as few digits as tell them apart."""
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items() if name != "rd"}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return struct.unpack("f", struct.pack("f", value))[0] if isinstance(value, float) else value


@often
@given(MESSAGES, DAMAGE, st.none() | st.integers(0, 1 << 20))
def test_text_format_that_is_damaged(value: dict[str, Any], damage: list[tuple[int, int]], cut: int | None) -> None:
    text = damaged(text_format.MessageToString(proto(value)).encode(), damage, cut).decode("latin-1")
    soon(lambda: parse("x", text))


@often
@given(st.text(max_size=80) | st.text(alphabet="a:{}[]<>\"'\\-,;#\n 1x.", max_size=80))
def test_any_text_as_text_format(text: str) -> None:
    soon(lambda: parse("x", text))


# Flatbuffers: tables of one recursive type, by a schema

SCHEMA = {
    "T": {
        "flag": [4, "bool", 0], "byte": [6, "int8", 7, "E"], "short": [8, "uint16", 0], "long": [10, "int64", -1],
        "real": [12, "float", 0.5], "name": [14, "string"], "raw": [16, "[uint8]"], "shape": [18, "[int32]"], "reals": [20, "[double]"],
        "one": [22, "T"],
        "many": [24, "[T]"], "names": [26, "[string]"], "any_type": [28, "uint8", 0, "U"], "any": [30, "union"],
    },
}  # fmt: skip
ENUMS = {"E": {1: "ONE", 7: "SEVEN"}, "U": {0: "NONE", 1: "T"}}

_TABLE = st.fixed_dictionaries(
    {},
    optional={
        "flag": st.booleans(),
        "byte": st.integers(-128, 127),
        "short": st.integers(0, 65535),
        "long": _INT64,
        "real": _FLOAT,
        "name": st.text(max_size=12),
        "raw": st.binary(max_size=12),
        "shape": st.lists(st.integers(-(2**31), 2**31 - 1), max_size=5),
        "reals": st.lists(st.floats(allow_nan=False), max_size=4),
        "names": st.lists(st.text(max_size=5), max_size=3),
    },
)
TABLES = st.recursive(
    _TABLE,
    lambda inner: st.builds(
        lambda leaf, one, many, any_: {
            **leaf,
            **{key: value for key, value in (("one", one), ("many", many), ("any", any_)) if value is not None},
        },
        _TABLE,
        st.none() | inner,
        st.none() | st.lists(inner, max_size=3),
        st.none() | inner,
    ),
    max_leaves=8,
)


def write_table(builder: Any, value: dict[str, Any]) -> int:
    """The table as the `flatbuffers` package writes it."""
    placed: dict[str, int] = {}
    for key, inner in value.items():
        if key in ("one", "any"):
            placed[key] = write_table(builder, inner)
        elif key == "name":
            placed[key] = builder.CreateString(inner)
        elif key == "raw":
            placed[key] = builder.CreateByteVector(inner)
        elif key in ("many", "names"):
            offsets = [write_table(builder, each) if key == "many" else builder.CreateString(each) for each in inner]
            builder.StartVector(4, len(offsets), 4)
            for offset in reversed(offsets):
                builder.PrependUOffsetTRelative(offset)
            placed[key] = builder.EndVector()
        elif key in ("shape", "reals"):
            size, prepend = (4, builder.PrependInt32) if key == "shape" else (8, builder.PrependFloat64)
            builder.StartVector(size, len(inner), size)
            for each in reversed(inner):
                prepend(each)
            placed[key] = builder.EndVector()
    builder.StartObject(len(SCHEMA["T"]))
    kinds = {"bool": "Bool", "int8": "Int8", "uint8": "Uint8", "uint16": "Uint16", "int64": "Int64", "float": "Float32"}
    for slot, (key, field) in enumerate(SCHEMA["T"].items()):
        if key in placed:
            builder.PrependUOffsetTRelativeSlot(slot, placed[key], 0)
        elif key == "any_type" and "any" in placed:
            builder.PrependUint8Slot(slot, 1, 0)
        elif key in value:
            getattr(builder, f"Prepend{kinds[str(field[1])]}Slot")(slot, value[key], field[2])
    return int(builder.EndObject())


def flat(value: dict[str, Any]) -> bytes:
    builder = flatbuffers.Builder(64)
    builder.Finish(write_table(builder, value))
    return bytes(builder.Output())


def read_table(table: Table, depth: int = 0) -> dict[str, Any]:
    assert depth <= 60
    found = {}
    for key in table:
        value = table[key]
        if isinstance(value, Table):
            value = read_table(value, depth + 1) if depth < 60 else None
        elif isinstance(value, list):
            value = [read_table(each, depth + 1) if isinstance(each, Table) and depth < 60 else each for each in value]
        found[key] = value
    return found


def expected_table(value: dict[str, Any]) -> dict[str, Any]:
    """What `read_table` gives for it: every field, absent ones as their defaults."""
    found: dict[str, Any] = {"name": "", "raw": b"", "shape": (), "reals": (), "one": None, "many": [], "names": [], "any": None}
    found |= {"flag": 0, "byte": 7, "short": 0, "long": -1, "real": 0.5} | value
    found |= {key: tuple(found[key]) for key in ("shape", "reals")}
    found |= {key: expected_table(found[key]) for key in ("one", "any") if found[key] is not None}
    found["many"] = [expected_table(each) for each in found["many"]]
    found["byte"] = ENUMS["E"].get(found["byte"], found["byte"])
    found["any_type"] = "T" if found["any"] is not None else "NONE"
    return found


@often
@given(TABLES)
def test_flatbuffers_are_read_as_the_package_writes_them(value: dict[str, Any]) -> None:
    content = flat(value)
    root = FlatBuffer(content, SCHEMA, ENUMS).root("T")
    assert read_table(root) == expected_table(value)
    start, size = root.span("raw")
    assert content[start : start + size] == value.get("raw", b"")


@often
@given(TABLES, DAMAGE, st.none() | st.integers(0, 1 << 20))
def test_flatbuffers_that_are_damaged(value: dict[str, Any], damage: list[tuple[int, int]], cut: int | None) -> None:
    content = damaged(flat(value), damage, cut)
    soon(lambda: read_table(FlatBuffer(content, SCHEMA, ENUMS).root("T")))


@often
@given(st.binary(max_size=200) | st.lists(st.sampled_from((0, 1, 2, 4, 8, 12, 0xFFFC, 1 << 31, 2**32 - 1)), max_size=60).map(
    lambda numbers: struct.pack(f"<{len(numbers)}I", *numbers)
))  # fmt: skip
def test_any_bytes_as_a_flatbuffer(content: bytes) -> None:
    soon(lambda: read_table(FlatBuffer(content, SCHEMA, ENUMS).root("T")))


def test_every_byte_of_a_flatbuffer_changed() -> None:
    content = flat({"name": "n", "raw": b"xy", "shape": [1, 2], "reals": [0.5], "names": ["a"], "many": [{"long": 3}], "any": {"short": 1}})
    refused = 0
    for at in range(len(content)):
        for byte in (0, 1, 3, 9, 64, 127, 128, 254, 255):
            changed = damaged(content, [(at, byte)])
            refused += soon(lambda: read_table(FlatBuffer(changed, SCHEMA, ENUMS).root("T"))) is None  # noqa: B023
    assert refused > 100


# Pickles: any opcodes behind each other, compared with the real machine where that comes to an end

_SAFE = {
    "int4": struct.Struct("<i"), "uint1": struct.Struct("<B"), "uint2": struct.Struct("<H"), "uint4": struct.Struct("<I"),
    "uint8": struct.Struct("<Q"), "float8": struct.Struct(">d"),
}  # fmt: skip


def _argument(kind: str) -> st.SearchStrategy[bytes]:
    """Arguments of an opcode, most of them well formed."""
    if kind in _SAFE:
        form = _SAFE[kind]
        number = st.floats() if kind == "float8" else st.integers(0, 3) | st.integers(0, (1 << (8 * form.size - 1)) - 1)
        return number.map(form.pack)
    if kind.endswith(("nl", "nl_short", "nl_long", "nl_noescape")) or kind == "stringnl_noescape_pair":
        line = st.sampled_from((b"0", b"1", b"2", b"00", b"01", b"7L", b"'a'", b"os", b"system", b"1.5", b"\\x41", b"\xff")) | st.binary(
            max_size=4
        )
        count = 2 if kind == "stringnl_noescape_pair" else 1
        return st.lists(line.filter(lambda each: b"\n" not in each), min_size=count, max_size=count).map(
            lambda each: b"\n".join(each) + b"\n"
        )
    width = int(kind[-1])
    return st.binary(max_size=6).map(lambda raw: len(raw).to_bytes(width, "little") + raw)


OPCODES = st.lists(
    st.sampled_from(pickletools.opcodes).flatmap(
        lambda op: (_argument(op.arg.name) if op.arg else st.just(b"")).map(lambda argument: op.code.encode("latin-1") + argument)
    )
    | st.sampled_from((b"(", b")", b"}", b"]", b"K\1", b"\x94", b"q\0", b"h\0", b"cos\nsystem\n", b"\x8c\2os", b"R", b"b", b"0")),
    max_size=30,
).map(lambda parts: b"".join(parts) + b".")


class _Nothing(pickle._Unpickler):  # type: ignore[name-defined,misc]
    """Python's own machine, which imports nothing: every name is a class of objects that do nothing."""

    imported: list[tuple[str, str]]

    def find_class(self, module: str, name: str) -> Any:
        self.imported.append((module, name))
        return type("Stub", (), {"__init__": lambda self, *a, **k: None, "__setstate__": lambda self, state: None})

    def persistent_load(self, pid: object) -> object:
        return object()


@settings(max_examples=400, deadline=None)
@given(OPCODES)
def test_any_opcodes_as_a_pickle(data: bytes) -> None:
    found = soon(lambda: follow(data))
    machine = _Nothing(io.BytesIO(data))
    machine.imported = []
    try:
        value = machine.load()
    except Exception:
        return
    # What Python imports, the walker knows of, or says that it cannot tell.
    known = {(each.module, each.name) for each in found.imports}
    assert set(machine.imported) <= known or ("", "") in known
    if isinstance(value, int | str | None) and not found.problem and not isinstance(found.value, Made | Raw | Global):
        assert found.value == value


# Zip archives

MEMBERS = st.dictionaries(
    st.text(st.characters(codec="utf-8", exclude_characters="\0\\"), min_size=1, max_size=8), st.binary(max_size=60), max_size=4
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archives") / "a.zip"


def write_zip(members: dict[str, bytes], compressed: bool, before: bytes = b"") -> bytes:
    stream = io.BytesIO(before)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


@often
@given(MEMBERS, st.booleans(), st.binary(max_size=20))
def test_members_are_those_that_were_written(place: Path, members: dict[str, bytes], compressed: bool, before: bytes) -> None:
    place.write_bytes(write_zip(members, compressed, before))
    file = File(place)
    with open_zip(file) as archive:
        assert archive.namelist() == list(members)
        for name, content in members.items():
            assert read_member(archive, name) == content
            stored, reader = locate(file, archive, archive.NameToInfo[name])
            assert (stored.problem, stored.nbytes) == ("", len(content))
            assert reader is not None and reader(0, len(content)) == content
            if content:
                with pytest.raises(Unreadable, match="larger than"):
                    read_member(archive, name, len(content) - 1)


def read_zip(path: Path) -> Iterator[bytes]:
    file = File(path)
    with open_zip(file) as archive:
        for info in archive.infolist():
            stored, reader = locate(file, archive, info)
            for look in (lambda: read_member(archive, info.filename), lambda: reader and reader(0, min(stored.nbytes, 1000))):  # noqa: B023
                try:
                    look()
                except Unreadable:
                    yield b""


@often
@given(MEMBERS, st.sampled_from((0, 8, 12, 14)), DAMAGE, st.none() | st.integers(0, 1 << 20))
def test_archives_that_are_damaged(
    place: Path, members: dict[str, bytes], method: int, damage: list[tuple[int, int]], cut: int | None
) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    place.write_bytes(damaged(stream.getvalue(), damage, cut))
    soon(lambda: list(read_zip(place)))


# YAML and JSON

_PLAIN = st.recursive(
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc<é ", max_size=4).filter(lambda key: key != "<<"), inner, max_size=4)
    ),
    max_leaves=12,
)


def tree(node: Node) -> Any:
    if node.kind == "map":
        return {key: tree(inner) for key, inner in node.entries.items()}
    return list(map(tree, node.items)) if node.kind == "list" else node.text


@often
@given(_PLAIN.filter(lambda value: isinstance(value, dict | list)), st.booleans())
def test_yaml_is_read_as_pyyaml_writes_it(value: Any, flow: bool) -> None:
    text = yaml.safe_dump([value, value], default_flow_style=flow, allow_unicode=True)
    (root,) = documents("x", text)
    assert tree(root) == [value, value]


@often
@given(_PLAIN, DAMAGE)
def test_yaml_that_is_damaged(value: Any, damage: list[tuple[int, int]]) -> None:
    text = damaged(yaml.safe_dump(value).encode(), damage).decode("latin-1")
    soon(lambda: documents("x", text))


@often
@given(st.text(max_size=60) | st.text(alphabet="a:-[]{}&*!<|>?#'\"\n \t%@`,", max_size=60))
def test_any_text_as_yaml(text: str) -> None:
    soon(lambda: documents("x", text))


@often
@given(st.binary(max_size=60) | st.text(alphabet='[]{}",:1e9.-nulltrfase\\ud8', max_size=60).map(str.encode))
def test_any_bytes_as_json(raw: bytes) -> None:
    soon(lambda: parse_json(raw))
