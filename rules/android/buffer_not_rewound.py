"""A buffer that is filled again where it ended.

`put` moves a buffer's position on. A buffer that is kept in a field and filled for every image has to go back to its start first; the
second image ends in ``java.nio.BufferOverflowException``.

```java bad path=app/src/main/java/Net.java
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.tensorflow.lite.Interpreter;

class Net {
    private final Interpreter interpreter = new Interpreter(model);
    private final ByteBuffer input = ByteBuffer.allocateDirect(4 * 64 * 64 * 3).order(ByteOrder.nativeOrder());

    void run(int[] pixels) {
        for (int pixel : pixels) {
            input.putFloat((pixel & 0xFF) / 255.0f); // <-
        }
        interpreter.run(input, scores);
    }
}
```

```kotlin good path=app/src/main/java/Net.kt
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.tensorflow.lite.Interpreter

class Net(private val interpreter: Interpreter) {
    private val input = ByteBuffer.allocateDirect(4 * 64 * 64).order(ByteOrder.nativeOrder())
    private val indexed = ByteBuffer.allocateDirect(4 * 64 * 64).order(ByteOrder.nativeOrder())

    fun one(pixels: IntArray) {
        input.rewind()
        for (pixel in pixels) input.putFloat(pixel / 255f)
        interpreter.run(input, scores)
    }

    fun two(pixels: IntArray) {
        for ((at, pixel) in pixels.withIndex()) indexed.putFloat(4 * at, pixel / 255f)
        interpreter.run(indexed, scores)
    }

    fun three(pixels: IntArray) {
        val once = ByteBuffer.allocateDirect(4 * 64 * 64).order(ByteOrder.nativeOrder())
        for (pixel in pixels) once.putFloat(pixel / 255f)
        interpreter.run(once, scores)
    }
}
```

References: Java, `Buffer` ("position") and `BufferOverflowException`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.android import JVM
from deplint.apps.jvm import RUN, TURNS, WRITES, allocation, calls_on, elements
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Function, Node


@rule(
    "DPL723",
    severity="error",
    leaves=["M.6.3", "M.4.4"],
    see=["https://docs.oracle.com/javase/8/docs/api/java/nio/Buffer.html"],
)
def buffer_not_rewound(file: SourceFile) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\ballocate(?:Direct)?\("):
        return
    seen = set()
    for run in file.calls(RUN):
        for node in elements(run):
            buffer = allocation(node)
            if buffer is None or buffer in seen:
                continue
            seen.add(buffer)
            writes = [call for call in calls_on(buffer, WRITES) if len(call.arguments) == 1]
            if not writes or not all(_repeated(call, buffer) for call in writes):
                continue
            if not [call for call in calls_on(buffer, TURNS) if call.method not in ("order", "limit")]:
                yield Finding(
                    writes[0],
                    "the buffer is kept, and filled again where the last time ended: BufferOverflowException at the second image",
                    help="call rewind() before it is filled",
                )


def _repeated(call: Call, buffer: Call) -> bool:
    """The buffer is made once, where the object is or in a method that the file does not call again, and written in another method."""
    writing, making = _method(call), _method(buffer)
    if writing is None or writing is making:
        return False
    if making is None or making.id == making.owner:
        return True
    return not any(call.file.meaning.local(other.callee) is making for other in call.file.calls(making.id, f"**.{making.id}"))


def _method(node: Node) -> Function | None:
    """The method that a node is in, through lambdas."""
    function = node.function
    while function is not None and not function.id:
        function = function.function
    return function
