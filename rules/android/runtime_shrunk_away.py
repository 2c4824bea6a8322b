"""R8 removes or renames classes that a runtime's native code looks up by name.

`minifyEnabled` makes the release build drop what no Java calls. ONNX Runtime, PyTorch and MediaPipe find Java classes from native code,
and their libraries bring no rules (or too few) to keep them. The debug build works; the release crashes: ``JNI DETECTED ERROR IN
APPLICATION: java_class == null in call to GetMethodID``, ``NoSuchMethodError``, ``ExceptionInInitializerError``.

```gradle bad path=app/build.gradle
plugins { id 'com.android.application' }
android {
    buildTypes {
        release { // <-
            minifyEnabled true
            proguardFiles getDefaultProguardFile('proguard-android-optimize.txt'), 'proguard-rules.pro'
        }
    }
}
dependencies { implementation 'com.microsoft.onnxruntime:onnxruntime-android:1.17.0' }
```

```text + path=app/proguard-rules.pro
# Add project specific ProGuard rules here.
-keepattributes *Annotation*
```

```gradle good path=app/build.gradle
plugins { id 'com.android.application' }
android {
    buildTypes {
        release {
            minifyEnabled true
            proguardFiles getDefaultProguardFile('proguard-android-optimize.txt'), 'proguard-rules.pro'
        }
    }
}
dependencies { implementation 'com.microsoft.onnxruntime:onnxruntime-android:1.17.0' }
```

```text + path=app/proguard-rules.pro
-keep class ai.onnxruntime.** { *; }
```

TensorFlow Lite brings its rules; without `minifyEnabled` none are needed; rules in a file that cannot be seen may be enough.

```gradle good path=app/build.gradle
plugins { id 'com.android.application' }
android { buildTypes { release { minifyEnabled true } } }
dependencies { implementation 'org.tensorflow:tensorflow-lite:2.16.1' }
```

Nor here.

```gradle good path=app/build.gradle
plugins { id 'com.android.application' }
android { buildTypes { release { minifyEnabled false } } }
dependencies { implementation 'com.microsoft.onnxruntime:onnxruntime-android:1.17.0' }
```

Nor here.

```gradle good path=app/build.gradle
plugins { id 'com.android.application' }
android { buildTypes { release { minifyEnabled true; proguardFiles "$rootDir/shared.pro", '../elsewhere/rules.txt' } } }
dependencies { implementation 'com.microsoft.onnxruntime:onnxruntime-android:1.17.0' }
```

References: onnxruntime's Android documentation; microsoft/onnxruntime#14379 and #17847, pytorch/pytorch#32212,
pytorch/android-demo-app#269, pytorch/executorch#22174, google-ai-edge/mediapipe#5201.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import beside, gradle, is_app, packed
from deplint.settings.gradle import BuildType, GradleBuild
from deplint.settings.proguard import ProguardRules

NEEDED = {
    "com.microsoft.onnxruntime:onnxruntime-android": "ai.onnxruntime.",
    "com.microsoft.onnxruntime:onnxruntime-mobile": "ai.onnxruntime.",
    "org.pytorch:pytorch_android": "org.pytorch.",
    "org.pytorch:pytorch_android_lite": "org.pytorch.",
    "org.pytorch:executorch-android": "com.facebook.jni.",
    "com.google.mediapipe:tasks-vision": "com.google.mediapipe.",
    "com.google.mediapipe:tasks-audio": "com.google.mediapipe.",
    "com.google.mediapipe:tasks-text": "com.google.mediapipe.",
}
"""Artifacts whose native code finds classes by name -> the package to keep."""


@rule(
    "DPL711",
    severity="error",
    leaves=["M.4.2", "M.9"],
    see=[
        "https://onnxruntime.ai/docs/build/android.html#note-proguard-rules-for-r8-minimization-android-app-builds-to-work",
        "https://github.com/pytorch/executorch/pull/22174",
        "https://github.com/google-ai-edge/mediapipe/issues/5201",
    ],
)
def runtime_shrunk_away(build: GradleBuild, project: Project) -> Iterator[Finding]:
    build = build.resolved(project)
    if build.android is None or not is_app(build):
        return
    kind = next((kind for kind in build.android.build_types if kind.minify), None)
    runtime = next((d for d in packed(build) if d.name in NEEDED), None)
    if kind is None or runtime is None or not _all_seen(build, kind, project):
        return
    rules = _rules(build, project)
    if not any(file.keeps(NEEDED[runtime.name] + "Any") for file in rules):
        yield Finding(
            kind,
            f"R8 shrinks the {kind.name} build, and no rule keeps {NEEDED[runtime.name]}**, which the native code of {runtime.name} looks "
            f"up by name: the release crashes where the debug build works",
            help=f"add to the ProGuard rules: -keep class {NEEDED[runtime.name]}** {{ *; }}",
        )


def _rules(build: GradleBuild, project: Project) -> list[ProguardRules]:
    """The rules of the whole Gradle project: other modules pass theirs on."""
    around = gradle(project, build.place)
    return [rules for each in (around.builds if around else (build,)) for rules in beside(project, each, ProguardRules)]


def _all_seen(build: GradleBuild, kind: BuildType, project: Project) -> bool:
    """Whether the files of rules that the build names are there to be read, but for those of the plugin itself."""
    names = {rules.path.rpartition("/")[2] for rules in _rules(build, project)}
    for word in kind.proguard:
        if "proguard-android" in str(word) or "getDefaultProguardFile" in str(word):
            continue
        if word.text is None:
            return False
        name = word.text.rpartition("/")[2]
        empty = name not in names and project.resolve(word.text, near=build) is not None
        if name not in names and not empty:
            return False
    return True
