"""An input buffer with another number of bytes than the model's input.

`Interpreter.run` compares the capacity of a `ByteBuffer` with the bytes of the input tensor, four for each float and one for each
int8 or uint8, and stops where they differ: ``Cannot copy to a TensorFlowLite tensor (serving_default_image:0) with 12288 bytes from a
Java Buffer with 49152 bytes`` (older releases: ``Cannot convert between a TensorFlowLite buffer with 12288 bytes and a ByteBuffer
with 49152 bytes``).

```kotlin bad path=app/src/main/java/Pests.kt
import android.content.Context
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Pests(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "pests.tflite"))
    private val input = ByteBuffer.allocateDirect(4 * SIZE * SIZE * 3).order(ByteOrder.nativeOrder())  // <-

    fun classify(): Array<ByteArray> {
        val scores = Array(1) { ByteArray(4) }
        interpreter.run(input, scores)
        return scores
    }

    private companion object {
        const val SIZE = 64
    }
}
```

```graph + path=app/src/main/assets/pests.tflite
model tflite
graph main
  input image uint8[1,64,64,3]
  op FULLY_CONNECTED (image) -> (scores uint8[1,4])
  output scores
```

```kotlin good path=app/src/main/java/Pests.kt
import android.content.Context
import java.nio.ByteBuffer
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Pests(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "pests.tflite"))
    private val input = ByteBuffer.allocateDirect(interpreter.getInputTensor(0).numBytes())
    private val scratch = ByteBuffer.allocateDirect(1024)

    fun classify(): Array<ByteArray> {
        val scores = Array(1) { ByteArray(4) }
        interpreter.run(input, scores)
        return scores
    }
}
```

```graph + path=app/src/main/assets/pests.tflite
model tflite
graph main
  input image uint8[1,64,64,3]
  op FULLY_CONNECTED (image) -> (scores uint8[1,4])
  output scores
```

References: https://stackoverflow.com/questions/54976193; TensorFlow, `TensorImpl.java`, compares capacities.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.jvm import given, nbytes, runs, shown
from deplint.code.source import SourceFile


@rule(
    "DPL705",
    severity="error",
    leaves=["M.4.4"],
    see=["https://stackoverflow.com/questions/54976193"],
)
def bytebuffer_capacity(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.mentions(r"\bresizeInput\b"):
        return
    seen = set()
    for run in runs(file, project):
        for position, node in run.inputs.items():
            value = given(node, project)
            wanted = nbytes(run.model.inputs[position]) if position < len(run.model.inputs) else None
            if value is None or value.nbytes is None or value.element or wanted in (None, value.nbytes) or value.made in seen:
                continue
            seen.add(value.made)
            yield Finding(
                value.made,
                f"the buffer has {value.nbytes:,} bytes, input {position} of {run.model.path}, {shown(run.model.inputs[position])}, has "
                f"{wanted:,}: run() refuses it",
                help=f"allocate interpreter.getInputTensor({position}).numBytes() bytes",
            )
