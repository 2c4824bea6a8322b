"""A model that needs a newer TensorFlow Lite than the app has.

The converter writes into a model the first release that has its operators in their versions. An older runtime stops as it prepares the
model: ``Didn't find op for builtin opcode 'FULLY_CONNECTED' version '12'. An older version of this builtin might be supported. Are you
using an old TFLite binary with a newer model?``

```graph bad path=app/src/main/assets/net.tflite line=1
model tflite
metadata min_runtime_version="2.17.0"
graph main
  input x float32[1,4]
  op RELU@1 (x) -> (y float32[1,4])
  output y
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
dependencies { implementation 'org.tensorflow:tensorflow-lite:2.9.0' }
```

```graph good path=app/src/main/assets/net.tflite
model tflite
metadata min_runtime_version="2.7.0"
graph main
  input x float32[1,4]
  op RELU@1 (x) -> (y float32[1,4])
  output y
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
dependencies { implementation 'org.tensorflow:tensorflow-lite:2.9.0' }
```

What is written as a range, or brings its own runtime, may be new enough.

```graph good path=app/src/main/assets/net.tflite
model tflite
metadata min_runtime_version="2.17.0"
graph main
  input x float32[1,4]
  op RELU@1 (x) -> (y float32[1,4])
  output y
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:2.9.0'
    implementation 'com.google.ai.edge.litert:litert:1.4.0'
}
```

References: TensorFlow, `runtime_version.cc` (what `min_runtime_version` is); https://stackoverflow.com/questions/58610055
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.apps.android import module, packed

CORE = "org.tensorflow:tensorflow-lite"
OTHERS = (
    "com.google.ai.edge.",
    "com.google.mediapipe:",
    "com.google.mlkit:",
    "com.google.android.gms:play-services",
    "org.tensorflow:tensorflow-lite-task",
)
_RELEASE = re.compile(r"(\d+)\.(\d+)\.(\d+)")


@rule(
    "DPL731",
    severity="error",
    leaves=["M.4.6"],
    see=[
        "https://stackoverflow.com/questions/58610055",
        "https://github.com/tensorflow/tensorflow/blob/v2.16.1/tensorflow/lite/tools/versioning/runtime_version.cc",
    ],
)
def runtime_older_than_model(model: Model, project: Project) -> Iterator[Finding]:
    wanted = _RELEASE.match(model.metadata.get("min_runtime_version", "")) if model.format == "tflite" else None
    build = module(project, model.place) if wanted is not None and "/assets/" in model.path else None
    if wanted is None or build is None:
        return
    dependencies = packed(build)
    if any(d.name.startswith(OTHERS) or not d.name for d in dependencies):
        return
    for dependency in dependencies:
        pinned = _RELEASE.fullmatch(dependency.version or "") if dependency.name == CORE else None
        if pinned is not None and tuple(map(int, pinned.groups())) < tuple(map(int, wanted.groups())):
            line = dependency.place.span.line if dependency.place.span else "?"
            yield Finding(
                model,
                f"the model needs TensorFlow Lite {wanted[0]} or later (min_runtime_version), and {build.path}:{line} has {pinned[0]}: "
                f"Didn't find op for builtin opcode",
                help=f"use {CORE}:{wanted[0]} or later, or convert the model with a release as old as the runtime",
            )
