"""The FlexBuffers reader against the flatbuffers package's own, and against hostile buffers."""

from __future__ import annotations

import random
from typing import Any

import pytest
from flatbuffers import flexbuffers
from hypothesis import given, settings
from hypothesis import strategies as st

from deplint.formats import flexbuffer
from deplint.model import Unreadable

NUMBERS = st.integers(-(1 << 63), (1 << 63) - 1)
KEYS = st.text(st.characters(min_codepoint=1, codec="ascii"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats(width=32, allow_nan=False) | st.text(max_size=300) | st.binary(max_size=300),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)


def written(value: Any) -> bytes:
    return bytes(flexbuffers.Dumps(value))


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_agrees_with_the_package(value: Any) -> None:
    data = written(value)
    assert flexbuffer.read(data) == flexbuffers.Loads(bytearray(data)) == value


def test_every_kind_of_vector() -> None:
    for values in ([1, -2, 300], [1, 70_000], [0.5, 1.5, 2.5, 3.5], [0.1, 0.2]):
        for write in (flexbuffers.Builder.TypedVectorFromElements, flexbuffers.Builder.FixedTypedVectorFromElements):
            builder = flexbuffers.Builder()
            write(builder, values)
            assert flexbuffer.read(bytes(builder.Finish())) == values
    builder = flexbuffers.Builder()
    with builder.Map():
        builder.IndirectInt("far", -70_000)
        builder.IndirectFloat("half", 0.5)
        builder.Key("key")
        builder.Key("a key")
        with builder.TypedVector("flags"):
            builder.Bool(True)
            builder.Bool(False)
        with builder.TypedVector("keys"):
            builder.Key("one")
            builder.Key("two")
    assert flexbuffer.read(bytes(builder.Finish())) == {
        "far": -70_000, "half": 0.5, "key": "a key", "flags": [True, False], "keys": ["one", "two"]
    }  # fmt: skip


def test_damaged_buffers() -> None:
    data = bytearray(written({"a": [1, 2.5, "text", b"bytes", None], "b": {"c": list(range(300)), "d": True}}))
    generator = random.Random(7)
    refused = 0
    for end in range(len(data)):
        refused += not survives(bytes(data[:end]))
    for _ in range(3000):
        damaged = bytearray(data)
        for _ in range(generator.randint(1, 4)):
            damaged[generator.randrange(len(damaged))] = generator.randrange(256)
        refused += not survives(bytes(damaged))
    assert refused > 100


def survives(data: bytes) -> bool:
    try:
        flexbuffer.read(data)
    except Unreadable:
        return False
    return True


def test_sharing_does_not_multiply() -> None:
    """Vectors of which every element is the next vector, twice: 2**20 values in a few bytes."""
    data = bytearray(b"\1\7\4")  # one element, 7; its type
    at = 1
    for _ in range(20):
        start = len(data)
        data += bytes([2, start + 1 - at, start + 2 - at, 0x28, 0x28])
        at = start + 1
    data += bytes([len(data) - at, 0x28, 1])
    with pytest.raises(Unreadable, match="more values"):
        flexbuffer.read(bytes(data))
