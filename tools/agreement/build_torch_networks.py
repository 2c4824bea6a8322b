"""Networks as people write them, with random weights and sizes, as exported programs and TorchScript for measuring agreement: layers of
every kind, blocks of convolutional networks, transformers, recurrent networks, detectors, spectra, graphs, control flow, quantization,
operators of one's own, changes in place, and unusual dtypes; and damaged files.

    python -m tools.agreement.build_torch_networks FOLDER [--seed N] [--limit N]

Where timm and transformers can be imported, some of their architectures are made too, in small configurations.
"""

# mypy: disable-error-code="misc"

from __future__ import annotations

import argparse
import math
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tools.agreement.build_torch import Case, damage, save

Made = tuple[nn.Module, tuple[Any, ...]]


class Of(nn.Module):
    """A network written as a function of its layers and tensors."""

    def __init__(self, function: Callable[..., Any], **layers: Any) -> None:
        super().__init__()
        self.function = function
        for name, layer in layers.items():
            if isinstance(layer, Tensor) and not isinstance(layer, nn.Parameter):
                self.register_buffer(name, layer)
            else:
                setattr(self, name, layer)

    def forward(self, *tensors: Tensor) -> Any:
        return self.function(self, *tensors)


def activation(rng: random.Random) -> nn.Module:
    kinds: list[Callable[[], nn.Module]] = [
        *(nn.ReLU, nn.ReLU6, nn.SiLU, nn.GELU, nn.Hardswish, nn.Hardsigmoid, nn.ELU, nn.Mish, nn.Softplus, nn.Tanh, nn.Sigmoid, nn.CELU),
        *(nn.SELU, nn.Softsign, nn.LogSigmoid, nn.Tanhshrink, nn.Softshrink, nn.Hardshrink, nn.Hardtanh, nn.PReLU, nn.LeakyReLU),
        *(lambda: nn.GELU("tanh"), lambda: nn.PReLU(8), lambda: nn.Threshold(0.1, 20.0), lambda: nn.RReLU()),
        lambda: nn.ReLU(inplace=True),
    ]
    return rng.choice(kinds)()


def norm(rng: random.Random, width: int) -> nn.Module:
    kinds: list[Callable[[], nn.Module]] = [
        lambda: nn.BatchNorm2d(width),
        lambda: nn.BatchNorm2d(width, affine=False),
        lambda: nn.BatchNorm2d(width, track_running_stats=False),
        lambda: nn.GroupNorm(2, width),
        lambda: nn.InstanceNorm2d(width),
        lambda: nn.InstanceNorm2d(width, affine=True, track_running_stats=True),
        lambda: nn.LocalResponseNorm(3),
        nn.Identity,
    ]
    return rng.choice(kinds)()


def pool(rng: random.Random) -> nn.Module:
    kinds: list[Callable[[], nn.Module]] = [
        lambda: nn.MaxPool2d(2),
        lambda: nn.MaxPool2d(3, 2, 1, ceil_mode=True),
        lambda: nn.MaxPool2d(3, 1, 1, dilation=1),
        lambda: nn.MaxPool2d(2, dilation=2),
        lambda: nn.AvgPool2d(2),
        lambda: nn.AvgPool2d(3, 2, 1, ceil_mode=True),
        lambda: nn.AvgPool2d(3, 2, 1, count_include_pad=False),
        lambda: nn.AvgPool2d(2, divisor_override=3),
        lambda: nn.AdaptiveAvgPool2d(1),
        lambda: nn.AdaptiveAvgPool2d((2, 4)),
        lambda: nn.AdaptiveAvgPool2d(3),
        lambda: nn.AdaptiveMaxPool2d(2),
        lambda: nn.AdaptiveMaxPool2d(3),
        lambda: nn.LPPool2d(2, 2),
        lambda: nn.FractionalMaxPool2d(2, output_size=4),
    ]
    return rng.choice(kinds)()


def convolution(rng: random.Random, inside: int, outside: int) -> nn.Module:
    kind = rng.choice(("plain", "plain", "depthwise", "dilated", "same", "circular", "reflect", "transposed"))
    if kind == "depthwise":
        return nn.Sequential(nn.Conv2d(inside, inside, 3, padding=1, groups=inside), nn.Conv2d(inside, outside, 1))
    if kind == "transposed":
        return nn.ConvTranspose2d(inside, outside, 3, stride=2, padding=1, output_padding=rng.choice((0, 1)), dilation=rng.choice((1, 2)))
    return nn.Conv2d(
        inside,
        outside,
        3,
        padding="same" if kind == "same" else 1,
        dilation=2 if kind == "dilated" else 1,
        padding_mode=kind if kind in ("circular", "reflect") else "zeros",
        bias=rng.random() < 0.5,
    )


def images(rng: random.Random) -> Made:
    """Convolutions, normalization, activations and pools in a row, with a classifier or a decoder."""
    layers = [convolution(rng, 3, 8), norm(rng, 8), activation(rng), pool(rng), convolution(rng, 8, 8), norm(rng, 8), activation(rng)]
    tail = rng.choice(("mean", "flatten", "upsample", "shuffle", "none"))
    if tail == "mean":
        layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(8, 5), rng.choice((nn.Softmax(-1), nn.Identity()))]
    elif tail == "flatten":
        layers += [nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 5), nn.LogSoftmax(-1)]
    elif tail == "upsample":
        mode = rng.choice(("nearest", "bilinear", "bicubic"))
        layers += [nn.Upsample(scale_factor=2, mode=mode, align_corners=None if mode == "nearest" else rng.random() < 0.5)]
    elif tail == "shuffle":
        layers += [rng.choice((nn.PixelShuffle(2), nn.ChannelShuffle(2), nn.PixelUnshuffle(1)))]
    return nn.Sequential(*layers), (torch.rand(rng.choice((1, 2)), 3, 16, 16),)


def residual(rng: random.Random) -> Made:
    """Inverted residuals with squeeze and excitation, or blocks in the way of ConvNeXt."""
    if rng.random() < 0.5:

        def forward(m: Any, x: Tensor) -> Tensor:
            h = m.act(m.bn(m.expand(x)))
            h = m.act(m.depth(h))
            h = h * torch.sigmoid(m.up(F.relu(m.down(h.mean((2, 3), keepdim=True)))))
            return x + m.project(h)

        layers = {"expand": nn.Conv2d(4, 8, 1), "bn": nn.BatchNorm2d(8), "act": activation(rng), "project": nn.Conv2d(8, 4, 1)}
        layers |= {"depth": nn.Conv2d(8, 8, 5, padding=2, groups=8), "down": nn.Conv2d(8, 2, 1), "up": nn.Conv2d(2, 8, 1)}
        return Of(forward, **layers), (torch.rand(1, 4, 8, 8),)

    def block(m: Any, x: Tensor) -> Tensor:
        h = m.depth(x).permute(0, 2, 3, 1)
        h = m.second(F.gelu(m.first(m.norm(h)))) * m.gamma
        return x + h.permute(0, 3, 1, 2)

    layers = {"depth": nn.Conv2d(4, 4, 7, padding=3, groups=4), "norm": nn.LayerNorm(4), "first": nn.Linear(4, 16)}
    return Of(block, **layers, second=nn.Linear(16, 4), gamma=nn.Parameter(torch.ones(4))), (torch.rand(1, 4, 8, 8),)


def unet(rng: random.Random) -> Made:
    mode = rng.choice(("nearest", "bilinear", "bicubic", "area", "nearest-exact"))

    def forward(m: Any, x: Tensor) -> Tensor:
        a = F.relu(m.first(x))
        b = F.relu(m.second(F.max_pool2d(a, 2)))
        up = F.interpolate(b, size=a.shape[-2:], mode=mode)
        return m.last(torch.cat([a, up], 1))

    return Of(forward, first=nn.Conv2d(3, 4, 3, padding=1), second=nn.Conv2d(4, 4, 3, padding=1), last=nn.Conv2d(8, 1, 1)), (
        torch.rand(1, 3, 16, rng.choice((16, 12))),
    )


def transformer(rng: random.Random) -> Made:
    """A block with one of the usual ways to normalize, to say positions and to attend."""
    width, heads, long = 8, 2, rng.choice((5, 6))
    positions, attend = rng.choice(("learned", "rotary", "complex", "relative", "alibi", "none")), rng.choice(("sdpa", "plain", "einsum"))
    causal, rms, gated = rng.random() < 0.5, rng.random() < 0.5, rng.random() < 0.5
    mask_kind = rng.choice(("triu", "tril", "where", "finfo"))

    def rotate(x: Tensor) -> Tensor:
        if positions == "complex":
            angles = torch.polar(torch.ones(long, 2), torch.outer(torch.arange(long).float(), torch.tensor([1.0, 0.1])))
            return torch.view_as_real(torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2)) * angles).flatten(3)
        angles = torch.outer(torch.arange(x.shape[-2], device=x.device).float(), torch.tensor([1.0, 0.1])).repeat(1, 2)
        half = x.shape[-1] // 2
        return x * angles.cos() + torch.cat((-x[..., half:], x[..., :half]), -1) * angles.sin()

    def scale(m: Any, x: Tensor) -> Tensor:
        if not rms:
            return m.norm(x)
        return m.weight * (x.to(torch.float32) * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)).type_as(x)

    def forward(m: Any, words: Tensor) -> Tensor:
        x = m.embedding(words)
        if positions == "learned":
            x = x + m.position(torch.arange(words.shape[1], device=words.device))
        h = scale(m, x)
        q, k, v = (part.view(x.shape[0], -1, heads, width // heads).transpose(1, 2) for part in m.qkv(h).split(width, -1))
        if positions in ("rotary", "complex"):
            q, k = rotate(q), rotate(k)
        n = words.shape[1]
        bias = torch.zeros(n, n)
        if mask_kind == "triu" and causal:
            bias = torch.full((n, n), float("-inf")).triu(1)
        elif mask_kind == "tril" and causal:
            bias = bias.masked_fill(torch.tril(torch.ones(n, n)) == 0, float("-inf"))
        elif mask_kind == "where" and causal:
            bias = torch.where(torch.arange(n)[:, None] >= torch.arange(n), 0.0, -1e4)
        elif causal:
            bias = (1.0 - torch.ones(n, n).tril()) * torch.finfo(torch.float32).min
        if positions == "alibi":
            bias = bias - 0.5 * (torch.arange(n)[:, None] - torch.arange(n)).abs()
        if positions == "relative":
            far = (torch.arange(n)[:, None] - torch.arange(n)).clamp(-3, 3) + 3
            bias = bias + m.relative(far).permute(2, 0, 1)
        if attend == "sdpa":
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        elif attend == "einsum":
            y = torch.einsum("bhqk,bhkd->bhqd", (torch.einsum("bhqd,bhkd->bhqk", q, k) / 2 + bias).softmax(-1), v)
        else:
            y = torch.softmax(torch.matmul(q, k.transpose(2, 3)) / math.sqrt(width // heads) + bias, -1, dtype=torch.float32) @ v
        x = x + m.out(y.transpose(1, 2).contiguous().view(x.shape))
        h = scale(m, x)
        h = m.down(F.silu(m.gate(h)) * m.up(h)) if gated else m.down(F.gelu(m.up(h)))
        return m.head(x + h)

    layers = {
        "embedding": nn.Embedding(20, width),
        "position": nn.Embedding(16, width),
        "relative": nn.Embedding(7, heads),
        "norm": nn.LayerNorm(width),
        "weight": nn.Parameter(torch.ones(width)),
        **{name: nn.Linear(width, outside) for name, outside in (("qkv", 24), ("out", 8), ("gate", 16), ("up", 16), ("head", 20))},
        "down": nn.Linear(16, width),
    }
    return Of(forward, **layers), (torch.randint(0, 20, (rng.choice((1, 2)), long)),)


def recurrent(rng: random.Random) -> Made:
    kind = rng.choice(("lstm", "gru", "rnn", "projected", "cells", "states", "loop", "packed"))
    layers, both = rng.choice((1, 2)), rng.random() < 0.4
    words = torch.randint(0, 12, (2, 6))
    embedding = nn.Embedding(12, 6, padding_idx=0)
    if kind == "cells":
        cell = rng.choice((nn.LSTMCell, nn.GRUCell, nn.RNNCell))(6, 5)

        def steps(m: Any, words: Tensor) -> Tensor:
            state: Any = None
            for part in m.embedding(words).unbind(1):
                state = m.cell(part, state)
            return state[0] if isinstance(state, tuple) else state

        return Of(steps, embedding=embedding, cell=cell), (words,)
    if kind == "loop":

        def scan(m: Any, x: Tensor) -> Tensor:
            h, found = torch.zeros(x.shape[0], 6), []
            for t in range(x.shape[1]):
                h = torch.tanh(m.inner(h) + m.outer(x[:, t]))
                found.append(h)
            return torch.stack(found, 1)

        return Of(scan, inner=nn.Linear(6, 6), outer=nn.Linear(6, 6)), (torch.rand(2, 4, 6),)
    if kind == "packed":

        def packed(m: Any, x: Tensor, sizes: Tensor) -> Tensor:
            given = nn.utils.rnn.pack_padded_sequence(x, sizes, batch_first=True, enforce_sorted=False)
            return nn.utils.rnn.pad_packed_sequence(m.cell(given)[0], batch_first=True)[0]

        return Of(packed, cell=nn.LSTM(6, 5, batch_first=True)), (torch.rand(2, 4, 6), torch.tensor([4, 3]))
    named: dict[str, Any] = {"gru": nn.GRU, "rnn": nn.RNN}
    options: dict[str, Any] = {"num_layers": layers, "bidirectional": both, "batch_first": rng.random() < 0.7}
    if kind == "projected":
        options["proj_size"] = 3
    if kind == "rnn" and rng.random() < 0.5:
        options["nonlinearity"] = "relu"
    cell = named.get(kind, nn.LSTM)(6, 5, **options)

    def run(m: Any, words: Tensor) -> Any:
        y, state = m.cell(m.embedding(words))
        return (y, state) if kind == "states" else y[:, -1]

    return Of(run, embedding=embedding, cell=cell), (words,)


def overlap(a: Tensor, b: Tensor) -> Tensor:
    low, high = torch.max(a[:, None, :2], b[:, :2]), torch.min(a[:, None, 2:], b[:, 2:])
    inner = (high - low).clamp(min=0).prod(2)
    area = (a[:, 2:] - a[:, :2]).prod(1)[:, None] + (b[:, 2:] - b[:, :2]).prod(1)
    return inner / (area - inner + 1e-6)


def detector(rng: random.Random) -> Made:
    kind = rng.choice(("anchors", "decode", "overlap", "suppress", "gather", "pool", "keypoints", "assign", "bins", "put", "split"))

    def forward(m: Any, boxes: Tensor, scores: Tensor) -> Any:
        if kind == "anchors":
            y, x = torch.meshgrid(torch.arange(4), torch.arange(4), indexing="ij")
            return torch.stack([x, y, x + 2, y + 2], -1).reshape(-1, 4).float()[: boxes.shape[0]] + boxes
        if kind == "decode":
            center, size = boxes[:, :2] * 0.1, torch.exp(boxes[:, 2:] * 0.2)
            return torch.cat((center - size / 2, center + size / 2), 1), scores.sigmoid().max(-1).values
        if kind == "overlap":
            return overlap(boxes, boxes).max(1)
        if kind == "suppress":
            order = scores[:, 0].argsort(descending=True)
            taken = overlap(boxes[order], boxes[order]).triu(1).amax(0) < 0.5
            return boxes[order] * taken[:, None]
        if kind == "gather":
            best, index = scores.flatten().topk(4)
            return torch.gather(boxes, 0, (index // scores.shape[1])[:, None].expand(-1, 4)), best, index % scores.shape[1]
        if kind == "pool":
            grid = boxes[:4].reshape(1, 4, 1, 4)[..., :2] * 2 - 1
            return F.grid_sample(scores[None, None], grid, mode="bilinear", padding_mode="zeros", align_corners=False)
        if kind == "keypoints":
            flat = scores.flatten(0).softmax(0)
            return (flat * torch.arange(flat.shape[0])).sum(), flat.argmax()
        if kind == "assign":
            out = torch.full((boxes.shape[0],), -1, dtype=torch.long)
            far = torch.cdist(boxes, boxes)
            out[far.min(1).values < 0.1] = 1
            return out
        if kind == "bins":
            return torch.bucketize(scores, torch.linspace(0, 1, 5)), F.one_hot(scores.argmax(1), scores.shape[1])
        if kind == "put":
            out = torch.zeros(8, 4)
            out[scores[:, 0].argsort()[:4]] = boxes[:4]
            out[:, 0] += 1
            return out.index_add(0, torch.tensor([0, 1]), boxes[:2])
        wide, narrow = scores.split([2, 1], 1)
        return boxes[torch.where(wide[:, 0] > 0.5)[0]], narrow.squeeze(1)

    return Of(forward), (torch.rand(6, 4), torch.rand(6, 3))


def spectrum(rng: random.Random) -> Made:
    kind = rng.choice(("stft", "istft", "mel", "filter", "complex", "conv", "fft2", "shift", "polar", "dct", "window"))
    window = torch.hann_window(16)

    def forward(m: Any, x: Tensor) -> Any:
        if kind in ("stft", "mel"):
            power = torch.stft(x, 16, 8, window=window, center=kind == "mel", return_complex=True).abs() ** 2
            return torch.log10(torch.clamp(m.bank.T @ power, min=1e-10)) if kind == "mel" else power
        if kind == "istft":
            return torch.istft(torch.stft(x, 16, window=window, return_complex=True), 16, window=window)
        if kind == "filter":
            return torch.fft.irfft(torch.fft.rfft(x, dim=-1) * torch.fft.rfft(m.kernel, n=x.shape[-1]), n=x.shape[-1])
        if kind == "complex":
            z = torch.complex(x, x * 0.5)
            return (z * z.conj()).real + z.imag
        if kind == "conv":
            return F.conv1d(x[:, None], m.kernel[None, None], stride=2).abs().log1p()
        if kind == "fft2":
            return torch.fft.fftshift(torch.fft.fft2(x.reshape(1, 8, -1))).abs()
        if kind == "shift":
            return torch.roll(x, 1, -1) * torch.fft.fftfreq(x.shape[-1])
        if kind == "polar":
            return torch.polar(x, x).angle()
        if kind == "dct":
            n = torch.arange(8, dtype=x.dtype)
            return x.reshape(-1, 8) @ torch.cos(math.pi / 8 * (n[:, None] + 0.5) * n)
        return x.unfold(-1, 16, 8) * torch.hamming_window(16)

    return Of(forward, bank=torch.rand(9, 4), kernel=torch.rand(5)), (torch.rand(1, 64),)


def graphs(rng: random.Random) -> Made:
    kind = rng.choice(("scatter_add", "index_add", "scatter_reduce", "scatter_mean", "softmax", "sparse", "bincount"))
    edges = torch.randint(0, 5, (2, 8))

    def forward(m: Any, x: Tensor, edges: Tensor) -> Tensor:
        source, target = edges[0], edges[1]
        sent = m.linear(x)[source]
        index = target[:, None].expand_as(sent)
        if kind == "index_add":
            return torch.zeros_like(x).index_add_(0, target, sent)
        if kind == "scatter_reduce":
            return torch.zeros_like(x).scatter_reduce(0, index, sent, reduce="amax", include_self=False)
        if kind == "scatter_mean":
            return torch.zeros_like(x).scatter_reduce(0, index, sent, reduce="mean")
        if kind == "softmax":
            score = (x[source] * x[target]).sum(-1).exp()
            return score / torch.zeros(x.shape[0]).scatter_add(0, target, score)[target]
        if kind == "sparse":
            return torch.zeros(5, 5).index_put((source, target), torch.ones(8), accumulate=True) @ x
        if kind == "bincount":
            return torch.bincount(target, minlength=5).float()[:, None] * x
        return torch.zeros_like(x).scatter_add_(0, index, sent)

    return Of(forward, linear=nn.Linear(4, 4)), (torch.rand(5, 4), edges)


def control(rng: random.Random) -> Made:
    kind = rng.choice(("cond", "nested", "while", "scan", "map", "check"))

    def forward(m: Any, x: Tensor) -> Any:
        if kind == "cond":
            return torch.cond(x.sum() > 0, lambda x: m.linear(x), lambda x: x.cos(), (x,))
        if kind == "nested":
            return torch.cond(x.mean() > 0, lambda x: torch.cond(x.max() > 1, torch.sin, torch.cos, (x,)), lambda x: x * 2, (x,))
        if kind == "while":
            count = torch.tensor(0)
            return torch._higher_order_ops.while_loop(lambda n, x: n < 3, lambda n, x: (n + 1, x.tanh()), (count, x))
        if kind == "scan":
            return torch._higher_order_ops.scan(lambda h, x: (h + x, (h * x).clone()), torch.zeros(x.shape[1]), x, dim=0)
        if kind == "map":
            return torch._higher_order_ops.map(lambda row: row.sin() + 1, x)
        size = int((x > 0.5).sum().item())
        torch._check(size >= 0)
        torch._check(size <= x.numel())
        return torch.zeros(size) + 1

    return Of(forward, linear=nn.Linear(6, 6)), (torch.rand(3, 6),)


class Scripted(nn.Module):
    """What only scripting keeps: branches, loops, lists, optional arguments, strings, and asserts."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind, self.linear, self.layers = kind, nn.Linear(6, 6), nn.ModuleList([nn.Linear(6, 6), nn.Linear(6, 6)])

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        if y is not None:
            x = x + y
        if self.kind == "early":
            if x.sum() > 100.0:
                return x
            return self.linear(x)
        if self.kind == "modules":
            for layer in self.layers:
                x = torch.relu(layer(x))
        elif self.kind == "assert":
            assert x.size(1) == 6, "six features"
            x = self.linear(x)
        elif self.kind == "break":
            for _ in range(10):
                if float(x.sum()) > 10.0:
                    break
                x = x * 2.0
        elif self.kind == "grow":
            n = int(x.size(0))
            found: list[int] = []
            for i in range(n):
                found.append(i * 2)
            x = x[torch.tensor(found) // 2]
        elif self.kind == "while":
            while bool((x < 1.0).any()):
                x = x + 0.5
        elif self.kind == "shape":
            b, c = x.shape
            x = x.view(b, c // 2, 2).sum(-1)
        elif self.kind == "accumulate":
            total = torch.zeros(6)
            for i in range(x.size(0)):
                total = total + x[i]
            x = total
        elif self.kind == "slice":
            out = torch.zeros_like(x)
            for i in range(x.size(0)):
                out[i] = x[i] * i
            x = out
        elif self.kind == "ifelse":
            x = self.linear(x) if x.dim() == 2 else x.flatten(1)
        elif self.kind == "tuple":
            a, b = x.chunk(2, 1)
            x = a * b
        elif self.kind == "device":
            x = x + torch.arange(6, device=x.device, dtype=x.dtype)
        return x


def scripts(rng: random.Random) -> Made:
    kinds = ("early", "modules", "assert", "break", "grow", "while", "shape", "accumulate", "slice", "ifelse", "tuple", "device")
    return torch.jit.script(Scripted(rng.choice(kinds))), (torch.rand(3, 6),)


def quantized(rng: random.Random) -> Made:
    kind = rng.choice(("dynamic", "fake", "fake_channel", "tensor", "weights", "static", "mm"))
    if kind in ("dynamic", "static"):
        from torch.ao import quantization

        plain = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 4)).eval()
        if kind == "dynamic":
            return quantization.quantize_dynamic(plain, {nn.Linear}, dtype=torch.qint8), (torch.rand(2, 8),)
        whole = nn.Sequential(quantization.QuantStub(), nn.Conv2d(3, 4, 3), nn.ReLU(), quantization.DeQuantStub()).eval()
        whole.qconfig = quantization.get_default_qconfig("x86")
        prepared = quantization.prepare(whole)
        prepared(torch.rand(1, 3, 8, 8))
        return quantization.convert(prepared), (torch.rand(1, 3, 8, 8),)

    def forward(m: Any, x: Tensor) -> Tensor:
        if kind == "fake":
            return m.linear(torch.fake_quantize_per_tensor_affine(x, 0.1, 0, -128, 127))
        if kind == "fake_channel":
            return x @ torch.fake_quantize_per_channel_affine(
                m.linear.weight, torch.ones(8), torch.zeros(8, dtype=torch.int32), 0, -128, 127
            )
        if kind == "tensor":
            return torch.quantize_per_tensor(x, 0.1, 0, torch.quint8).dequantize()
        if kind == "mm":
            return torch._int_mm((x * 10).to(torch.int8).repeat(10, 1), m.stored.to(torch.int8)).float()
        return x @ (m.stored.to(torch.float32) * 0.02).T

    return Of(forward, linear=nn.Linear(8, 8), stored=torch.randint(-128, 127, (8, 8), dtype=torch.int8)), (torch.rand(2, 8),)


def own(rng: random.Random) -> Made:
    """An operator that the network's own library brings."""
    name = f"helper_{rng.randrange(1 << 30)}"
    torch.library.define(f"tools_networks::{name}", "(Tensor x, float a) -> Tensor")
    torch.library.impl(f"tools_networks::{name}", "CompositeExplicitAutograd")(lambda x, a: x * a)
    torch.library.register_fake(f"tools_networks::{name}")(lambda x, a: torch.empty_like(x))

    def forward(m: Any, x: Tensor) -> Tensor:
        return m.linear(getattr(torch.ops.tools_networks, name)(x, 2.0))

    return Of(forward, linear=nn.Linear(6, 6)), (torch.rand(3, 6),)


def changes(rng: random.Random) -> Made:
    """Tensors that are changed in place, views, and buffers that keep state."""
    kind = rng.choice(("add", "slice", "mask", "put", "copy", "counter", "cache", "transpose", "fill", "clamp", "train", "select", "same"))

    def forward(m: Any, x: Tensor) -> Any:
        y = x.clone()
        if kind == "add":
            return y.add_(1).mul_(2).relu_()
        if kind == "slice":
            y[:, 1:3] = 0
            y[0, ::2] += 1.0
            return y
        if kind == "mask":
            y[y > 0.5] = 0.0
            return y.masked_fill_(y < 0.1, 1.0)
        if kind == "put":
            y.index_put_((torch.tensor([0, 1]),), torch.zeros(2, y.shape[1]))
            return y.index_fill_(0, torch.tensor([2]), 5.0)
        if kind == "copy":
            return torch.empty_like(y).copy_(y.T.T)
        if kind == "counter":
            m.count.add_(1)
            return y * m.count
        if kind == "cache":
            m.cache[:, :3] = y.T
            return m.cache.sum(0)
        if kind == "transpose":
            y.t()[0].zero_()
            return y
        if kind == "fill":
            return y.fill_(3).fill_diagonal_(1.0)
        if kind == "clamp":
            return y.clamp_(0.2, 0.8).sqrt_().unsqueeze_(0)
        if kind == "train":
            return F.dropout(F.batch_norm(y, None, None, training=True), 0.5, training=True)
        if kind == "select":
            y.select(1, 0).copy_(y.select(1, 1))
            return y.detach(), y.view(-1)
        return x

    return Of(forward, count=torch.zeros(1), cache=torch.zeros(6, 8)), (torch.rand(3, 6),)


def dtypes(rng: random.Random) -> Made:
    """A small network in another dtype, or one that goes through several."""
    kind = rng.choice(("whole", "inside", "integers", "bytes", "unsigned", "bits", "complex", "bool"))
    if kind == "whole":
        dtype = rng.choice((torch.float64, torch.bfloat16, torch.float16))
        layers = nn.Sequential(nn.Linear(6, 8), nn.LayerNorm(8), activation(rng), nn.Linear(8, 2), nn.Softmax(-1))
        return layers.to(dtype), (torch.rand(3, 6, dtype=dtype),)
    given = {
        "integers": torch.randint(0, 9, (3, 6), dtype=rng.choice((torch.int64, torch.int32, torch.int16))),
        "bytes": torch.randint(0, 100, (3, 6), dtype=rng.choice((torch.int8, torch.uint8))),
        "unsigned": torch.randint(0, 9, (3, 6)).to(rng.choice((torch.uint16, torch.uint32))),
        "complex": torch.rand(3, 6, dtype=torch.complex64),
        "bool": torch.rand(3, 6) > 0.5,
    }.get(kind, torch.rand(3, 6))
    through = rng.choice((torch.float16, torch.bfloat16, torch.float64))

    def forward(m: Any, x: Tensor) -> Any:
        if kind == "inside":
            return (m.linear(x).to(through) * 2).to(torch.float32).to(torch.int32)
        if kind == "integers":
            return x // 2 + x % 3, x.sum(-1), x.max(), torch.div(x, 2, rounding_mode="trunc")
        if kind == "bytes":
            return m.linear((x.float() - 128) / 255), x + x
        if kind == "unsigned":
            return x.to(torch.float32) * 2
        if kind == "bits":
            n = (x * 10).to(torch.int32)
            return (n & 3) | (n << 1), n ^ 1, ~n, n >> 1
        if kind == "complex":
            return (x * (1 + 2j)).abs(), torch.view_as_real(x)
        return x & ~x, x.any(), x.sum(0), torch.where(x, 1.0, 0.0)

    return Of(forward, linear=nn.Linear(6, 6)), (given,)


def forms(rng: random.Random) -> Made:
    """Unusual inputs and outputs, random numbers, constants, and shapes that are computed with."""
    kind = rng.choice(("dict", "scalar", "unused", "list", "random", "normal", "shape", "constant", "rank0", "numbers", "nothing", "view"))

    def forward(m: Any, x: Tensor) -> Any:
        if kind == "dict":
            return {"logits": m.linear(x), "hidden": [x, x.relu()]}
        if kind == "scalar":
            return x.sum() * 2, x.shape[0]
        if kind == "list":
            return [part.contiguous() for part in x.unbind(0)]
        if kind == "random":
            return x + torch.rand_like(x) * torch.bernoulli(torch.full_like(x, 0.5))
        if kind == "normal":
            return torch.normal(x, 1.0) + torch.randn(x.shape) + torch.randint(0, 3, x.shape)
        if kind == "shape":
            return x.reshape(-1, x.shape[1] // 2, 2).sum(1) * x.size(0) + torch.ones(x.shape[0], 2)
        if kind == "constant":
            return torch.eye(4), x + torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
        if kind == "numbers":
            return torch.linspace(0, 1, 6) * x, torch.logspace(0, 1, 6), torch.arange(0, 3, 0.5)
        if kind == "nothing":
            return x, None
        if kind == "view":
            return x.as_strided((2, 2), (1, 2)), x.view(2, 9), x.t(), x.expand(2, 3, 6)
        return m.linear(x)

    fed = (torch.tensor(2.0) if kind == "rank0" else torch.rand(3, 6),)
    if kind == "rank0":
        return Of(lambda m, x: x * 2 + 1), fed
    return Of(forward, linear=nn.Linear(6, 6)), fed


def algebra(rng: random.Random) -> Made:
    names = (
        *("inv", "solve", "cholesky", "qr", "svd", "eigh", "det", "norm", "matrix_norm", "pinv", "power", "exp", "trace", "cross", "bmm"),
        *("outer", "tensordot", "kron", "baddbmm", "addmm", "einsum", "triangular", "lstsq", "cov", "vander", "diag", "block"),
    )
    kind = rng.choice(names)

    def forward(m: Any, x: Tensor) -> Any:
        s = x @ x.transpose(-1, -2) + 4 * torch.eye(4)
        found: dict[str, Callable[[], Any]] = {
            "inv": lambda: torch.linalg.inv(s),
            "solve": lambda: torch.linalg.solve(s, x),
            "cholesky": lambda: torch.linalg.cholesky(s),
            "qr": lambda: torch.linalg.qr(x),
            "svd": lambda: torch.linalg.svd(x)[1],
            "eigh": lambda: torch.linalg.eigh(s)[0],
            "det": lambda: torch.linalg.det(s),
            "norm": lambda: torch.linalg.vector_norm(x, 3, -1),
            "matrix_norm": lambda: torch.linalg.matrix_norm(x),
            "pinv": lambda: torch.linalg.pinv(x),
            "power": lambda: torch.linalg.matrix_power(x, 3),
            "exp": lambda: torch.matrix_exp(x),
            "trace": lambda: x.diagonal(dim1=-2, dim2=-1).sum(-1),
            "cross": lambda: torch.linalg.cross(x[..., :3], x[..., 1:]),
            "bmm": lambda: torch.bmm(x, x),
            "outer": lambda: torch.outer(x[0, 0], x[0, 1]),
            "tensordot": lambda: torch.tensordot(x, x, dims=([1], [2])),
            "kron": lambda: torch.kron(x[0], x[1]),
            "baddbmm": lambda: torch.baddbmm(x, x, x, alpha=2),
            "addmm": lambda: torch.addmm(x[0], x[0], x[1], beta=0.5),
            "einsum": lambda: torch.einsum("bij,bjk,bkl->bil", x, x, x),
            "triangular": lambda: torch.linalg.solve_triangular(s.tril(), x, upper=False),
            "lstsq": lambda: torch.linalg.lstsq(s, x)[0],
            "cov": lambda: torch.cov(x[0]),
            "vander": lambda: torch.linalg.vander(x[0, 0]),
            "diag": lambda: (torch.diag(x[0]), torch.diag_embed(x[0])),
            "block": lambda: torch.block_diag(x[0], x[1]),
        }
        return found[kind]()

    return Of(forward), (torch.rand(2, 4, 4),)


def layers(rng: random.Random) -> Made:
    """One or two layers of torch.nn that networks use less often."""
    image, line, solid = torch.rand(1, 4, 8, 8), torch.rand(2, 4, 12), torch.rand(1, 2, 6, 6, 6)
    words = torch.randint(0, 9, (2, 5))
    rows = torch.rand(3, 4)
    kinds: list[Callable[[], Made]] = [
        lambda: (nn.Conv1d(4, 4, 3, padding=rng.choice((0, 1, "same")), groups=rng.choice((1, 2))), (line,)),
        lambda: (nn.Conv3d(2, 4, 3, padding=1), (solid,)),
        lambda: (nn.ConvTranspose1d(4, 2, 3, stride=2, output_padding=1), (line,)),
        lambda: (nn.ConvTranspose3d(2, 2, 2, stride=2), (solid,)),
        lambda: (nn.Sequential(nn.MaxPool1d(2), nn.BatchNorm1d(4)), (line,)),
        lambda: (nn.Sequential(nn.MaxPool3d(2), nn.BatchNorm3d(2)), (solid,)),
        lambda: (nn.AvgPool1d(3, 2, 1), (line,)),
        lambda: (nn.AvgPool3d(2), (solid,)),
        lambda: (nn.AdaptiveAvgPool1d(rng.choice((1, 3, 5))), (line,)),
        lambda: (nn.AdaptiveMaxPool1d(rng.choice((1, 3, 5))), (line,)),
        lambda: (nn.AdaptiveAvgPool3d(rng.choice((1, 2, 4))), (solid,)),
        lambda: (nn.AdaptiveMaxPool3d(rng.choice((1, 2))), (solid,)),
        lambda: (nn.MaxPool2d(2, return_indices=True), (image,)),
        lambda: (Of(lambda m, x: m.b(*m.a(x)), a=nn.MaxPool2d(2, return_indices=True), b=nn.MaxUnpool2d(2)), (image,)),
        lambda: (nn.LPPool1d(2, 2), (line,)),
        lambda: (rng.choice((nn.ReflectionPad2d, nn.ReplicationPad2d, nn.ZeroPad2d, nn.CircularPad2d))(1), (image,)),
        lambda: (rng.choice((nn.ReflectionPad1d, nn.ReplicationPad1d, nn.CircularPad1d))((1, 2)), (line,)),
        lambda: (rng.choice((nn.ReplicationPad3d, nn.ReflectionPad3d))(1), (solid,)),
        lambda: (nn.ConstantPad2d((1, 0, 2, 1), 3.5), (image,)),
        lambda: (nn.Unfold(2, stride=rng.choice((1, 2))), (image,)),
        lambda: (nn.Fold((4, 5), (2, 2)), (torch.rand(1, 12, 12),)),
        lambda: (nn.Upsample(scale_factor=2, mode=rng.choice(("linear", "nearest"))), (line,)),
        lambda: (nn.Upsample(scale_factor=2, mode=rng.choice(("trilinear", "nearest"))), (solid,)),
        lambda: (nn.UpsamplingBilinear2d(size=(5, 7)), (image,)),
        lambda: (nn.EmbeddingBag(9, 4, mode=rng.choice(("sum", "mean", "max"))), (words,)),
        lambda: (nn.Embedding(9, 4, max_norm=rng.choice((None, 1.0))), (words,)),
        lambda: (nn.Bilinear(4, 4, 3), (rows, rows)),
        lambda: (nn.CosineSimilarity(1), (rows, rows + 1)),
        lambda: (nn.PairwiseDistance(rng.choice((1.0, 2.0))), (rows, rows + 1)),
        lambda: (nn.GLU(1), (rows,)),
        lambda: (nn.Softmax2d(), (image,)),
        lambda: (nn.Softmin(1), (rows,)),
        lambda: (nn.AlphaDropout(0.2), (rows,)),
        lambda: (nn.InstanceNorm1d(4), (line,)),
        lambda: (nn.InstanceNorm3d(2, affine=True), (solid,)),
        lambda: (nn.GroupNorm(2, 4), (line,)),
        lambda: (nn.LayerNorm((8, 8), elementwise_affine=False), (image,)),
        lambda: (nn.RMSNorm(4), (rows,)),
        lambda: (nn.utils.parametrizations.weight_norm(nn.Linear(4, 3)), (rows,)),
        lambda: (nn.utils.parametrizations.spectral_norm(nn.Linear(4, 3)), (rows,)),
        lambda: (nn.MultiheadAttention(4, 2, batch_first=True), (rows[None], rows[None], rows[None])),
        lambda: (
            nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, batch_first=True, norm_first=rng.random() < 0.5), 2),
            (rows[None],),
        ),
        lambda: (nn.Transformer(4, 2, 1, 1, 8, batch_first=True), (rows[None], rows[None])),
        lambda: (nn.Flatten(0, 1), (image,)),
        lambda: (nn.Unflatten(1, (2, 2)), (image,)),
        lambda: (nn.CrossEntropyLoss(), (rows, torch.tensor([0, 1, 2]))),
        lambda: (rng.choice((nn.MSELoss, nn.L1Loss, nn.SmoothL1Loss, nn.HuberLoss, nn.KLDivLoss, nn.BCELoss))(), (rows, rows)),
        lambda: (nn.CTCLoss(), (rows[:, None].log_softmax(2), torch.tensor([[1, 2]]), torch.tensor([3]), torch.tensor([2]))),
        lambda: (nn.NLLLoss(), (rows.log_softmax(1), torch.tensor([0, 1, 2]))),
        lambda: (nn.AdaptiveLogSoftmaxWithLoss(4, 6, [2]), (rows, torch.tensor([0, 3, 5]))),
    ]
    return rng.choice(kinds)()


def samplers(rng: random.Random) -> Made:
    """Sampling of images: grids, affine transforms, resizing with every mode."""
    mode, padding, align = rng.choice(("bilinear", "nearest", "bicubic")), rng.choice(("zeros", "border", "reflection")), rng.random() < 0.5
    kind = rng.choice(("grid", "affine", "solid", "resize", "down", "antialias", "shift"))

    def forward(m: Any, x: Tensor) -> Tensor:
        if kind == "grid":
            return F.grid_sample(x, m.grid, mode=mode, padding_mode=padding, align_corners=align)
        if kind == "affine":
            return F.grid_sample(x, F.affine_grid(m.theta, x.shape, align_corners=align), align_corners=align)
        if kind == "solid":
            return F.grid_sample(x[:, :, None], m.grid[:, None].repeat(1, 2, 1, 1, 2)[..., :3], align_corners=align)
        if kind == "antialias":
            return F.interpolate(x, size=(4, 4), mode=rng_mode, antialias=True, align_corners=False)
        if kind == "resize":
            return F.interpolate(x, scale_factor=(2.0, 1.5), mode=rng_mode, align_corners=align)
        if kind == "down":
            return F.interpolate(x, scale_factor=0.5, mode="nearest", recompute_scale_factor=True)
        return torch.roll(x, (1, -1), (2, 3)).unfold(2, 4, 4).flip(-1)

    rng_mode = rng.choice(("bilinear", "bicubic"))
    return Of(forward, grid=torch.rand(1, 5, 5, 2), theta=torch.tensor([[[1.0, 0, 0.1], [0, 1, 0]]])), (torch.rand(1, 3, 8, 8),)


def experts(rng: random.Random) -> Made:
    """Routing, caches, sampling of tokens: what language models do around their blocks."""
    kind = rng.choice(("route", "route_mask", "cache", "sample", "penalty", "beam", "pool", "pad", "window", "cumulative"))

    def forward(m: Any, x: Tensor) -> Any:
        if kind == "route":
            weight, chosen = torch.topk(m.gate(x).softmax(-1), 2)
            every = torch.stack([expert(x) for expert in m.experts], 1)
            return (every.gather(1, chosen[..., None].expand(-1, -1, 8)) * weight[..., None]).sum(1)
        if kind == "route_mask":
            chosen, out = m.gate(x).argmax(-1), torch.zeros_like(x)
            for number, expert in enumerate(m.experts):
                out = out + torch.where((chosen == number)[:, None], expert(x), 0.0)
            return out
        if kind == "cache":
            cache = m.cache.clone()
            cache[:, torch.tensor([2])] = x[:4, None]
            return torch.cat([cache, x[:4, None]], 1)
        if kind == "sample":
            order, index = torch.sort(x, descending=True)
            drop = order.softmax(-1).cumsum(-1) > 0.9
            kept = order.masked_fill(drop, float("-inf"))
            return torch.multinomial(kept.softmax(-1), 1), index
        if kind == "penalty":
            words = torch.tensor([[1, 2]] * 6)
            score = torch.gather(x, 1, words)
            return x.scatter(1, words, torch.where(score < 0, score * 1.2, score / 1.2))
        if kind == "beam":
            best, index = torch.topk(x.view(2, -1), 3)
            return best, torch.div(index, 8, rounding_mode="floor"), torch.remainder(index, 8), index.fmod(8)
        if kind == "pool":
            mask = (x.sum(-1) > 4).float()[:, None]
            return F.normalize((x * mask).sum(0) / mask.sum(0).clamp(min=1e-9), p=2, dim=-1)
        if kind == "pad":
            return F.pad(x, (0, 2)), nn.functional.pad(x[None], (1, 1), mode="replicate"), x.new_ones(2, 2)
        if kind == "window":
            return x.view(3, 2, 8).permute(1, 0, 2).reshape(2, 24).repeat_interleave(2, 0).tile(1, 2)
        return torch.cumsum(x > 0.5, -1), torch.cumprod(x, -1), torch.logcumsumexp(x, -1), torch.cummax(x, -1)[0]

    made = {"gate": nn.Linear(8, 3), "experts": nn.ModuleList(nn.Linear(8, 8) for _ in range(3)), "cache": torch.zeros(4, 3, 8)}
    return Of(forward, **made), (torch.rand(6, 8),)


FAMILIES: tuple[Callable[[random.Random], Made], ...] = (
    *(images, images, images, residual, unet, transformer, transformer, transformer, recurrent, recurrent, detector, detector, spectrum),
    *(
        graphs,
        control,
        scripts,
        quantized,
        own,
        changes,
        changes,
        dtypes,
        dtypes,
        forms,
        algebra,
        layers,
        layers,
        layers,
        samplers,
        experts,
    ),
)
"""What is chosen from: what networks have more often is there more often."""

TIMM = (
    *("mobilenetv3_small_050", "efficientnet_lite0", "vit_tiny_patch16_224", "convnext_atto", "regnetx_002", "resnet10t"),
    *("mobilevit_xxs", "ghostnet_050", "lcnet_035", "edgenext_xx_small", "levit_128s"),
    *(
        "xcit_nano_12_p16_224",
        "fastvit_t8",
        "repvgg_a0",
        "deit_tiny_patch16_224",
    ),
    *(
        "tinynet_e",
        "mnasnet_small",
        "eva02_tiny_patch14_224",
    ),
)
"""Architectures of timm, of which a few are made."""

TRANSFORMERS = (
    *(
        "Bert",
        "GPT2",
        "ViT",
        "T5Encoder",
        "Llama",
        "DistilBert",
        "Roberta",
        "Albert",
        "Electra",
        "MobileBert",
        "Whisper",
        "Wav2Vec2",
        "CLIPVision",
    ),
    *("Swin", "Segformer", "Qwen2", "Mistral", "GPTNeoX", "OPT", "Bloom", "Deberta", "XLMRoberta", "ConvNext", "MobileViT", "Gemma", "Phi"),
    *("Funnel", "BigBird", "Longformer", "Hubert", "Dinov2", "Falcon", "Mamba"),
)
"""Models of transformers, of which a few are made."""

SMALL = {
    **dict.fromkeys(("hidden_size", "d_model", "n_embd", "dim", "embedding_size", "conv_dim_", "decoder_hidden_size"), 16),
    **dict.fromkeys(("num_hidden_layers", "n_layer", "encoder_layers", "n_layers", "num_layers", "decoder_layers"), 1),
    **dict.fromkeys(("num_attention_heads", "n_head", "encoder_attention_heads", "n_heads", "num_heads", "decoder_attention_heads"), 2),
    **dict.fromkeys(("intermediate_size", "encoder_ffn_dim", "d_ff", "hidden_dim", "n_inner", "ffn_dim", "decoder_ffn_dim"), 32),
    "vocab_size": 64,
    "num_key_value_heads": 1,
    "image_size": 32,
    "patch_size": 8,
    "pad_token_id": 0,
    "d_kv": 8,
    "head_dim": 8,
    "max_source_positions": 20,
    "num_mel_bins": 8,
    "word_embed_proj_dim": 16,
    "use_cache": False,
    "attention_window": 4,
    "true_hidden_size": 16,
}


def timm(name: str) -> Made:
    library = import_module("timm")

    model = library.create_model(name, pretrained=False)
    return model, (torch.rand(1, *model.default_cfg["input_size"]),)


class Outputs(nn.Module):
    """A model whose answer is a tensor rather than a class of its library's own."""

    def __init__(self, model: Any, named: str) -> None:
        super().__init__()
        self.model, self.named = model, named

    def forward(self, given: Tensor) -> Any:
        found = self.model(**{self.named: given})
        return found[0]


def transformers(name: str) -> Made:
    library = import_module("transformers")

    kind = name.removesuffix("Encoder")
    config = getattr(library, f"{kind}Config")()
    lists = {
        "Swin": {"depths": [1, 1], "num_heads": [1, 2], "embed_dim": 8},
        "ConvNext": {"depths": [1, 1], "hidden_sizes": [8, 16], "num_stages": 2},
    }
    lists["Segformer"] = {}
    if kind not in ("MobileBert", "Segformer", "MobileViT", "Funnel"):
        for key, value in {**SMALL, **lists.get(kind, {})}.items():
            if (isinstance(getattr(config, key, None), int | list) and not isinstance(getattr(config, key), list)) or key in lists.get(
                kind, {}
            ):
                setattr(config, key, value)
    found: Any = getattr(library, {"T5Encoder": "T5EncoderModel", "CLIPVision": "CLIPVisionModel"}.get(name, f"{name}Model"))
    model = found(config)
    if name == "Whisper":
        return Outputs(model.encoder, "input_features"), (torch.rand(1, 8, 40),)
    named = getattr(model, "main_input_name", "input_ids")
    if named == "pixel_values":
        size = getattr(config, "image_size", 64)
        return Outputs(model, named), (torch.rand(1, 3, size, size),)
    if named == "input_values":
        return Outputs(model, named), (torch.rand(1, 2000),)
    return Outputs(model, "input_ids"), (torch.randint(1, 60, (1, 8)),)


def cases(rng: random.Random, limit: int) -> Iterator[Case]:
    for number in range(limit):
        family = rng.choice(FAMILIES)
        try:
            module, fed = family(rng)
        except Exception as error:
            print(f"{family.__name__}: {error}"[:150], file=sys.stderr)
            continue
        yield f"{number:04d}_{family.__name__}", module, fed
    for library, names, count in ((timm, TIMM, limit // 25), (transformers, TRANSFORMERS, limit // 12)):
        for name in rng.sample(names, min(count, len(names))):
            try:
                module, fed = library(name)
            except Exception as error:  # the library is not there, or knows no such model
                print(f"{name}: {type(error).__name__} {error}"[:150], file=sys.stderr)
                continue
            yield f"{library.__name__}_{name}", module, fed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int, default=200, help="networks of the families; the libraries' come besides")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    rng = random.Random(args.seed)
    torch.manual_seed(args.seed)
    args.folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    for name, module, fed in cases(rng, args.limit):
        made += save(args.folder, name, module, fed, rng)
    for path in rng.sample(made, len(made) // 8):
        damage(path, rng)
    print(len(made), "files, and an eighth of them damaged", file=sys.stderr)


if __name__ == "__main__":
    main()
