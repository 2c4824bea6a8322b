"""A native library that cannot be loaded where memory pages are 16 KB.

Apps for Android 15 and later run on devices with 16 KB pages, which load only libraries whose segments are aligned to
them; Google Play does not take updates of such apps with others. Several releases of inference runtimes are aligned
to 4 KB: Play's report says ``Libraries that do not support 16 KB``, Android Studio says ``The native library
arm64-v8a/libtensorflowlite_jni.so (from org.tensorflow:tensorflow-lite:2.16.1) is not 16 KB aligned``.

```gradle bad path=app/build.gradle
plugins { id 'com.android.application' }
android {
    compileSdk 35
    defaultConfig { targetSdk 35 }
}
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:2.16.1' // <-
    implementation 'org.tensorflow:tensorflow-lite-task-vision:0.4.4' // <-
}
```

LiteRT has the same classes in aligned libraries.

```gradle good path=app/build.gradle
plugins { id 'com.android.application' }
android {
    compileSdk 35
    defaultConfig { targetSdk 35 }
}
dependencies {
    implementation 'com.google.ai.edge.litert:litert:1.4.0'
}
```

Below Android 15 all is well.

```gradle good path=app/build.gradle
plugins { id 'com.android.application' }
android {
    defaultConfig { targetSdk 34 }
}
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:2.16.1'
}
```

Of 2.17.0 only the library for x86_64 is not aligned.

```gradle good path=app/build.gradle
plugins { id 'com.android.application' }
android {
    defaultConfig {
        targetSdk 35
        ndk { abiFilters 'arm64-v8a' }
    }
}
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:2.17.0'
}
```

References: https://developer.android.com/guide/practices/page-sizes; the versions are those that people measured and
reported upstream, listed with the issue in this rule's `ALIGNED_TO_4_KB`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from deplint import Finding, Project, rule
from deplint.settings.gradle import SHIPPED, Android, Dependency, GradleBuild
from deplint.settings.ranges import parse

ANDROID_15 = 35
BOTH = ("arm64-v8a", "x86_64")


@dataclass(frozen=True)
class Unaligned:
    """The versions (in Maven's notation) of an artifact that have a library aligned to 4 KB for these ABIs; `source` is who measured it."""

    name: str
    versions: str
    abis: tuple[str, ...]
    source: str
    remedy: str


LITERT = "com.google.ai.edge.litert:litert 1.4.0 or later is aligned and offers the same classes"
TASKS = "no release of the Task library is aligned; move to MediaPipe Tasks, or to LiteRT with the pre- and postprocessing in the app"
TORCH = "PyTorch Mobile has ended; move to ExecuTorch"
BUILD = "no release is aligned; build it with 16 KB pages yourself"

ALIGNED_TO_4_KB = (
    Unaligned("org.tensorflow:tensorflow-lite", "[2.16.1]", BOTH, "tensorflow/tensorflow#69459, #72933", LITERT),
    Unaligned(
        "org.tensorflow:tensorflow-lite",
        "[2.11.0,2.17.0]",
        ("x86_64",),
        "tensorflow/tensorflow#102536, flutter-tflite#293",
        LITERT,
    ),
    Unaligned(
        "org.tensorflow:tensorflow-lite-select-tf-ops",
        "[2.16.1]",
        BOTH,
        "tensorflow/tensorflow#94048",
        BUILD,
    ),
    Unaligned("org.tensorflow:tensorflow-lite-task-vision", "[0.4.4]", BOTH, "tensorflow/tensorflow#96602, #100533", TASKS),
    Unaligned("org.tensorflow:tensorflow-lite-task-audio", "[0.4.4]", BOTH, "tensorflow/tensorflow#96401", TASKS),
    Unaligned("org.tensorflow:tensorflow-lite-task-text", "[0.4.4]", BOTH, "tensorflow/tflite-support#985", TASKS),
    Unaligned("org.tensorflow:tensorflow-lite-gpu-delegate-plugin", "[0.4.4]", ("x86_64",), "tensorflow/tensorflow#100533", TASKS),
    Unaligned("com.google.ai.edge.litert:litert", "[2.1.0,2.1.1]", ("arm64-v8a",), "google-ai-edge/LiteRT#6299", "take a later version"),
    Unaligned(
        "com.microsoft.onnxruntime:onnxruntime-android", "[1.20.0,1.21.0]", BOTH, "microsoft/onnxruntime#24902, #26228", "1.22.0 is aligned"
    ),
    Unaligned(
        "com.microsoft.onnxruntime:onnxruntime-extensions-android",
        "[0.13.0]",
        BOTH,
        "microsoft/onnxruntime-extensions#950, #1093",
        BUILD,
    ),
    Unaligned("org.pytorch:pytorch_android_lite", "[2.1.0]", BOTH, "pytorch/pytorch#154449", TORCH),
    Unaligned("org.pytorch:pytorch_android_torchvision", "[2.1.0]", BOTH, "pytorch/pytorch#154449", TORCH),
    Unaligned("org.pytorch:executorch-android", "[0.6.0]", BOTH, "pytorch/executorch#11518", "take a later version"),
)


@rule(
    "DPL703",
    severity="warning",
    leaves=["M.4.2"],
    see=["https://developer.android.com/guide/practices/page-sizes", "https://github.com/tensorflow/tensorflow/issues/97935"],
)
def native_lib_16kb_page(build: GradleBuild, project: Project) -> Iterator[Finding]:
    build = build.resolved(project)
    android = build.android
    if android is None or (android.target_sdk or 0) < ANDROID_15 or not _app(build):
        return
    for dependency in build.dependencies:
        known = _unaligned(dependency, android) if dependency.configuration in SHIPPED else None
        if known is not None:
            yield Finding(
                dependency,
                f"{dependency.name} {dependency.version} has native libraries that are not aligned to 16 KB, and the app targets "
                f"Android API {android.target_sdk}: devices with 16 KB pages cannot load them, Google Play refuses them",
                help=f"{known.remedy} ({known.source})",
            )


def _app(build: GradleBuild) -> bool:
    """A library's targetSdk says nothing of the app."""
    return build.has_plugin("com.android.application") or any(build.find("android", "defaultConfig", "applicationId"))


def _unaligned(dependency: Dependency, android: Android) -> Unaligned | None:
    version = parse(dependency.version, "maven") if dependency.version else None
    if version is None or version.exact is None:
        return None
    packed = {word.text or "" for word in android.abi_filters} or set(BOTH)
    for known in ALIGNED_TO_4_KB:
        admitted = parse(known.versions, "maven")
        if known.name == dependency.name and admitted is not None and version <= admitted and packed & set(known.abis):
            return known
    return None
