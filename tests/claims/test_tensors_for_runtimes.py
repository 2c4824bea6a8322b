"""DPL682: ONNX Runtime takes arrays of NumPy, and no tensors."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.torch


def test_onnxruntime_refuses_tensors() -> None:
    torch = pytest.importorskip("torch")
    ort = pytest.importorskip("onnxruntime")
    onnx = pytest.importorskip("onnx")
    helper = onnx.helper
    value = [helper.make_tensor_value_info(name, 1, [1, 4]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", value[:1], value[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    with pytest.raises(Exception, match="numpy array"):
        session.run(None, {"x": torch.zeros(1, 4)})
    session.run(None, {"x": torch.zeros(1, 4).numpy()})
