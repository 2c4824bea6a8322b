"""Parts of one runtime in different versions.

`tensorflow-lite`, its `-api`, `-gpu`, `-gpu-api` and `-select-tf-ops` are one release cut into artifacts (as are `litert`,
`litert-gpu` and theirs): Java classes of one call native code and classes of another. With differing versions that shows when the app
runs: ``NoClassDefFoundError``, ``UnsatisfiedLinkError: dlopen failed: cannot locate symbol``, or a crash in native code.

```gradle bad path=app/build.gradle
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:2.16.1'
    implementation 'org.tensorflow:tensorflow-lite-gpu:2.9.0' // <-
    implementation 'org.tensorflow:tensorflow-lite-gpu-api:2.16.1'
}
```

The same, written otherwise.

```gradle bad path=app/build.gradle
dependencies {
    implementation libs.litert
    implementation libs.litert.gpu // <-
}
```

```toml + path=gradle/libs.versions.toml
[versions]
litert = "1.4.0"
gpu = "1.0.1"
[libraries]
litert = { module = "com.google.ai.edge.litert:litert", version.ref = "litert" }
litert-gpu = { module = "com.google.ai.edge.litert:litert-gpu", version.ref = "gpu" }
```

Support, metadata and Task libraries are counted on their own; so are fixes of one release, and flavours.

```gradle good path=app/build.gradle
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:2.16.1'
    implementation 'org.tensorflow:tensorflow-lite-gpu:2.16.0'
    implementation 'org.tensorflow:tensorflow-lite-support:0.4.4'
    implementation 'org.tensorflow:tensorflow-lite-task-vision:0.4.4'
    implementation "org.tensorflow:tensorflow-lite-select-tf-ops:$version"
}
```

Nor here.

```gradle good path=app/build.gradle
dependencies {
    oldImplementation 'org.tensorflow:tensorflow-lite:2.9.0'
    newImplementation 'org.tensorflow:tensorflow-lite-gpu:2.16.1'
}
```

References: https://github.com/tensorflow/tensorflow/issues/60030 (a crash with 2.11.0 and a nightly `-select-tf-ops`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.gradle import SHIPPED, Dependency, GradleBuild
from deplint.settings.ranges import parse

CORES = ("org.tensorflow:tensorflow-lite", "com.google.ai.edge.litert:litert")
PARTS = ("", "-api", "-gpu", "-gpu-api", "-select-tf-ops")
"""Ends of the names of artifacts that are released together."""


@rule(
    "DPL709",
    severity="warning",
    leaves=["M.4.2", "M.4.6"],
    see=["https://github.com/tensorflow/tensorflow/issues/60030", "https://ai.google.dev/edge/litert/migration"],
)
def runtime_parts_differ(build: GradleBuild, project: Project) -> Iterator[Finding]:
    shipped = [d for d in build.resolved(project).dependencies if d.configuration in SHIPPED]
    for core in CORES:
        parts = [d for d in shipped if d.name in {core + part for part in PARTS} and _release(d)]
        for part in parts[1:]:
            if _release(part) != _release(parts[0]):
                yield Finding(
                    part,
                    f"{part.name} {part.version} and {parts[0].name} {parts[0].version} are parts of one runtime in different releases: "
                    f"classes or symbols of one may be missing in the other when the app runs",
                    help="give them all one version, from one variable or catalog entry",
                )


def _release(dependency: Dependency) -> tuple[str, ...]:
    """Major and minor of a version that is known exactly."""
    version = parse(dependency.version, "maven") if dependency.version else None
    if version is None or version.exact is None or "SNAPSHOT" in (dependency.version or "") or "nightly" in (dependency.version or ""):
        return ()
    return tuple((dependency.version or "").split(".")[:2])
