"""What PyTorch says of tensors that give no arrays."""

from __future__ import annotations

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
