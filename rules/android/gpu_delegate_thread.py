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

The interpreter may be a field of a class, made with the object.

```kotlin bad path=app/src/main/java/Net.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.gpu.CompatibilityList
import org.tensorflow.lite.gpu.GpuDelegate

class Net(model: ByteBuffer) {
    private val gpu = CompatibilityList().use { if (it.isDelegateSupportedOnThisDevice) GpuDelegate() else null }
    private val interpreter = Interpreter(model, Interpreter.Options().apply { if (gpu != null) addDelegate(gpu) })

    fun judge(pixels: ByteBuffer, scores: ByteBuffer) {
        interpreter.run(pixels, scores)  // <-
    }
}
```

```kotlin + path=app/src/main/java/Camera.kt
class Camera : AppCompatActivity() {
    private lateinit var net: Net

    override fun onCreate(state: Bundle?) {
        net = Net(model)
        analysis.setAnalyzer(executor) { frame -> net.judge(pixels(frame), scores) }
    }
}
```

In Java:

```java bad path=app/src/main/java/Net.java
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.gpu.GpuDelegate;

class Net {
    private final Interpreter interpreter;
    private final GpuDelegate gpu = new GpuDelegate();

    Net(ByteBuffer model) {
        Interpreter.Options options = new Interpreter.Options();
        options.addDelegate(gpu);
        interpreter = new Interpreter(model, options);
    }

    void judge(ByteBuffer pixels, float[][] scores) {
        interpreter.run(pixels, scores); // <-
    }
}
```

```java + path=app/src/main/java/Photos.java
class Photos extends AppCompatActivity {
    private Net net;

    @Override
    protected void onResume() {
        super.onResume();
        net = new Net(model);
    }

    private void judge() {
        worker.execute(() -> net.judge(pixels, scores));
    }
}
```

Made and run on one thread:

```java good path=app/src/main/java/Net.java
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.gpu.GpuDelegate;

class Net {
    private final Interpreter interpreter;

    Net(ByteBuffer model) {
        interpreter = new Interpreter(model, new Interpreter.Options().addDelegate(new GpuDelegate()));
    }

    void judge(ByteBuffer pixels, float[][] scores) {
        interpreter.run(pixels, scores);
    }
}
```

```java + path=app/src/main/java/Photos.java
class Photos extends AppCompatActivity {
    private Net net;

    @Override
    protected void onResume() {
        super.onResume();
        worker.execute(() -> net = new Net(model));
    }

    private void judge() {
        worker.execute(() -> net.judge(pixels, scores));
    }
}
```

And in one class:

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
