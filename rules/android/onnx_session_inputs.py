"""Inputs that do not fit the model of an ONNX Runtime session.

A session takes its inputs by name, and each with the model's type and shape. Anything else is refused: ``Unknown input name image, expected
one of [input]``, ``Unexpected input data type. Actual: (tensor(float)), expected: (tensor(float16))``, ``Got invalid dimensions for input:
input ... index: 1 Got: 224 Expected: 3``.

```kotlin bad path=app/src/main/java/Net.kt
import ai.onnxruntime.OnnxTensor
import ai.onnxruntime.OrtEnvironment

class Net(context: Context) {
    private val environment = OrtEnvironment.getEnvironment()
    private val session = environment.createSession(context.assets.open("net.onnx").readBytes())

    fun run(pixels: FloatBuffer): FloatArray {
        val tensor = OnnxTensor.createTensor(environment, pixels, longArrayOf(1, 64, 64, 3))  // <-
        return best(session.run(mapOf("image" to tensor)))  // <-
    }
}
```

```graph + path=app/src/main/assets/net.onnx
model onnx ir=8 opset=13
graph main
  input input float32[1,3,64,64]
  op Relu (input) -> (output float32[1,3,64,64])
  output output
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
```

Names asked of the session, dynamic dimensions, and other models fit.

```kotlin good path=app/src/main/java/Net.kt
import ai.onnxruntime.OnnxTensor
import ai.onnxruntime.OrtEnvironment

class Net(context: Context) {
    private val environment = OrtEnvironment.getEnvironment()
    private val session = environment.createSession(context.resources.openRawResource(R.raw.net).readBytes())

    fun run(pixels: FloatBuffer) {
        val tensor = OnnxTensor.createTensor(environment, pixels, longArrayOf(4, 3, 64, 64))
        session.run(mapOf("input" to tensor))
        session.run(mapOf(session.inputNames.first() to tensor))
    }
}
```

```graph + path=app/src/main/res/raw/net.onnx
model onnx ir=8 opset=13
graph main
  input input float32[batch,3,64,64]
  op Relu (input) -> (output float32[batch,3,64,64])
  output output
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
```

References: microsoft/onnxruntime, `OrtSession.java`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deplint import Finding, Project, rule
from deplint.apps.jvm import shown
from deplint.apps.onnx_java import runs, tensor
from deplint.code.source import SourceFile


@rule(
    "DPL726",
    severity="error",
    leaves=["M.4.4", "M.6.2", "M.6.3"],
    see=["https://github.com/microsoft/onnxruntime/blob/v1.17.0/java/src/main/java/ai/onnxruntime/OrtSession.java"],
)
def onnx_session_inputs(file: SourceFile, project: Project) -> Iterator[Finding]:
    for run in runs(file, project):
        inputs = {each.name: each for each in run.model.inputs}
        if not inputs:
            continue
        for name, (where, given) in run.inputs.items():
            if name not in inputs:
                yield Finding(
                    where,
                    f'{run.model.path} has no input "{name}": Unknown input name {name}, expected one of [{", ".join(inputs)}]',
                    help="take the name from session.inputNames, or correct it",
                )
            wanted = inputs.get(name) or (run.model.inputs[0] if len(inputs) == len(run.inputs) == 1 else None)
            made = tensor(given)
            if wanted is None or made is None:
                continue
            dtype, sizes, call = made
            differ = sizes is not None and wanted.shape is not None and _differ(sizes, wanted.shape)
            if (dtype and wanted.dtype and dtype != wanted.dtype) or differ:
                what = f"{dtype or 'values'} {sizes if sizes is not None else ''}".strip()
                yield Finding(
                    call,
                    f'this tensor holds {what}, but input "{wanted.name}" of {run.model.path} is {shown(wanted)}: the session refuses it',
                    help="prepare what the model asks for; `deplint inspect` shows its inputs",
                )
        missing = [name for name in inputs if name not in run.inputs]
        if run.complete and run.inputs and missing and set(run.inputs) < set(inputs):
            yield Finding(
                run.call,
                f"{run.model.path} also has the input {', '.join(missing)}, which is not given: the session refuses to run",
                help="give all inputs",
            )


def _differ(sizes: Sequence[int], shape: Sequence[object]) -> bool:
    return len(sizes) != len(shape) or any(isinstance(b, int) and b >= 0 and a != b for a, b in zip(sizes, shape, strict=True))
