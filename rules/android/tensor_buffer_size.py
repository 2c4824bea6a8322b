"""A `TensorBuffer` that its data, or the model, does not fit into.

Android Studio's code for a model (``TensorBuffer.createFixedSize(intArrayOf(1, 224, 224, 3), DataType.FLOAT32)``) is copied from another
model, or loaded with a picture's bytes as they are: ``The size of byte buffer and the shape do not match``, or ``Cannot copy to a
TensorFlowLite tensor ... with 150528 bytes from a Java Buffer with 602112 bytes``. The classes themselves are generated only with
``mlModelBinding``.

```kotlin bad path=app/src/main/java/Main.kt
import com.example.app.ml.Flowers
import org.tensorflow.lite.DataType
import org.tensorflow.lite.support.image.TensorImage
import org.tensorflow.lite.support.tensorbuffer.TensorBuffer

fun classify(photo: Bitmap) {
    val model = Flowers.newInstance(context)
    val input = TensorBuffer.createFixedSize(intArrayOf(1, 224, 224, 3), DataType.FLOAT32)
    input.loadBuffer(TensorImage.fromBitmap(photo).buffer)  // <-
    val outputs = model.process(input)  // <-
}
```

```graph + path=app/src/main/ml/flowers.tflite
model tflite
graph main
  input image float32[1,96,96,3]
  op CONV_2D (image) -> (scores float32[1,5])
  output scores
```

```gradle + path=app/build.gradle
android { buildFeatures { mlModelBinding true } }
```

The same, written otherwise.

```kotlin bad path=app/src/main/java/Main.kt
import com.example.app.ml.Flowers  // <-

fun load() = Flowers.newInstance(context)
```

```graph + path=app/src/main/ml/flowers.tflite
model tflite
graph main
  input image float32[1,96,96,3]
  op CONV_2D (image) -> (scores float32[1,5])
  output scores
```

```gradle + path=app/build.gradle
android { compileSdk 34 }
```

```kotlin good path=app/src/main/java/Main.kt
import com.example.app.ml.Flowers
import com.example.app.ml.Own
import org.tensorflow.lite.DataType
import org.tensorflow.lite.support.image.TensorImage
import org.tensorflow.lite.support.tensorbuffer.TensorBuffer

fun classify(photo: Bitmap) {
    val model = Flowers.newInstance(context)
    val input = TensorBuffer.createFixedSize(intArrayOf(1, 96, 96, 3), DataType.FLOAT32)
    val image = TensorImage(DataType.FLOAT32)
    image.load(photo)
    input.loadBuffer(image.buffer)
    val outputs = model.process(input)
    model.process(TensorImage.fromBitmap(photo))
    val bytes = TensorBuffer.createFixedSize(intArrayOf(1, 96, 96, 3), DataType.UINT8)
    bytes.loadBuffer(TensorImage.fromBitmap(photo).buffer)
}
```

```graph + path=app/src/main/ml/flowers.tflite
model tflite
graph main
  input image float32[1,96,96,3]
  op CONV_2D (image) -> (scores float32[1,5])
  output scores
```

```gradle + path=app/build.gradle
android { buildFeatures { mlModelBinding true } }
```

References: tflite-support, `TensorBuffer.java` (`loadBuffer`), `TensorImage.java`; Android Studio's ML model binding.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Model, Project, rule
from deplint.apps.android import JVM, gradle, module
from deplint.apps.jvm import SUPPORT_TYPES, given, nbytes, shown, support_buffer, written_out
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call

WIDTHS = {"uint8": 1, "int8": 1, "float32": 4, "int32": 4, "int64": 8}


@rule(
    "DPL739",
    severity="error",
    leaves=["M.4.4", "M.6.2", "M.6.3"],
    see=[
        "https://github.com/tensorflow/tflite-support/blob/v0.4.4/tensorflow_lite_support/java/src/java/org/tensorflow/lite/support/tensorbuffer/TensorBuffer.java",
        "https://developer.android.com/codelabs/recognize-flowers-with-tensorflow-on-android",
    ],
)
def tensor_buffer_size(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\bTensorBuffer\b|\.ml\."):
        return
    for call in file.calls("**.loadBuffer"):
        made = written_out(call.receiver)
        size = support_buffer(made, project) if isinstance(made, Call) else None
        value = given(call.argument(None, 0), project)
        if size is None or value is None or not isinstance(made, Call):
            continue
        width = SUPPORT_TYPES.get(made.arguments[1].value.text.rpartition(".")[2])
        if value.nbytes not in (None, size) or (value.pixels in WIDTHS and width not in (None, WIDTHS[value.pixels])):
            yield Finding(
                call,
                f"{value.words} loaded into a TensorBuffer of {size:,} bytes: The size of byte buffer and the shape do not match",
                help="give the picture the type of the tensor, TensorImage(DataType.FLOAT32) or a CastOp, and its size with a ResizeOp",
            )
    for name, each in {imported.module.rpartition(".")[2]: imported for imported in file.imports if ".ml." in imported.module}.items():
        model = _bound(name, file, project)
        if model is None:
            continue
        build = module(project, file.place)
        around = gradle(project, file.place)
        if build is not None and build.android is not None and around is not None and not _binding(project, around.root):
            yield Finding(
                each.place,
                f"{name} is generated from {model.path} only with mlModelBinding, which no script turns on: unresolved reference",
                help="android { buildFeatures { mlModelBinding = true } }",
            )
        for call in file.calls(f"**.{name}.newInstance().process"):
            for tensor, argument in zip(model.inputs, call.arguments, strict=False):
                made = written_out(argument.value)
                size = support_buffer(made, project) if isinstance(made, Call) else None
                if size is not None and nbytes(tensor) not in (None, size):
                    yield Finding(
                        call,
                        f"the input has {size:,} bytes, and {model.path} takes {shown(tensor)}, {nbytes(tensor):,} bytes: Cannot copy to a "
                        f"TensorFlowLite tensor",
                        help="create the TensorBuffer with the model's shape and type",
                    )


def _bound(name: str, file: SourceFile, project: Project) -> Model | None:
    """The model below ``src/main/ml`` that Android Studio makes a class of that name of."""
    build = gradle(project, file.place)
    wanted = name.lower()
    for each in project.files:
        inside = each.suffix == ".tflite" and each.path.parent.name == "ml" and build is not None and each.path.is_relative_to(build.root)
        if inside and re.sub(r"[^a-z0-9]", "", each.path.stem.lower()) == wanted:
            return next(iter(project.facts(each, Model)), None)
    return None


def _binding(project: Project, root: Path) -> bool:
    """Some script of the build says ``mlModelBinding``."""
    scripts = (f for f in project.files if f.name.endswith((".gradle", ".gradle.kts")) and f.path.is_relative_to(root))
    return any("mlModelBinding" in f.text for f in scripts) or not os.path.isdir(root)
