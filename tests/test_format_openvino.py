"""The OpenVINO reader, against what OpenVINO reads of the same files, and against hostile XML."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hostile import cuts, flips, survives

from deplint.formats import READERS, openvino
from deplint.formats.artifact import detect
from deplint.model import Graph, Model, Unreadable
from deplint.model.text import format_model, parse_model
from deplint.project import File, Project

DATA = Path(__file__).parent / "data" / "models" / "openvino"
NAMES = sorted(path.name.removesuffix(".xml.json") for path in DATA.glob("*.xml.json"))
TYPES = {"Relu": "ReLU", "Softmax": "SoftMax", "Constant": "Const"}
"""What the format calls what OpenVINO has another name for."""


def read(name: str) -> Model:
    return openvino.read(File(DATA / f"{name}.xml", f"{name}.xml"))


def agrees(graph: Graph, told: Any, nested: bool = False) -> None:
    """Compare a graph and those nested in it to `plain` of ``build_openvino.py``. OpenVINO may rename tensors within bodies."""
    nodes = {node["name"]: node for node in told["nodes"]}
    assert len(nodes) == len(told["nodes"])
    operators = [node for node in told["nodes"] if node["type"] not in ("Parameter", "Result", "Constant")]
    assert sorted(op.name for op in graph.ops) == sorted(node["name"] for node in operators)
    values: dict[tuple[str, int], str] = {}
    for op in graph.ops:
        values |= {(op.name, index): name for index, name in enumerate(op.outputs)}
    for node in told["nodes"]:
        if node["type"] in ("Parameter", "Constant"):
            names = {name for name in graph.tensors if name == node["name"] or name in node["outputs"][0]["names"]}
            (values[node["name"], 0],) = names - {name for op in graph.ops for name in op.outputs}
    for op in graph.ops:
        node = nodes[op.name]
        assert (op.type, f"opset{op.version}", op.domain) == (TYPES.get(node["type"], node["type"]), node["opset"], "")
        assert list(op.inputs) == [values[source, index] for source, index in node["inputs"]]
        assert len(op.outputs) == len(node["outputs"])
        for body, inner in zip(op.graphs.values(), node.get("bodies", ()), strict=True):
            agrees(body, inner, nested=True)
    for (source, index), name in values.items():
        output, tensor = nodes[source]["outputs"][index], graph.tensors[name]
        assert tensor.dtype == openvino.DTYPES[output["dtype"]]
        assert tensor.shape in (tuple(output["shape"]), None if not output["shape"] else ())
        assert name in output["names"] or not output["names"] or nested
        if "data" in nodes[source]:
            assert tensor.bytes().hex() == nodes[source]["data"]
    assert {tensor.name for tensor in graph.weights} == {values[n["name"], 0] for n in told["nodes"] if n["type"] == "Constant"}
    assert graph.inputs == [values[name, 0] for name in told["inputs"]]
    assert sorted(graph.outputs) == sorted(values[source, index] for source, index in told["outputs"])


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_openvino(name: str) -> None:
    model = read(name)
    assert len(model.graphs) == 1 and model.ir_version == (10 if "v10" in name else 11)
    agrees(model.graph, json.loads((DATA / f"{name}.xml.json").read_text()))


@pytest.mark.torch
@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_the_openvino_that_is_installed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = pytest.importorskip("openvino")
    monkeypatch.setattr(sys, "path", [str(DATA.parent), *sys.path])
    from build_openvino import plain

    agrees(read(name).graph, plain(runtime.Core().read_model(DATA / f"{name}.xml")))


@pytest.mark.parametrize("name", [*NAMES, "detect_v7"])
def test_text_form_reads_back(name: str) -> None:
    text = format_model(read(name))
    assert format_model(parse_model(text)) == text


def test_what_the_models_show() -> None:
    model = read("convolution_2026_4")
    assert [(t.name, t.dtype, t.shape) for t in model.inputs] == [("image", "float32", (None, 3, None, 8))]
    assert model.metadata == {"preprocess.order": "BGR", "layout.image": "[N,C,H,W]"}
    assert model.files == ["convolution_2026_4.bin"]
    (fake,) = (op for _, op in model.ops() if op.type == "FakeQuantize")
    assert fake.attributes == {"levels": 256, "auto_broadcast": "numpy"}
    (convolution,) = (op for _, op in model.ops() if op.type == "Convolution")
    assert (convolution.attributes["strides"], convolution.attributes["auto_pad"]) == ([1, 1], "explicit")
    choice, loop = read("branches_2026_4").graph.ops
    assert list(choice.graphs) == ["then_body", "else_body"] and list(loop.graphs) == ["body"]
    assert loop.attributes["back_edges"] == [{"kind": "edge", "from-layer": 3, "to-layer": 1}]
    assert loop.attributes["port_map"][0]["axis"] == 0
    converted = read("converted_2023_3")
    assert (converted.producer, converted.producer_version) == ("openvino", "2023.3.0")
    assert converted.metadata["conversion_parameters.input_model"] == "DIR/torch_legacy_opset17.onnx"
    assert {"decompression": ""} in [op.notes for _, op in converted.ops()]


def test_before_version_10() -> None:
    model = read("detect_v7")
    assert (model.ir_version, model.producer_version, model.metadata["cli_parameters.framework"]) == (7, "2019.3.0", "caffe")
    convolution, relu, reshape = model.graph.ops
    assert list(convolution.inputs) == ["data", "conv1.weights", "conv1.biases"]
    assert (convolution.attributes["kernel"], relu.version, relu.domain) == ([3, 3], None, "")
    assert list(reshape.inputs) == ["relu1", "target"] and model.graph.outputs == ["flat"]
    assert {t.name: t.stored.nbytes for t in model.graph.weights if t.stored} == {"target": 8, "conv1.weights": 432, "conv1.biases": 16}
    assert all(t.stored and t.stored.problem == "file is missing" for t in model.graph.weights)


def test_only_a_network_is_read(tmp_path: Path) -> None:
    """Projects for Android, Maven or Qt are full of XML."""
    path = tmp_path / "a.xml"
    project = Project(tmp_path, [File(path)], READERS)
    for content in (
        b'<?xml version="1.0" encoding="utf-8"?>\n<manifest xmlns:android="x" package="net"/>',
        b'<net name="a"/>',
        b'<network version="11"/>',
        b'<config><net version="11"/></config>',
        b"<!-- <net version='11'> --><a/>",
        b"<!---->" * 500,  # which a careless pattern takes for ever over
        b"",
    ):
        path.write_bytes(content)
        assert detect(File(path)) != "openvino" and not project.facts(File(path))
    path.write_bytes(b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- made by -->\n<net name="a"\n version="11"><layers/></net>')
    assert detect(File(path)) == "openvino" and len(Project(tmp_path, [], READERS).facts(File(path))) == 1


# Constants


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "file is missing"),
        (b"", "file is too short: 0 bytes, the tensor ends at 8"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 52\n", "a Git LFS pointer, not the data"),
    ],
)
def test_constants_that_are_not_there(tmp_path: Path, content: bytes | None, problem: str) -> None:
    path = tmp_path / "m.xml"
    path.write_bytes((DATA / "branches_2026_4.xml").read_bytes())
    if content is not None:
        path.with_suffix(".bin").write_bytes(content)
    model = openvino.read(File(path, "m.xml"))
    (weight,) = model.graph.weights
    assert weight.stored and (weight.stored.path, weight.stored.problem, weight.stored.external) == ("m.bin", problem, True)
    assert weight.bytes() == b""


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "secret.bin").write_bytes(bytes(100))
    path = tmp_path / "home" / "m.xml"
    path.write_bytes((DATA / "branches_2026_4.xml").read_bytes())
    path.with_suffix(".bin").symlink_to(tmp_path / "secret.bin")
    (weight,) = openvino.read(File(path)).graph.weights
    assert weight.stored and "leaves the model's folder" in weight.stored.problem and weight.bytes() == b""


# Hostile files


@pytest.mark.parametrize("name", ["convolution_2026_4", "branches_2023_3", "detect_v7"])
def test_damaged_files(name: str, tmp_path: Path) -> None:
    content = (DATA / f"{name}.xml").read_bytes()
    assert survives(openvino.read, tmp_path / "a.xml", cuts(content, 30)) == 30
    assert survives(openvino.read, tmp_path / "a.xml", flips(content, 150)) > 50


def refused(tmp_path: Path, content: str | bytes) -> str:
    path = tmp_path / "a.xml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(Unreadable) as caught:
        openvino.read(File(path))
    return str(caught.value)


def test_a_file_cut_short_is_called_that(tmp_path: Path) -> None:
    content = (DATA / "state_2026_4.xml").read_bytes()
    for size in (100, 2000, len(content) - 8):
        assert "the file breaks off" in refused(tmp_path, content[:size])


def test_entities_are_refused(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 30))
    for declared in (f'<!ENTITY a0 "ha">{laughs}', '<!ENTITY x SYSTEM "file:///etc/passwd">', '<!ENTITY % p SYSTEM "p.dtd">%p;'):
        message = refused(tmp_path, f'<!DOCTYPE net [{declared}]>\n<net name="&a29;" version="11">&x;</net>')
        assert "declares a document type" in message
    assert "declares a document type" in refused(tmp_path, '<!DOCTYPE net SYSTEM "outside.dtd">\n<net version="11"/>')


def test_nothing_outside_is_opened(tmp_path: Path) -> None:
    opened: list[str] = []

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if watching and event in ("open", "socket.connect", "socket.getaddrinfo", "os.listdir"):
            opened.append(str(arguments[0]))

    watching = False
    sys.addaudithook(hook)
    path = tmp_path / "a.xml"
    content = (DATA / "state_2026_4.xml").read_text()
    include = '<net xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/hostname" parse="text"/>'
    for text in (
        '<!DOCTYPE net [<!ENTITY x SYSTEM "file:///etc/hostname">]><net name="&x;" version="11">&x;</net>',
        '<?xml-stylesheet href="http://localhost:9/x.xsl"?>' + content.partition("\n")[2],
        content.replace("<layers>", f"<layers>{include}</net>", 1),
        content.replace('name="state"', 'name="../../state" bin="/etc/hostname"'),
    ):
        path.write_text(text)
        watching = True
        try:
            openvino.read(File(path))
        except Unreadable:
            pass
        finally:
            watching = False
    assert set(opened) == {str(path)}


@pytest.mark.parametrize(
    ("pattern", "into", "message"),
    [
        ('from-layer="1"', 'from-layer="77"', "an edge from port 0 of layer 77"),
        ('from-layer="1" from-port="0"', 'from-layer="1" from-port="9"', "an edge from port 9 of layer 1"),
        ('to-layer="8"', 'to-layer="99"', "an edge to port 0 of layer 99"),
        ('<layer id="4"', '<layer id="3"', "the same id"),
        ('size="16"', f'size="{"9" * 4000}"', "no whole number"),
        ('size="16"', 'size="-16"', "a constant of -16 bytes"),
        ("<dim>4</dim>", "<dim>four</dim>", "no whole number"),
        ("<layers>", "<layers>" + "<a>" * 300, "nested deeper"),
        ('<net name="state" version="11">', '<project version="11">', "root is <project>"),
        ('name="sum"', 'name="\udcff"', "not well-formed"),
    ],
)
def test_what_contradicts_itself(tmp_path: Path, pattern: str, into: str, message: str) -> None:
    content = (DATA / "state_2026_4.xml").read_text()
    changed, count = re.subn(re.escape(pattern), lambda _: into, content)
    assert count
    assert message in refused(tmp_path, changed.encode("utf-8", "surrogateescape"))


def test_what_is_odd_and_yet_a_graph(tmp_path: Path) -> None:
    """Sizes near the end of int64, a loop of edges, bodies within bodies."""
    path = tmp_path / "a.xml"
    content = (DATA / "state_2026_4.xml").read_text()
    body = '<layer id="0" name="l" type="Loop" version="opset5"><body><layers>'
    deep = f'<net version="11"><layers>{body * 60}{"</layers></body></layer>" * 60}</layers></net>'
    for text in (
        content.replace('offset="0"', 'offset="9223372036854775800"').replace("<dim>4</dim>", "<dim>9223372036854775807</dim>"),
        content.replace('from-layer="0" from-port="0" to-layer="3"', 'from-layer="3" from-port="2" to-layer="3"'),
        deep,
    ):
        path.write_text(text)
        model = openvino.read(File(path))
        list(model.ops()), list(model.used()), model.graph.consumers, [t.nbytes for t in model.graph.weights]
        assert format_model(model)
    assert len(list(model.ops())) == 60
