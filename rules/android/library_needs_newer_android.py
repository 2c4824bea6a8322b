"""A library that is made for a newer Android than the app says.

The build stops when the manifests are merged: ``uses-sdk:minSdkVersion 21 cannot be smaller than version 24 declared in library
[com.google.mediapipe:tasks-vision:0.10.14]``.

```gradle bad path=app/build.gradle
plugins { id 'com.android.application' }
android {
    defaultConfig {
        applicationId "org.example.hands"
        minSdkVersion 21 // <-
    }
}
dependencies { implementation 'com.google.mediapipe:tasks-vision:0.10.14' }
```

With a version catalog:

```kts bad path=app/build.gradle.kts
plugins { id("com.android.application") }
android {
    defaultConfig {
        applicationId = "org.example.chat"
        minSdk = 23 // <-
    }
}
dependencies { implementation(libs.mediapipe.text) }
```

```toml + path=gradle/libs.versions.toml
[libraries]
mediapipe-text = { module = "com.google.mediapipe:tasks-text", version = "0.10.24" }
```

Another level, one that is not known here, one of a flavor, a library's own, and a manifest that says it knows better are fine.

```kts good path=app/build.gradle.kts
plugins { id("com.android.application") }
android { defaultConfig { minSdk = 24 } }
dependencies { implementation("com.google.mediapipe:tasks-vision:0.10.14") }
```

By flavor:

```kts good path=app/build.gradle.kts
plugins { id("com.android.application") }
android {
    defaultConfig { minSdk = 21 }
    productFlavors { create("full") { minSdk = 24 } }
}
dependencies { implementation("com.google.mediapipe:tasks-vision:0.10.14") }
```

Overridden:

```kts good path=app/build.gradle.kts
plugins { id("com.android.application") }
android { defaultConfig { minSdk = 21 } }
dependencies { implementation("com.google.mediapipe:tasks-vision:0.10.14") }
```

```xml + path=app/src/main/AndroidManifest.xml
<manifest xmlns:android="http://schemas.android.com/apk/res/android" xmlns:tools="http://schemas.android.com/tools">
    <uses-sdk tools:overrideLibrary="com.google.mediapipe.tasks.vision, com.google.mediapipe.tasks.core" />
</manifest>
```

References: the manifests of MediaPipe Tasks; the error of the manifest merger as it is reported (codeestX/ECardFlow#1).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import beside, is_app, packed
from deplint.settings.gradle import GradleBuild
from deplint.settings.manifest import AndroidManifest

LEVELS = {
    "com.google.mediapipe:tasks-vision": 24,
    "com.google.mediapipe:tasks-text": 24,
    "com.google.mediapipe:tasks-audio": 24,
}
"""Libraries -> the lowest API level that any of their releases is made for.

From 0.10.22 on their own manifests say 24, before it that of tasks-core does. tasks-genai says 21 since 0.10.25 and is left out.
"""


@rule(
    "DPL310",
    severity="error",
    leaves=["M.4.2", "M.3.2"],
    see=[
        "https://github.com/google-ai-edge/mediapipe/blob/v1.0.0/mediapipe/tasks/java/com/google/mediapipe/tasks/vision/AndroidManifest.xml",
        "https://github.com/google-ai-edge/mediapipe/blob/v0.10.14/mediapipe/tasks/java/com/google/mediapipe/tasks/core/AndroidManifest.xml",
        "https://github.com/codeestX/ECardFlow/issues/1",
    ],
)
def library_needs_newer_android(build: GradleBuild, project: Project) -> Iterator[Finding]:
    build = build.resolved(project)
    level = build.android.min_sdk if build.android is not None else None
    if build.android is None or level is None or not is_app(build) or any(True for _ in build.find("android", "productFlavors")):
        return
    manifests = beside(project, build, AndroidManifest)
    if any("overrideLibrary" in key for each in manifests for element in each.elements for key in element.attributes):
        return
    for library in packed(build):
        if level < LEVELS.get(library.name, 0):
            yield Finding(
                build.android.places.get("minSdk", build.android.place),
                f"{library.name} is made for API level {LEVELS[library.name]} and later, this app for {level}: the manifests cannot be "
                "merged",
                help=f"minSdk = {LEVELS[library.name]}",
            )
            return
