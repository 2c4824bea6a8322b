"""Ask PyTorch's exporters and coremltools which Python calls they refuse.

Every case is an expression over the example tensors below. It becomes the ``forward`` of a module and is handed to the real exporter;
a refusal counts only when the exporter itself names the operation it has no translation for, so a wrong example can never enter the table.
Run by `tools.operators` in an environment with torch and coremltools, and by ``tests/claims`` for every row that ships.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import logging
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# One line a family: the forms of a call, "|" between them. The first names the call; a row ships only when every form is refused.
CASES = """
torch.linalg.inv(s)
torch.linalg.svd(s)[1] | torch.linalg.svd(s, full_matrices=False)[0]
torch.linalg.svdvals(s)
torch.linalg.cholesky(p)
torch.linalg.det(s)
torch.linalg.slogdet(s)[1]
torch.linalg.eig(s)[0].real
torch.linalg.eigvals(s).real
torch.linalg.eigh(p)[1]
torch.linalg.eigvalsh(p)
torch.linalg.qr(s)[0]
torch.linalg.lu(s)[1]
torch.linalg.pinv(s)
torch.linalg.matrix_rank(s)
torch.linalg.matrix_exp(s)
torch.linalg.matrix_power(s, 2)
torch.linalg.cond(s)
torch.linalg.solve(s, x)
torch.linalg.solve_triangular(s, x, upper=True)
torch.linalg.lstsq(s, x)[0]
torch.linalg.cross(c, c + 1)
torch.linalg.multi_dot([s, s, x])
torch.linalg.norm(x) | torch.linalg.norm(x, dim=1)
torch.inverse(s)
torch.det(s)
torch.svd(s)[1]
torch.cholesky(p)
torch.cholesky_inverse(p)
torch.cholesky_solve(x, p)
torch.logdet(p)
torch.slogdet(s)[1]
torch.pinverse(s)
torch.triangular_solve(x, s)[0]
torch.searchsorted(q, x) | torch.searchsorted(q, x, right=True) | torch.searchsorted(q, q)
torch.bucketize(x, q) | torch.bucketize(x, q, right=True)
torch.cumprod(x, 1) | torch.cumprod(x, dim=0) | torch.cumprod(q, 0)
torch.cummax(x, 1)[0] | torch.cummax(x, dim=0)[1]
torch.cummin(x, 1)[0] | torch.cummin(x, dim=0)[1]
torch.logcumsumexp(x, 1)
torch.histc(x, 4, 0, 1) | torch.histc(x)
torch.histogram(x, 4)[0]
torch.bincount(k) | torch.bincount(k, minlength=12)
torch.kthvalue(x, 2)[0] | torch.kthvalue(x, 2, dim=0)[1] | torch.kthvalue(q, 3)[0]
torch.median(x) | torch.median(x, 1)[0] | torch.median(x, dim=1, keepdim=True)[1] | torch.median(q)
torch.nanmedian(x) | torch.nanmedian(x, 1)[0]
torch.mode(x)[0] | torch.mode(x, 0)[1] | torch.mode(k)[0]
torch.quantile(x, 0.5) | torch.quantile(x, 0.5, dim=1) | torch.quantile(x, q, dim=1)
torch.nanquantile(x, 0.5) | torch.nanquantile(x, 0.5, dim=1)
torch.unique(k) | torch.unique(x)
torch.unique_consecutive(k) | torch.unique_consecutive(k, return_counts=True)[1]
torch.aminmax(x)[0] | torch.aminmax(x, dim=1)[0]
torch.erfinv(x)
torch.erfc(x)
torch.digamma(x)
torch.lgamma(x)
torch.polygamma(1, x)
torch.mvlgamma(x + 3, 2)
torch.igamma(x + 1, y + 1)
torch.i0(x)
torch.sinc(x)
torch.expm1(x)
torch.exp2(x)
torch.sgn(x)
torch.frac(x)
torch.trunc(x)
torch.logit(x)
torch.asinh(x)
torch.acosh(x + 1)
torch.atanh(x)
torch.angle(x)
torch.isinf(x)
torch.isfinite(x)
torch.isposinf(x)
torch.isneginf(x)
torch.signbit(x)
torch.deg2rad(x)
torch.rad2deg(x)
torch.positive(x)
torch.special.erfinv(x)
torch.special.erfcx(x)
torch.special.digamma(x)
torch.special.psi(x)
torch.special.gammaln(x)
torch.special.gammainc(x + 1, y + 1)
torch.special.gammaincc(x + 1, y + 1)
torch.special.i0e(x)
torch.special.i1(x)
torch.special.ndtri(x)
torch.special.ndtr(x)
torch.special.log_ndtr(x)
torch.special.entr(x)
torch.special.xlogy(x, y)
torch.special.zeta(x + 2, y + 2)
torch.special.bessel_j0(x)
torch.special.logit(x)
torch.fft.fft(x).abs() | torch.view_as_real(torch.fft.fft(x))
torch.fft.ifft(x).abs()
torch.fft.rfft(x).abs() | torch.view_as_real(torch.fft.rfft(x))
torch.fft.fft2(x).abs() | torch.view_as_real(torch.fft.fft2(x))
torch.fft.ifft2(x).abs()
torch.fft.rfft2(x).abs() | torch.view_as_real(torch.fft.rfft2(x))
torch.fft.fftn(x).abs()
torch.fft.rfftn(x).abs()
torch.fft.hfft(x)
torch.fft.fftshift(x)
torch.complex(x, y).abs() | torch.view_as_real(torch.complex(x, y))
torch.polar(x, y).abs() | torch.view_as_real(torch.polar(x, y))
torch.view_as_complex(t2).abs()
torch.stft(w, 16, window=torch.ones(16), return_complex=True).abs()
torch.cdist(x, y) | torch.cdist(x, y, p=1.0) | torch.cdist(i.reshape(-1, 8), i.reshape(-1, 8))
torch.nn.functional.pdist(x)
torch.nn.functional.pairwise_distance(x, y)
torch.nn.PairwiseDistance()(x, y)
torch.nn.functional.adaptive_max_pool2d(i, (3, 3)) | torch.nn.functional.adaptive_max_pool2d(i, 1)
torch.nn.functional.adaptive_max_pool3d(v, (3, 4, 5)) | torch.nn.functional.adaptive_max_pool3d(v, 1)
torch.nn.functional.fractional_max_pool2d(i, 2, output_size=(3, 3))
torch.nn.functional.interpolate(i, scale_factor=2, mode="bicubic") | torch.nn.functional.interpolate(i, scale_factor=2)
torch.nn.functional.channel_shuffle(i4, 2)
torch.nn.ChannelShuffle(2)(i4)
torch.nn.functional.rms_norm(x, (6,))
torch.nn.RMSNorm(6)(x)
torch.nn.functional.embedding_bag(n, emb) | torch.nn.functional.embedding_bag(n, emb, mode="sum")
torch.nn.functional.gumbel_softmax(x) | torch.nn.functional.gumbel_softmax(x, hard=True)
torch.nn.functional.bilinear(x, y, bw)
torch.nn.functional.hardshrink(x)
torch.nn.functional.softshrink(x)
torch.nn.functional.celu(x)
torch.nn.functional.multi_margin_loss(x, n[:, 0])
torch.nn.Hardshrink()(x)
torch.nn.Softshrink()(x)
torch.nn.CELU()(x)
torch.celu(x)
torch.rot90(i, 1, (2, 3))
torch.bernoulli(p / 100)
torch.poisson(x)
torch.normal(x, y)
torch.randperm(5) | torch.randperm(k.shape[0]) + k
torch.trapz(x, dim=1)
torch.trapezoid(x, dim=1) | torch.trapezoid(x)
torch.cumulative_trapezoid(x, dim=1)
torch.diff(x) | torch.diff(x, dim=0)
torch.gradient(x)[0]
torch.cov(x)
torch.corrcoef(x)
torch.kron(s, s)
torch.block_diag(s, s)
torch.cartesian_prod(q, q)
torch.combinations(q)
torch.vander(q)
torch.renorm(x, 2, 0, 1.0)
torch.index_add(x, 0, torch.tensor([0, 1]), y[:2])
torch.index_copy(x, 0, torch.tensor([0, 1]), y[:2])
torch.index_fill(x, 0, torch.tensor([0, 1]), 1.0)
torch.index_reduce(x, 0, torch.tensor([0, 1]), y[:2], "prod")
torch.scatter_reduce(x, 1, n, y, "sum") | torch.scatter_reduce(x, 1, n, y, "amax")
torch.masked_select(x, x > 0)
torch.masked_scatter(x, x > 0, y)
torch.take(x, k)
torch.take_along_dim(x, n, 1)
torch.argwhere(x > 0)
torch.isin(n, k)
torch.tensor_split(x, 3)[0]
torch.var_mean(x)[0] | torch.var_mean(x, 1)[1]
torch.std_mean(x)[0] | torch.std_mean(x, 1)[1]
torch.count_nonzero(x > 0)
torch.msort(x)
torch.fmod(x, y + 2) | torch.fmod(x, 2.0)
torch.logaddexp(x, y)
torch.logaddexp2(x, y)
torch.hypot(x, y)
torch.copysign(x, y)
torch.nextafter(x, y)
torch.heaviside(x, y)
torch.gcd(n, n + 1)
torch.lcm(n + 1, n + 2)
torch.ldexp(x, n)
torch.frexp(x)[0]
torch.fmax(x, y)
torch.fmin(x, y)
torch.float_power(x, 2)
torch.bitwise_xor(n, n + 1)
torch.bitwise_left_shift(n, 1)
torch.addcmul(x, y, y)
torch.addcdiv(x, y, y + 2)
torch.lerp(x, y, 0.5) | torch.lerp(x, y, y)
torch.addr(s, q[:4], q[:4])
torch.addbmm(s, b, b)
torch.tensordot(x, y, dims=([1], [1]))
torch.trace(s)
torch.dist(x, y)
torch.diag_embed(x)
torch.movedim(t, 0, 1)
torch.broadcast_to(q, (3, 5))
"""

EXPORTERS = ("torchscript", "dynamo", "coreml")


def families() -> Iterator[tuple[str, list[str]]]:
    """The public name a user calls, and the expressions that call it."""
    for line in CASES.strip().splitlines():
        expressions = [part.strip() for part in line.split(" | ")]
        yield called_name(expressions[0]), expressions


def called_name(expression: str) -> str:
    """The dotted name of the outermost call of ``torch.*`` in an expression: ``torch.svd(s)[1]`` -> ``torch.svd``."""
    node: ast.AST = ast.parse(expression, mode="eval").body
    while True:
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("torch.") and "(" not in ast.unparse(node.func):
            return ast.unparse(node.func)
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        else:
            raise ValueError(f"no call of torch in {expression!r}")


def as_method(expression: str) -> str | None:
    """The same call written as a method of its first argument, where `torch.Tensor` has one: ``torch.mode(x)[0]`` -> ``x.mode()[0]``."""
    import torch

    name = called_name(expression)
    short = name.rpartition(".")[2]
    if name != f"torch.{short}" or not hasattr(torch.Tensor, short):
        return None
    tree = ast.parse(expression, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name and isinstance(node.args[0], ast.Name):
            node.func = ast.Attribute(node.args[0], short, ast.Load())
            node.args = node.args[1:]
            return ast.unparse(tree)
    return None


def tensors() -> dict[str, Any]:
    """The example inputs: floats in (0.1, 0.9) unless said otherwise."""
    import torch

    torch.manual_seed(0)
    square = torch.rand(4, 4) + 2 * torch.eye(4)
    return {
        "x": torch.rand(4, 6) * 0.8 + 0.1,
        "y": torch.rand(4, 6) * 0.8 + 0.1,
        "s": square,
        "p": square @ square.T,
        "b": torch.rand(2, 4, 4),
        "c": torch.rand(4, 3),
        "i": torch.rand(2, 3, 8, 8),
        "i4": torch.rand(2, 4, 8, 8),
        "v": torch.rand(2, 3, 4, 6, 6),
        "t": torch.rand(2, 3, 10),
        "t2": torch.rand(4, 6, 2),
        "n": torch.randint(0, 6, (4, 6)),
        "k": torch.tensor([3, 1, 1, 4, 0]),
        "q": torch.tensor([0.1, 0.3, 0.5, 0.7, 0.9]),
        "w": torch.rand(1, 64),
        "emb": torch.rand(10, 5),
        "bw": torch.rand(3, 6, 6),
    }


def module(expression: str) -> tuple[Any, tuple[Any, ...]]:
    """A module whose ``forward`` returns the expression, and the example inputs it takes."""
    import torch

    given = tensors()
    names = [node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name) and node.id in given]
    names = sorted(set(names)) or ["x"]
    scope: dict[str, Any] = {"torch": torch}
    source = f"class Probe(torch.nn.Module):\n    def forward(self, {', '.join(names)}):\n        return {expression}\n"
    exec(source, scope)
    return scope["Probe"]().eval(), tuple(given[name] for name in names)


def _torchscript(model: Any, inputs: tuple[Any, ...]) -> None:
    import torch

    torch.onnx.export(model, inputs, io.BytesIO(), dynamo=False)


def _dynamo(model: Any, inputs: tuple[Any, ...]) -> None:
    import torch

    torch.onnx.export(model, inputs, io.BytesIO(), dynamo=True, verbose=False)


def _coreml(model: Any, inputs: tuple[Any, ...]) -> None:
    import coremltools
    import numpy as np
    import torch

    traced = torch.jit.trace(model, inputs, check_trace=False)
    types = [coremltools.TensorType(shape=t.shape, dtype=np.float32 if t.is_floating_point() else np.int32) for t in inputs]
    coremltools.convert(traced, inputs=types, minimum_deployment_target=coremltools.target.iOS18)


_EXPORT: dict[str, Callable[[Any, tuple[Any, ...]], None]] = {"torchscript": _torchscript, "dynamo": _dynamo, "coreml": _coreml}
# How each exporter says that it has no translation, and where it names the operation.
_REFUSAL = {
    "torchscript": re.compile(r"Exporting the operator '(?P<op>aten::\w+)' to ONNX opset version \d+ is not supported"),
    "dynamo": re.compile(r"No ONNX function found for <OpOverload\(op='(?P<op>[\w.]+)'"),
    "coreml": re.compile(r"PyTorch convert function for op '(?P<op>\w+)' not implemented"),
}


def refused(expression: str, exporter: str) -> str | None:
    """The operation that the exporter says it cannot translate; None when it exports, or fails for another reason."""
    model, inputs = module(expression)
    model(*inputs)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            _EXPORT[exporter](model, inputs)
        except Exception as error:  # each exporter has its own family of exceptions, and only the message tells a refusal
            found = _REFUSAL[exporter].search(str(error))
            return found["op"] if found else None
    return None


def aten_ops(expression: str) -> set[str]:
    """The ``aten::`` operations that tracing the expression records."""
    import torch

    model, inputs = module(expression)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = torch.jit.trace(model, inputs, check_trace=False).inlined_graph
    return {node.kind() for node in graph.nodes() if node.kind().startswith("aten::")}


def row(name: str, expressions: list[str]) -> dict[str, Any] | None:
    """What is refused about one call, or None when every exporter takes some form of it."""
    found: dict[str, Any] = {"name": name}
    method = as_method(expressions[0])
    if method and aten_ops(method) == aten_ops(expressions[0]):
        found["method"] = True
    for exporter in EXPORTERS:
        ops = [refused(expression, exporter) for expression in expressions]
        if all(ops):
            found[exporter] = ops[0]
    found["example"] = expressions[0]
    return found if any(exporter in found for exporter in EXPORTERS) else None


def main(output: str) -> None:
    """Write the versions asked and every row to a file: the exporters' native parts print to standard output."""
    import coremltools
    import onnx
    import torch

    logging.disable(logging.CRITICAL)
    torch.set_num_threads(1)
    rows = [made for name, expressions in families() if (made := row(name, expressions))]
    versions = {library.__name__: str(library.__version__) for library in (torch, onnx, coremltools)}
    Path(output).write_text(json.dumps({"versions": versions, "rows": rows}), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
