"""DPL427, DPL468, DPL469: which models OpenVINO does not read, and what it says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deplint.formats.openvino import read
from deplint.project import File

pytestmark = pytest.mark.torch
openvino = pytest.importorskip("openvino")

DATA = Path(__file__).parents[1] / "data" / "models" / "openvino"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    for suffix in (".xml", ".bin"):
        shutil.copy(DATA / f"convolution_2026_4{suffix}", tmp_path / f"net{suffix}")
    assert openvino.Core().read_model(tmp_path / "net.xml").inputs
    return tmp_path / "net.xml"


def refuses(model: Path, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        openvino.Core().read_model(model)


def test_without_its_constants(model: Path) -> None:
    weights = model.with_suffix(".bin")
    content = weights.read_bytes()
    for stand_in in (content[:-8], b"", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 452\n"):
        weights.write_bytes(stand_in)
        refuses(model, "Incorrect weights in bin file")
        assert any(tensor.stored and tensor.stored.problem for tensor in read(File(model)).graph.weights)
    weights.unlink()
    refuses(model, "bin file cannot be found")
    weights.with_name("other.bin").write_bytes(content)
    assert openvino.Core().read_model(model, weights.with_name("other.bin")).inputs


def test_the_version_of_the_format(model: Path) -> None:
    text = model.read_text()
    for version in ("10", "11"):
        model.write_text(text.replace('version="11"', f'version="{version}"'))
        assert openvino.Core().read_model(model).inputs
    for version in ("2", "7", "9"):
        model.write_text(text.replace('version="11"', f'version="{version}"'))
        refuses(model, "Unable to read the model")
    shutil.copy(DATA / "detect_v7.xml", model)
    model.with_suffix(".bin").write_bytes(bytes(456))
    refuses(model, "Unable to read the model")


def test_the_size_of_a_constant(model: Path) -> None:
    text = model.read_text()
    weights = model.with_suffix(".bin")
    weights.write_bytes(weights.read_bytes() + bytes(100))
    model.write_text(text.replace('size="432"', 'size="436"'))
    assert openvino.Core().read_model(model).inputs
    model.write_text(text.replace('size="432"', 'size="428"'))
    refuses(model, "inconsistent for Const op")
