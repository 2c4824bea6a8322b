"""A tensor for ONNX Runtime made from another kind of typed array than its type.

`new ort.Tensor(type, data)` takes exactly the typed array that belongs to the type. For `int64`, the type of token
ids, that is `BigInt64Array`: ``TypeError: A int64 tensor's data must be type of function BigInt64Array()``. Plain
arrays of numbers are converted.

```js bad
import * as ort from 'onnxruntime-web';

const ids = new ort.Tensor('int64', Int32Array.from(tokens), [1, tokens.length]); // <-
const mask = new ort.Tensor('float32', new Float64Array(8), [1, 8]); // <-
```

```js fixed
import * as ort from 'onnxruntime-web';

const ids = new ort.Tensor('int64', BigInt64Array.from(tokens, BigInt), [1, tokens.length]);
const mask = new ort.Tensor('float32', new Float32Array(8), [1, 8]);
```

```js good
import * as ort from 'onnxruntime-web';

new ort.Tensor('int64', tokens.map(Number), [1, 8]);
new ort.Tensor('int64', [1, 2, 3], [1, 3]);
new ort.Tensor('int64', BigInt64Array.from(tokens, BigInt), [1, 8]);
new ort.Tensor('uint8', new Uint8ClampedArray(8), [8]);
new ort.Tensor('float16', new Uint16Array(8), [8]);
new ort.Tensor('bool', Uint8Array.from([1, 0]), [2]);
new ort.Tensor(new Int32Array(8), [8]);
new ort.Tensor(type, new Int32Array(8), [8]);
```

Before release 1.16 an array of numbers is no data for whole numbers of 64 bits either.

```js bad path=qa.js
const ort = require('onnxruntime-node');

const mask = new ort.Tensor('int64', [1, 1, 1], [1, 3]); // <-
const other = new ort.Tensor('int64', ids.map(() => 1), [1, ids.length]); // <-
const right = new ort.Tensor('int64', [1n, 1n], [1, 2]);
const own = new ort.Tensor('int64', ids, [1, ids.length]);
```

```json + path=package.json
{"dependencies": {"onnxruntime-node": "1.14.0"}}
```

References: checked with onnxruntime-node 1.20; https://github.com/microsoft/onnxruntime/pull/16541 for arrays of numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Edit, Finding, Fix, Project, rule
from deplint.apps.site import release
from deplint.apps.tensors import numeric
from deplint.apps.web import handler
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call
from deplint.finding import Span

ARRAYS = {
    "float32": ("Float32Array",),
    "float64": ("Float64Array",),
    "float16": ("Uint16Array", "Float16Array"),
    "int8": ("Int8Array",),
    "uint8": ("Uint8Array", "Uint8ClampedArray"),
    "bool": ("Uint8Array",),
    "int16": ("Int16Array",),
    "uint16": ("Uint16Array",),
    "int32": ("Int32Array",),
    "uint32": ("Uint32Array",),
    "int64": ("BigInt64Array",),
    "uint64": ("BigUint64Array",),
}
"""Type -> the typed arrays that `onnxruntime-common` takes for it, the usual one first."""

_TYPED = re.compile(r"((?:Big)?(?:Int|Uint|Float)(?:8|8Clamped|16|32|64)(?:Clamped)?Array)(?:\.from|\.of)?")


@rule("DPL805", severity="error", leaves=["B.6.4"], see=["https://onnxruntime.ai/docs/api/js/interfaces/TensorConstructor.html"])
def ort_tensor_wrong_typed_array(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web:
        return
    yield from _numbers(file, project)
    for call in file.calls("onnxruntime-{web,node,react-native,common}.Tensor"):
        ignored = handler(call)
        if ignored is not None and re.fullmatch(r"catch\s*(\([^)]*\))?\s*\{\s*\}", ignored.text):
            continue  # it shows or tests that this fails
        kind, data = call.argument(None, 0), call.argument(None, 1)
        made = data.origin if data is not None else None
        if kind is None or made is None or not isinstance(kind.value, str) or kind.value not in ARRAYS:
            continue
        match = _TYPED.fullmatch(made.name)
        if match and (made.new or made.method in ("from", "of")) and match[1] not in ARRAYS[kind.value]:
            wanted = ARRAYS[kind.value][0]
            yield Finding(
                data if data is made else call,
                f"the data of a tensor of type {kind.value} is a {wanted}, this is a {match[1]}: a TypeError",
                fix=_converted(made, match[1], wanted),
                help=f"make it with {wanted}.from(values{', BigInt' if wanted.startswith('Big') else ''})",
            )


def _numbers(file: SourceFile, project: Project) -> Iterator[Finding]:
    """Whole numbers of 64 bits as an array of numbers, which releases before 1.16 do not convert."""
    from deplint.settings.ranges import between

    for call in file.calls("onnxruntime-{web,node,react-native,common}.Tensor"):
        kind, data = call.argument(None, 0), call.argument(None, 1)
        if kind is None or kind.value not in ("int64", "uint64") or not numeric(data):
            continue
        used, old = release(project, file, call.name.rpartition(".")[0]), between(None, "1.16")
        if used is not None and old is not None and used <= old:
            yield Finding(
                call,
                f"before 1.16 a tensor of {kind.value} takes no array of numbers: Cannot convert 1 to a BigInt",
                help="BigInt64Array.from(values, BigInt)",
            )


def _converted(made: Call, array: str, wanted: str) -> Fix | None:
    """The same call of the other kind of array; numbers become BigInts where they are taken from something."""
    callee = made.callee.span
    edits = [Edit(made.file.path, Span(callee.line, callee.column, callee.line, callee.column + len(array)), wanted)]
    if array.startswith("Big") or not made.callee.text.startswith(array) or len(made.arguments) != 1:
        return None
    if wanted.startswith("Big"):
        if made.method != "from":
            return None
        end = made.arguments[0].value.span
        edits.append(Edit(made.file.path, Span(end.end_line, end.end_column, end.end_line, end.end_column), ", BigInt"))
    return Fix(f"Make a {wanted}", tuple(edits), safe=False)
