"""What a session of ONNX Runtime gives, taken for an array of another rank or type.

``getValue()`` makes a Java array as deep as the tensor has dimensions: a cast to another throws ``ClassCastException: float[][][] cannot
be cast to float[][]``.

```java bad path=app/src/main/java/Net.java
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;

class Net {
    private final OrtEnvironment env = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    Net(Context c) throws Exception {
        session = env.createSession(bytes(c.getAssets().open("det.onnx")), new OrtSession.SessionOptions());
    }

    float[][] run(OnnxTensor x) throws Exception {
        OrtSession.Result r = session.run(Collections.singletonMap("images", x));
        long[] table = (long[]) cache.get(0).getValue();
        return (float[][]) r.get(0).getValue(); // <-
    }
}
```

```graph + path=app/src/main/assets/det.onnx
model onnx ir=8 opset=13
graph main
  input images float32[1,3,32,32]
  op Conv (images) -> (output0 float32[1,14,100])
  output output0
```

In Kotlin:

```kotlin bad path=app/src/main/java/Net.kt
import ai.onnxruntime.OrtEnvironment

class Net(context: Context) {
    private val env = OrtEnvironment.getEnvironment()
    private val session = env.createSession(context.assets.open("det.onnx").readBytes())

    fun run(x: OnnxTensor): Long {
        session.run(mapOf("images" to x)).use { result ->
            val rows = result[0].value as Array<LongArray> // <-
            return rows[0][0]
        }
    }
}
```

```graph + path=app/src/main/assets/det.onnx
model onnx ir=8 opset=13
graph main
  input images float32[1,3,32,32]
  op Conv (images) -> (output0 float32[1,14])
  output output0
```

As it is, and where more than one output may be meant:

```kotlin good path=app/src/main/java/Net.kt
import ai.onnxruntime.OrtEnvironment

class Net(context: Context) {
    private val env = OrtEnvironment.getEnvironment()
    private val session = env.createSession(context.assets.open("det.onnx").readBytes())

    fun run(x: OnnxTensor): Float {
        session.run(mapOf("images" to x)).use { result ->
            val rows = result[0].value as Array<Array<FloatArray>>
            val sizes = x.info.value as LongArray
            return rows[0][0][0]
        }
    }
}
```

```graph + path=app/src/main/assets/det.onnx
model onnx ir=8 opset=13
graph main
  input images float32[1,3,32,32]
  op Conv (images) -> (output0 float32[1,14,100])
  output output0
```

References: ONNX Runtime, `OnnxTensor.getValue` and `TensorInfo.makeCarrier` (an array of the tensor's shape).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.onnx_java import runs
from deplint.code.source import SourceFile
from deplint.finding import Place, Span

_JAVA = re.compile(
    r"\(\s*(float|double|long|int|short|byte|boolean)\s*((?:\[\s*\])+)\s*\)\s*\(?\s*(?P<result>\w+)\s*\.\s*get\(\s*(\d+)\s*\)\s*\.\s*getValue\(\)"
)
_KOTLIN = re.compile(
    r"\b(?P<result>\w+)\s*(?:\[\s*(\d+)\s*\]|\.get\(\s*(\d+)\s*\))\s*\.\s*value\s+as\s+((?:Array<)*)(Float|Double|Long|Int|Short|Byte|Boolean)Array"
)
TYPES = {
    "float": ("float32", "float16", "bfloat16"), "double": ("float64",), "long": ("int64", "uint64"), "int": ("int32", "uint32"),
    "short": ("int16", "uint16"), "byte": ("int8", "uint8"), "boolean": ("bool",),
}  # fmt: skip
"""Types of Java -> types of a tensor that are made so. Strings are left out: some releases give a flat array whatever the rank."""


@rule(
    "DPL331",
    severity="error",
    leaves=["M.6.4", "M.4.4"],
    see=[
        "https://github.com/microsoft/onnxruntime/blob/00b9de073afa172d4991201bb3dc9cc5572aa58f/java/src/main/java/ai/onnxruntime/OnnxTensor.java",
        "https://github.com/microsoft/onnxruntime/blob/11c2da799dfe8cf9b92bdc3da2a0830364abae47/java/src/main/java/ai/onnxruntime/TensorInfo.java",
    ],
)
def onnx_output_cast(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in ("java", "kotlin") or not file.mentions(r"\.getValue\(\)|\.value\s+as\b"):
        return
    found = list(runs(file, project))
    models = {id(run.model): run.model for run in found}
    # A second argument may be the names of the outputs that are asked for, in another order.
    if len(models) != 1 or any(len(run.call.arguments) != 1 for run in found):
        return
    model = next(iter(models.values()))
    for match in (_JAVA if file.language == "java" else _KOTLIN).finditer(file.text):
        result = match["result"]
        if not re.search(rf"\bResult\s+{result}\b|\b{result}\s*(?::[^=\n]*)?=[^;\n]*\.run\(|\.run\([^\n]*\{{\s*{result}\b", file.text):
            continue
        if file.language == "java":
            kind, rank, position = match[1], match[2].count("["), int(match[4])
        else:
            kind, rank, position = match[5].lower(), match[4].count("<") + 1, int(match[2] or match[3])
        output = model.outputs[position] if position < len(model.outputs) else None
        if output is None or output.shape is None or not output.dtype:
            continue
        if rank != len(output.shape) or output.dtype not in TYPES[kind]:
            line = file.text.count("\n", 0, match.start()) + 1
            sizes = ", ".join("?" if size is None else str(size) for size in output.shape)
            yield Finding(
                Place(file.path, Span(line, 1, line, 1)),
                f"output {position} of {model.path} is {output.dtype} [{sizes}], and this takes {kind}{'[]' * rank}: ClassCastException",
                help=f"an array of {len(output.shape)} dimensions",
            )
