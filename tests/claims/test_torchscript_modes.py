"""DPL443, DPL490: what TorchScript keeps of the mode and the device it was made in."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm, self.drop = torch.nn.BatchNorm1d(8), torch.nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(self.norm(x)) + torch.zeros(8, device=x.device)


def stored(folder: Path, training: bool, traced: bool):
    model, x = Net().train(training), torch.randn(4, 8)
    made = torch.jit.trace(model, x, check_trace=False) if traced else torch.jit.script(model)
    made.save(str(folder / "net.pt"))
    return torch.jit.load(str(folder / "net.pt")), x


@pytest.mark.parametrize("traced", [True, False])
def test_the_mode_is_kept(tmp_path, traced):
    model, x = stored(tmp_path, True, traced)
    assert not torch.equal(model(x), model(x))
    model, x = stored(tmp_path, False, traced)
    assert torch.equal(model(x), model(x))


def test_eval_does_not_change_what_was_traced(tmp_path):
    model, x = stored(tmp_path, True, True)
    model.eval()
    assert not torch.equal(model(x), model(x))


@pytest.mark.skipif(torch.cuda.is_available(), reason="the device is there")
def test_a_device_in_the_code_is_not_moved(tmp_path):
    stored(tmp_path, False, True)
    with zipfile.ZipFile(tmp_path / "net.pt") as source, zipfile.ZipFile(tmp_path / "gpu.pt", "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.endswith(".py"):
                content = content.replace(b'torch.device("cpu")', b'torch.device("cuda:0")')
            target.writestr(entry, content, compress_type=zipfile.ZIP_STORED)
    assert b"cuda:0" in (tmp_path / "gpu.pt").read_bytes()
    model = torch.jit.load(str(tmp_path / "gpu.pt"), map_location="cpu")
    with pytest.raises(RuntimeError):
        model(torch.randn(4, 8))
