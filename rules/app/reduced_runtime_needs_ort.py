"""An ONNX file for a build of ONNX Runtime that reads ORT format alone.

`onnxruntime-mobile` (Android) and `onnxruntime-mobile-objc`, `onnxruntime-mobile-c` (iOS) are reduced builds: they know the operators of
usual models for phones, and read models in ORT format, not in ONNX: ``ONNX format model is not supported in this build``.

```kotlin bad path=app/src/main/java/Plants.kt
import ai.onnxruntime.OrtEnvironment

class Plants(context: Context) {
    private val session = OrtEnvironment.getEnvironment().createSession(context.assets.open("plants.onnx").readBytes())  // <-
}
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
dependencies { implementation 'com.microsoft.onnxruntime:onnxruntime-mobile:1.16.3' }
```

The name may stand in another file than the session.

```java bad path=app/src/main/java/Sessions.java
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;

class Sessions {
    OrtSession open(byte[] model) throws Exception {
        return OrtEnvironment.getEnvironment().createSession(model, new OrtSession.SessionOptions()); // <-
    }
}
```

```java + path=app/src/main/java/Files.java
class Files {
    static final String MODEL = "plants.onnx";
}
```

```kotlin + path=app/build.gradle.kts
android { compileSdk = 35 }
dependencies { implementation("com.microsoft.onnxruntime:onnxruntime-mobile:1.18.0") }
```

```swift bad path=App/Plants.swift
import onnxruntime_objc

func open() throws -> ORTSession {
    let path = Bundle.main.path(forResource: "plants", ofType: "onnx")!
    return try ORTSession(env: try ORTEnv(loggingLevel: .warning), modelPath: path, sessionOptions: nil)  // <-
}
```

```ruby + path=Podfile
target 'App' do
  pod 'onnxruntime-mobile-objc', '1.15.0'
end
```

The full build, models in ORT format, and apps that have both say nothing.

```kotlin good path=app/src/main/java/Plants.kt
import ai.onnxruntime.OrtEnvironment

class Plants(context: Context) {
    private val session = OrtEnvironment.getEnvironment().createSession(context.assets.open("plants.onnx").readBytes())
}
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
dependencies {
    fullImplementation 'com.microsoft.onnxruntime:onnxruntime-android:1.18.0'
    smallImplementation 'com.microsoft.onnxruntime:onnxruntime-mobile:1.18.0'
}
```

Both kinds:

```kotlin good path=app/src/main/java/Plants.kt
import ai.onnxruntime.OrtEnvironment

class Plants(context: Context) {
    // converted from plants.onnx
    private val session = OrtEnvironment.getEnvironment().createSession(context.assets.open("plants.ort").readBytes())
    private val source = "https://example.com/plants.onnx"
}
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
dependencies { implementation 'com.microsoft.onnxruntime:onnxruntime-mobile:1.18.0' }
```

References: the description of com.microsoft.onnxruntime:onnxruntime-mobile on Maven Central ("must be converted to ORT format"); ONNX
Runtime's documentation of the ORT format; `inference_session.cc` 1.16 (`ORT_MINIMAL_BUILD`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import JVM, gradle, packed, sources
from deplint.apps.onnx_java import CREATE
from deplint.code.source import SourceFile
from deplint.finding import Placed
from deplint.settings.packages import Podfile

REDUCED = "com.microsoft.onnxruntime:onnxruntime-mobile"
PODS = re.compile(r"onnxruntime-mobile-(?:objc|c)")

ORT = r"\.ort\b|[\"']ort[\"']"
ONNX = re.compile(r"[\"']((?!https?:)[^\"'\s]+\.onnx)[\"']|forResource:\s*@?\"([^\"]+)\"\s*,?\s*ofType:\s*@?\"onnx\"|\bR\.raw\.(\w+)")


@rule(
    "DPL791",
    severity="error",
    leaves=["M.4.2", "M.4.3"],
    see=[
        "https://central.sonatype.com/artifact/com.microsoft.onnxruntime/onnxruntime-mobile",
        "https://onnxruntime.ai/docs/performance/model-optimizations/ort-format-models.html",
    ],
)
def reduced_runtime_needs_ort(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language in JVM and file.mentions(r"\bai\.onnxruntime\b"):
        calls = list(file.calls(*CREATE))
        found = _android(file, project) if calls else None
    elif file.apple and file.mentions(r"\bORTSession\b"):
        calls = list(file.calls("ORTSession"))
        found = _apple(file, project) if calls else None
    else:
        return
    if found is None:
        return
    place, package, code = found
    name = _onnx(code, project)
    line = place.place.span.line if place.place.span else "?"
    for call in calls if name else ():
        yield Finding(
            call,
            f"{place.place.path}:{line} has {package}, which reads models in ORT format alone, and the app opens {name}: ONNX format model "
            "is not supported in this build",
            help=f"depend on {_full(package)}, or convert the model with onnxruntime.tools.convert_onnx_models_to_ort",
        )


def _full(package: str) -> str:
    return package.replace("-mobile-", "-") if "-mobile-" in package else package.replace("-mobile", "-android")


def _android(file: SourceFile, project: Project) -> tuple[Placed, str, list[SourceFile]] | None:
    """Where the app depends on the reduced build and on no other, and the app's code."""
    build = gradle(project, file.place)
    found = [d for each in build.builds for d in packed(each) if d.name.startswith("com.microsoft.onnxruntime:")] if build else []
    if build is None or not found or any(d.name != REDUCED for d in found):
        return None
    return found[0], REDUCED, [each for each in sources(project) if gradle(project, each.place) is build]


def _apple(file: SourceFile, project: Project) -> tuple[Placed, str, list[SourceFile]] | None:
    area = project.area(file)
    pins = [
        pin for pods in project.all(Podfile) if project.area(pods) == area for pin in pods.packages if pin.name.startswith("onnxruntime-")
    ]
    if not pins or not all(PODS.fullmatch(pin.name) for pin in pins):
        return None
    return pins[0], pins[0].name, [each for each in project.all(SourceFile) if each.apple and project.area(each) == area]


def _onnx(code: list[SourceFile], project: Project) -> str:
    """The file in ONNX format that the code names; empty if it names none, or one in ORT format too."""
    if any(file.mentions(ORT) for file in code):
        return ""
    raw = {file.path.stem: file.name for file in project.files if file.suffix == ".onnx" and file.path.parent.name == "raw"}
    for file in code:
        for match in ONNX.finditer("\n".join(line for line in file.lines if not line.lstrip().startswith(("//", "*", "/*")))):
            name = match[1] or (f"{match[2]}.onnx" if match[2] else raw.get(match[3], ""))
            if name:
                return name
    return ""
