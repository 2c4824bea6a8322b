"""The pickle walker, against `pickle` and `pickletools` on the same bytes."""

from __future__ import annotations

import collections
import copyreg
import io
import pickle
import pickletools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deplint.formats.pickles import DICT, SET, Global, Made, Raw, follow

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.integers(-(2**80), 2**80)
VALUES = st.recursive(
    SCALARS | st.binary(max_size=40),
    lambda inner: st.lists(inner, max_size=5) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=30,
)


def plain(value: Any, data: bytes) -> Any:
    """What the walker made, as the object itself."""
    if isinstance(value, Raw):
        return data[value.start : value.start + value.size]
    if isinstance(value, (list, tuple)):
        return type(value)(plain(each, data) for each in value)
    if isinstance(value, Made) and value.function in (DICT, Global("__builtin__", "dict")):
        return {plain(key, data): plain(each, data) for key, each in value.items}
    if isinstance(value, Made) and value.function in (
        Global("_codecs", "encode"),
        Global("__builtin__", "bytes"),
        Global("builtins", "bytes"),
    ):
        return value.args[0].encode(value.args[1]) if value.args else b""
    return value


@given(VALUES, st.integers(0, pickle.HIGHEST_PROTOCOL))
@settings(max_examples=150, deadline=None)
def test_values_are_those_of_pickle(value: Any, protocol: int) -> None:
    data = pickle.dumps(value, protocol)
    found = follow(data)
    assert (found.problem, found.end) == ("", len(data))
    assert plain(found.value, data) == value
    assert found.protocol == (protocol if protocol > 1 else 0)


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes_come_to_an_end(data: bytes) -> None:
    found = follow(data)
    try:
        expected = list(pickletools.genops(io.BytesIO(data)))
    except Exception:
        assert found.problem
    else:
        assert found.problem or found.end == expected[-1][2] + 1


@given(VALUES, st.integers(0, pickle.HIGHEST_PROTOCOL), st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_pickles(value: Any, protocol: int, data: Any) -> None:
    damaged = bytearray(pickle.dumps(value, protocol))
    for _ in range(3):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    found = follow(bytes(damaged))
    assert found.value is None or not found.problem


class Slotted:
    __slots__ = ("left", "right")

    def __init__(self) -> None:
        self.left, self.right = 1, "two"


class Plain:
    def __init__(self) -> None:
        self.name = "a name"


class Listing(list):  # type: ignore[type-arg]
    pass


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_objects(protocol: int) -> None:
    made = follow(pickle.dumps(Plain(), protocol)).value
    assert made.attributes() == {"name": "a name"}
    if protocol >= 2:
        assert made.function == Global(__name__, "Plain")
        assert follow(pickle.dumps(Slotted(), protocol)).value.attributes() == {"left": 1, "right": "two"}
        assert follow(pickle.dumps(Listing([1, 2]), protocol)).value.elements == [1, 2]
        ordered = follow(pickle.dumps(collections.OrderedDict(a=1), protocol)).value
        assert (ordered.function, ordered.items) == (Global("collections", "OrderedDict"), [("a", 1)])


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_imports_are_those_of_pickletools(protocol: int) -> None:
    value = [
        Plain(),
        Plain(),
        collections.OrderedDict(a=Slotted if protocol > 1 else 1),
        copyreg.pickle,
        complex(1, 2),
        {1, 2},
        frozenset([3]),
    ]
    data = pickle.dumps(value, protocol)
    found = follow(data)
    told, strings, memo = set(), [], {}
    for op, argument, _ in pickletools.genops(data):
        if op.name == "GLOBAL":
            told.add(tuple(argument.split(" ")))
        elif op.name == "STACK_GLOBAL":
            told.add(tuple(strings[-2:]))
        elif op.name == "MEMOIZE":
            memo[len(memo)] = strings[-1] if strings else None
        elif op.name in ("BINGET", "LONG_BINGET"):
            strings.append(memo.get(argument))
        elif "UNICODE" in op.name:
            strings.append(argument)
    assert told.issubset({(each.module, each.name) for each in found.imports}) and told
    assert {each.module for each in found.imports} <= {module for module, _ in told}


def test_a_name_that_is_computed() -> None:
    found = follow(b"\x80\4\x8c\2os\x8c\6systemp0\n0cbuiltins\nstr\ng0\n\x85R\x93.")
    assert Global("", "") in found.imports


def test_names_through_the_memo() -> None:
    assert Global("os", "system") in follow(b"\x80\4\x8c\6system\x940\x8c\2os\x940h\1h\0\x93.").imports


@pytest.mark.parametrize("data", [rb"S'\x6fs'" + b"\n" + rb"S'sys\164em'" + b"\n\x93.", rb"V\u006fs" + b"\nVsystem\n\x93."])
def test_names_with_escapes(data: bytes) -> None:
    assert list(follow(data).imports) == [Global("os", "system")]


def test_what_it_does_before_it_breaks() -> None:
    found = follow(b"\x80\2cos\nsystem\nX\2\0\0\0ls\x85R\xff")
    assert list(found.imports) == [Global("os", "system")]
    assert found.problem == "a pickle with an unknown opcode 255 at byte 22" and found.value is None
    assert (found.calls[0].function, found.calls[0].args) == (Global("os", "system"), ("ls",))


@pytest.mark.parametrize(
    "data", [b"(ios\nsystem\n.", b"(cos\nsystem\no.", b"cos\nsystem\n)R.", b"\x80\2cos\nsystem\n)\x81.", b"\x80\4cos\nsystem\n)}\x92."]
)
def test_every_way_to_call(data: bytes) -> None:
    assert [made.function for made in follow(data).calls] == [Global("os", "system")]


def test_long_payloads_are_pointed_at() -> None:
    payload = b"x" * 1_000_000
    for value in (payload, bytearray(payload), "y" * 1_000_000, 1 << 80_000):
        data = pickle.dumps([value], 5)
        (found,) = follow(data).value
        assert isinstance(found, Raw) and 10_000 <= found.size <= 1_000_000
        if isinstance(value, bytes):
            assert data[found.start : found.start + found.size] == payload


def test_sets() -> None:
    found = follow(pickle.dumps({1}, 4)).value
    assert (found.function, found.elements) == (SET, [1])
