"""An interpreter that is closed when the app pauses, and is not made again when it comes back.

``close()`` frees the native part. `onCreate` does not run again after `onPause` or `onStop`: the next `run` throws ``Internal error: The
Interpreter has already been closed``.

```kotlin bad path=app/src/main/java/MainActivity.kt
import org.tensorflow.lite.Interpreter

class MainActivity : AppCompatActivity() {
    private lateinit var net: Interpreter

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        net = Interpreter(FileUtil.loadMappedFile(this, "net.tflite"))
    }

    fun judge(x: ByteBuffer, y: Array<FloatArray>) = net.run(x, y)

    override fun onPause() {
        super.onPause()
        net.close() // <-
    }
}
```

```java bad path=app/src/main/java/CameraFragment.java
import org.tensorflow.lite.Interpreter;

public class CameraFragment extends Fragment {
    private Interpreter tflite;

    @Override
    public void onCreate(Bundle state) {
        super.onCreate(state);
        tflite = new Interpreter(buffer());
    }

    @Override
    public void onStop() {
        super.onStop();
        if (tflite != null) {
            tflite.close(); // <-
        }
    }

    private void judge(ByteBuffer x, float[][] y) { tflite.run(x, y); }
}
```

Made again, closed at the end, looked at before, or set to nothing:

```kotlin good path=app/src/main/java/MainActivity.kt
import org.tensorflow.lite.Interpreter

class MainActivity : AppCompatActivity() {
    private lateinit var net: Interpreter

    override fun onResume() {
        super.onResume()
        net = Interpreter(FileUtil.loadMappedFile(this, "net.tflite"))
    }

    fun judge(x: ByteBuffer, y: Array<FloatArray>) = net.run(x, y)

    override fun onPause() {
        super.onPause()
        net.close()
    }
}

class Second : AppCompatActivity() {
    private val net by lazy { Interpreter(FileUtil.loadMappedFile(this, "net.tflite")) }

    fun judge(x: ByteBuffer, y: Array<FloatArray>) = net.run(x, y)

    override fun onDestroy() {
        super.onDestroy()
        net.close()
    }
}

class Third : AppCompatActivity() {
    private var net: Interpreter? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        net = Interpreter(FileUtil.loadMappedFile(this, "net.tflite"))
    }

    override fun onStop() {
        super.onStop()
        net?.close()
        net = null
    }
}

class Last : AppCompatActivity() {
    private lateinit var net: Interpreter

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        net = Interpreter(FileUtil.loadMappedFile(this, "net.tflite"))
    }

    override fun onPause() {
        super.onPause()
        if (isFinishing) net.close()
    }
}

class Gone : AppCompatActivity() {
    private lateinit var net: Interpreter

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        net = Interpreter(FileUtil.loadMappedFile(this, "net.tflite"))
    }

    override fun onStop() {
        super.onStop()
        net.close()
        finish()
    }
}
```

References: `InterpreterImpl.java` of TensorFlow Lite (`checkNotClosed`); the documentation of `Activity.onRestart`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.android import JVM
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Class, Function, Member, Name, Node

LEAVING = ("onPause", "onStop")
_ENDS = re.compile(r"isFinishing|isRemoving|isChangingConfigurations|\bfinish\w*\(")
"""What a method may say that is not about coming back."""
ONCE = ("onCreate", "onCreateView", "onViewCreated", "onAttach", "onActivityCreated", "")
"""Methods that do not run when a paused activity comes back; the last is what initializes a field."""


@rule(
    "DPL315",
    severity="error",
    leaves=["M.4.5", "M.4.3"],
    see=[
        "https://github.com/google-ai-edge/LiteRT/blob/f67457790c9c2ab67347d6fe53270e8d3df20868/tflite/java/src/main/java/org/tensorflow/lite/InterpreterImpl.java",
        "https://learn.microsoft.com/en-us/dotnet/api/android.app.activity.onrestart",
    ],
)
def interpreter_closed_on_pause(file: SourceFile) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\bonPause\b|\bonStop\b") or not file.mentions(r"\bInterpreter(?:Api)?\b"):
        return
    for close in file.calls("**.close"):
        function, on = close.function, close.receiver
        if function is None or function.id not in LEAVING or not isinstance(on, (Name, Member)) or _ENDS.search(function.text):
            continue
        variable = file.meaning.variable(on)
        if variable is None or variable.function is not None:
            continue
        writes = [write.source for write in variable.writes if write.source is not None]
        made = writes and all(_interpreter(source) for source in writes)
        if made and all(_method(source) in ONCE for source in writes):
            yield Finding(
                close,
                f"{variable.name} is closed in {function.id}, and nothing makes it again when the app comes back: 'The Interpreter has "
                "already been closed'",
                help="close it in onDestroy, or make it in onResume or onStart",
            )


def _interpreter(node: Node) -> bool:
    return node.name.endswith((".Interpreter", ".InterpreterApi.create", "TfLite.Interpreter")) or node.name == "Interpreter"


def _method(node: Node) -> str:
    """The name of the method around, of the class's own: a lambda is looked through, a field's initial value has none."""
    found = ""
    for around in node.ancestors:
        if isinstance(around, Class):
            break
        if isinstance(around, Function) and around.id:
            found = around.id
    return found
