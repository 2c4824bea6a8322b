"""A runtime for phones that nobody maintains any more.

TensorFlow Mobile ended with TensorFlow 1, PyTorch Mobile with PyTorch 2, Firebase's model interpreter with ML Kit. What is left works
with models of its time and gets no fixes: no 16 KB pages, which Google Play asks for, no operators that today's exporters write.

```gradle bad path=app/build.gradle
dependencies {
    implementation 'org.tensorflow:tensorflow-android:1.13.1' // <-
}
```

The same, written otherwise.

```gradle bad path=app/build.gradle
dependencies {
    implementation 'org.pytorch:pytorch_android_lite:1.13.1' // <-
    implementation 'org.pytorch:pytorch_android_torchvision_lite:1.13.1'
}
```

```gradle good path=app/build.gradle
dependencies {
    implementation 'com.google.ai.edge.litert:litert:1.4.0'
    implementation 'org.pytorch:executorch-android:1.0.0'
    testImplementation 'org.tensorflow:tensorflow-android:1.13.1'
}
```

References: the README of pytorch/android-demo-app; TensorFlow's guide for moving from TensorFlow Mobile; Firebase's release notes.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import packed
from deplint.settings.gradle import GradleBuild

RETIRED = {
    "org.tensorflow:tensorflow-android": ("TensorFlow Mobile", "convert the model to .tflite and use LiteRT"),
    "org.pytorch:pytorch_android": ("PyTorch Mobile", "export the model with ExecuTorch (.pte) and use org.pytorch:executorch-android"),
    "org.pytorch:pytorch_android_lite": (
        "PyTorch Mobile",
        "export the model with ExecuTorch (.pte) and use org.pytorch:executorch-android",
    ),
    "com.google.firebase:firebase-ml-model-interpreter": ("Firebase's model interpreter", "use LiteRT; Firebase still delivers models"),
    "com.google.firebase:firebase-ml-vision": ("ML Kit for Firebase", "use com.google.mlkit"),
    "com.microsoft.onnxruntime:onnxruntime-mobile": ("onnxruntime-mobile", "use com.microsoft.onnxruntime:onnxruntime-android"),
}
"""Artifacts without a release to come -> what people call it, and what there is instead."""


@rule(
    "DPL710",
    severity="warning",
    leaves=["M.1.1"],
    see=[
        "https://github.com/pytorch/android-demo-app",
        "https://stackoverflow.com/questions/54413940",
        "https://onnxruntime.ai/docs/install/#install-on-android",
    ],
)
def retired_runtime(build: GradleBuild, project: Project) -> Iterator[Finding]:
    for dependency in packed(build.resolved(project)):
        if dependency.name in RETIRED:
            called, instead = RETIRED[dependency.name]
            yield Finding(
                dependency, f"{dependency.name}: {called} is no longer developed, and takes only models of its time", help=instead
            )
