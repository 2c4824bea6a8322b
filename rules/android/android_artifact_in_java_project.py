"""A library for Android in a build that makes no Android app.

TensorFlow Lite, LiteRT, ExecuTorch and MediaPipe's tasks are published as AAR: Java classes and native libraries for phones. A plain Java
or Kotlin build takes no AAR and has no processor for those libraries: ``Could not resolve org.tensorflow:tensorflow-lite``, no such
class, or ``UnsatisfiedLinkError`` when it runs.

```gradle bad path=build.gradle
plugins { id 'java' }
repositories { mavenCentral() }
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:2.14.0' // <-
}
```

```gradle good path=build.gradle
plugins { id 'java' }
repositories { mavenCentral() }
dependencies {
    implementation 'org.tensorflow:tensorflow-core-platform:0.5.0'
    implementation 'com.microsoft.onnxruntime:onnxruntime:1.17.0'
}
```

An Android module, or one that more plugins are applied to, may take it.

```gradle good path=app/build.gradle
plugins {
    id 'com.android.library'
    id 'org.jetbrains.kotlin.android'
}
dependencies { implementation 'org.tensorflow:tensorflow-lite:2.14.0' }
```

References: https://stackoverflow.com/questions/58173344; Maven Central lists the artifact's packaging as AAR.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import packed
from deplint.settings.gradle import GradleBuild

PLAIN = ("java", "java-library", "application", "org.jetbrains.kotlin.jvm", "org.springframework.boot")
PHONES = (
    "org.tensorflow:tensorflow-lite",
    "org.tensorflow:tensorflow-android",
    "com.google.ai.edge.litert:litert",
    "org.pytorch:executorch-android",
    "org.pytorch:pytorch_android",
    "com.microsoft.onnxruntime:onnxruntime-android",
    "com.google.mediapipe:tasks-",
)
"""How the names of artifacts begin that are AAR."""


@rule(
    "DPL742",
    severity="error",
    leaves=["M.4.2"],
    see=["https://stackoverflow.com/questions/58173344", "https://central.sonatype.com/artifact/org.tensorflow/tensorflow-lite"],
)
def android_artifact_in_java_project(build: GradleBuild, project: Project) -> Iterator[Finding]:
    build = build.resolved(project)
    known = all(plugin.id for plugin in build.plugins)
    if build.android is not None or not known or not build.has_plugin(*PLAIN) or any("android" in p.id for p in build.plugins):
        return
    for dependency in packed(build):
        if dependency.name.startswith(PHONES):
            yield Finding(
                dependency,
                f"{dependency.name} is an Android library (AAR), and this build makes none of Android: it is not resolved, or has no "
                f"native library to run with",
                help="use what is made for desktops and servers: TensorFlow Java, com.microsoft.onnxruntime:onnxruntime, DJL",
            )
