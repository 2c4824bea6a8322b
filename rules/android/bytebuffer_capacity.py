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
from deplint.apps.android import linked
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Node

RUN = "org.tensorflow.lite.{Interpreter(),InterpreterApi.create(),InterpreterApi()}.run"
SAME = {"order", "rewind", "clear", "flip", "also", "apply"}
"""Methods that give the buffer they are called on."""


@rule(
    "DPL705",
    severity="error",
    leaves=["M.4.4"],
    see=["https://stackoverflow.com/questions/54976193"],
)
def bytebuffer_capacity(file: SourceFile, project: Project) -> Iterator[Finding]:
    link = linked(file, project)
    wanted = link.input.nbytes if link and link.input else None
    if link is None or wanted is None:
        return
    for run in file.calls(RUN):
        buffer = _buffer(run.argument(None, 0))
        size = buffer.arguments[0].value.value if buffer and buffer.arguments else None
        if buffer is not None and type(size) is int and size != wanted:
            tensor = link.input
            assert tensor is not None and tensor.shape is not None
            shape = ", ".join(map(str, tensor.shape))
            yield Finding(
                buffer,
                f"the buffer has {size:,} bytes, the input of {link.asset}, {tensor.dtype} [{shape}], has {wanted:,}: run() refuses it",
                help="allocate interpreter.getInputTensor(0).numBytes() bytes",
            )


def _buffer(node: Node | None) -> Call | None:
    """The call that allocated the buffer `node` certainly is."""
    call = node.origin if node is not None else None
    while call is not None and call.method in SAME and call.receiver is not None:
        call = call.receiver.origin
    return call if call is not None and call.name == "java.nio.ByteBuffer.allocateDirect" else None
