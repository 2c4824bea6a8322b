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
from deplint.settings.gradle import SHIPPED, GradleBuild

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
    shipped = [d for d in build.resolved(project).dependencies if d.configuration in SHIPPED]
    for ends in SAME:
        old = next((d for d in shipped if d.name in {OLD + end for end in ends}), None)
        new = next((d for d in shipped if d.name in {NEW + end for end in ends}), None)
        if old and new and not _settled(build):
            yield Finding(
                old,
                f"{old.name} and {new.name} hold the same classes: the build stops with Duplicate class org.tensorflow.lite...",
                help=f"remove {old.name}; {new.name} offers the same org.tensorflow.lite classes",
            )
            return


def _settled(build: GradleBuild) -> bool:
    """Outside of the dependencies, something may choose."""
    statements = [s for s in build.statements if s.name != "dependencies"]
    while statements:
        statement = statements.pop()
        if statement.name.rpartition(".")[2] in SETTLED:
            return True
        statements += statement.block or ()
    return False
