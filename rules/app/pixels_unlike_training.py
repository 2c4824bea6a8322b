"""An app that scales pixels in another way than training did.

What is shown to the model has to be scaled as what it learned from: (pixel - mean) / std, with the same two numbers. Nothing fails where
they differ, the answers are just wrong. The plugin `tflite` of Flutter has 117 and 1 as its defaults for pictures, which fit hardly any
model.

```dart bad path=app/lib/classifier.dart
import 'package:tflite/tflite.dart';

Future classify(String path) async {
  return await Tflite.runModelOnImage(path: path, imageMean: 127.5, imageStd: 127.5); // <-
}

Future other(String path) => Tflite.runModelOnImage(path: path, numResults: 2); // <-
```

```python + path=training/train.py
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from net import model

data = ImageDataGenerator(rescale=1.0 / 255)
model.fit(data.flow_from_directory("data/train", target_size=(224, 224)))
model.save("flowers.h5")
```

In a helper of its own, whose constants are elsewhere:

```dart bad path=app/lib/pixels.dart
import 'dart:typed_data';
import 'package:image/image.dart' as img;
import 'constants.dart';

Float32List prepare(img.Image image) {
  final values = Float32List(224 * 224 * 3);
  var i = 0;
  for (var y = 0; y < 224; y++) {
    for (var x = 0; x < 224; x++) {
      final pixel = image.getPixel(x, y);
      values[i++] = pixel.r / 255.0; // <-
      values[i++] = pixel.g / 255.0;
      values[i++] = pixel.b / 255.0;
    }
  }
  return values;
}
```

```dart + path=app/lib/classifier.dart
import 'package:tflite_flutter/tflite_flutter.dart';
final interpreter = Interpreter.fromAsset('assets/flowers.tflite');
```

```python + path=training/train.py
from tensorflow.keras.applications.mobilenet_v2 import preprocess_input
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from net import model

data = ImageDataGenerator(preprocessing_function=preprocess_input)
model.fit(data.flow_from_directory("data", target_size=(224, 224)))
model.save("flowers.keras")
```

In Swift and in Kotlin:

```swift bad path=App/ModelDataHandler.swift
import TensorFlowLite

let imageMean: Float = 127.5
let imageStd: Float = 127.5

func scaled(_ bytes: [UInt8]) -> [Float] {
    return bytes.map { (Float($0) - imageMean) / imageStd } // <-
}
```

```python + path=train.py
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from net import model

data = ImageDataGenerator(rescale=1.0 / 255)
model.fit(data.flow_from_directory("data/train", target_size=(224, 224)))
model.save("flowers.h5")
```

Kotlin:

```kotlin bad path=app/src/main/java/Flowers.kt
import org.tensorflow.lite.support.common.ops.NormalizeOp
import org.tensorflow.lite.support.image.ImageProcessor

val processor = ImageProcessor.Builder().add(NormalizeOp(127.5f, 127.5f)).build() // <-
```

```python + path=train.py
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from net import model

data = ImageDataGenerator(rescale=1.0 / 255)
model.fit(data.flow_from_directory("data/train", target_size=(224, 224)))
model.save("flowers.h5")
```

The same numbers, in whatever spelling:

```dart good path=lib/classifier.dart
import 'package:tflite/tflite.dart';

const mean = 0.0;
Future classify(String path) => Tflite.runModelOnImage(path: path, imageMean: mean, imageStd: 255.0);
Future other(String path, double std) => Tflite.runModelOnImage(path: path, imageMean: 117.0, imageStd: std);
```

```python + path=train.py
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from net import model

data = ImageDataGenerator(rescale=1.0 / 255)
model.fit(data.flow_from_directory("data/train", target_size=(224, 224)))
model.save("flowers.h5")
```

Two ways to scale in one app, a model that scales itself, a quantized one:

```dart good path=lib/classifier.dart
import 'package:tflite_flutter/tflite_flutter.dart';
final interpreter = Interpreter.fromAsset('assets/flowers.tflite');
List<double> red(pixel) => [pixel.r / 255.0];
List<double> other(pixel) => [(pixel.r - 127.5) / 127.5];
```

```python + path=train.py
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from net import model

data = ImageDataGenerator(rescale=1.0 / 128)
model.fit(data.flow_from_directory("data/train", target_size=(224, 224)))
model.save("flowers.h5")
```

References: `lib/tflite.dart` of the plugin tflite (its defaults); https://stackoverflow.com/questions/49474467, https://stackoverflow.com/questions/56034981
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.apps.flutter import app
from deplint.apps.jvm import scaling
from deplint.code.pictures import Picture, alike, span
from deplint.code.pipelines import taught
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Member, Node, Operation
from deplint.finding import Place, Span
from deplint.model import Model

PLUGIN = {
    "runModelOnImage": (117.0, 1.0),
    "runModelOnFrame": (127.5, 127.5),
    "detectObjectOnImage": (127.5, 127.5),
    "detectObjectOnFrame": (127.5, 127.5),
}
"""Method of the plugin `tflite` (1.0 to 1.1.2, and `tflite_v2`) -> its defaults of imageMean and imageStd."""

Scale = tuple[float, float]
_CHANNELS = frozenset({"r", "g", "b"})
_GETS = frozenset({"getRed", "getGreen", "getBlue"})
_RUNTIMES = r"tflite|TensorFlowLite|tensorflow\.lite|onnxruntime|litert"


@rule(
    "DPL746",
    severity="warning",
    leaves=["M.6.5"],
    see=["https://github.com/shaqian/flutter_tflite/blob/master/lib/tflite.dart", "https://stackoverflow.com/questions/49474467"],
)
def pixels_unlike_training(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in ("dart", "swift", "java", "kotlin"):
        return
    by_call = list(_plugin(file)) if file.language == "dart" else []
    found = by_call or _one(file, project)
    trained = taught(project) if found else []
    if not trained or not all(one.picture.scaled for one in trained) or _otherwise(project):
        return
    for place, (mean, std) in found:
        seen = Picture(mean=(mean,), std=(std,))
        if not any(alike(one.picture, seen) for one in trained):
            yield Finding(
                place,
                f"pixels are given as {span(seen)}, and training saw {span(trained[0].picture)} ({trained[0].place.path})",
                help="scale them as training does: (pixel - mean) / std with the same numbers",
            )


def _plugin(file: SourceFile) -> Iterator[tuple[Place, Scale]]:
    """The calls of the plugin that scale a picture, with numbers that are known."""
    for call in file.calls("{tflite/tflite,tflite,tflite_v2,tflite_v2/tflite_v2}.Tflite.*", "Tflite.*"):
        if call.method in PLUGIN:
            values = []
            for name, default in zip(("imageMean", "imageStd"), PLUGIN[call.method], strict=True):
                node = call.argument(name)
                values.append(default if node is None else node.value)
            mean, std = values
            if isinstance(mean, (int, float)) and isinstance(std, (int, float)) and std:
                yield call.place, (float(mean), float(std))


@lru_cache(maxsize=64)
def _scales(file: SourceFile) -> tuple[tuple[Place, Scale], ...]:
    """Where a file scales pixels, and how."""
    if file.language == "swift":
        return tuple(_swift(file)) if file.mentions(_RUNTIMES) else ()
    found: list[tuple[Place, Scale]] = []
    if file.language == "dart" and file.mentions(r"\.r\b|getRed|& ?0xff|NormalizeOp"):
        inner = {child for node in file.meaning.nodes if isinstance(node, Operation) for child in node.children}
        found += [
            (node.place, scale)
            for node in file.meaning.nodes
            if isinstance(node, Operation) and node not in inner and (scale := _dart(node))
        ]
    elif file.language != "dart" and file.mentions(_RUNTIMES):
        for call in file.calls("**.putFloat"):
            one = scaling(call.arguments[-1].value) if call.arguments else None
            if one is not None:
                found.append((call.place, one))
    for call in file.calls("{**.,}NormalizeOp") if file.mentions("NormalizeOp") else ():
        numbers = [argument.value.value for argument in call.arguments]
        if len(numbers) == 2 and all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in numbers) and numbers[1]:
            found.append((call.place, (float(numbers[0]), float(numbers[1]))))
    return tuple((place, scale) for place, scale in found if scale != (0.0, 1.0))


def _dart(node: Node) -> Scale | None:
    """Mean and deviation for an expression in a channel of a pixel of Dart's package `image`; None if it is something else."""
    if isinstance(node, Member) and node.attribute in _CHANNELS:
        return 0.0, 1.0
    if isinstance(node, Call):
        if node.method in ("toDouble", "toInt") and node.receiver is not None:
            return _dart(node.receiver)
        return (0.0, 1.0) if node.method in _GETS else None
    if not isinstance(node, Operation) or len(node.children) != 2:
        return None
    left, right = node.children
    if node.operator == "&" and 255 in (left.value, right.value):
        return 0.0, 1.0
    of, by = _dart(left), right.value
    if of is None or isinstance(by, bool) or not isinstance(by, (int, float)) or not by:
        return (of if by == 0 and node.operator in ("-", "+") else None) if of is not None else None
    mean, std = of
    if node.operator in ("-", "+"):
        return mean + (by if node.operator == "-" else -by) * std, std
    return (mean, std * by) if node.operator == "/" else (mean, std / by) if node.operator == "*" else None


_SWIFT = re.compile(
    r"(?P<open>\(\s*)?\bFloat(?:32)?\(\s*(?:\$0|\w+\[[^\]\n]{1,40}\])\s*\)\s*(?:-\s*(?P<mean>[\w.]+)\s*\)\s*)?/\s*(?P<std>[\w.]+)(?P<more>\s*[-+*])?"
)


def _swift(file: SourceFile) -> Iterator[tuple[Place, Scale]]:
    """``(Float($0) - mean) / std`` in Swift, where both are numbers or constants of the file."""
    text = file.text
    for match in _SWIFT.finditer(text):
        mean, std = _number(match["mean"] or "0", text), _number(match["std"], text)
        if mean is not None and std is not None and std >= 50 and not match["more"] and bool(match["mean"]) <= bool(match["open"]):
            line = text.count("\n", 0, match.start()) + 1
            column = match.start() - text.rfind("\n", 0, match.start())
            yield Place(file.path, Span(line, column, line, column + len(match[0].splitlines()[0]))), (mean, std)


def _number(written: str, text: str) -> float | None:
    if re.fullmatch(r"\d+(?:\.\d+)?", written):
        return float(written)
    name = re.escape(written.rpartition(".")[2])
    said = re.findall(rf"\blet\s+{name}\s*(?::\s*\w+)?\s*=\s*(?:Float\()?(\d+(?:\.\d+)?)\)?\s*(?:$|//|;|\n)", text, re.M)
    return float(said[0]) if len(said) == 1 else None


def _one(file: SourceFile, project: Project) -> list[tuple[Place, Scale]]:
    """The first place where the file scales pixels, if all of its app does so in one way, and in this file alone."""
    own = _scales(file)
    if not own:
        return []
    folder = _app(file, project)
    others = [f for f in project.all(SourceFile) if f.language == file.language and _app(f, project) == folder and f is not file]
    every = {scale for each in (file, *others) for _, scale in _scales(each)}
    runs = any(each.mentions(_RUNTIMES) for each in (file, *others))
    return [own[0]] if len(every) == 1 and runs and not any(_scales(each) for each in others) else []


def _app(file: SourceFile, project: Project) -> Path:
    """The folder of the app that a file is part of."""
    found = app(project, file) if file.language == "dart" else None
    return found.root if found is not None else project.root if file.language == "dart" else Path(os.path.abspath(file.path)).parent


def _otherwise(project: Project) -> bool:
    """Whether the project has a model that takes pixels as they are, or several, of which nobody knows which training made."""
    models = [model for model in project.all(Model) if model.format == "tflite"]
    return len(models) > 1 or any(tensor.dtype != "float32" for model in models for tensor in model.inputs)
