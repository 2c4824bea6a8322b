"""An asset that is opened like a file.

Assets lie packed in the APK: they have no path. ``File("file:///android_asset/net.tflite")``, ``Module.load("net.pt")`` or a session made
from a bare name look in the file system and find nothing: ``FileNotFoundException``, ``open file failed``, ``Load model from net.onnx
failed: File doesn't exist``.

```java bad path=app/src/main/java/Net.java
import java.io.File;
import org.tensorflow.lite.Interpreter;

class Net {
    private final Interpreter interpreter = new Interpreter(new File("file:///android_asset/net.tflite")); // <-
}
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
```

The same, written otherwise.

```kotlin bad path=app/src/main/java/Net.kt
import org.pytorch.Module

val module = Module.load("net.pt")  // <-
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
```

Files that the app wrote itself have paths.

```kotlin good path=app/src/main/java/Net.kt
import org.pytorch.Module
import org.tensorflow.lite.Interpreter

val module = Module.load(assetFilePath(context, "net.pt"))
val net = Interpreter(File(context.filesDir, "net.tflite"))
val pushed = Module.load("/data/local/tmp/net.pt")
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
```

References: the documentation of `AssetManager`; https://github.com/pytorch/android-demo-app/issues/67
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import ASSET_URI, JVM, gradle, written
from deplint.apps.jvm import written_out
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call

TAKING_PATHS = {
    "org.tensorflow.lite.{Interpreter,InterpreterApi.create}": "open it with FileUtil.loadMappedFile(context, name)",
    "org.pytorch.{Module,LiteModuleLoader,executorch.Module}.load": "copy the asset to filesDir first and load that path",
    "ai.onnxruntime.**.createSession": "read the asset, assets.open(name).readBytes(), and give the session the bytes",
}
_BARE = re.compile(r"(?:\./)?(?:assets/)?[\w.-]+\.\w+")


@rule(
    "DPL721",
    severity="error",
    leaves=["M.4.1", "M.4.3"],
    see=[
        "https://developer.android.com/reference/android/content/res/AssetManager",
        "https://github.com/pytorch/android-demo-app/issues/67",
    ],
)
def asset_as_file(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM:
        return
    for pattern, remedy in TAKING_PATHS.items():
        for call in file.calls(pattern):
            made = written_out(call.argument(None, 0))
            if isinstance(made, Call) and made.name == "java.io.File" and len(made.arguments) == 1:
                made = made.arguments[0].value
            elif "tensorflow" in pattern or made is None:
                continue  # it takes no string
            path = written(made, project)
            if path is None:
                continue
            build = gradle(project, file.place)
            if ASSET_URI.match(path) or (_BARE.fullmatch(path) and build is not None and build.android):
                yield Finding(
                    call,
                    f'"{path}" is no path of a file: assets lie packed in the app, and only AssetManager opens them',
                    help=remedy,
                )
