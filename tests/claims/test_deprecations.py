"""DPL657: what libraries warn of."""

from __future__ import annotations

import warnings

import pytest


@pytest.mark.torch
def test_torchscript():
    torch = pytest.importorskip("torch", minversion="2.13")
    net = torch.nn.Linear(2, 2).eval()
    with pytest.warns(DeprecationWarning, match=r"torch\.jit\.trace` is deprecated"):
        torch.jit.trace(net, torch.zeros(1, 2))
    with pytest.warns(DeprecationWarning, match=r"torch\.jit\.script` is deprecated"):
        torch.jit.script(net)


@pytest.mark.tensorflow
def test_the_interpreter_within_tensorflow():
    tf = pytest.importorskip("tensorflow", minversion="2.21")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with pytest.raises(ValueError, match=r"."):
            tf.lite.Interpreter(model_content=b"")
    assert any("tf.lite.Interpreter is deprecated" in str(one.message) for one in seen)
