"""An ONNX operator that fails when it runs, since its tensors do not fit.

The checker, and ONNX Runtime when it loads a model, take the shapes of a convolution's weights on trust, and count the
values of a reshape only when there are some: ``kernel_shape is not compatible with W shape``, ``Input channels C is not
equal to kernel channels * group``, ``The input tensor cannot be reshaped to the requested shape``. Weights laid out
for TensorFlow (height, width, in, out), a batch size of training in a reshape, normalization with the numbers of
another layer come to light with the first request.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,3,16,16]
  weight hwio float32[3,3,3,8]
  weight w float32[8,4,3,3]
  weight n float32[6]
  weight shape int64[2]{1,100}
  op Conv (x, hwio) -> (a) kernel_shape=[3,3]  <-
  op Conv (x, w) -> (b)  <-
  op Reshape (x, shape) -> (c)  <-
  op BatchNormalization (x, n, n, n, n) -> (d)  <-
  op Transpose (x) -> (e) perm=[0,2,1]  <-
  weight m float32[16,10]
  input v float32[1,16]
  op Gemm (v, m, n) -> (f)  <-
  output c
```

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[batch,4,16,16]
  weight w float32[8,4,3,3]
  weight grouped float32[8,2,3,3]
  weight bias float32[8]
  weight n float32[4]
  weight shape int64[3]{0,-1,16}
  weight flat int64[2]{-1,1024}
  op Conv (x, w, bias) -> (a) kernel_shape=[3,3]
  op Conv (x, grouped) -> (b) group=2
  op Reshape (x, shape) -> (c)
  op Reshape (x, flat) -> (e)
  op BatchNormalization (x, n, n, n, n) -> (d)
  output c
```

References: run with onnxruntime 1.32 (`tests/test_seeded_models.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod

from deplint import Finding, Model, rule
from deplint.model import Op, Shape

from . import Scope, given, numbers, scopes
from .onnx_not_sound import lenient, said

Shapes = Callable[[str], Shape]


def _convolution(op: Op, shape: Shapes, scope: Scope) -> str:
    data, weights, bias = (shape(given(op, number)) for number in range(3))
    if not weights or len(weights) < 3 or not all(isinstance(size, int) for size in weights):
        return ""
    sizes = [size for size in weights if isinstance(size, int)]
    kernel, group = op.attributes.get("kernel_shape"), op.attributes.get("group", 1)
    if isinstance(kernel, list) and kernel != sizes[2:]:
        return f"its kernel_shape is {kernel}, its weights have {sizes[2:]}"
    if not isinstance(group, int) or group < 1:
        return ""
    transposed = op.type == "ConvTranspose"
    wanted, channels = (sizes[0] if transposed else sizes[1] * group), data[1] if data and len(data) > 2 else None
    if isinstance(channels, int) and channels > 0 and channels != wanted:
        return f"its weights are for {wanted} channels and its input has {channels}"
    results = sizes[1] * group if transposed else sizes[0]
    if bias and len(bias) == 1 and isinstance(bias[0], int) and bias[0] != results:
        return f"its bias has {bias[0]} values for {results} channels"
    return ""


def _reshape(op: Op, shape: Shapes, scope: Scope) -> str:
    data, wanted = shape(given(op, 0)), [int(value) for value in numbers(scope.constant(given(op, 1)))]
    if data is None or not wanted or wanted.count(-1) > 1 or not all(isinstance(size, int) and size > 0 for size in data):
        return ""
    sizes = [size for size in data if isinstance(size, int)]
    if not op.attributes.get("allowzero"):
        wanted = [sizes[axis] if size == 0 and axis < len(sizes) else size for axis, size in enumerate(wanted)]
    have, product = prod(sizes), prod(size for size in wanted if size != -1)
    wrong = product == 0 or have % product if -1 in wanted else have != product
    return f"{have} values cannot take the shape {wanted}" if wrong else ""


def _normalization(op: Op, shape: Shapes, scope: Scope) -> str:
    data = shape(given(op, 0))
    if not data or len(data) < 2 or not isinstance(data[1], int) or data[1] < 1:
        return ""
    for number in range(1, 5):
        each = shape(given(op, number))
        if each and len(each) == 1 and isinstance(each[0], int) and each[0] != data[1]:
            return f"it has the numbers of {each[0]} channels and its input has {data[1]}"
    return ""


def _transpose(op: Op, shape: Shapes, scope: Scope) -> str:
    data, order = shape(given(op, 0)), op.attributes.get("perm")
    wrong = data is not None and isinstance(order, list) and sorted(order) != list(range(len(data)))
    return f"it orders the axes {order} of a tensor that has {len(data or ())}" if wrong else ""


def _matrix(op: Op, shape: Shapes, scope: Scope) -> str:
    weights, bias = shape(given(op, 1)), shape(given(op, 2))
    if not weights or len(weights) != 2 or not bias:
        return ""
    results = weights[0 if op.attributes.get("transB") else 1]
    wrong = isinstance(results, int) and isinstance(bias[-1], int) and bias[-1] not in (1, results)
    return f"its bias has {bias[-1]} values for {results} results" if wrong else ""


CHECKS = {
    "Conv": _convolution,
    "ConvTranspose": _convolution,
    "Reshape": _reshape,
    "BatchNormalization": _normalization,
    "Transpose": _transpose,
    "Gemm": _matrix,
}


@rule("DPL548", severity="error", leaves=["S.4.2", "M.4.3", "B.4.1"], see=["https://onnx.ai/onnx/operators/onnx__Conv.html"])
def onnx_shape_mismatch(model: Model) -> Iterator[Finding]:
    for scope in scopes(model) if model.format == "onnx" else ():

        def shape(name: str, scope: Scope = scope) -> Shape:
            return _shape(model, scope, name) if name else None

        for op in scope.graph.ops:
            check = CHECKS.get(op.type) if not op.domain else None
            wrong = check(op, shape, scope) if check else ""
            # What is noted may be wrong, and what the checker names is DPL484's.
            if wrong and check and (model.source is None or (_accepted(model) and check(op, _found(model, scope), scope))):
                yield Finding(
                    model.at(scope.graph, op),
                    f"{op.type}: {wrong}: it fails when it is run",
                    help="export the model again; if it was edited, the weights or the shape are those of another layout",
                )


def _shape(model: Model, scope: Scope, name: str) -> Shape:
    """The shape of a weight, as noted, or as inferred."""
    known = scope.tensor(name)
    return known.shape if known.shape is not None else _found(model, scope)(name)


def _found(model: Model, scope: Scope) -> Shapes:
    """Shapes of weights and inputs, and those inferred from them."""
    from deplint.formats.onnx_inference import inferred

    whole = inferred(model.source) if model.source is not None and scope.outer is None else {}

    def shape(name: str) -> Shape:
        known = scope.constant(name) or (model.graph.tensor(name) if name in model.graph.inputs else None)
        return known.shape if known is not None else whole.get(name, ("", None))[1]

    return shape


def _accepted(model: Model) -> bool:
    return all(lenient(model, complaint) for complaint in said(model))
