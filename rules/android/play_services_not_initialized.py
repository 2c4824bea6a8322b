"""An interpreter of Google Play services that is made before the runtime is there.

With `FROM_SYSTEM_ONLY` the runtime comes from Google Play services, which load it in `TfLite.initialize(context)`. Only when that task has
completed may the API be used; without it `InterpreterApi.create` throws ``IllegalStateException``.

```kotlin bad path=app/src/main/java/Scorer.kt
import org.tensorflow.lite.InterpreterApi
import org.tensorflow.lite.InterpreterApi.Options.TfLiteRuntime

class Scorer(model: File) {
    private val options = InterpreterApi.Options().setRuntime(TfLiteRuntime.FROM_SYSTEM_ONLY)  // <-
    private val interpreter = InterpreterApi.create(model, options)
}
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
dependencies { implementation 'com.google.android.gms:play-services-tflite-java:16.1.0' }
```

```java bad path=app/src/main/java/Scorer.java
import org.tensorflow.lite.InterpreterApi;

class Scorer {
    InterpreterApi open(MappedByteBuffer model) {
        InterpreterApi.Options options = new InterpreterApi.Options();
        options.setRuntime(InterpreterApi.Options.TfLiteRuntime.FROM_SYSTEM_ONLY); // <-
        return InterpreterApi.create(model, options);
    }
}
```

```kotlin + path=app/build.gradle.kts
android { compileSdk = 35 }
dependencies { implementation("com.google.android.gms:play-services-tflite-java:16.4.0") }
```

Any other file may initialize it; a runtime of the app's own needs no such thing.

```kotlin good path=app/src/main/java/Scorer.kt
import org.tensorflow.lite.InterpreterApi
import org.tensorflow.lite.InterpreterApi.Options.TfLiteRuntime

class Scorer(model: File) {
    private val options = InterpreterApi.Options().setRuntime(TfLiteRuntime.FROM_SYSTEM_ONLY)
    private val other = InterpreterApi.Options().setRuntime(TfLiteRuntime.PREFER_SYSTEM_OVER_APPLICATION)
}
```

```kotlin + path=app/src/main/java/App.kt
import com.google.android.gms.tflite.java.TfLite

class App : Application() {
    val ready by lazy { TfLite.initialize(this) }
}
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
dependencies { implementation 'com.google.android.gms:play-services-tflite-java:16.1.0' }
```

The application's own runtime:

```kotlin good path=app/src/main/java/Scorer.kt
import org.tensorflow.lite.InterpreterApi
import org.tensorflow.lite.InterpreterApi.Options.TfLiteRuntime

val options = InterpreterApi.Options().setRuntime(TfLiteRuntime.FROM_APPLICATION_ONLY)
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
dependencies { implementation 'org.tensorflow:tensorflow-lite:2.16.1' }
```

References: Google Play services, reference of `TfLite` ("should only be called after the task returned by this method has successfully
completed"); LiteRT in Google Play services, Java API.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import JVM, gradle, packed
from deplint.code.source import SourceFile

INITIALIZES = r"\b(?:TfLite\w*|OptionalModule\w*)\s*\.\s*initialize\b|\bimport\s+[\w.]*\.TfLite\w*\.initialize\b|GmsTfLiteInitialize"
"""What loads the runtime, also for the Task library or for native code."""


@rule(
    "DPL792",
    severity="error",
    leaves=["M.4.3", "M.4.2"],
    see=[
        "https://developers.google.com/android/reference/com/google/android/gms/tflite/java/TfLite",
        "https://ai.google.dev/edge/litert/android/java",
    ],
)
def play_services_not_initialized(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\bFROM_SYSTEM_ONLY\b") or not _is_app_code(file):
        return
    build = gradle(project, file.place)
    names = {d.name for each in build.builds for d in packed(each)} if build is not None else set()
    if "" in names or not any(name.startswith("com.google.android.gms:play-services-tflite") for name in names):
        return
    here = [each for each in project.all(SourceFile) if gradle(project, each.place) is build]
    if any(each.mentions(INITIALIZES) for each in here) or any("TfLite" in f.text for f in project.files if f.suffix in (".cc", ".cpp")):
        return
    for call in file.calls("**.setRuntime"):
        given = call.argument(None, 0)
        if given is not None and given.text.endswith("FROM_SYSTEM_ONLY"):
            yield Finding(
                call,
                "the runtime comes from Google Play services, and nothing in the app calls TfLite.initialize: IllegalStateException",
                help="make the interpreter when TfLite.initialize(context) has completed (addOnSuccessListener, or await)",
            )


def _is_app_code(file: SourceFile) -> bool:
    return "/test/" not in file.path and "/androidTest/" not in file.path
