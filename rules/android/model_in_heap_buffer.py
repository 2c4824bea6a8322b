"""A model handed to TensorFlow Lite in a buffer of the Java heap.

The interpreter reads the model where it lies, in native memory: ``Model ByteBuffer should be either a MappedByteBuffer of the model file,
or a direct ByteBuffer using ByteOrder.nativeOrder() which contains bytes of model content``. ``ByteBuffer.wrap`` and ``allocate`` give
neither, and without ``order`` a direct buffer is big-endian.

```java bad path=app/src/main/java/Net.java
import org.tensorflow.lite.Interpreter;

class Net {
    private final Interpreter net;

    Net(byte[] plain) {
        ByteBuffer model = ByteBuffer.wrap(plain);
        net = new Interpreter(model); // <-
    }
}
```

```kotlin bad path=app/src/main/java/Net.kt
import org.tensorflow.lite.Interpreter

class Net(context: Context) {
    private val bytes = context.assets.open("net.tflite").readBytes()
    private val one = Interpreter(ByteBuffer.wrap(bytes), Interpreter.Options()) // <-
    private val two = Interpreter(ByteBuffer.allocateDirect(bytes.size).put(bytes)) // <-
}
```

Direct and in the machine's order, mapped, and unknown:

```kotlin good path=app/src/main/java/Net.kt
import org.tensorflow.lite.Interpreter

class Net(context: Context, given: ByteBuffer) {
    private val bytes = context.assets.open("net.tflite").readBytes()
    private val direct = ByteBuffer.allocateDirect(bytes.size).order(ByteOrder.nativeOrder()).put(bytes)
    private val one = Interpreter(direct)
    private val two = Interpreter(FileUtil.loadMappedFile(context, "net.tflite"))
    private val three = Interpreter(given)
    private val four: Interpreter

    init {
        val later = ByteBuffer.allocateDirect(bytes.size)
        later.order(ByteOrder.nativeOrder())
        later.put(bytes)
        four = Interpreter(later)
        val filled = ByteBuffer.allocateDirect(bytes.size)
        fill(filled)
        Interpreter(filled)
    }
}
```

References: `NativeInterpreterWrapper.java` of TensorFlow Lite.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.android import JVM
from deplint.apps.jvm import INTERPRETER, written_out
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Name, Node

SAME = ("order", "put", "rewind", "flip", "position", "also", "apply")


@rule(
    "DPL324",
    severity="error",
    leaves=["M.4.3"],
    see=[
        "https://github.com/google-ai-edge/LiteRT/blob/f67457790c9c2ab67347d6fe53270e8d3df20868/tflite/java/src/main/java/org/tensorflow/lite/NativeInterpreterWrapper.java",
    ],
)
def model_in_heap_buffer(file: SourceFile) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\bByteBuffer\.(?:wrap|allocate)"):
        return
    for call in file.calls(INTERPRETER):
        why = _refused(call.argument(None, 0))
        if why:
            yield Finding(
                call,
                f"the model is in {why}: 'Model ByteBuffer should be either a MappedByteBuffer of the model file, or a direct ByteBuffer "
                "using ByteOrder.nativeOrder()'",
                help="ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.nativeOrder()), put the bytes, rewind",
            )


def _given(call: Call, id: str) -> bool:
    """Whether a call is given a buffer and may set its order: all but those that make interpreters or read bytes into it."""
    reads = call.method in ("read", "readFully", "put") or call.name.endswith(("Interpreter", "InterpreterApi.create"))
    return not reads and any(argument.value.text == id for argument in call.arguments)


def _refused(node: Node | None) -> str:
    """What is wrong with the buffer that an expression certainly is."""
    ordered = False
    for _ in range(8):
        if isinstance(node, Name):
            id = node.id
            ordered = ordered or any(call.receiver is not None and call.receiver.text == id for call in node.file.calls("**.order"))
            ordered = ordered or any(_given(call, id) for call in node.file.calls())
        node = written_out(node)
        if not isinstance(node, Call):
            return ""
        if node.method in SAME and node.receiver is not None:
            ordered = ordered or node.method in ("order", "also", "apply")
            node = node.receiver
            continue
        name = node.name.removeprefix("java.nio.")
        if name in ("ByteBuffer.wrap", "ByteBuffer.allocate"):
            return f"the buffer of {name}, on the Java heap"
        return "a direct buffer in big-endian order" if name == "ByteBuffer.allocateDirect" and not ordered else ""
    return ""
