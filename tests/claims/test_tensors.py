"""What PyTorch says of tensors that give no arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.mark.torch
def test_gradients_and_bfloat16_give_no_array() -> None:
    torch = pytest.importorskip("torch")
    net = torch.nn.Linear(2, 2)
    with pytest.raises(RuntimeError, match=r"Can't call numpy\(\) on Tensor that requires grad"):
        torch.softmax(net(torch.ones(1, 2)), 1).numpy()
    with torch.inference_mode():
        assert net(torch.ones(1, 2)).numpy().shape == (1, 2)
        with pytest.raises(TypeError, match="BFloat16"):
            net.to(torch.bfloat16)(torch.ones(1, 2, dtype=torch.bfloat16)).numpy()
    assert net(torch.ones(1, 2, dtype=torch.bfloat16)).argmax(1).numpy().shape == (1,)


@pytest.mark.torch
def test_weights_of_another_net() -> None:
    torch = pytest.importorskip("torch")
    nn = torch.nn
    with pytest.raises(RuntimeError, match="size mismatch"):
        nn.Linear(4, 10).load_state_dict(nn.Linear(4, 5).state_dict())
    with pytest.raises(RuntimeError, match="size mismatch"):
        nn.Linear(4, 10).load_state_dict(nn.Linear(4, 5).state_dict(), strict=False)
    small = torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.Linear(4, 2)), {nn.Linear}, dtype=torch.qint8)
    with pytest.raises(RuntimeError, match="Unexpected key"):
        nn.Sequential(nn.Linear(4, 2)).load_state_dict(small.state_dict())


@pytest.mark.torch
def test_cpu_wheels_know_no_gpu() -> None:
    torch = pytest.importorskip("torch")
    if not torch.__version__.endswith("+cpu"):
        pytest.skip("this is no CPU wheel")
    with pytest.raises(AssertionError, match="not compiled with CUDA"):
        torch.nn.Linear(2, 2).to("cuda")


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore")
def test_loop_over_a_size_is_as_long_as_the_example(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    onnx = pytest.importorskip("onnx")

    class Encoder(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            h = x[:, 0]
            for t in range(x.size(1)):
                h = torch.tanh(h + x[:, t])
            return h

    path = str(tmp_path / "net.onnx")
    axes = {"x": {0: "batch", 1: "time"}}
    torch.onnx.export(Encoder(), (torch.randn(1, 5, 4),), path, input_names=["x"], dynamic_axes=axes, dynamo=False)
    model = onnx.load(path)
    assert [node.op_type for node in model.graph.node].count("Tanh") == 5
    assert model.graph.input[0].type.tensor_type.shape.dim[1].dim_param == "time"


@pytest.mark.tensorflow
def test_names_of_inputs_are_those_of_keras_layers(tmp_path: Path) -> None:
    tensorflow = pytest.importorskip("tensorflow")
    keras = pytest.importorskip("tf_keras")
    inputs = keras.Input(shape=(4,), name="image")
    keras.Model(inputs, keras.layers.Dense(2, name="probs")(inputs)).save(str(tmp_path / "1"), save_format="tf")
    signature = tensorflow.saved_model.load(str(tmp_path / "1")).signatures["serving_default"]
    assert list(signature.structured_input_signature[1]) == ["image"]
    assert list(signature.structured_outputs) == ["probs"]
