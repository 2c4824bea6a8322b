"""Inputs that are never set, or ones that the model does not have.

`run` sets the first input and reads the first output. A model with several inputs runs on whatever memory holds for the others;
`runForMultipleInputsOutputs` with more than the model has stops: ``Invalid input Tensor index: 1``, ``Invalid output Tensor index: 1``.

```java bad path=app/src/main/java/Net.java
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.support.common.FileUtil;

class Net {
    private final Interpreter interpreter = new Interpreter(FileUtil.loadMappedFile(context, "two.tflite"));

    void run(ByteBuffer image) {
        interpreter.run(image, scores); // <-
    }
}
```

```graph + path=app/src/main/assets/two.tflite
model tflite
graph main
  input image float32[1,64,64,3]
  input size float32[1,2]
  op CONV_2D (image, size) -> (scores float32[1,4])
  output scores
```

The same, written otherwise.

```kotlin bad path=app/src/main/java/Net.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Net(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "raw.tflite"))

    fun detect(image: ByteBuffer) {
        val outputs = mapOf(0 to boxes, 1 to classes, 2 to scores, 3 to count)
        interpreter.runForMultipleInputsOutputs(arrayOf(image), outputs)  // <-
    }
}
```

```graph + path=app/src/main/assets/raw.tflite
model tflite
graph main
  input image float32[1,64,64,3]
  op CONV_2D (image) -> (raw float32[1,100,6])
  output raw
```

The first output alone may be what is wanted.

```kotlin good path=app/src/main/java/Net.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Net(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "net.tflite"))

    fun run(image: ByteBuffer) = interpreter.run(image, scores)

    fun both(image: ByteBuffer) = interpreter.runForMultipleInputsOutputs(arrayOf<Any>(image), outputs)
}
```

```graph + path=app/src/main/assets/net.tflite
model tflite
graph main
  input image float32[1,64,64,3]
  op CONV_2D (image) -> (scores float32[1,4])
  op CONV_2D (image) -> (boxes float32[1,4])
  output scores
  output boxes
```

References: https://stackoverflow.com/questions/58745286; TensorFlow, `NativeInterpreterWrapper.java`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.jvm import runs
from deplint.code.source import SourceFile


@rule(
    "DPL725",
    severity="error",
    leaves=["M.4.4"],
    see=[
        "https://stackoverflow.com/questions/58745286",
        "https://github.com/tensorflow/tensorflow/blob/v2.16.1/tensorflow/lite/java/src/main/java/org/tensorflow/lite/NativeInterpreterWrapper.java",
    ],
)
def interpreter_inputs_left_out(file: SourceFile, project: Project) -> Iterator[Finding]:
    for run in runs(file, project):
        inputs, outputs = run.model.inputs, run.model.outputs
        names = ", ".join(tensor.name for tensor in inputs[run.count or 0 :])
        last = max(run.outputs, default=0)
        if run.count is not None and 0 < run.count < len(inputs):
            yield Finding(
                run.call,
                f"{run.model.path} has {len(inputs)} inputs and is given {run.count}: {names} keeps whatever was in memory",
                help="use runForMultipleInputsOutputs with all of them, in the order of the model",
            )
        elif run.count is not None and run.count > len(inputs) > 0:
            yield Finding(
                run.call,
                f"{run.model.path} has {len(inputs)} input{'s' * (len(inputs) > 1)} and is given {run.count}: Invalid input Tensor index: "
                f"{len(inputs)}",
                help="give it what it has; `deplint inspect` shows the model",
            )
        if outputs and last >= len(outputs):
            yield Finding(
                run.call,
                f"{run.model.path} has {len(outputs)} output{'s' * (len(outputs) > 1)}, and output {last} is asked for: Invalid output "
                f"Tensor index: {len(outputs)}",
                help="ask for what it has; a detector without post-processing gives raw boxes and scores",
            )
