"""DPL678: the first opset for which the TorchScript exporter translates a function."""

from __future__ import annotations

import io
from typing import Any

import pytest

pytestmark = pytest.mark.torch

SINCE = {
    **dict.fromkeys(("torch.round", ".round", "torch.nn.functional.unfold", "torch.nn.Unfold", "torch.linalg.det", "torch.logdet"), 11),
    **dict.fromkeys(("torch.einsum", "torch.nn.CELU", "torch.celu", "torch.nn.functional.celu", "torch.outer", "torch.tensordot"), 12),
    **dict.fromkeys(("torch.tile", ".tile", "torch.unflatten", ".unflatten", "torch.nn.Unflatten", "torch.tensor_split"), 13),
    **dict.fromkeys(("torch.tril", ".tril", "torch.triu", ".triu", "torch.nn.functional.scaled_dot_product_attention"), 14),
    **dict.fromkeys(("torch.nn.functional.grid_sample", "torch.scatter_reduce", ".scatter_reduce"), 16),
    **dict.fromkeys(("torch.stft", ".stft"), 17),
    **dict.fromkeys(("torch.bitwise_and", "torch.nn.functional.fold", "torch.nn.Fold"), 18),
    **dict.fromkeys(("torch.nn.functional.affine_grid",), 20),
}
"""As the rule has it, which is not installed where PyTorch is."""

SQUARE = (1, 4, 4)
PLANES = (1, 3, 4, 4)

CALLS: dict[str, tuple[str, tuple[tuple[int, ...], ...]]] = {
    "torch.round": ("torch.round(x)", (SQUARE,)),
    ".round": ("x.round()", (SQUARE,)),
    "torch.nn.functional.unfold": ("F.unfold(x, 2)", (PLANES,)),
    "torch.nn.Unfold": ("torch.nn.Unfold(2)(x)", (PLANES,)),
    "torch.linalg.det": ("torch.linalg.det(x)", (SQUARE,)),
    "torch.logdet": ("torch.logdet(x)", (SQUARE,)),
    "torch.einsum": ("torch.einsum('bij,bjk->bik', x, x)", (SQUARE,)),
    "torch.nn.CELU": ("torch.nn.CELU(2.0)(x)", (SQUARE,)),
    "torch.celu": ("torch.celu(x, 2.0)", (SQUARE,)),
    "torch.nn.functional.celu": ("F.celu(x, 2.0)", (SQUARE,)),
    "torch.outer": ("torch.outer(x, x)", ((4,),)),
    "torch.tensordot": ("torch.tensordot(x, x, dims=([1], [0]))", ((4, 4),)),
    "torch.tile": ("torch.tile(x, (1, 2, 1))", (SQUARE,)),
    ".tile": ("x.tile(1, 2, 1)", (SQUARE,)),
    "torch.unflatten": ("torch.unflatten(x, 1, (2, 2))", (SQUARE,)),
    ".unflatten": ("x.unflatten(1, (2, 2))", (SQUARE,)),
    "torch.nn.Unflatten": ("torch.nn.Unflatten(1, (2, 2))(x)", (SQUARE,)),
    "torch.tensor_split": ("torch.tensor_split(x, 2, 1)[0]", (SQUARE,)),
    "torch.tril": ("torch.tril(x)", (SQUARE,)),
    ".tril": ("x.tril()", (SQUARE,)),
    "torch.triu": ("torch.triu(x)", (SQUARE,)),
    ".triu": ("x.triu()", (SQUARE,)),
    "torch.nn.functional.scaled_dot_product_attention": ("F.scaled_dot_product_attention(x, x, x)", (SQUARE,)),
    "torch.nn.functional.grid_sample": ("F.grid_sample(x, y, align_corners=False)", (PLANES, (1, 4, 4, 2))),
    "torch.scatter_reduce": ("torch.scatter_reduce(x, 0, torch.zeros(4, dtype=torch.int64), x, 'sum')", ((4,),)),
    ".scatter_reduce": ("x.scatter_reduce(0, torch.zeros(4, dtype=torch.int64), x, 'sum')", ((4,),)),
    "torch.stft": ("torch.stft(x, 16, window=torch.ones(16), return_complex=False)", ((1, 64),)),
    ".stft": ("x.stft(16, window=torch.ones(16), return_complex=False)", ((1, 64),)),
    "torch.bitwise_and": ("torch.bitwise_and(x.int(), x.int())", (SQUARE,)),
    "torch.nn.functional.fold": ("F.fold(x, (4, 4), (2, 2))", ((1, 12, 9),)),
    "torch.nn.Fold": ("torch.nn.Fold((4, 4), (2, 2))(x)", ((1, 12, 9),)),
    "torch.nn.functional.affine_grid": ("F.affine_grid(x, (1, 3, 4, 4), align_corners=False)", ((1, 2, 3),)),
}


@pytest.mark.parametrize("name", CALLS)
def test_functions_need_an_opset(name: str) -> None:
    torch = pytest.importorskip("torch")
    since = SINCE[name]
    code, shapes = CALLS[name]
    run: Any = eval(f"lambda x, y=None: {code}", {"torch": torch, "F": torch.nn.functional})

    class Net(torch.nn.Module):  # type: ignore[misc,name-defined]
        def forward(self, *inputs: Any) -> Any:
            return run(*inputs)

    def export(opset: int) -> None:
        given = tuple(torch.rand(shape) for shape in shapes)
        torch.onnx.export(Net(), given, io.BytesIO(), opset_version=opset, dynamo=False, do_constant_folding=False)

    with pytest.raises(Exception, match=r"[Uu]nsupported|not supported"):
        export(since - 1)
    export(since)
