"""NNAPI, which Android 15 deprecates.

The Neural Networks API gets no more drivers or operators; on new phones it may be slower than the CPU. Google points to the GPU delegate
and to LiteRT's accelerators.

```kotlin bad path=app/src/main/java/Net.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.nnapi.NnApiDelegate

fun options() = Interpreter.Options().addDelegate(NnApiDelegate())  // <-
```

The same, written otherwise.

```java bad path=app/src/main/java/Net.java
import org.tensorflow.lite.Interpreter;

class Net {
    Interpreter.Options options() {
        Interpreter.Options options = new Interpreter.Options();
        options.setUseNNAPI(true); // <-
        return options;
    }
}
```

For phones that are older it may be the best there is.

```kotlin good path=app/src/main/java/Net.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.nnapi.NnApiDelegate

fun options(): Interpreter.Options {
    val options = Interpreter.Options()
    if (Build.VERSION.SDK_INT in 29..34) options.addDelegate(NnApiDelegate())
    options.setUseNNAPI(false)
    return options
}
```

References: https://developer.android.com/ndk/guides/neuralnetworks/migration-guide
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.android import JVM
from deplint.code.source import SourceFile


@rule(
    "DPL719",
    severity="info",
    leaves=["M.7"],
    see=["https://developer.android.com/ndk/guides/neuralnetworks/migration-guide"],
)
def nnapi_delegate(file: SourceFile) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"NnApiDelegate|NNAPI\b") or file.mentions(r"\bSDK_INT\b"):
        return
    used = list(file.calls("org.tensorflow.lite.nnapi.NnApiDelegate", "ai.onnxruntime.**.addNnapi"))
    used += [call for call in file.calls("org.tensorflow.lite.**.setUseNNAPI") if call.arguments and call.arguments[0].value.value is True]
    for call in used:
        yield Finding(
            call,
            "NNAPI is deprecated since Android 15: no new operators or drivers, and on new phones often slower than the CPU",
            help="use the GPU delegate or LiteRT's accelerators, or the CPU (XNNPACK)",
        )
