"""Tensors that an operation does not take together.

`concat` wants shapes that differ along its axis only, `stack` wants equal ones, `matMul` inner sizes that agree, and arithmetic
sizes that are equal or 1: ``Error in concat2D: Shape of tensors[1] (2,2) does not match the shape of the rest (2,3) along the
non-concatenated axis 1``, ``Operands could not be broadcast together``. Indices are whole numbers: ``Argument 'indices' passed to
'oneHot' must be int32 tensor, but got float32 tensor``.

```js bad
import * as tf from '@tensorflow/tfjs';

const a = tf.tensor2d([[1, 2, 3], [4, 5, 6]]);
const b = tf.tensor2d([[7, 8], [9, 10]]);
tf.concat([a, b], 0).print(); // <-
tf.stack([a, b]).print(); // <-
tf.matMul(a, a).print(); // <-
a.add(b).print(); // <-
const labels = tf.tensor1d([0, 1, 2]);
tf.oneHot(labels, 3).print(); // <-
a.gather(labels).print(); // <-
```

```js good
import * as tf from '@tensorflow/tfjs';

const a = tf.tensor2d([[1, 2, 3], [4, 5, 6]]);
const b = tf.tensor2d([[7, 8], [9, 10]]);
tf.concat([a, b], 1).print();
tf.concat([a, a]).print();
tf.stack([a, a]).print();
tf.matMul(a, a, false, true).print();
tf.matMul(b, a).print();
a.add(tf.tensor1d([1, 2, 3])).add(1).print();
a.mul(tf.ones([2, 1])).print();
tf.oneHot(tf.tensor1d([0, 1, 2], 'int32'), 3).print();
tf.oneHot([0, 1, 2], 3).print();
tf.oneHot(tf.tensor1d([0, 1, 2]).toInt(), 3).print();
a.gather(tf.tensor1d([0, 1], 'int32')).print();
tf.concat([a, unknown], 0).print();
```

References: run with TensorFlow.js 4.22.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deplint import Finding, rule
from deplint.apps.follow import follow, value
from deplint.apps.tensors import tensor, written
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Call, Node

JOINS = frozenset({"concat", "stack"})
BROADCASTS = frozenset({"add", "sub", "mul", "div", "maximum", "minimum", "squaredDifference", "greater", "less", "equal"})
INDEXED = {"oneHot": 0, "gather": 1}
"""Operation -> which of its arguments are indices."""


@rule("DPL349", severity="error", leaves=["B.6.3", "B.6.4"], see=["https://js.tensorflow.org/api/4.22.0/#concat"])
def tensors_do_not_go_together(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"@tensorflow/tfjs|\btf\.") or not file.mentions(_WORDS):
        return
    for call in file.calls("@tensorflow/tfjs*.**"):
        method = call.method
        given = [argument.value for argument in call.arguments]
        if "(" in call.name and call.receiver is not None:
            given = [call.receiver, *given]
        if method in JOINS and given:
            yield from _joined(call, given)
        elif method == "matMul" and len(given) > 1:
            yield from _multiplied(call, given)
        elif method in BROADCASTS and len(given) == 2:
            yield from _broadcast(call, given)
        elif method in INDEXED and len(given) > INDEXED[method]:
            made = tensor(given[INDEXED[method]])
            if made.dtype in ("float32", "bool", "string"):
                yield Finding(
                    call,
                    f"{method} takes indices of int32, these are {made.dtype}: it throws",
                    help="make them with 'int32' (tf.tensor1d(values, 'int32')), or call toInt() first",
                )


_WORDS = r"\b(?:concat|stack|matMul|add|sub|mul|div|maximum|minimum|squaredDifference|greater|less|equal|oneHot|gather)\s*\("


def _joined(call: Call, given: Sequence[Node]) -> Iterator[Finding]:
    """`concat` and `stack` of tensors that are written out."""
    first = follow(given[0])
    parts: list[Node]
    if isinstance(first, Array) and first.exact:
        parts, rest = list(first.children), given[1:]
    elif "(" in call.name and len(given) > 1 and not isinstance(follow(given[1]), Array):
        parts, rest = list(given[:2]), given[2:]
    else:
        return
    shapes = [tensor(part).shape for part in parts]
    known = [shape for shape in shapes if shape is not None]
    axis = value(rest[0]) if rest else 0
    for other in known[1:]:
        of = known[0]
        if len(other) != len(of):
            why = "ranks differ"
        elif call.method == "stack":
            why = "" if _same(of, other) else "they are not equal"
        else:
            at = (axis if axis >= 0 else axis + len(of)) if type(axis) is int else None
            apart = [i for i, (a, b) in enumerate(zip(of, other, strict=True)) if a != b and None not in (a, b)]
            why = "" if not apart or apart == [at] or at is None else f"they differ along axis {next(i for i in apart if i != at)}"
        if why:
            yield Finding(
                call,
                f"{call.method} of {written(of)} and {written(other)}: {why}, and it throws",
                help="give the axis along which they differ" if call.method == "concat" else "stack tensors of one shape",
            )
            return


def _same(a: tuple[object, ...], b: tuple[object, ...]) -> bool:
    return all(x == y or None in (x, y) for x, y in zip(a, b, strict=True))


def _multiplied(call: Call, given: Sequence[Node]) -> Iterator[Finding]:
    a, b = tensor(given[0]).shape, tensor(given[1]).shape
    turned = [value(node) for node in given[2:4]]
    if a is None or b is None or len(a) < 2 or len(b) < 2 or any(flag not in (True, False) for flag in turned):
        return
    inner_a = a[-2] if turned[:1] == [True] else a[-1]
    inner_b = b[-1] if turned[1:2] == [True] else b[-2]
    if None not in (inner_a, inner_b) and inner_a != inner_b:
        yield Finding(
            call,
            f"matMul of {written(a)} and {written(b)}: the inner sizes {inner_a} and {inner_b} differ, and it throws",
            help="transpose one of them: tf.matMul(a, b, transposeA, transposeB)",
        )


def _broadcast(call: Call, given: Sequence[Node]) -> Iterator[Finding]:
    a, b = tensor(given[0]).shape, tensor(given[1]).shape
    if a is None or b is None:
        return
    pairs = zip(reversed(a), reversed(b), strict=False)
    if any(None not in (x, y) and x != y and 1 not in (x, y) for x, y in pairs):
        yield Finding(
            call,
            f"{call.method} of {written(a)} and {written(b)}: the sizes neither agree nor are 1, and it throws",
            help="reshape or expandDims one of them",
        )
