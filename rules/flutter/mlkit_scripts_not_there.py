"""A release build with ML Kit's text recognition, without the scripts that the plugin's code names.

`google_mlkit_text_recognition` has code for Chinese, Devanagari, Japanese and Korean, and brings the library of
Latin only: the others are ``compileOnly``. R8, which a release build may run, stops: ``Missing class
com.google.mlkit.vision.text.chinese.ChineseTextRecognizerOptions``.

```gradle bad path=android/app/build.gradle
plugins { id "com.android.application" }
android {
    defaultConfig { applicationId "org.example.ocr" }
    buildTypes {
        release { // <-
            minifyEnabled true
            proguardFiles getDefaultProguardFile('proguard-android-optimize.txt'), 'proguard-rules.pro'
        }
    }
}
flutter { source '../..' }
```

```proguard + path=android/app/proguard-rules.pro
-keep class io.flutter.** { *; }
```

```yaml + path=pubspec.yaml
name: ocr
dependencies:
  flutter:
    sdk: flutter
  google_mlkit_text_recognition: ^0.14.0
```

Rules that do not mind, the libraries themselves, and builds that do not shrink:

```gradle good path=android/app/build.gradle
plugins { id "com.android.application" }
android {
    buildTypes { release { minifyEnabled true; proguardFiles 'proguard-rules.pro' } }
}
```

```proguard + path=android/app/proguard-rules.pro
-dontwarn com.google.mlkit.vision.text.**
```

```yaml + path=pubspec.yaml
name: ocr
dependencies:
  google_mlkit_text_recognition: ^0.14.0
```

All of them:

```kts good path=android/app/build.gradle.kts
plugins { id("com.android.application") }
android { buildTypes { release { isMinifyEnabled = true } } }
dependencies {
    implementation("com.google.mlkit:text-recognition-chinese:16.0.1")
    implementation("com.google.mlkit:text-recognition-devanagari:16.0.1")
    implementation("com.google.mlkit:text-recognition-japanese:16.0.1")
    implementation("com.google.mlkit:text-recognition-korean:16.0.1")
}
```

```yaml + path=pubspec.yaml
name: ocr
dependencies:
  google_mlkit_text_recognition: ^0.14.0
```

Not shrunk:

```gradle good path=android/app/build.gradle
plugins { id "com.android.application" }
android { buildTypes { release { minifyEnabled false } } }
```

```yaml + path=pubspec.yaml
name: ocr
dependencies:
  google_mlkit_text_recognition: ^0.14.0
```

References: the plugin's readme ("Adding language package dependencies"), ``build.gradle`` and `TextRecognizer.java`;
flutter-ml/google_ml_kit_flutter#744 and #528.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import beside, is_app, packed
from deplint.apps.flutter import app
from deplint.settings.gradle import GradleBuild
from deplint.settings.proguard import ProguardRules
from deplint.settings.ranges import between

PLUGIN = "google_mlkit_text_recognition"
READ = between("0.11.0", "0.16.0")
"""Releases that were read: later ones may bring rules of their own."""
SCRIPTS = ("chinese", "devanagari", "japanese", "korean")


@rule(
    "DPL313",
    severity="error",
    leaves=["M.4.2", "M.9"],
    see=[
        "https://github.com/flutter-ml/google_ml_kit_flutter/issues/744",
        "https://github.com/flutter-ml/google_ml_kit_flutter/issues/528",
        "https://github.com/flutter-ml/google_ml_kit_flutter/blob/ad64d83ffba00e5304728371d81547927901f8f5/packages/google_mlkit_text_recognition/android/build.gradle",
    ],
)
def mlkit_scripts_not_there(build: GradleBuild, project: Project) -> Iterator[Finding]:
    here = app(project, build)
    pin = next((pin for pin in here.pubspec.pins if pin.name == PLUGIN), None) if here is not None else None
    build = build.resolved(project)
    if pin is None or build.android is None or not is_app(build) or not pin.range or READ is None or not pin.range <= READ:
        return
    kind = next((kind for kind in build.android.build_types if kind.minify), None)
    brought = {library.name for library in packed(build)}
    missing = [script for script in SCRIPTS if f"com.google.mlkit:text-recognition-{script}" not in brought]
    if kind is None or not missing:
        return
    files = beside(project, build, ProguardRules)
    unseen = any(word.text is None or not word.text.endswith(".pro") for word in kind.proguard if "proguard-android" not in str(word))
    told = any(rule.option in ("dontwarn", "ignorewarnings") for file in files for rule in file.rules if _speaks(rule.pattern))
    if not told and not unseen and (files or not any((word.text or "").endswith(".pro") for word in kind.proguard)):
        yield Finding(
            kind,
            f"R8 shrinks the {kind.name} build, and {PLUGIN} names classes of ML Kit for {', '.join(missing)}, which nothing brings: "
            "'Missing class com.google.mlkit.vision.text." + missing[0] + "...'",
            help="add -dontwarn com.google.mlkit.vision.text.** to the ProGuard rules, or the libraries text-recognition-<script>",
        )


def _speaks(pattern: str) -> bool:
    return not pattern or "mlkit" in pattern or pattern in ("**", "com.google.**")
