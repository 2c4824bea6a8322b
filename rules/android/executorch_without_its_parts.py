"""ExecuTorch's archive put into an app without the libraries it needs.

A file ``executorch.aar`` brings no dependencies. Its Java uses fbjni and the loader of native libraries: ``NoClassDefFoundError:
com/facebook/jni/HybridData`` (or ``com/facebook/soloader/nativeloader/NativeLoader``) when `Module.load` is first called.

```kts bad path=app/build.gradle.kts
plugins { id("com.android.application") }
dependencies {
    implementation(files("libs/executorch.aar")) // <-
}
```

```kotlin + path=app/src/main/java/Net.kt
import org.pytorch.executorch.Module

val net = Module.load("/data/net.pte")
```

```gradle bad path=app/build.gradle
plugins { id 'com.android.application' }
dependencies {
    implementation files('libs/executorch.aar') // <-
    implementation 'com.facebook.soloader:nativeloader:0.10.5'
}
```

```java + path=app/src/main/java/Net.java
import org.pytorch.executorch.Module;

class Net { Module net = Module.load("/data/net.pte"); }
```

With them, or from Maven:

```kts good path=app/build.gradle.kts
plugins { id("com.android.application") }
dependencies {
    implementation(files("libs/executorch.aar"))
    implementation("com.facebook.soloader:soloader:0.10.5")
    implementation("com.facebook.fbjni:fbjni:0.5.1")
}
```

```kotlin + path=app/src/main/java/Net.kt
import org.pytorch.executorch.Module
```

From Maven:

```kts good path=app/build.gradle.kts
plugins { id("com.android.application") }
dependencies { implementation("org.pytorch:executorch-android:0.6.0") }
```

```kotlin + path=app/src/main/java/Net.kt
import org.pytorch.executorch.Module
```

References: ExecuTorch's guide for Android ("Using AAR file"); `extension/android/executorch_android/build.gradle`; pytorch/executorch#8665.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import brought, is_app, packed
from deplint.finding import Place, Span
from deplint.settings.gradle import GradleBuild

_ARCHIVE = re.compile(r"""\b(?:implementation|api)\s*\(?\s*files\s*\(\s*(['"])[^'"]*executorch[\w.-]*\.aar\1""")
PARTS = {"fbjni": "com.facebook.fbjni:fbjni:0.5.1", "loader": "com.facebook.soloader:soloader:0.10.5"}


@rule(
    "DPL327",
    severity="error",
    leaves=["M.4.2", "M.3.4"],
    see=[
        "https://github.com/pytorch/executorch/blob/cff6f4dd32e630945b7188512c1f2b4f102b05ad/docs/source/using-executorch-android.md",
        "https://github.com/pytorch/executorch/blob/v0.6.0/extension/android/executorch_android/build.gradle",
        "https://github.com/pytorch/executorch/issues/8665",
    ],
)
def executorch_without_its_parts(build: GradleBuild, project: Project) -> Iterator[Finding]:
    if not is_app(build):
        return
    file = project.resolve(build.path, near=build) or next((f for f in project.files if f.shown == build.path), None)
    text = re.sub(r"//[^\n]*", lambda match: " " * len(match[0]), file.text) if file is not None else ""
    archive = _ARCHIVE.search(text)
    build = build.resolved(project)
    used = [d for each in (build, *(other for _, other in brought(build, project))) for d in packed(each)]
    if archive is None or any(d.name.startswith(("org.pytorch:executorch", "com.facebook.react:")) for d in used):
        return
    missing = [words for part, words in PARTS.items() if not any(part in d.artifact for d in used if d.group.startswith("com.facebook"))]
    if missing:
        line = text.count("\n", 0, archive.start()) + 1
        place = next((d.place for d in used if d.place.span is not None and d.place.span.line == line and d.place.path == build.path), None)
        yield Finding(
            place or _line(build, line),
            f"an archive brings no dependencies, and nothing else brings {' and '.join(words.rpartition(':')[0] for words in missing)}: "
            "NoClassDefFoundError at the first Module.load",
            help=" and ".join(f'implementation("{words}")' for words in missing),
        )


def _line(build: GradleBuild, line: int) -> Place:
    return Place(build.path, Span(line, 1, line, 1))
