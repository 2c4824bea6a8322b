"""A runtime whose version changes from build to build.

`+`, `latest.release` and snapshots take whatever is newest when the app is built. The next build may have a runtime that refuses the model
or lacks a class, nobody can build last month's app again, and nightlies disappear: ``Could not find
org.tensorflow:tensorflow-lite:0.0.0-nightly``.

```gradle bad path=app/build.gradle
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:+' // <-
    implementation 'com.microsoft.onnxruntime:onnxruntime-android:latest.release' // <-
    implementation 'org.tensorflow:tensorflow-lite-select-tf-ops:0.0.0-nightly-SNAPSHOT' // <-
}
```

The same, written otherwise.

```kotlin bad path=app/build.gradle.kts
dependencies {
    implementation("org.tensorflow:tensorflow-lite:2.+") // <-
}
```

Versions that are written, taken from a catalog or a platform, or locked, and what only tests use, are fine.

```gradle good path=app/build.gradle
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:2.16.1'
    implementation "org.tensorflow:tensorflow-lite-support:$supportVersion"
    implementation libs.tensorflow.lite.gpu
    implementation 'com.google.mediapipe:tasks-vision'
    implementation 'com.google.mlkit:face-detection:16.+'
    androidTestImplementation 'org.tensorflow:tensorflow-lite:+'
    implementation 'com.example:other:+'
}
```

Nor here.

```gradle good path=app/build.gradle
dependencyLocking { lockAllConfigurations() }
dependencies { implementation 'org.tensorflow:tensorflow-lite:+' }
```

References: https://stackoverflow.com/questions/58173344; Gradle, "Declaring Versions and Ranges".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import RUNTIMES, packed
from deplint.settings.gradle import GradleBuild

_FLOATING = re.compile(r"(?P<major>\d[\d.]*\.)?\+|latest\.\w+|.*-SNAPSHOT|.*-nightly|.*\+")
OWN_MODELS = ("com.google.mlkit:", "com.google.android.gms:play-services-mlkit")
"""What brings its models along: within a major version, those and the code go together."""


@rule(
    "DPL708",
    severity="warning",
    leaves=["M.4.2"],
    see=[
        "https://stackoverflow.com/questions/58173344",
        "https://docs.gradle.org/current/userguide/dependency_versions.html",
    ],
)
def floating_runtime_version(build: GradleBuild, project: Project) -> Iterator[Finding]:
    if any(statement.name.startswith("dependencyLocking") for statement in build.statements):
        return
    for dependency in packed(build.resolved(project)):
        floating = _FLOATING.fullmatch(dependency.version) if dependency.name.startswith(RUNTIMES) and dependency.version else None
        if floating and not (floating["major"] and dependency.name.startswith(OWN_MODELS)):
            which = f"whatever {floating['major']}x" if floating["major"] else "whatever"
            yield Finding(
                dependency,
                f"{dependency.name} {dependency.version} is {which} is newest on the day of the build: the runtime changes without "
                f"anyone's doing, and may no longer load the model",
                help="write the version that the model was tested with, and move on purpose",
            )
