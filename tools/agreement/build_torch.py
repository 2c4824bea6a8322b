"""Exported programs (``.pt2``) and TorchScript (``.pt``) for measuring agreement: one function each, over dtypes and shapes, small
networks, and damaged files.

    python -m tools.agreement.build_torch FOLDER [--seed N] [--limit N]

The functions and their arguments are the samples that PyTorch tests itself with (``torch.testing._internal``). What the forward takes is
kept with TorchScript in the extra file ``inputs.json``, ``[[dtype, [size, ...]], ...]``: a scripted module does not say.
"""

# mypy: disable-error-code="misc"

from __future__ import annotations

import argparse
import io
import json
import random
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

DTYPES = (
    *[torch.float32] * 8,
    *(torch.int64, torch.int64, torch.int32, torch.float16, torch.float64, torch.bool, torch.bfloat16, torch.uint8, torch.complex64),
)
"""float32 more often than the rest, as in models."""

LARGEST = 4096
"""Elements of an example input."""

Case = tuple[str, nn.Module, tuple[Any, ...]]


class Applied(nn.Module):
    """A function of tensors; arguments that are none, and tensors in `kept`, are the module's own."""

    def __init__(self, function: Callable[..., Any], args: Any, spec: Any, kept: dict[int, Tensor]) -> None:
        super().__init__()
        self.function, self.args, self.spec, self.kept = function, args, spec, tuple(kept)
        for number, tensor in kept.items():
            self.register_buffer(f"kept{number}", tensor)

    def forward(self, *tensors: Tensor) -> Any:
        given = iter(tensors)
        leaves = [
            getattr(self, f"kept{number}") if number in self.kept else next(given) if isinstance(leaf, Tensor) else leaf
            for number, leaf in enumerate(self.args)
        ]
        args, kwargs = torch.utils._pytree.tree_unflatten(leaves, self.spec)
        return self.function(*args, **kwargs)


def functions() -> list[Any]:
    """What PyTorch has samples of, without what only tests and gradients need."""
    from torch.testing._internal.common_methods_invocations import op_db

    never = ("jiterator", "sparse.", "torch.ops.", "torch._scaled", "masked.", "backward", "_segment", "hash_tensor", "chalf", "resize")
    return [op for op in op_db if not any(word in op.name for word in never)]


def single(op: Any, rng: random.Random) -> Case | None:
    """A module of one function; None where it has no sample of the dtype that came up."""
    dtype = rng.choice(DTYPES)
    if dtype not in op.supported_dtypes("cpu"):
        return None
    torch.manual_seed(rng.randrange(1 << 30))
    samples = [sample for sample, _ in zip(op.sample_inputs("cpu", dtype, requires_grad=False), range(40), strict=False)]
    if not samples:
        return None
    return case_of(op, rng.choice(samples), rng)


def case_of(op: Any, sample: Any, rng: random.Random) -> Case | None:
    """A module that applies the function to the sample; None where that holds no tensor, or one that is empty or large."""
    leaves, spec = torch.utils._pytree.tree_flatten(((sample.input, *sample.args), sample.kwargs))
    tensors = {number: leaf for number, leaf in enumerate(leaves) if isinstance(leaf, Tensor)}
    if not tensors or any(not 0 < t.numel() <= LARGEST or t.layout is not torch.strided for t in tensors.values()):
        return None
    leaves = [leaf.detach().clone() if isinstance(leaf, Tensor) else leaf for leaf in leaves]
    _, *others = tensors
    kept = {number: leaves[number] for number in others if rng.random() < 0.25}
    fed = tuple(leaves[number] for number in tensors if number not in kept)
    return op.name, Applied(op.op, leaves, spec, kept).eval(), fed


class Convolutions(nn.Module):
    """Convolution, normalization, activation, pooling, and a classifier."""

    def __init__(self, activation: nn.Module, pool: nn.Module, groups: int, norm: nn.Module) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.norm, self.activation, self.pool = norm, activation, pool
        self.body = nn.Conv2d(8, 8, 3, padding=1, groups=groups)
        self.up = nn.ConvTranspose2d(8, 4, 2, stride=2)
        self.head = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.activation(self.norm(self.stem(x)))
        x = self.up(self.pool(x + self.body(x)))
        return self.head(x.mean(dim=[2, 3]))


class Sequence(nn.Module):
    """A recurrent network over embedded words."""

    def __init__(self, cell: nn.Module, width: int) -> None:
        super().__init__()
        self.embedding, self.cell, self.head = nn.Embedding(30, 6), cell, nn.Linear(width, 3)

    def forward(self, words: Tensor) -> Tensor:
        y, _ = self.cell(self.embedding(words))
        return F.log_softmax(self.head(y[:, -1]), dim=-1)


class Attention(nn.Module):
    """A block of a transformer, written out or with PyTorch's own attention."""

    def __init__(self, kind: str, causal: bool) -> None:
        super().__init__()
        self.kind, self.causal = kind, causal
        self.qkv, self.out, self.norm = nn.Linear(8, 24), nn.Linear(8, 8), nn.LayerNorm(8)
        self.multi = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm(x)
        if self.kind == "module":
            return x + self.multi(h, h, h, need_weights=False)[0]
        q, k, v = [part.unflatten(-1, (2, 4)).transpose(1, 2) for part in self.qkv(h).chunk(3, -1)]
        if self.kind == "sdpa":
            y = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        elif self.kind == "einsum":
            y = torch.einsum("bhqk,bhkd->bhqd", torch.einsum("bhqd,bhkd->bhqk", q, k).softmax(-1), v)
        else:
            scores = q @ k.transpose(-1, -2) / 2.0
            if self.causal:
                mask = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool, device=x.device).triu(1)
                scores = scores.masked_fill(mask, float("-inf"))
            y = scores.softmax(-1) @ v
        return x + self.out(y.transpose(1, 2).flatten(2))


class Detection(nn.Module):
    """What comes after a detector: decode, filter, sort, put."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def forward(self, boxes: Tensor, scores: Tensor) -> Tensor:
        if self.kind == "topk":
            best, index = torch.topk(scores, 4)
            return torch.cat([boxes[index], best[:, None]], 1)
        if self.kind == "sort":
            _, index = torch.sort(scores, descending=True)
            return boxes.index_select(0, index)[:3]
        if self.kind == "where":
            return torch.where(scores[:, None] > 0.5, boxes, torch.zeros_like(boxes)).clamp(0, 1)
        if self.kind == "put":
            out = torch.zeros_like(boxes)
            out[scores.argsort()[:2]] = boxes[:2]
            return out
        if self.kind == "mask":
            return boxes[scores > 0.5]
        if self.kind == "nonzero":
            return torch.nonzero(scores > 0.5)
        if self.kind == "unique":
            return torch.unique((scores * 4).long())
        if self.kind == "histogram":
            return torch.histc(scores, 4)
        return torch.cdist(boxes, boxes).argmin(1)


class Signal(nn.Module):
    """Spectra and complex numbers."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def forward(self, x: Tensor) -> Tensor:
        if self.kind == "stft":
            return torch.stft(x, 16, window=torch.hann_window(16), return_complex=True).abs()
        if self.kind == "rfft":
            return torch.fft.rfft(x).abs()
        if self.kind == "irfft":
            return torch.fft.irfft(torch.fft.rfft(x))
        if self.kind == "fft2":
            return torch.fft.fft2(x.reshape(1, 8, -1)).real
        if self.kind == "polar":
            return torch.view_as_real(torch.polar(x.abs(), x))
        if self.kind == "angle":
            return torch.fft.fft(x).angle()
        return torch.view_as_complex(x.reshape(-1, 2)).conj().abs()


class Branch(nn.Module):
    """``torch.cond``."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cond(x.sum() > 0, lambda x: x.sin() + 1, lambda x: x.cos() - 1, (x,))


class Loop(nn.Module):
    """A loop and a branch on values, for scripting."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind, self.linear = kind, nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        if self.kind == "if":
            if bool(x.sum() > 0):
                x = self.linear(x)
            else:
                x = x.relu()
        elif self.kind == "for":
            for _ in range(x.size(0)):
                x = self.linear(x)
        elif self.kind == "while":
            n = 0
            while n < 3:
                x = torch.tanh(self.linear(x))
                n += 1
        elif self.kind == "list":
            parts: list[Tensor] = []
            for row in x.unbind(0):
                parts.append(row * 2)
            x = torch.stack(parts)
        elif self.kind == "dict":
            named = {"a": x, "b": x + 1}
            x = named["a"] * named["b"]
        elif self.kind == "text":
            if self.kind == "text" and x.dim() == 2:
                x = x.flatten()
        elif self.kind == "raise" and x.size(0) > 100:
            raise ValueError("too long")
        return x


class Functional(nn.Module):
    """A few operators in a row, chosen at random: what models do between their layers."""

    def __init__(self, steps: list[str]) -> None:
        super().__init__()
        self.steps = steps

    def forward(self, x: Tensor) -> Tensor:
        for step in self.steps:
            x = eval(step, {"torch": torch, "F": F, "x": x})
        return x


STEPS = """
F.pad(x, (1, 1), mode="reflect")
F.pad(x, (1, 2, 0, 1))
F.pad(x, (1, 1), mode="circular")
x.roll(1, -1)
x.flip(-1)
x.cumsum(-1)
x.cumprod(-1)
x.softmax(-1)
F.gelu(x)
F.gelu(x, approximate="tanh")
F.silu(x)
F.mish(x)
F.hardswish(x)
F.elu(x)
F.selu(x)
F.celu(x)
F.softplus(x)
F.softsign(x)
F.hardtanh(x)
F.leaky_relu(x, 0.1)
F.logsigmoid(x)
F.glu(x, -2)
F.normalize(x, dim=-1)
x.std(-1, keepdim=True)
x.var(-1, keepdim=True)
x.norm(dim=-1, keepdim=True)
torch.logsumexp(x, -1, keepdim=True)
x.amax(-1, keepdim=True)
x.median(-1, keepdim=True)[0]
x.max(-1, keepdim=True)[0]
x.sort(-1)[0]
x.topk(2, -1)[0]
x.kthvalue(2, -1, keepdim=True)[0]
x.tril()
x.triu(1)
x.erf()
torch.erfinv(x * 0.1)
x.expm1()
x.log1p()
x.abs().sqrt()
x.square()
x.sign()
x.round()
x.floor()
x.ceil()
x.trunc()
x.frac()
x.atan()
torch.atan2(x, x + 3)
x.clamp(0.1, 0.9)
x.clamp(min=0.2)
torch.lerp(x, x + 1, 0.3)
torch.addcmul(x, x, x)
torch.where(x > 0.5, x, -x)
x.masked_fill(x > 0.5, 0.0)
x.repeat_interleave(2, -1)
x.tile(2)
x.repeat(*[2] * x.dim())
x.unfold(-1, 2, 1).flatten(-2)
x.diff(dim=-1)
x.nan_to_num()
x.sinh()
x.cosh()
x.asinh()
torch.special.expit(x)
torch.special.i0(x)
x.lgamma()
x.digamma()
x.bucketize(torch.tensor([0.2, 0.5])).float()
x.fmod(0.3)
x.remainder(0.3)
x.float_power(2).float()
x.exp2()
x.rsqrt()
x.reciprocal()
x.logit(0.01)
x.mean(-1, keepdim=True)
x.prod(-1, keepdim=True)
x.transpose(-1, -2)
x.flatten(-2)
x.unsqueeze(0).squeeze(0)
x.narrow(-1, 0, 2)
x[..., ::2]
x[..., -1:]
x.index_select(-1, torch.tensor([1, 0]))
x.gather(-1, torch.zeros_like(x, dtype=torch.long))
x.scatter(-1, torch.zeros_like(x, dtype=torch.long), x)
x.scatter_add(-1, torch.zeros_like(x, dtype=torch.long), x)
x.index_fill(-1, torch.tensor([0]), 1.0)
x.isnan().float()
x.isfinite().float()
(x > 0.5).float().sum(-1, keepdim=True)
x.argmax(-1, keepdim=True).float()
x.half().float()
x.double().float()
x.long().float()
F.one_hot((x > 0.5).long(), 3).float().flatten(-2)
F.layer_norm(x, x.shape[-1:])
F.dropout(x, 0.5, False)
F.instance_norm(x) if x.dim() > 3 else x
F.group_norm(x, 1) if x.dim() > 2 else x
F.adaptive_avg_pool2d(x, 2)
F.adaptive_avg_pool2d(x, (3, 2))
F.adaptive_max_pool2d(x, 1)
F.avg_pool2d(x, 2)
F.max_pool2d(x, 2)
F.max_pool2d(x, 2, return_indices=True)[0]
F.pixel_shuffle(x.repeat_interleave(4, -3), 2)
F.unfold(x, 2)
F.local_response_norm(x, 2)
F.interpolate(x, scale_factor=2.0)
F.interpolate(x, size=(5, 7), mode="bilinear")
F.interpolate(x, scale_factor=2.0, mode="bicubic", align_corners=True)
F.interpolate(x, size=(3, 3), mode="area")
F.grid_sample(x, torch.zeros(x.shape[0], 3, 3, 2))
x @ x.transpose(-1, -2)
torch.einsum("...ij,...kj->...ik", x, x)
torch.baddbmm(x, x, x) if x.dim() == 3 and x.shape[-1] == x.shape[-2] else x
torch.linalg.norm(x, dim=-1, keepdim=True)
torch.linalg.inv(x @ x.transpose(-1, -2) + 3 * torch.eye(x.shape[-2]))
torch.linalg.det(x @ x.transpose(-1, -2))
torch.linalg.svd(x)[1]
torch.linalg.qr(x)[1]
torch.linalg.cholesky(x @ x.transpose(-1, -2) + 3 * torch.eye(x.shape[-2]))
torch.cdist(x, x)
torch.rand_like(x) * x
torch.randn(x.shape) + x
torch.bernoulli(x.clamp(0, 1))
torch.multinomial(x.flatten(0, -2).abs() + 0.1, 2).float()
torch.cumsum(x, 0, dtype=torch.float64).float()
torch.stack([x, x], 0)
torch.cat([x, x], -1)
torch.split(x, 1, -1)[0]
x.chunk(2, -1)[0]
torch.meshgrid(x.flatten()[:2], x.flatten()[:2], indexing="ij")[0]
torch.broadcast_to(x, (2, *x.shape))
x.movedim(0, -1)
x.rot90(1, (-2, -1))
torch.kron(x, x) if x.dim() == 2 else x
torch.tensordot(x, x, 1) if x.shape[0] == x.shape[-1] else x
x.new_zeros(x.shape) + x
torch.full_like(x, 2.0) * x
torch.arange(x.shape[-1]) + x
torch.linspace(0, 1, x.shape[-1]) * x
torch.count_nonzero(x, -1).float()
x.cummax(-1)[0]
x.logcumsumexp(-1)
torch.searchsorted(x.sort(-1)[0].contiguous(), x.contiguous()).float()
x.unique()
x.renorm(2, 0, 1.0)
x.aminmax()[1]
torch.quantile(x, 0.5, -1, keepdim=True)
F.embedding((x > 0.5).long(), torch.ones(3, 4))
F.embedding_bag((x > 0.5).long().flatten(0, -2), torch.ones(3, 4))
F.cosine_similarity(x, x + 1, dim=-1)
F.prelu(x, torch.tensor([0.2]))
F.rms_norm(x, x.shape[-1:])
x.squeeze()
x.bool().any(-1).float()
x.bool().all().float()
(x > 0.1).logical_and(x < 0.9).float()
(x.long() & 1).float()
(x.int() << 1).float()
x.heaviside(torch.tensor(0.5))
x.hypot(x)
x.copysign(-x)
"""
"""Steps of a `Functional`, of a tensor in (0, 1) of any rank."""


def networks(rng: random.Random) -> Iterator[Case]:
    """Small architectures with random weights."""
    image, words = torch.rand(1, 3, 16, 16), torch.randint(0, 30, (2, 7))
    activations = (
        nn.ReLU(),
        nn.ReLU6(),
        nn.SiLU(),
        nn.GELU(),
        nn.Hardswish(),
        nn.ELU(),
        nn.PReLU(),
        nn.Mish(),
        nn.LeakyReLU(0.2),
        nn.Tanhshrink(),
    )
    pools = (nn.MaxPool2d(2), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(4), nn.AdaptiveAvgPool2d(3), nn.AdaptiveMaxPool2d(2), nn.LPPool2d(2, 2))
    norms = (nn.BatchNorm2d(8), nn.GroupNorm(2, 8), nn.InstanceNorm2d(8, affine=True), nn.Identity(), nn.LocalResponseNorm(2))
    for number in range(12):
        parts = rng.choice(activations), rng.choice(pools), rng.choice((1, 2, 8)), rng.choice(norms)
        yield f"conv{number}", Convolutions(*parts), (image,)
    for cell in (nn.LSTM, nn.GRU, nn.RNN):
        layers, both = rng.choice((1, 2)), rng.random() < 0.5
        made = cell(6, 5, num_layers=layers, bidirectional=both, batch_first=True)
        yield cell.__name__.lower(), Sequence(made, 10 if both else 5), (words,)
    for kind in ("module", "sdpa", "einsum", "plain"):
        yield f"attention_{kind}", Attention(kind, rng.random() < 0.5), (torch.rand(2, 5, 8),)
    yield "encoder", nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (torch.rand(2, 5, 8),)
    yield "decoder", nn.TransformerDecoderLayer(8, 2, 16, batch_first=True), (torch.rand(2, 5, 8), torch.rand(2, 4, 8))
    for kind in ("topk", "sort", "where", "put", "mask", "nonzero", "unique", "histogram", "cdist"):
        yield f"detection_{kind}", Detection(kind), (torch.rand(6, 4), torch.rand(6))
    for kind in ("stft", "rfft", "irfft", "fft2", "polar", "angle", "complex"):
        yield f"signal_{kind}", Signal(kind), (torch.rand(1, 64),)
    yield "cond", Branch(), (torch.rand(2, 3),)
    for kind in ("if", "for", "while", "list", "dict", "text", "raise"):
        yield f"loop_{kind}", Loop(kind), (torch.rand(3, 6),)
    for name, layer, given in (
        ("embedding_bag", nn.EmbeddingBag(30, 4), words),
        ("bilinear", nn.Upsample(scale_factor=2, mode="bilinear"), image),
        ("shuffle", nn.PixelShuffle(2), torch.rand(1, 8, 4, 4)),
        ("conv1d", nn.Sequential(nn.Conv1d(4, 8, 3), nn.BatchNorm1d(8), nn.MaxPool1d(2)), torch.rand(1, 4, 12)),
        ("conv3d", nn.Sequential(nn.Conv3d(2, 4, 3), nn.BatchNorm3d(4), nn.MaxPool3d(2)), torch.rand(1, 2, 6, 6, 6)),
        ("pool3d", nn.AdaptiveAvgPool3d(2), torch.rand(1, 2, 6, 6, 6)),
        ("flatten", nn.Sequential(nn.Flatten(), nn.Linear(768, 4), nn.Softmax(-1)), image),
        ("norm1", nn.LayerNorm([3, 16, 16]), image),
        ("fold", nn.Fold((4, 5), (2, 2)), torch.rand(1, 12, 12)),
        ("distance", nn.PairwiseDistance(), None),
    ):
        yield name, layer, (given,) if given is not None else (torch.rand(3, 4), torch.rand(3, 4))


def chains(rng: random.Random, count: int) -> Iterator[Case]:
    steps = STEPS.strip().splitlines()
    for number in range(count):
        shape = rng.choice(((1, 4, 6, 6), (2, 4, 6, 6), (2, 4, 6), (3, 6), (4, 4)))
        yield f"chain{number}", Functional(rng.sample(steps, rng.choice((1, 2, 3)))), (torch.rand(shape),)


def save(folder: Path, name: str, module: nn.Module, fed: tuple[Any, ...], rng: random.Random) -> list[Path]:
    """The module as an exported program and as TorchScript, of whichever can be made."""
    module, made = module.eval(), []
    sizes = [{0: torch.export.Dim.AUTO} if tensor.dim() and tensor.shape[0] > 1 else None for tensor in fed]
    # The forward of a function takes its tensors as one tuple.
    dynamic = ((tuple(sizes),) if isinstance(module, Applied) else tuple(sizes)) if rng.random() < 0.3 else None
    scripted = (not isinstance(module, Applied | Functional) and rng.random() < 0.6) or isinstance(module, Loop | torch.jit.ScriptModule)
    content = io.BytesIO()
    try:
        torch.export.save(torch.export.export(module, fed, dynamic_shapes=dynamic), content)
        made.append(folder / f"{name}.pt2")
        made[-1].write_bytes(content.getvalue())
    except Exception:
        pass
    content = io.BytesIO()
    try:
        try:
            kept = torch.jit.script(module) if scripted else None
        except Exception:  # what only traces
            kept = None
        kept = kept or torch.jit.trace(module, fed, check_trace=False, strict=False)
        inputs = json.dumps([[str(tensor.dtype).removeprefix("torch."), list(tensor.shape)] for tensor in fed])
        torch.jit.save(kept, content, _extra_files={"inputs.json": inputs})
        made.append(folder / f"{name}.pt")
        made[-1].write_bytes(content.getvalue())
    except Exception:
        pass
    return made


def damage(path: Path, rng: random.Random) -> None:
    """A damaged copy of a file beside it: cut, without a member, of another version or an unknown operator, with a bit turned."""
    how = rng.choice(("cut", "member", "version", "operator", "bit"))
    content, out = path.read_bytes(), path.with_name(f"broken_{how}_{path.name}")
    if how == "cut":
        content = content[: rng.randrange(1, len(content))]
    elif how == "bit":
        at = rng.randrange(len(content))
        content = content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1 :]
    else:
        made = io.BytesIO()
        with zipfile.ZipFile(path) as archive, zipfile.ZipFile(made, "w") as other:
            names = archive.namelist()
            leaving = rng.choice(names) if how == "member" else ""
            for name in names:
                member = archive.read(name)
                if how == "version" and name.endswith(("/version", "/archive_version")):
                    member = b"99\n"
                if how == "version" and name.endswith("model.json"):
                    member = member.replace(b'"major": 8', b'"major": 99').replace(b'"major": 9,', b'"major": 99,')
                if how == "operator":
                    member = member.replace(b"torch.ops.aten.", b"torch.ops.atem.", 1) if name.endswith(".json") else member
                    member = member.replace(b" = torch.", b" = torch.not_", 1) if "/code/" in name and name.endswith(".py") else member
                if name != leaving:
                    other.writestr(name, member)
        content = made.getvalue()
    out.write_bytes(content)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int, default=250, help="modules of one function; half as many of a few")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    rng = random.Random(args.seed)
    torch.manual_seed(args.seed)
    args.folder.mkdir(parents=True, exist_ok=True)
    known = functions()
    made: list[Path] = []
    for _ in range(args.limit * 4):
        if len(made) >= 2 * args.limit:
            break
        try:
            case = single(rng.choice(known), rng)
        except Exception:  # a sample that PyTorch makes only where it was built with some library
            continue
        if case is not None:
            made += save(args.folder, f"{len(made):04d}_{case[0]}", *case[1:], rng)
    for name, module, fed in (*networks(rng), *chains(rng, args.limit // 2)):
        made += save(args.folder, name, module, fed, rng)
    for path in rng.sample(made, len(made) // 10):
        damage(path, rng)
    print(len(made), "files, and a tenth of them damaged", file=sys.stderr)


if __name__ == "__main__":
    main()
