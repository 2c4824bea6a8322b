"""DPL677: what the keys of a wrapped module's weights begin with."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.torch


def test_wrappers_prefix_the_keys_of_weights() -> None:
    torch = pytest.importorskip("torch")
    net = torch.nn.Sequential(torch.nn.Linear(2, 2))
    for wrapped, prefix in ((torch.nn.DataParallel(net), "module."), (torch.compile(net), "_orig_mod.")):
        weights = wrapped.state_dict()
        assert all(key.startswith(prefix) for key in weights)
        with pytest.raises(RuntimeError, match="Missing key"):
            net.load_state_dict(weights)
        loaded = net.load_state_dict(weights, strict=False)
        assert set(loaded.unexpected_keys) == set(weights)
        assert set(loaded.missing_keys) == set(net.state_dict())
        with pytest.raises(RuntimeError, match="Missing key"):
            wrapped.load_state_dict(net.state_dict())


def test_a_checkpoint_is_no_state_dict() -> None:
    torch = pytest.importorskip("torch")
    net = torch.nn.Linear(2, 2)
    with pytest.raises(RuntimeError, match="Missing key"):
        net.load_state_dict({"epoch": 3, "model": net.state_dict()})
