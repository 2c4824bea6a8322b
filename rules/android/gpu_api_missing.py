"""The GPU delegate without the artifact that its options are in.

Since 2.10 the Java class of TensorFlow Lite's GPU delegate extends one of another artifact, which does not come along: the app compiles
and stops at ``new GpuDelegate()`` with ``NoClassDefFoundError: Failed resolution of:
Lorg/tensorflow/lite/gpu/GpuDelegateFactory$Options;``. A build that R8 shrinks stops earlier: ``R8: Missing class
org.tensorflow.lite.gpu.GpuDelegateFactory$Options``.

```gradle bad path=app/build.gradle
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:2.14.0'
    implementation 'org.tensorflow:tensorflow-lite-gpu:2.14.0' // <-
}
```

```kotlin + path=app/src/main/java/Net.kt
import org.tensorflow.lite.gpu.GpuDelegate

fun options() = Interpreter.Options().addDelegate(GpuDelegate())
```

The same, written otherwise.

```gradle bad path=app/build.gradle
dependencies {
    implementation 'com.google.ai.edge.litert:litert:1.0.1'
    implementation 'com.google.ai.edge.litert:litert-gpu:1.0.1' // <-
}
```

```kotlin + path=app/src/main/java/Net.kt
fun options() = Interpreter.Options().addDelegate(org.tensorflow.lite.gpu.GpuDelegate())
```

```gradle good path=app/build.gradle
dependencies {
    implementation 'org.tensorflow:tensorflow-lite-gpu:2.14.0'
    implementation 'org.tensorflow:tensorflow-lite-gpu-api:2.14.0'
}
```

```kotlin + path=app/src/main/java/Net.kt
fun options() = Interpreter.Options().addDelegate(org.tensorflow.lite.gpu.GpuDelegate())
```

Older releases have all in one, and the plugin for the Task library brings it.

```gradle good path=app/build.gradle
dependencies {
    implementation 'org.tensorflow:tensorflow-lite-gpu:2.9.0'
}
```

Nor here.

```gradle good path=app/build.gradle
dependencies {
    implementation 'org.tensorflow:tensorflow-lite-gpu:2.14.0'
    implementation 'org.tensorflow:tensorflow-lite-gpu-delegate-plugin:0.4.4'
}
```

References: tensorflow/tensorflow#57934 and #61091, tensorflow/flutter-tflite#278, margelo/react-native-fast-tflite#135 (LiteRT).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import gradle, packed, sources
from deplint.settings.gradle import GradleBuild
from deplint.settings.ranges import parse

SPLIT = {"org.tensorflow:tensorflow-lite-gpu": "[2.10.0,3.0)", "com.google.ai.edge.litert:litert-gpu": "[1.0.0,1.0.1]"}
"""Artifacts -> the versions (Maven's notation) seen to lack the class."""


@rule(
    "DPL712",
    severity="error",
    leaves=["M.4.2", "M.7"],
    see=[
        "https://github.com/tensorflow/tensorflow/issues/61091",
        "https://github.com/tensorflow/tensorflow/issues/57934",
        "https://github.com/margelo/react-native-fast-tflite/pull/135",
    ],
)
def gpu_api_missing(build: GradleBuild, project: Project) -> Iterator[Finding]:
    around = gradle(project, build.place)
    build = build.resolved(project)
    everywhere = [d for each in (*(around.builds if around else ()), build) for d in packed(each)]
    if any(d.name.endswith(("-gpu-api", "-gpu-delegate-plugin", "play-services-tflite-gpu")) or not d.name for d in everywhere):
        return
    shrunk = build.android is not None and any(kind.minify for kind in build.android.build_types)
    if not shrunk and not any(file.mentions(r"\bGpuDelegate\b") for file in sources(project)):
        return
    for dependency in packed(build):
        version = parse(dependency.version, "maven") if dependency.version else None
        admitted = parse(SPLIT.get(dependency.name, ""), "maven") if dependency.name in SPLIT else None
        if version is not None and version.exact is not None and admitted is not None and version <= admitted:
            yield Finding(
                dependency,
                f"{dependency.name} {dependency.version} needs {dependency.name}-api, which does not come along: NoClassDefFoundError for "
                f"GpuDelegateFactory$Options as soon as a GpuDelegate is made",
                help=f"add implementation '{dependency.name}-api:{dependency.version}'",
            )
