"""A model that runs on the main thread.

Android draws and takes touches on the main thread. While a model runs there nothing moves; beyond five seconds the system offers to close
the app (``Application Not Responding``). A coroutine of `lifecycleScope` or `viewModelScope` runs there too unless it is given another
dispatcher, and so does an analyzer with the main executor.

```kotlin bad path=app/src/main/java/MainActivity.kt
import org.tensorflow.lite.Interpreter

class MainActivity : AppCompatActivity() {
    private lateinit var interpreter: Interpreter

    override fun onCreate(state: Bundle?) {
        button.setOnClickListener { show(classify(photo)) }
    }

    private fun classify(photo: Bitmap): Int {
        interpreter.run(pixels(photo), scores)  // <-
        return best(scores)
    }
}
```

The same, written otherwise.

```kotlin bad path=app/src/main/java/MainActivity.kt
import ai.onnxruntime.OrtSession

class MainActivity : AppCompatActivity() {
    private lateinit var session: OrtSession

    fun ask() {
        lifecycleScope.launch {
            show(session.run(inputs))  // <-
        }
    }
}
```

The same, written otherwise.

```java bad path=app/src/main/java/MainActivity.java
import org.pytorch.Module;

public class MainActivity extends AppCompatActivity {
    private Module module;

    @Override
    protected void onCreate(Bundle state) {
        module = Module.load(path);
        Tensor output = module.forward(IValue.from(input)).toTensor(); // <-
    }
}
```

```kotlin good path=app/src/main/java/MainActivity.kt
import org.tensorflow.lite.Interpreter

class MainActivity : AppCompatActivity() {
    private lateinit var interpreter: Interpreter

    override fun onCreate(state: Bundle?) {
        button.setOnClickListener { executor.execute { show(classify(photo)) } }
        lifecycleScope.launch(Dispatchers.Default) { classify(photo) }
        lifecycleScope.launch { withContext(Dispatchers.IO) { classify(photo) } }
        lifecycleScope.launch { classifyLater(photo) }
        Thread { classify(photo) }.start()
    }

    private suspend fun classifyLater(photo: Bitmap) = withContext(Dispatchers.Default) { classify(photo) }

    private fun classify(photo: Bitmap): Int {
        interpreter.run(pixels(photo), scores)
        return best(scores)
    }
}
```

References: https://developer.android.com/topic/performance/vitals/anr; the documentation of `lifecycleScope`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import JVM
from deplint.apps.occasions import INFERENCES, MAIN, RUNTIME, occasions
from deplint.code.source import SourceFile


@rule(
    "DPL717",
    severity="warning",
    leaves=["M.4.5"],
    see=[
        "https://developer.android.com/topic/performance/vitals/anr",
        "https://developer.android.com/topic/libraries/architecture/coroutines",
    ],
)
def inference_on_main_thread(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(RUNTIME):
        return
    seen = set()
    for call in file.calls(*INFERENCES):
        start = occasions(call, project).get(MAIN)
        if start is not None and start not in seen:
            seen.add(start)
            line = start.place.span.line if start.place.span else "?"
            via = "" if start is call else f", coming from {start.file.path}:{line}"
            yield Finding(
                call,
                f"the model runs on the main thread{via}: the app takes no touches and draws nothing meanwhile",
                help="run it in an executor, or withContext(Dispatchers.Default), and post the result back",
            )
