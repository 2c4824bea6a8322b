"""Protobuf text format against protobuf itself, Triton's and TensorFlow Serving's configurations."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, text_format
from hypothesis import given, settings
from hypothesis import strategies as st
from settings_help import one, project, read, shown

from deplint.model import BITS, Unreadable
from deplint.settings.text import Misread
from deplint.settings.textproto import Message, parse
from deplint.settings.triton import DTYPES, ServingModels, TritonConfig


def same(ours: Message, theirs: Any) -> None:
    """Asserts that our tree holds what protobuf read, field by field."""
    listed = {field.name: value for field, value in theirs.ListFields()}
    assert {name for name, values in ours.fields.items() if values} == set(listed)
    for field, value in theirs.ListFields():
        many = list(value) if isinstance(value, (list, tuple)) or hasattr(value, "append") else [value]
        mine = ours.fields[field.name]
        assert len(mine) == len(many)
        for our, their in zip(mine, many, strict=True):
            if isinstance(our, Message):
                same(our, their)
            elif field.enum_type is not None:
                names = {v.name: v.number for v in field.enum_type.values}
                assert names.get(our.text or "", our.number) == their
            elif isinstance(their, bool):
                assert our.text in (("true", "True", "t", "1") if their else ("false", "False", "f", "0"))
            elif isinstance(their, int):
                assert int(our.text or "", 0) == their
            elif isinstance(their, float):
                assert float((our.text or "").rstrip("f")) == their
            elif isinstance(their, bytes):
                assert (our.text or "").encode("latin-1") == their
            else:
                assert our.text == their


TEXTS = [
    'name: "a.proto" # comment\npackage: \'b\'; dependency: ["x", "y"], dependency: "z"',
    'message_type { name: "M" field < name: "f" number: 0x10 label: LABEL_OPTIONAL > field { name: "g" number: 17 type: 9 } }',
    'message_type: [ { name: "M" }, { name: "N" nested_type { name: "O" extension_range { start: 1 end: -1 } } } ]',
    'name: "two" " joined" \'"\' "\\n\\t\\x41\\101\\\\ \\u00e9"',
    "options { java_multiple_files: true cc_enable_arenas: f optimize_for: SPEED uninterpreted_option { double_value: 1.5e-3 } }",
    'options { uninterpreted_option { string_value: "\\377\\000" positive_int_value: 18446744073709551615 negative_int_value: -5 } }',
    "message_type {}\nmessage_type: <>\ndependency: []\npublic_dependency: [1,2 , 3]",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
def test_as_protobuf_reads_it(text: str) -> None:
    same(parse("f", text), text_format.Parse(text, descriptor_pb2.FileDescriptorProto()))


@given(
    st.text(max_size=20).filter(lambda text: "\0" not in text),
    st.lists(st.integers(-(2**31), 2**31 - 1), max_size=5),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_as_protobuf_writes_it(name: str, numbers: list[int], real: float, short: bool, brackets: bool) -> None:
    made = descriptor_pb2.FileDescriptorProto(name=name, public_dependency=numbers)
    made.message_type.add(name=name).options.uninterpreted_option.add(double_value=real, aggregate_value=name)
    text = text_format.MessageToString(made, use_short_repeated_primitives=short, pointy_brackets=brackets)
    same(parse("f", text), text_format.Parse(text, descriptor_pb2.FileDescriptorProto()))


def test_places() -> None:
    text = 'a: 1\nb {\n  c: "x"\n    "y"\n  d: [1, 22]\n}\n'
    message = parse("f", text)
    inner = message.get("b")
    assert inner is not None
    assert shown(message.fields["a"][0].place, text) == "a: 1"
    assert shown(inner.words("c")[0].place, text) == 'c: "x"\n    "y"'
    assert [shown(word.place, text) for word in inner.words("d")] == ["1", "22"]


BROKEN = ["a", "a:", "a: {", "a { b: 1", "a: [1", "}", "a: 1 }", "a < b: 1 }", "a: 'x", "a: -'x'", "a: [{b: 1}", "\0", "a: ]", "[a"]


@pytest.mark.parametrize("text", BROKEN)
def test_refused(text: str) -> None:
    with pytest.raises(text_format.ParseError):
        text_format.Parse(text, descriptor_pb2.FileDescriptorProto())
    with pytest.raises(Misread):
        parse("f", text)


HOSTILE = [("a{", 100_000), ("a:[", 50_000), ("a:[{", 50_000), ('"', 100_000), ("a:1 ", 100_000), ("a:'", 200_000), ("a:1'x'", 50_000)]


@pytest.mark.parametrize(("piece", "count"), [*HOSTILE, ("[a ", 100_000), ("-", 200_000), ("9", 100_000), ("#", 500_000), (",", 500_000)])
def test_hostile(piece: str, count: int) -> None:
    begun = time.process_time()
    try:
        parse("f", piece * count)
    except Unreadable as error:
        assert str(error)
    assert time.process_time() - begun < 3


@given(st.text(alphabet="ab:{}<>[],;'\"\\#-1. \n", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_message_or_refused(text: str) -> None:
    try:
        parse("f", text)
    except Misread as error:
        assert str(error) and error.place.path == "f"


TRITON = """\
name: "ens" # c
platform: 'ensemble'
max_batch_size: 8
input [
  { name: "x" data_type: TYPE_FP32 dims: [ 3, -1, 224 ] format: FORMAT_NCHW reshape { shape: [] } },
  { name: "y", data_type: TYPE_INT64; dims: 1 dims: 2 optional: true }
]
output < name: "z" data_type: TYPE_BOGUS dims: [] >
dynamic_batching { preferred_batch_size: [4, 16] max_queue_delay_microseconds: 100 }
ensemble_scheduling { step [ { model_name: "m" model_version: 3 input_map { key: "i" value: "x" } output_map { key: "o" value: "z" } },
                             { model_name: "n" } ] }
instance_group [ { kind: KIND_GPU count: 2 gpus: [0, 1] }, { } ]
version_policy: { specific: { versions: [1,2] } }
model_transaction_policy { decoupled: True }
parameters: { key: "k" value: { string_value: "v" } }
"""


def test_triton(tmp_path: Path) -> None:
    config = one(tmp_path, "models/ens/config.pbtxt", TRITON, TritonConfig)
    assert (config.name, config.platform, config.backend, config.max_batch_size) == ("ens", "ensemble", "", 8)
    x, y = config.inputs
    assert (x.name, x.dtype, x.dims, x.reshape, x.optional, x.format) == ("x", "float32", [3, -1, 224], [], False, "FORMAT_NCHW")
    assert (y.name, y.dtype, y.dims, y.reshape, y.optional) == ("y", "int64", [1, 2], None, True)
    assert (config.outputs[0].data_type, config.outputs[0].dtype, config.outputs[0].dims) == ("TYPE_BOGUS", "", [])
    assert config.dynamic_batching is not None
    assert (config.dynamic_batching.preferred, config.dynamic_batching.max_queue_delay_us) == ([4, 16], 100)
    assert [(s.model, s.version, s.inputs, s.outputs) for s in config.steps] == [("m", 3, {"i": "x"}, {"o": "z"}), ("n", -1, {}, {})]
    assert [(g.kind, g.count, g.gpus) for g in config.instance_groups] == [("KIND_GPU", 2, [0, 1]), ("", 0, [])]
    assert (config.version_policy, config.versions, config.decoupled, config.sequence_batching) == ("specific", [1, 2], True, False)
    assert config.message.get("parameters").get("value").text("string_value") == "v"
    assert shown(config.at("max_batch_size"), TRITON) == "max_batch_size: 8"
    assert config.at("backend") == config.place and shown(x.dims_place, TRITON) == "3"


def test_dtypes_are_those_of_the_representation() -> None:
    assert set(DTYPES.values()) <= {*BITS, "string"}


def test_max_batch_size_that_is_no_number_is_unknown(tmp_path: Path) -> None:
    assert one(tmp_path, "config.pbtxt", "platform: 'x'\nmax_batch_size: many\n", TritonConfig).max_batch_size is None


def test_a_graph_is_no_configuration(tmp_path: Path) -> None:
    assert read(tmp_path, "config.pbtxt", 'node {\n  name: "x"\n  op: "Const"\n}\n') == []
    assert read(tmp_path, "graph.pbtxt", 'node {\n  name: "x"\n  input: "y"\n}\n') == []


SERVING = """\
# all models
model_config_list: {
  config: {
    name: "resnet",
    base_path: "/models/resnet/",
    model_platform: "tensorflow"
    model_version_policy { specific { versions: 42 versions: 43 } }
    version_labels { key: 'stable' value: 42 }
  }
  config { name: "b" base_path: "gs://bucket/b" model_version_policy: {all: {}} }
  config { name: "c" }
}
"""


def test_serving(tmp_path: Path) -> None:
    found = one(tmp_path, "models.config", SERVING, ServingModels)
    assert [(m.name, m.base_path, m.platform, m.policy, m.versions, m.labels) for m in found.models] == [
        ("resnet", "/models/resnet/", "tensorflow", "specific", [42, 43], {"stable": 42}),
        ("b", "gs://bucket/b", "", "all", [], {}),
        ("c", "", "", "latest", [], {}),
    ]
    assert shown(found.models[0].base_path_place, SERVING) == 'base_path: "/models/resnet/"'


@pytest.mark.parametrize("name", ["models.config", "config.pbtxt", "serving.conf"])
def test_broken_files_say_where(tmp_path: Path, name: str) -> None:
    made = project(tmp_path, {name: "platform: 'x'\nmodel_config_list {\n  config [\n"})
    made.facts(made.by_path[tmp_path / name])
    assert made.troubles and all(trouble.place.span is not None for trouble in made.troubles)


def test_other_config_files_are_nobodys(tmp_path: Path) -> None:
    assert read(tmp_path, "app.config", "<configuration/>") == []
