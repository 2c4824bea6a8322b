"""A model exported with a newer ExecuTorch than the one in the app.

The project's policy promises that an older `.pte` runs on the runtime of its own release and of the next one. For a newer file on an older
runtime nothing is promised: operators, backends and the format itself go with the release that exported it. ``Missing operator``,
``Backend ... is not registered``, ``Program ... unsupported``.

```kotlin bad path=app/build.gradle.kts
dependencies {
    implementation("org.pytorch:executorch-android:0.6.0") // <-
}
```

```requirements + path=export/requirements.txt
executorch==1.0.0
torch==2.9.0
```

The same release, or an older exporter:

```kotlin good path=app/build.gradle.kts
dependencies {
    implementation("org.pytorch:executorch-android:1.0.1")
}
```

```requirements + path=export/requirements.txt
executorch==1.0.0
```

A range says nothing:

```kotlin good path=app/build.gradle.kts
dependencies {
    implementation("org.pytorch:executorch-android:0.6.0")
}
```

```requirements + path=export/requirements.txt
executorch>=0.5
```

References: `runtime/COMPATIBILITY.md` of ExecuTorch
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.gradle import SHIPPED, GradleBuild
from deplint.settings.pins import Requirements
from deplint.settings.ranges import parse

ARTIFACT = "org.pytorch:executorch-android"


@rule(
    "DPL747",
    severity="warning",
    leaves=["M.4.6"],
    see=["https://github.com/pytorch/executorch/blob/main/runtime/COMPATIBILITY.md"],
)
def executorch_runtime_skew(build: GradleBuild, project: Project) -> Iterator[Finding]:
    for dependency in build.resolved(project).dependencies:
        runtime = _release(dependency.version, "maven") if dependency.name == ARTIFACT and dependency.configuration in SHIPPED else None
        if runtime is None:
            continue
        pins = [pin for facts in project.all(Requirements) for pin in facts.named("executorch")]
        exact = {_release(pin.specifier, "pypi") for pin in pins}
        exported = exact.pop() if len(exact) == 1 else None
        if exported is not None and exported > runtime:
            words = ".".join(map(str, exported))
            yield Finding(
                dependency,
                f"{pins[0].place.path} exports with ExecuTorch {words}, and the app runs {dependency.version}: nothing promises that an"
                " older runtime takes a newer .pte",
                help=f"take executorch-android {words}, or export with {'.'.join(map(str, runtime))}",
            )


def _release(written: str | None, kind: str) -> tuple[int, int] | None:
    """Major and minor of a version that is known exactly."""
    version = parse(written, kind) if written else None
    parts = str(written).lstrip("=").split(".")
    if version is None or version.exact is None or len(parts) < 2 or not (parts[0].isdigit() and parts[1].isdigit()):
        return None
    return int(parts[0]), int(parts[1])
