"""What gRPC, PyTorch, Keras and processes do with the faults that rules about servers and clouds name."""

from __future__ import annotations

import io
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest


def test_a_channel_to_an_address_with_a_scheme() -> None:
    grpc = pytest.importorskip("grpc")
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()

    def code(address: str) -> Any:
        with grpc.insecure_channel(address) as channel, pytest.raises(grpc.RpcError) as failure:
            channel.unary_unary("/service/Predict")(b"", timeout=20)
        return failure.value.code()

    try:
        assert code(f"localhost:{port}") == code(f"dns:///localhost:{port}") == grpc.StatusCode.UNIMPLEMENTED
        for scheme in ("http", "https", "grpc", "grpcs"):
            assert code(f"{scheme}://localhost:{port}") == grpc.StatusCode.UNAVAILABLE
    finally:
        server.stop(None)


def test_a_command_in_one_word() -> None:
    with pytest.raises(FileNotFoundError):
        subprocess.run(["python3 --version"], check=False)
    assert subprocess.run(["python3", "--version"], check=False, capture_output=True).returncode == 0


@pytest.mark.torch
def test_numbers_of_64_bits_for_a_torch_model() -> None:
    torch = pytest.importorskip("torch")
    numpy = pytest.importorskip("numpy")
    rows = numpy.array([[float(1), 2.0]])
    net = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1)).eval()
    for tensor in (torch.from_numpy(rows), torch.tensor(rows), torch.as_tensor(rows)):
        with pytest.raises(RuntimeError, match="mat1 and mat2 must have the same dtype, but got Double and Float"):
            net(tensor)
    with pytest.raises(RuntimeError, match=r"Input type \(double\) and bias type \(float\) should be the same"):
        torch.nn.Conv2d(1, 1, 1)(torch.from_numpy(numpy.ones((1, 1, 2, 2))))
    for norm in (torch.nn.BatchNorm1d(2).eval(), torch.nn.LayerNorm(2)):
        with pytest.raises(RuntimeError, match="mixed dtype"):
            norm(torch.from_numpy(rows))
    assert net(torch.from_numpy(rows).float()).shape == (1, 1)
    assert net.double()(torch.from_numpy(rows)).shape == (1, 1)


@pytest.mark.torch
def test_a_picture_of_four_channels_for_a_torch_model() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(RuntimeError, match=r"expected input\[1, 4, 224, 224\] to have 3 channels, but got 4 channels instead"):
        torch.nn.Conv2d(3, 4, 3)(torch.zeros(1, 4, 224, 224))


@pytest.mark.tensorflow
def test_an_upload_keeps_the_mode_of_its_file() -> None:
    image = pytest.importorskip("PIL.Image")
    keras = pytest.importorskip("keras")
    numpy = pytest.importorskip("numpy")
    net = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Conv2D(2, 3)])

    def predict(mode: str, kind: str, rgb: bool = False) -> Any:
        written = io.BytesIO()
        image.new(mode, (40, 40)).save(written, kind)
        opened = image.open(io.BytesIO(written.getvalue())).resize((32, 32))
        assert opened.mode == mode
        return net.predict(numpy.asarray(opened.convert("RGB") if rgb else opened, dtype="float32")[None], verbose=0)

    for mode, kind in (("RGBA", "PNG"), ("L", "JPEG"), ("P", "GIF")):
        with pytest.raises(Exception, match=r"(?s)Depth of input|shape"):
            predict(mode, kind)
        assert predict(mode, kind, rgb=True).shape == (1, 30, 30, 2)
    assert predict("RGB", "JPEG").shape == (1, 30, 30, 2)
