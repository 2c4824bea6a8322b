"""An interpreter with the GPU delegate that is made on one thread and run on another.

The delegate's OpenGL backend, which takes over wherever OpenCL is missing, belongs to the thread it was made on:
``TfLiteGpuDelegate Invoke: GpuDelegate must run on the same thread where it was initialized.`` Phones with OpenCL hide the fault.

```kotlin bad path=app/src/main/java/MainActivity.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.gpu.GpuDelegate

class MainActivity : AppCompatActivity() {
    private lateinit var interpreter: Interpreter

    override fun onCreate(state: Bundle?) {
        val options = Interpreter.Options().addDelegate(GpuDelegate())
        interpreter = Interpreter(model, options)
    }

    fun recognize(photo: Bitmap) {
        executor.execute {
            interpreter.run(pixels(photo), scores)  // <-
        }
    }
}
```

```kotlin good path=app/src/main/java/MainActivity.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.gpu.GpuDelegate

class MainActivity : AppCompatActivity() {
    private lateinit var interpreter: Interpreter

    override fun onCreate(state: Bundle?) {
        executor.execute {
            val options = Interpreter.Options().addDelegate(GpuDelegate())
            interpreter = Interpreter(model, options)
        }
    }

    fun recognize(photo: Bitmap) {
        executor.execute { interpreter.run(pixels(photo), scores) }
    }
}

class Plain : AppCompatActivity() {
    private lateinit var interpreter: Interpreter

    override fun onCreate(state: Bundle?) {
        interpreter = Interpreter(model)
    }

    fun recognize(photo: Bitmap) {
        executor.execute { interpreter.run(pixels(photo), scores) }
    }
}
```

References: tensorflow/tensorflow#32330 and #56533, tensorflow/flutter-tflite#172; the comment of `GpuDelegate.java`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import JVM
from deplint.apps.jvm import INTERPRETER, RUN, on_gpu
from deplint.apps.occasions import BACKGROUND, FRAME, MAIN, occasions
from deplint.code.source import SourceFile


@rule(
    "DPL718",
    severity="warning",
    leaves=["M.4.5"],
    see=["https://github.com/tensorflow/tensorflow/issues/32330", "https://github.com/tensorflow/tensorflow/issues/56533"],
)
def gpu_delegate_thread(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\bGpuDelegate\("):
        return
    made = {call for call in file.calls(INTERPRETER) if on_gpu(call)}
    for run in file.calls(RUN):
        origins = {call for call, _ in file.meaning.flow(run.receiver) if call is not None} if run.receiver is not None else set()
        if not origins or not origins <= made:
            continue
        born = {occasion for call in origins for occasion in occasions(call, project)}
        used = set(occasions(run, project))
        if born == {MAIN} and used and used <= {BACKGROUND, FRAME}:
            yield Finding(
                run,
                "the interpreter was made on the main thread and runs on another: with the GPU delegate, GpuDelegate must run on the same "
                "thread where it was initialized",
                help="make the interpreter on the thread that runs it, for instance in the same single-thread executor",
            )
