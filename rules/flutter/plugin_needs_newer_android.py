"""A plugin that is made for a newer Android than the app says.

The build stops when the manifests are merged: ``uses-sdk:minSdkVersion 19 cannot be smaller than version 21 declared in library
[:google_mlkit_commons]``.

```gradle bad path=android/app/build.gradle
apply plugin: 'com.android.application'
android {
    compileSdkVersion 33
    defaultConfig {
        applicationId "com.example.labels"
        minSdkVersion 19 // <-
    }
}
```

```yaml + path=pubspec.yaml
name: labels
dependencies:
  flutter:
    sdk: flutter
  google_mlkit_image_labeling: ^0.5.0
```

What Flutter chooses is not known here, and a manifest may say that it knows better.

```gradle good path=android/app/build.gradle
apply plugin: 'com.android.application'
android {
    defaultConfig {
        applicationId "com.example.labels"
        minSdkVersion flutter.minSdkVersion
    }
}
```

```yaml + path=pubspec.yaml
name: labels
dependencies:
  google_mlkit_image_labeling: ^0.5.0
```

Overridden:

```gradle good path=android/app/build.gradle
apply plugin: 'com.android.application'
android {
    defaultConfig {
        applicationId "com.example.labels"
        minSdkVersion 19
    }
}
```

```xml + path=android/app/src/main/AndroidManifest.xml
<manifest xmlns:android="http://schemas.android.com/apk/res/android" xmlns:tools="http://schemas.android.com/tools">
    <uses-sdk tools:overrideLibrary="com.google_mlkit_commons" />
</manifest>
```

```yaml + path=pubspec.yaml
name: labels
dependencies:
  google_mlkit_image_labeling: ^0.5.0
```

References: the `android/build.gradle` of google_mlkit_commons and google_mlkit_image_labeling;
https://developer.android.com/build/manage-manifests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import beside, is_app
from deplint.apps.flutter import app
from deplint.settings.gradle import GradleBuild
from deplint.settings.manifest import AndroidManifest

PLUGINS = {r"google_ml_?kit(?:_\w+)?": 21}
"""Names of packages -> the lowest API level that all their releases are made for."""


@rule(
    "DPL781",
    severity="error",
    leaves=["M.5"],
    see=[
        "https://github.com/flutter-ml/google_ml_kit_flutter/blob/master/packages/google_mlkit_commons/android/build.gradle",
        "https://developer.android.com/build/manage-manifests",
    ],
)
def plugin_needs_newer_android(build: GradleBuild, project: Project) -> Iterator[Finding]:
    here = app(project, build)
    if here is None or build.android is None or not is_app(build) or any(True for _ in build.find("android", "productFlavors")):
        return
    level = build.android.min_sdk
    if level is None:
        return
    for pin in here.pubspec.pins:
        needed = next((wanted for name, wanted in PLUGINS.items() if re.fullmatch(name, pin.name)), 0)
        if level >= needed:
            continue
        manifests = beside(project, build, AndroidManifest)
        if any("overrideLibrary" in key for each in manifests for element in each.elements for key in element.attributes):
            return
        yield Finding(
            build.android.places.get("minSdk", build.android.place),
            f"{pin.name} is made for API level {needed} and later, this app for {level}: the manifests cannot be merged",
            help=f"minSdkVersion {needed}",
        )
        return
