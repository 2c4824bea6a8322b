"""A Flutter plugin that the Android Gradle plugin does not build any more.

Since 8.0 the Android Gradle plugin takes a module's package from `namespace` in its build script, and no longer from the manifest. A plugin
whose last release is older stops the build: ``Namespace not specified. Specify a namespace in the module's build file``.

```yaml bad path=pubspec.yaml
name: pets
dependencies:
  flutter:
    sdk: flutter
  tflite: ^1.1.2  # <-
```

```gradle + path=android/settings.gradle
plugins {
    id "dev.flutter.flutter-plugin-loader" version "1.0.0"
    id "com.android.application" version "8.1.0" apply false
}
```

Older projects name the Android Gradle plugin as a dependency of the build.

```yaml bad path=pubspec.yaml
name: pets
dependencies:
  tflite_flutter: 0.10.1  # <-
  tflite_flutter_helper: ^0.3.1  # <-
```

```gradle + path=android/build.gradle
buildscript {
    dependencies { classpath 'com.android.tools.build:gradle:8.2.1' }
}
```

An older Android Gradle plugin, a newer release, a copy of one's own, and a script that gives namespaces to all modules are fine.

```yaml good path=pubspec.yaml
name: pets
dependencies:
  tflite: ^1.1.2
```

```gradle + path=android/build.gradle
buildscript {
    dependencies { classpath 'com.android.tools.build:gradle:7.4.2' }
}
```

Mended by the app:

```yaml good path=pubspec.yaml
name: pets
dependencies:
  tflite: ^1.1.2
```

```gradle + path=android/build.gradle
buildscript {
    dependencies { classpath 'com.android.tools.build:gradle:8.2.1' }
}
subprojects {
    afterEvaluate { project ->
        if (project.hasProperty('android') && project.android.namespace == null) {
            project.android { namespace project.group }
        }
    }
}
```

Others:

```yaml good path=pubspec.yaml
name: pets
dependencies:
  tflite_flutter: ^0.10.0
  tflite_flutter_helper:
    git: https://example.com/tflite_flutter_helper.git
  tflite:
    path: packages/tflite
```

```kotlin + path=android/settings.gradle.kts
plugins { id("com.android.application") version "8.7.0" apply false }
```

References: the release notes of Android Gradle plugin 8.0; `android/build.gradle` of shaqian/flutter_tflite,
am15h/tflite_flutter_helper and Caldarie/flutter_tflite_audio; shaqian/flutter_tflite#303 (tflite_v2) and #309,
tensorflow/flutter-tflite#149, flutter-ml/google_ml_kit_flutter#778 and the changelog of google_mlkit_commons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.finding import Place
from deplint.settings.gradle import AGP
from deplint.settings.packages import Pubspec
from deplint.settings.ranges import between

LAST: dict[str, str | None] = {
    "tflite": None, "tflite_v2": None, "tflite_flutter_helper": None, "tflite_audio": None,
    "tflite_flutter": "0.10.3", "google_ml_kit": "0.7.4", "google_mlkit_commons": "0.5.1",
}  # fmt: skip
"""Plugins without a namespace -> the release from which on one may have it; None if none has."""


@rule(
    "DPL794",
    severity="error",
    leaves=["M.5", "M.4.2"],
    see=[
        "https://developer.android.com/build/releases/past-releases/agp-8-0-0-release-notes",
        "https://github.com/shaqian/flutter_tflite/issues/309",
    ],
)
def plugin_without_namespace(file: Pubspec, project: Project) -> Iterator[Finding]:
    android = Path(file.path).parent / "android"
    old = [pin for pin in file.packages if pin.name in LAST and pin.specifier]  # not a copy of one's own
    if not old or project.versions.allows(AGP, Place(str(android / "app" / "build.gradle")), since="8.0") is not True:
        return
    scripts = [android / name for name in ("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts", "init.gradle")]
    if any((script := project.file(Path(path).resolve())) is not None and re.search(r"\bnamespace\b", script.text) for path in scripts):
        return
    for pin in old:
        until = LAST[pin.name]
        without = between(None, until)
        if until is None or (pin.range and without and pin.range <= without):
            yield Finding(
                pin.place,
                f"{pin.name}{f' before {until}' if until else ''} gives its Android part no namespace, and the Android Gradle plugin "
                "here is 8 or later: Namespace not specified",
                help=f"use {pin.name} {until} or later" if until else "use tflite_flutter, which is maintained",
            )
