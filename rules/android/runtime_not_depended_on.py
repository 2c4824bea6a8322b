"""Code that uses a runtime, or a part of one, which the build does not have.

The classes of TensorFlow Lite, LiteRT and the others are spread over several artifacts: the interpreter, its GPU delegate, the support
library, the Task library. A class whose artifact is missing is no class: ``Unresolved reference: GpuDelegate``, ``error: package
org.tensorflow.lite.support.image does not exist``.

```kotlin bad path=app/src/main/java/Net.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.gpu.GpuDelegate  // <-

fun options() = Interpreter.Options().addDelegate(GpuDelegate())
```

```gradle + path=app/build.gradle
plugins { id 'com.android.application' }
android { compileSdk 35 }
dependencies { implementation 'org.tensorflow:tensorflow-lite:2.16.1' }
```

```kotlin good path=app/src/main/java/Net.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.gpu.GpuDelegate
import org.tensorflow.lite.support.image.TensorImage
```

```gradle + path=app/build.gradle
plugins { id 'com.android.application' }
android { compileSdk 35 }
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:2.16.1'
    implementation 'org.tensorflow:tensorflow-lite-gpu:2.16.1'
    implementation 'org.tensorflow:tensorflow-lite-task-vision:0.4.4'
}
```

Other modules, files and dependencies that cannot be read may bring it.

```kotlin good path=app/src/main/java/Net.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.gpu.GpuDelegate
```

```gradle + path=app/build.gradle
plugins { id 'com.android.application' }
android { compileSdk 35 }
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:2.16.1'
    implementation project(':delegates')
}
```

References: LiteRT's guide of its Android artifacts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.apps.android import JVM, Gradle, gradle, module, packed, sources
from deplint.code.source import SourceFile
from deplint.finding import Place

_TFLITE = ("org.tensorflow:tensorflow-lite", "com.google.ai.edge.litert:litert", "com.google.android.gms:play-services-tflite")
PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("org.tensorflow.lite.gpu.", ("*gpu",)),
    ("org.tensorflow.lite.support.", ("*support", "*task", "*metadata")),
    ("org.tensorflow.lite.task.", ("*task",)),
    ("org.tensorflow.lite.flex.", ("*select-tf-ops",)),
    ("org.tensorflow.lite.", _TFLITE),
    ("org.tensorflow.contrib.android.", ("org.tensorflow:tensorflow-android",)),
    ("org.pytorch.executorch.", ("org.pytorch:executorch-android",)),
    ("org.pytorch.torchvision.", ("*torchvision",)),
    ("org.pytorch.", ("org.pytorch:pytorch_android",)),
    ("ai.onnxruntime.", ("com.microsoft.onnxruntime:onnxruntime",)),
    ("com.google.mediapipe.tasks.", ("com.google.mediapipe:tasks-",)),
    ("com.google.ai.edge.litert.", ("com.google.ai.edge.litert:litert",)),
)
"""Packages -> how the names of artifacts that hold them begin; after ``*``, what their names have in them."""


@rule(
    "DPL736",
    severity="error",
    leaves=["M.1.1", "M.4.2"],
    see=["https://ai.google.dev/edge/litert/android", "https://ai.google.dev/edge/litert/migration"],
)
def runtime_not_depended_on(file: SourceFile, project: Project) -> Iterator[Finding]:
    wanted = r"\bimport\s+(?:org\.tensorflow|org\.pytorch|ai\.onnxruntime|com\.google\.(?:mediapipe|ai\.edge))"
    if file.language not in JVM or "/src/main/" not in f"/{file.path}" or not file.mentions(wanted):
        return
    used = [each for each in file.imports if any(each.module.startswith(prefix) for prefix, _ in PARTS)]
    build = module(project, file.place) if used else None
    if build is None or build.android is None or not _all_known(build.path, project):
        return
    names = [d.name for d in build.dependencies]
    if not packed(build) or "" in names:
        return
    seen = set()
    for each in used:
        prefix, artifacts = next(((prefix, found) for prefix, found in PARTS if each.module.startswith(prefix)), ("", ()))
        if not prefix or prefix in seen or any(_has(name, artifact) for name in names for artifact in artifacts):
            continue
        if _own(prefix, project):
            continue
        seen.add(prefix)
        first = artifacts[0].removeprefix("*")
        yield Finding(
            each.place,
            f"no dependency of {build.path} has {prefix}*: the build stops with an unresolved reference",
            help=f"add the artifact that has it (its name has {first} in it)" if artifacts[0].startswith("*") else f"add {first}",
        )


def _has(name: str, artifact: str) -> bool:
    return artifact[1:] in name if artifact.startswith("*") else name.startswith(artifact)


def _all_known(path: str, project: Project) -> bool:
    """The script and those above it name all that the module gets: no other modules, no files, no plugins of the project's own."""
    around = gradle(project, Place(path))
    return around is not None and _named(project, around)


@lru_cache(maxsize=64)
def _named(project: Project, around: Gradle) -> bool:
    files = [project.file(Path(os.path.abspath(build.path))) for build in around.builds]
    texts = "".join(file.text for file in files if file is not None)
    if any(word in texts for word in ("project(", "projects.", ".aar", "buildSrc", "includeBuild", "flutter", "node_modules")):
        return False
    jars = (f for f in project.files if f.suffix in (".jar", ".aar") and f.name != "gradle-wrapper.jar")
    return not any(f.path.is_relative_to(around.root) for f in jars)


@lru_cache(maxsize=64)
def _own(prefix: str, project: Project) -> bool:
    """The project has the package itself."""
    package = prefix.rstrip(".")
    return any(file.mentions(rf"(?m)^\s*package\s+{package}\b") for file in sources(project))
