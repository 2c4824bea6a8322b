"""A list of labels that is longer or shorter than the model's output.

The app takes the label at the place of the largest score. With another number of labels than scores the last classes have none
(``IndexOutOfBoundsException``), or, where one is missing at the front (a background class), every answer is off by one.

```kotlin bad path=app/src/main/java/Birds.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Birds(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "birds.tflite"))
    private val labels = FileUtil.loadLabels(context, "labels.txt")  // <-

    fun recognize(image: ByteBuffer): String {
        interpreter.run(image, scores)
        return labels[best(scores)]
    }
}
```

```text + path=app/src/main/assets/labels.txt
wren
robin
```

```graph + path=app/src/main/assets/birds.tflite
model tflite
graph main
  input image float32[1,64,64,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,3])
  output scores
```

```kotlin good path=app/src/main/java/Birds.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Birds(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "birds.tflite"))
    private val labels = FileUtil.loadLabels(context, "labels.txt")

    fun recognize(image: ByteBuffer): String {
        interpreter.run(image, scores)
        return labels[best(scores)]
    }
}
```

```text + path=app/src/main/assets/labels.txt
wren
robin
blackbird

```

```graph + path=app/src/main/assets/birds.tflite
model tflite
graph main
  input image float32[1,64,64,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,3])
  output scores
```

Code that knows of a background class shifts the index itself.

```kotlin good path=app/src/main/java/Birds.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Birds(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "birds.tflite"))
    private val labels = FileUtil.loadLabels(context, "labels.txt")

    fun recognize(image: ByteBuffer): String {
        interpreter.run(image, scores)
        return labels[best(scores) - 1]
    }
}
```

```text + path=app/src/main/assets/labels.txt
wren
robin
```

```graph + path=app/src/main/assets/birds.tflite
model tflite
graph main
  input image float32[1,64,64,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,3])
  output scores
```

References: LiteRT's image classification example; the models with 1001 outputs were trained with a background class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import File, Finding, Project, rule
from deplint.apps.android import asset_files, openings, written
from deplint.apps.jvm import runs, shown
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call
from deplint.model import Unreadable

LOADING = {
    "org.tensorflow.lite.support.common.FileUtil.{loadLabels,loadSingleColumnTextFile}": 1,
    "**.open": 0,
}


@rule(
    "DPL729",
    severity="warning",
    leaves=["M.6.4", "M.5"],
    see=["https://ai.google.dev/edge/litert/android/metadata/lite_support"],
)
def label_count_vs_output(file: SourceFile, project: Project) -> Iterator[Finding]:
    models = {id(run.model): run.model for run in runs(file, project)}
    if len(models) != 1:
        return
    model = next(iter(models.values()))
    outputs = model.outputs
    shape = outputs[0].shape if len(outputs) == 1 else None
    if shape is None or len(shape) != 2 or not isinstance(shape[1], int) or shape[1] < 2:
        return
    for pattern, position in LOADING.items():
        for call in file.calls(pattern):
            labels = _labels(call, position, project)
            lines = _lines(labels) if labels is not None else []
            if labels is None or len(lines) in (0, shape[1]):
                continue
            if abs(len(lines) - shape[1]) == 1 and file.mentions(
                r"[+-]\s*1\s*[\])]|drop\(1\)|removeAt\(0\)|remove\(0\)|(?i:(?<!start)offset)|background"
            ):
                continue
            yield Finding(
                call,
                f"{labels.shown} has {len(lines)} labels, the output of {model.path} is {shown(outputs[0])}: "
                + ("every answer may be off by one" if abs(len(lines) - shape[1]) == 1 else "some classes have no label, or a wrong one"),
                help="use the labels that the model was trained with, in that order, with a line for a background class if it has one",
            )


def _labels(call: Call, position: int, project: Project) -> File | None:
    """The text file that a call opens, if it is certain and about labels."""
    node = call.argument(None, position)
    if node is None or call in openings(call.file, project):
        return None
    name = written(node, project)
    if name is None or not re.search(r"(?i)label|class|categor", name) or not name.endswith(".txt"):
        return None
    files = asset_files(name, call.file, project)
    return files[0] if len(files) == 1 else None


def _lines(file: File) -> list[str]:
    try:
        return [line for line in file.lines if line.strip()]
    except (Unreadable, OSError):
        return []
