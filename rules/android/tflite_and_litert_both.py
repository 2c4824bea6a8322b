"""TensorFlow Lite and LiteRT in one app.

LiteRT is TensorFlow Lite under a new name and keeps its Java packages, so an app that depends on both has every class
twice and the build stops in `checkDebugDuplicateClasses`: ``Duplicate class org.tensorflow.lite.DataType found in
modules litert-api-1.2.0 ... and tensorflow-lite-api-2.11.0``.

```gradle bad path=app/build.gradle
android { compileSdk 35 }
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:2.16.1' // <-
    implementation 'com.google.ai.edge.litert:litert:1.4.0'
}
```

One of the two may come with another module of the app.

```kotlin bad path=app/build.gradle.kts
plugins { id("com.android.application") }
dependencies {
    implementation(project(":core:vision"))
    implementation("com.google.ai.edge.litert:litert:1.4.0") // <-
}
```

```kotlin + path=core/vision/build.gradle.kts
plugins { id("com.android.library") }
dependencies { api("org.tensorflow:tensorflow-lite:2.16.1") }
```

```kotlin + path=settings.gradle.kts
include(":app", ":core:vision")
```

Both may.

```gradle bad path=app/build.gradle
plugins { id 'com.android.application' }
dependencies {
    implementation project(':detector')
    implementation project(path: ':classifier') // <-
}
```

```gradle + path=detector/build.gradle
dependencies { implementation 'org.tensorflow:tensorflow-lite-gpu:2.16.1' }
```

```gradle + path=classifier/build.gradle
dependencies { implementation project(':shared') }
```

```gradle + path=shared/build.gradle
dependencies { implementation 'com.google.ai.edge.litert:litert-gpu:1.4.0' }
```

```gradle + path=settings.gradle
include ':app', ':detector', ':classifier', ':shared'
```

What a module only compiles against or tests with is not in the app, nor is a module that no app depends on.

```kotlin good path=app/build.gradle.kts
plugins { id("com.android.application") }
dependencies {
    implementation(project(":vision"))
    testImplementation(project(":samples"))
    implementation("com.google.ai.edge.litert:litert:1.4.0")
}
```

```kotlin + path=vision/build.gradle.kts
dependencies { compileOnly("org.tensorflow:tensorflow-lite:2.16.1") }
```

```kotlin + path=samples/build.gradle.kts
dependencies { implementation("org.tensorflow:tensorflow-lite:2.16.1") }
```

```kotlin + path=settings.gradle.kts
include(":app", ":vision", ":samples")
```

What comes along with another artifact can be left out.

```gradle good path=app/build.gradle
android { compileSdk 35 }
dependencies {
    implementation 'com.google.ai.edge.litert:litert:1.4.0'
    implementation('org.tensorflow:tensorflow-lite-select-tf-ops:2.16.1') {
        exclude group: 'org.tensorflow', module: 'tensorflow-lite'
        exclude group: 'org.tensorflow', module: 'tensorflow-lite-api'
    }
}
```

Two flavours, or the tests, may each have their own.

```gradle good path=app/build.gradle
dependencies {
    playImplementation 'org.tensorflow:tensorflow-lite:2.16.1'
    freeImplementation 'com.google.ai.edge.litert:litert:1.4.0'
    androidTestImplementation 'org.tensorflow:tensorflow-lite:2.16.1'
}
```

What is excluded everywhere is not there twice.

```gradle good path=app/build.gradle
configurations.all {
    exclude group: 'org.tensorflow', module: 'tensorflow-lite'
}
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:2.16.1'
    implementation 'com.google.ai.edge.litert:litert:1.4.0'
}
```

References: https://github.com/ultralytics/yolo-flutter-app/issues/231 has the build's output. LiteRT 2 still has the classes of
`org.tensorflow.lite`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import brought, is_app
from deplint.settings.gradle import SHIPPED, Dependency, GradleBuild, Module

Held = tuple[Dependency, Dependency | Module, GradleBuild]
"""A dependency, what brings it into the build, and the script that has it."""

OLD, NEW = "org.tensorflow:tensorflow-lite", "com.google.ai.edge.litert:litert"
SAME = [{"", "-api"}, {"-gpu"}, {"-gpu-api"}, {"-support"}, {"-support-api"}, {"-metadata"}]
"""Ends of the artifacts' names that hold the same packages; an artifact and its ``-api`` come together."""

SETTLED = {
    "exclude",
    "dependencySubstitution",
    "eachDependency",
    "capabilitiesResolution",
    "withModule",
    "componentSelection",
    "replacedBy",
}
"""Ways to say for a whole build which of two artifacts to take."""


@rule(
    "DPL702",
    severity="error",
    leaves=["M.4.2"],
    see=["https://github.com/ultralytics/yolo-flutter-app/issues/231", "https://ai.google.dev/edge/litert/migration"],
)
def tflite_and_litert_both(build: GradleBuild, project: Project) -> Iterator[Finding]:
    build = build.resolved(project)
    held: list[Held] = [(d, d, build) for d in build.dependencies if d.configuration in SHIPPED]
    for through, other in brought(build, project) if build.modules and is_app(build) else ():
        held += [(d, through, other) for d in other.dependencies if d.configuration in SHIPPED]
    for ends in SAME:
        old = next((each for each in held if each[0].name in {OLD + end for end in ends}), None)
        new = next((each for each in held if each[0].name in {NEW + end for end in ends}), None)
        if not old or not new or any(_settled(other) for other in (build, old[2], new[2])):
            continue
        if old[2] is new[2] is not build:  # that module is told itself
            continue
        at = new if old[2] is not build else old
        yield Finding(
            at[1],
            f"{_words(old, build)} and {_words(new, build)} hold the same classes: the build stops with Duplicate class "
            "org.tensorflow.lite...",
            help=f"remove {old[0].name}; {new[0].name} offers the same org.tensorflow.lite classes",
        )
        return


def _words(held: Held, build: GradleBuild) -> str:
    """The artifact, and where it is written if that is another module."""
    dependency, _, owner = held
    if owner is build:
        return dependency.name
    line = dependency.place.span.line if dependency.place.span else "?"
    return f"{dependency.name} ({dependency.place.path}:{line})"


def _settled(build: GradleBuild) -> bool:
    """Outside of the dependencies, something may choose."""
    statements = [s for s in build.statements if s.name != "dependencies"]
    while statements:
        statement = statements.pop()
        if statement.name.rpartition(".")[2] in SETTLED:
            return True
        statements += statement.block or ()
    return False
