"""Values written as floats for a model that takes bytes, or the reverse.

`putFloat` writes four bytes, `put` one. A quantized model wants one for each value: floats overflow the buffer that is as large as the
input (``BufferOverflowException``), or are refused as four times too many bytes. Bytes for a float model leave three quarters of the
input as it was.

```kotlin bad path=app/src/main/java/Net.kt
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Net(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "net.tflite"))

    fun run(pixels: IntArray) {
        val input = ByteBuffer.allocateDirect(interpreter.getInputTensor(0).numBytes()).order(ByteOrder.nativeOrder())
        for (pixel in pixels) {
            input.putFloat(((pixel shr 16) and 0xFF) / 255f)  // <-
            input.putFloat(((pixel shr 8) and 0xFF) / 255f)
            input.putFloat((pixel and 0xFF) / 255f)
        }
        interpreter.run(input, scores)
    }
}
```

```graph + path=app/src/main/assets/net.tflite
model tflite
graph main
  input image uint8[1,64,64,3]
  op CONV_2D (image) -> (scores uint8[1,4])
  output scores
```

```kotlin good path=app/src/main/java/Net.kt
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Net(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "net.tflite"))

    fun run(pixels: IntArray) {
        val input = ByteBuffer.allocateDirect(interpreter.getInputTensor(0).numBytes()).order(ByteOrder.nativeOrder())
        for (pixel in pixels) {
            if (quantized) input.put(pixel.toByte()) else input.putFloat(pixel / 255f)
        }
        interpreter.run(input, scores)
    }
}
```

```graph + path=app/src/main/assets/net.tflite
model tflite
graph main
  input image uint8[1,64,64,3]
  op CONV_2D (image) -> (scores uint8[1,4])
  output scores
```

References: https://stackoverflow.com/questions/50328346; Java, `ByteBuffer`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.jvm import WRITES, allocation, calls_on, runs, shown
from deplint.code.source import SourceFile

WIDTH = {"put": 1, "putShort": 2, "putFloat": 4, "putInt": 4, "putLong": 8, "putDouble": 8}
TAKES = {"uint8": 1, "int8": 1, "bool": 1, "float32": 4, "int32": 4, "int64": 8}


@rule(
    "DPL724",
    severity="error",
    leaves=["M.6.3", "M.4.4"],
    see=["https://stackoverflow.com/questions/50328346", "https://docs.oracle.com/javase/8/docs/api/java/nio/ByteBuffer.html"],
)
def buffer_element_type(file: SourceFile, project: Project) -> Iterator[Finding]:
    seen = set()
    for run in runs(file, project):
        for position, node in run.inputs.items():
            buffer = allocation(node)
            if buffer is None or not buffer.name.startswith("java.nio.ByteBuffer.") or buffer in seen or position >= len(run.model.inputs):
                continue
            seen.add(buffer)
            tensor = run.model.inputs[position]
            writes = calls_on(buffer, WRITES)
            widths = {WIDTH.get(call.method, 0) for call in writes}
            bulk = any(call.method == "put" and not _number(call.arguments[-1].value.text) for call in writes if call.arguments)
            if tensor.dtype not in TAKES or len(widths) != 1 or bulk or widths == {TAKES[tensor.dtype]}:
                continue
            method = writes[0].method
            yield Finding(
                writes[0],
                f"{method} writes {WIDTH[method]} bytes a value, but input {position} of {run.model.path} is {shown(tensor)}, "
                f"{TAKES[tensor.dtype]} a value",
                help="write what interpreter.getInputTensor(0).dataType() asks for; a quantized model takes its own scale and zero point",
            )


def _number(text: str) -> bool:
    """What is put is one value, as far as the text shows: a cast, an operation on bits, or the like."""
    return "byte" in text.lower() or "0x" in text.lower() or "toByte" in text
