"""Numbers written into a buffer in the wrong byte order.

A `ByteBuffer` of Java is big-endian unless told otherwise, phones are little-endian. The interpreter takes the bytes as they are: every
float and integer of more than one byte arrives with its bytes reversed, and the answers are nonsense without any error.

```java bad path=app/src/main/java/Net.java
import java.nio.ByteBuffer;
import org.tensorflow.lite.Interpreter;

class Net {
    private final Interpreter interpreter = new Interpreter(model);
    private final ByteBuffer input = ByteBuffer.allocateDirect(4 * 64 * 64 * 3); // <-

    void run(int[] pixels) {
        input.rewind();
        for (int pixel : pixels) {
            input.putFloat((pixel & 0xFF) / 255.0f);
        }
        interpreter.run(input, scores);
    }
}
```

The same, written otherwise.

```kotlin bad path=app/src/main/java/Net.kt
import java.nio.ByteBuffer
import org.tensorflow.lite.Interpreter

class Net(private val interpreter: Interpreter) {
    fun run(photo: Bitmap) = interpreter.run(convert(photo), scores)

    private fun convert(photo: Bitmap): ByteBuffer {
        val buffer = ByteBuffer.allocateDirect(4 * 64 * 64)  // <-
        for (y in 0 until 64) for (x in 0 until 64) buffer.putFloat(photo.getPixel(x, y) / 255f)
        return buffer
    }
}
```

Bytes have no order, and it may be set anywhere.

```kotlin good path=app/src/main/java/Net.kt
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.tensorflow.lite.Interpreter

class Net(private val interpreter: Interpreter) {
    private val bytes = ByteBuffer.allocateDirect(64 * 64)
    private val floats = ByteBuffer.allocateDirect(4 * 64 * 64).apply { order(ByteOrder.nativeOrder()) }

    fun one(pixels: IntArray) {
        bytes.rewind()
        for (pixel in pixels) bytes.put(pixel.toByte())
        interpreter.run(bytes, scores)
    }

    fun two(pixels: IntArray) {
        floats.rewind()
        for (pixel in pixels) floats.putFloat(pixel / 255f)
        interpreter.run(floats, scores)
    }

    fun three(pixels: IntArray) = interpreter.run(convert(pixels), scores)

    private fun convert(pixels: IntArray): ByteBuffer {
        val buffer = ByteBuffer.allocateDirect(4 * 64 * 64)
        buffer.order(ByteOrder.nativeOrder())
        for (pixel in pixels) buffer.putFloat(pixel / 255f)
        return buffer
    }
}
```

References: Java, `ByteBuffer.order`; TensorFlow, `TensorImpl.java` (`setTo`), and `Interpreter.run`'s documentation.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import JVM
from deplint.apps.jvm import RUN, allocation, calls_on, elements, returned
from deplint.code.source import SourceFile

WIDE = "**.{putFloat,putInt,putLong,putShort,putDouble,asFloatBuffer,asIntBuffer,asLongBuffer}"


@rule(
    "DPL722",
    severity="error",
    leaves=["M.6.3", "M.4.4"],
    see=[
        "https://docs.oracle.com/javase/8/docs/api/java/nio/ByteBuffer.html",
        "https://github.com/tensorflow/tensorflow/blob/v2.16.1/tensorflow/lite/java/src/main/java/org/tensorflow/lite/TensorImpl.java",
    ],
)
def buffer_byte_order(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\borg\.tensorflow\b"):
        return
    seen = set()
    for run in file.calls(RUN):
        for node in elements(run):
            buffer = allocation(node)
            if buffer is None and not file.mentions(r"\border\s*\("):
                buffer = next((made for other in returned(node, project) if (made := allocation(other))), None)
            if buffer is None or not buffer.name.startswith("java.nio.ByteBuffer.") or buffer in seen:
                continue
            seen.add(buffer)
            if calls_on(buffer, WIDE) and not calls_on(buffer, "**.order"):
                yield Finding(
                    buffer,
                    "numbers of several bytes are written into this buffer big-endian, Java's default, and the interpreter reads them in "
                    "the phone's order: the input is garbage",
                    help="buffer.order(ByteOrder.nativeOrder())",
                )
