"""R089, R106, R025, R044, R061, R067, R008, R167: what the json module and ONNX Runtime accept. Needs no large framework."""

from __future__ import annotations

import base64
import io
import itertools
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from shipped import table

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

ARRAY = np.ones((2, 2), np.float32)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (ARRAY, "ndarray"),
        ([ARRAY], "ndarray"),
        (list(ARRAY), "ndarray"),
        (list(ARRAY[0]), "float32"),
        (np.int64(1), "int64"),
        (base64.b64encode(b"x"), "bytes"),
    ],
    ids=["array", "list-of-arrays", "list(2d)", "list(float32-1d)", "int64", "b64encode"],
)
def test_json_refuses_arrays_and_bytes(value, kind):
    for write in (json.dumps, lambda body: json.dump(body, io.StringIO())):
        with pytest.raises(TypeError, match=f"Object of type {kind} is not JSON serializable"):
            write({"instances": value})


def test_json_takes_these():
    fine = [ARRAY.tolist(), base64.b64encode(b"x").decode(), list(np.ones(2)), np.float64(1), float(np.float32(1))]
    assert all(json.dumps({"instances": value}) for value in fine)
    assert json.dumps({"instances": ARRAY}, default=np.ndarray.tolist)
    with pytest.raises(TypeError, match="keys must be str"):
        json.dumps({b"instances": 1})


def test_division_of_integers_is_float64_but_float32_stays():
    pixels, floats = np.zeros((2, 2), np.uint8), np.zeros(2, np.float32)
    assert [(pixels / 255).dtype, (pixels / 255.0).dtype, np.array([0.5]).dtype] == [np.float64] * 3
    assert [(floats / 255.0).dtype, (pixels.astype("float32") / 255).dtype, np.float32(pixels).dtype] == [np.float32] * 3
    assert (floats - np.array([0.5, 0.5])).dtype == np.float64


def relu(opset: int = 17, ir: int = 8, batch: int | str = "n") -> bytes:
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, 4]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", ends[:1], ends[1:])
    model: bytes = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir).SerializeToString()
    return model


def session(model: bytes | str):
    return ort.InferenceSession(model, providers=["CPUExecutionProvider"])


X = np.ones((2, 4), np.float32)
Invalid = ort.capi.onnxruntime_pybind11_state.InvalidArgument
Fail = ort.capi.onnxruntime_pybind11_state.Fail


@pytest.mark.parametrize(("dtype", "name"), [(np.float64, "double"), (np.int64, "int64"), (np.float16, "float16"), (np.uint8, "uint8")])
def test_onnxruntime_refuses_float64(dtype, name):
    with pytest.raises(Invalid, match=rf"Unexpected input data type\. Actual: \(tensor\({name}\)\) , expected: \(tensor\(float\)\)"):
        session(relu()).run(None, {"x": X.astype(dtype)})


def test_onnxruntime_takes_float32_and_plain_lists():
    assert session(relu()).run(None, {"x": X})[0].shape == (2, 4)
    assert session(relu()).run(None, {"x": [[1.0, 2.0, 3.0, 4.0]]})[0].shape == (1, 4)


def test_onnxruntime_checks_names():
    asked = session(relu())
    with pytest.raises(ValueError, match=r"Required inputs \(\['x'\]\) are missing from input feed \(\['images'\]\)"):
        asked.run(None, {"images": X})
    with pytest.raises(Invalid, match="Invalid input name: extra"):
        asked.run(None, {"x": X, "extra": X})
    with pytest.raises(Invalid, match="Invalid output name:out"):
        asked.run(["out"], {"x": X})


def test_a_fixed_batch_refuses_another():
    asked = session(relu(batch=1))
    with pytest.raises(Invalid, match=r"Got invalid dimensions for input: x[\s\S]*index: 0 Got: 2 Expected: 1"):
        asked.run(None, {"x": X})
    assert asked.run(None, {"x": X[:1]})[0].shape == (1, 4)


def limits() -> dict[str, int]:
    minor = ort.__version__.rpartition(".")[0]
    rows = {row["release"]: row for row in table("onnxruntime_releases")["rows"]}
    if minor not in rows:
        pytest.skip(f"onnxruntime {minor} is newer than the table")
    return rows[minor]


def test_onnxruntime_refuses_newer_models():
    limit = limits()
    assert session(relu(limit["opset"], 8)) and session(relu(17, limit["ir"]))
    with pytest.raises(Fail, match=r"ONNX Runtime only .guarantees. support for models stamped with official released onnx opset versions"):
        session(relu(limit["opset"] + 1, 8))
    with pytest.raises(Fail, match=f"Unsupported model IR version: {limit['ir'] + 1}, max supported IR version: {limit['ir']}"):
        session(relu(17, limit["ir"] + 1))


def test_the_opset_check_can_be_switched_off_and_then_the_operators_are_missing(tmp_path):
    path = tmp_path / "new.onnx"
    path.write_bytes(relu(limits()["opset"] + 1, 8))
    child = f"import onnxruntime as o; o.InferenceSession({str(path)!r}, providers=['CPUExecutionProvider'])"
    done = subprocess.run(
        [sys.executable, "-c", child], env={**os.environ, "ALLOW_RELEASED_ONNX_OPSET_ONLY": "0"}, capture_output=True, text=True
    )
    assert "No Op registered for Relu" in done.stderr


def test_the_release_table_only_grows():
    rows = table("onnxruntime_releases")["rows"]
    for older, newer in itertools.pairwise(rows):
        assert [int(part) for part in older["release"].split(".")] < [int(part) for part in newer["release"].split(".")]
        assert older["opset"] <= newer["opset"] and (older["ir"] or 0) <= (newer["ir"] or 0)


@pytest.fixture
def external(tmp_path):
    kernel = numpy_helper.from_array(np.ones((64, 64), np.float32), "kernel")
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 64]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "kernel"], ["y"])], "g", ends[:1], ends[1:], [kernel])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = tmp_path / "model.onnx"
    onnx.save(model, path, save_as_external_data=True, location="model.onnx.data", size_threshold=0)
    return path


def test_external_data_must_be_beside_the_model(external, tmp_path, monkeypatch):
    assert session(str(external))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    with pytest.raises(Fail, match="External data path"):
        session(external.read_bytes())
    external.with_name("model.onnx.data").unlink()
    with pytest.raises(Fail, match="External data path does not exist"):
        session(str(external))


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 12345\n"


@pytest.mark.parametrize("content", [POINTER, b"<!DOCTYPE html><html></html>"], ids=["lfs", "html"])
def test_onnxruntime_on_a_file_that_is_no_model(tmp_path, content):
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(ort.capi.onnxruntime_pybind11_state.InvalidProtobuf, match="Protobuf parsing failed"):
        session(str(path))
