"""A model or labels that Dart opens, and `pubspec.yaml` does not bundle.

Flutter packs only what stands below `flutter: assets:`, a file by its path, a folder with what lies directly in it. Anything
else ends in ``Unable to load asset: "assets/leaves.tflite". The asset does not exist or has empty data.`` The path has to be
the whole one since tflite_flutter 0.10, whose `Interpreter.fromAsset` no longer puts `assets/` in front.

```dart bad path=lib/leaves.dart
import 'package:tflite_flutter/tflite_flutter.dart';

class Leaves {
  static const _model = 'assets/leaves_v2.tflite';

  Future<Interpreter> load() => Interpreter.fromAsset(_model);  // <-
}
```

```yaml + path=pubspec.yaml
name: leaves
dependencies:
  flutter:
    sdk: flutter
  tflite_flutter: ^0.11.0
flutter:
  assets:
    - assets/leaves.tflite
    - assets/labels.txt
```

A folder bundles what is directly in it.

```dart good path=lib/leaves.dart
import 'package:tflite_flutter/tflite_flutter.dart';

Future<Interpreter> load() => Interpreter.fromAsset('assets/models/leaves.tflite');
```

```yaml + path=pubspec.yaml
name: leaves
dependencies:
  flutter:
    sdk: flutter
  tflite_flutter: ^0.11.0
flutter:
  assets:
    - assets/models/
```

The version of the library says where it looks.

```dart bad path=lib/leaves.dart
import 'package:tflite_flutter/tflite_flutter.dart';

Future<Interpreter> load() => Interpreter.fromAsset('leaves.tflite');  // <-
```

```yaml + path=pubspec.yaml
name: leaves
dependencies:
  tflite_flutter: ^0.10.4
flutter:
  assets:
    - assets/leaves.tflite
```

```dart good path=lib/leaves.dart
import 'package:tflite_flutter/tflite_flutter.dart';

Future<Interpreter> load() => Interpreter.fromAsset('leaves.tflite');
```

```yaml + path=pubspec.yaml
name: leaves
dependencies:
  tflite_flutter: ^0.9.0
flutter:
  assets:
    - assets/leaves.tflite
```

Nothing is said of files that are no assets, of other packages' assets, and of tests.

```dart good path=lib/leaves.dart
import 'package:tflite/tflite.dart';
import 'package:flutter/services.dart' show rootBundle;

Future load(String path) async {
  await Tflite.loadModel(model: '/sdcard/leaves.tflite', labels: '/sdcard/labels.txt', isAsset: false);
  await rootBundle.load('packages/pears/assets/pears.tflite');
  await rootBundle.load(path);
}
```

```yaml + path=pubspec.yaml
name: leaves
flutter:
  uses-material-design: true
```

Nor of what an app without models reads from its bundle.

```dart good path=lib/address.dart
import 'package:flutter/services.dart' show rootBundle;

Future<String> address() => rootBundle.loadString('address.txt');
```

```yaml + path=pubspec.yaml
name: colours
dependencies:
  flutter:
    sdk: flutter
  http: ^0.13.5
flutter:
  assets:
    - assets/address.txt
```

In an app with models, what `rootBundle` is asked for has to be the whole path, whatever the version of the library.

```dart bad path=lib/labels.dart
import 'package:flutter/services.dart' show rootBundle;

Future<String> labels() => rootBundle.loadString('labels.txt');  // <-
```

```yaml + path=pubspec.yaml
name: leaves
dependencies:
  tflite_flutter: ^0.9.0
flutter:
  assets:
    - assets/labels.txt
```

References: https://docs.flutter.dev/ui/assets/assets-and-images; https://github.com/tensorflow/flutter-tflite/issues/58 and pull request 51
(the prefix); https://stackoverflow.com/questions/57033820.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import SUFFIXES
from deplint.apps.flutter import App, Opened, app, asset, opened
from deplint.code.source import SourceFile
from deplint.settings.text import Word

TESTS = {"test", "integration_test", "test_driver"}
INFERENCE = re.compile(r"tflite|litert|onnx|google_ml|mlkit|mediapipe|pytorch|executorch|tensorflow|yolo|vision|ncnn|sherpa")
"""Packages that run models, by a part of their name."""


@rule(
    "DPL750",
    severity="error",
    leaves=["M.4.3", "M.1.1"],
    see=[
        "https://docs.flutter.dev/ui/assets/assets-and-images",
        "https://github.com/tensorflow/flutter-tflite/issues/58",
        "https://stackoverflow.com/questions/57033820",
    ],
)
def flutter_asset_not_bundled(file: SourceFile, project: Project) -> Iterator[Finding]:
    here = app(project, file) if opened(file, project) and TESTS.isdisjoint(file.path.split("/")) else None
    if here is None or any(word.text is None for word in here.pubspec.assets):
        return
    models = any(INFERENCE.search(pin.name) for pin in here.pubspec.packages)
    for each in opened(file, project):
        of_model = models or each.name.rpartition(".")[2] in SUFFIXES
        if of_model and not any(key.startswith(("packages/", "/")) or here.pubspec.bundles(key) for key in each.keys):
            yield _finding(each, here, project)


def _finding(each: Opened, here: App, project: Project) -> Finding:
    name = each.name.rpartition("/")[2]
    near = next((word for word in here.pubspec.assets if word.text and _same(word, each, project, here)), None)
    other = near.text + (name if near.text and near.text.endswith("/") else "") if near and near.text else ""
    prefixed = each.call.method == "fromAsset"
    if prefixed and other == f"assets/{each.name}":
        message = f"{here.pubspec.path} bundles {other}, and since 0.10 fromAsset no longer puts assets/ in front"
        help = f"write {other!r}"
    elif prefixed and other and f"assets/{other}" in each.keys:
        message = f"{here.pubspec.path} bundles {other}, and before 0.10 fromAsset puts assets/ in front"
        help = "leave assets/ out of the name, or use tflite_flutter 0.10 or later"
    else:
        has = f"{here.pubspec.path} has {other}" if other else f"nothing in {here.pubspec.path} bundles it"
        there = any(asset(project, here, key) for key in each.keys)
        message = f"{each.keys[0]} is not in the app's bundle: {has}" + ("" if there or other else ", and there is no such file")
        help = (
            f"open it by that name, or add {each.keys[0]} below flutter: assets:" if other else f"add {each.keys[0]} below flutter: assets:"
        )
    return Finding(each.node, f"{message}: 'Unable to load asset'", help=help)


def _same(word: Word, each: Opened, project: Project, here: App) -> bool:
    """What `pubspec.yaml` names is, or holds, a file called like the asset."""
    text, name = word.text or "", each.name.rpartition("/")[2]
    if text.endswith("/"):
        return asset(project, here, text + name) is not None
    return text.rpartition("/")[2].lower() == name.lower()
