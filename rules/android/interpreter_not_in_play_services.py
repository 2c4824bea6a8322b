"""An `Interpreter` of TensorFlow Lite where only the one of Google Play services is there.

``play-services-tflite-java`` brings `InterpreterApi` and no `org.tensorflow.lite.Interpreter`: ``Unresolved reference: Interpreter``,
``cannot find symbol``.

```kotlin bad path=app/src/main/java/Net.kt
import com.google.android.gms.tflite.java.TfLite
import org.tensorflow.lite.Interpreter // <-

class Net(context: Context, model: ByteBuffer) {
    private val net = Interpreter(model)
}
```

```kts + path=app/build.gradle.kts
plugins { id("com.android.application") }
dependencies {
    implementation("com.google.android.gms:play-services-tflite-java:16.1.0")
    implementation("com.google.android.gms:play-services-tflite-support:16.1.0")
}
```

The interface, and an app that has both:

```kotlin good path=app/src/main/java/Net.kt
import org.tensorflow.lite.InterpreterApi
```

```kts + path=app/build.gradle.kts
plugins { id("com.android.application") }
dependencies { implementation("com.google.android.gms:play-services-tflite-java:16.1.0") }
```

Both:

```java good path=app/src/main/java/Net.java
import org.tensorflow.lite.Interpreter;
```

```gradle + path=app/build.gradle
plugins { id 'com.android.application' }
dependencies {
    implementation 'com.google.android.gms:play-services-tflite-java:16.1.0'
    implementation 'org.tensorflow:tensorflow-lite:2.14.0'
}
```

References: the guide of LiteRT in Google Play services (Java); ``java/BUILD`` of LiteRT, where tensorflow-lite-api has no
``Interpreter.java``.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import JVM, brought, module, packed
from deplint.code.source import SourceFile

PLAY = "com.google.android.gms:play-services-tflite-"
OTHERS = ("org.tensorflow:tensorflow-lite", "com.google.ai.edge.litert:", "com.google.mediapipe:", "io.github.", "com.github.")


@rule(
    "DPL326",
    severity="error",
    leaves=["M.4.2", "M.4.3"],
    see=[
        "https://ai.google.dev/edge/lite/android/java",
        "https://github.com/google-ai-edge/LiteRT/blob/f67457790c9c2ab67347d6fe53270e8d3df20868/tflite/java/BUILD",
    ],
)
def interpreter_not_in_play_services(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\bimport\s+org\.tensorflow\.lite\.Interpreter\b"):
        return
    build = module(project, file.place)
    if build is None:
        return
    used = [d for each in (build, *(other for _, other in brought(build, project))) for d in packed(each)]
    play = any(d.name.startswith(PLAY) for d in used)
    # What is unknown, or a library of somebody else, may bring the class.
    if not play or any(not d.name or d.name.startswith(OTHERS) or ("tflite" in d.artifact and "gms" not in d.group) for d in used):
        return
    for each in file.imports:
        if each.module == "org.tensorflow.lite.Interpreter":
            yield Finding(
                each,
                "the app has TensorFlow Lite of Google Play services only, with InterpreterApi and no Interpreter: it does not compile",
                help="InterpreterApi.create(model, options.setRuntime(TfLiteRuntime.FROM_SYSTEM_ONLY)), or depend on the bundled runtime",
            )
