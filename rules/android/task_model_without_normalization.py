"""A float model without metadata, handed to a library that normalizes pictures by it.

The Task library, MediaPipe's tasks and ML Kit turn pixels into floats as the model's metadata says. A float model that says nothing is
refused: ``Input tensor has type kTfLiteFloat32: it requires specifying NormalizationOptions metadata to preprocess input images``.

```kotlin bad path=app/src/main/java/Soil.kt
import org.tensorflow.lite.task.vision.classifier.ImageClassifier

class Soil(context: Context) {
    private val classifier = ImageClassifier.createFromFileAndOptions(context, "soil.tflite", options) // <-
}
```

```graph + path=app/src/main/assets/soil.tflite
model tflite
graph main
  input image float32[1,224,224,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,5])
  output scores
```

ML Kit and MediaPipe:

```java bad path=app/src/main/java/Labels.java
import com.google.mlkit.common.model.LocalModel;
import com.google.mediapipe.tasks.vision.imageclassifier.ImageClassifier;

class Labels {
    static final String MODEL = "soil.tflite";
    LocalModel local = new LocalModel.Builder().setAssetFilePath(MODEL).build(); // <-
    BaseOptions base = BaseOptions.builder().setModelAssetPath("soil.tflite").build(); // <-
}
```

```graph + path=app/src/main/assets/soil.tflite
model tflite
graph main
  input image float32[1,224,224,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,5])
  output scores
```

With metadata, without floats, or for an interpreter:

```kotlin good path=app/src/main/java/Soil.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.task.vision.classifier.ImageClassifier

class Soil(context: Context) {
    private val one = ImageClassifier.createFromFileAndOptions(context, "said.tflite", options)
    private val two = ImageClassifier.createFromFileAndOptions(context, "bytes.tflite", options)
    private val three = Interpreter(FileUtil.loadMappedFile(context, "plain.tflite"))
}
```

```graph + path=app/src/main/assets/said.tflite
model tflite
graph main
  input image float32[1,224,224,3] traits(color="RGB", mean=[127.5], std=[127.5])
  op FULLY_CONNECTED (image) -> (scores float32[1,5])
  output scores
```

```graph + path=app/src/main/assets/bytes.tflite
model tflite
graph main
  input image uint8[1,224,224,3]
  op FULLY_CONNECTED (image) -> (scores uint8[1,5])
  output scores
```

```graph + path=app/src/main/assets/plain.tflite
model tflite
graph main
  input image float32[1,224,224,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,5])
  output scores
```

References: `image_tensor_specs.cc` of tflite-support and of MediaPipe; tensorflow/tensorflow#47559, googlesamples/mlkit#280,
google-ai-edge/mediapipe#5583.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import JVM, asset_model, named, opened
from deplint.apps.jvm import shown
from deplint.code.source import SourceFile

LIBRARIES = r"\borg\.tensorflow\.lite\.task\.vision\b|\bcom\.google\.mlkit\b|\bcom\.google\.mediapipe\.tasks\.vision\b"


@rule(
    "DPL332",
    severity="error",
    leaves=["M.2.4", "M.4.3", "M.6.5"],
    see=[
        "https://github.com/tensorflow/tflite-support/blob/v0.4.4/tensorflow_lite_support/cc/task/vision/utils/image_tensor_specs.cc",
        "https://github.com/google-ai-edge/mediapipe/blob/v1.0.0/mediapipe/tasks/cc/vision/utils/image_tensor_specs.cc",
        "https://github.com/tensorflow/tensorflow/issues/47559",
        "https://github.com/googlesamples/mlkit/issues/280",
        "https://github.com/google-ai-edge/mediapipe/issues/5583",
    ],
)
def task_model_without_normalization(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(LIBRARIES):
        return
    for each in {each.call: each for each in (*opened(file, project), *named(file, project))}.values():
        model = asset_model(each.asset, file, project) if each.task else None
        if model is None or model.format != "tflite" or len(model.inputs) != 1:
            continue
        tensor = model.inputs[0]
        if tensor.dtype == "float32" and tensor.shape is not None and len(tensor.shape) == 4 and "mean" not in tensor.traits:
            yield Finding(
                each.call,
                f"the input of {model.path} is {shown(tensor)}, and no metadata says how to normalize it: 'it requires specifying "
                "NormalizationOptions metadata to preprocess input images'",
                help="write metadata with the mean and deviation of training (tflite_support.metadata_writers, or MediaPipe's)",
            )
