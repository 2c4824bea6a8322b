"""A Flutter app built for the web on a library of native code.

`tflite_flutter` calls TensorFlow Lite through `dart:ffi`, which the web does not have. `flutter build web` stops where `lib/main.dart`
reaches such an import: ``Error: Dart library 'dart:ffi' is not available on this platform``.

```yaml bad path=.github/workflows/web.yml
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: flutter build web --release # <-
```

```dart + path=lib/main.dart
import 'package:leaves/net.dart';

void main() => open();
```

```dart + path=lib/net.dart
import 'package:tflite_flutter/tflite_flutter.dart';

Future<Interpreter> open() => Interpreter.fromAsset('assets/leaves.tflite');
```

```yaml + path=pubspec.yaml
name: leaves
dependencies:
  flutter:
    sdk: flutter
  tflite_flutter: ^0.11.0
```

An import that the web replaces, and builds for phones:

```yaml good path=.github/workflows/web.yml
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: flutter build web --release
```

```dart + path=lib/main.dart
import 'none.dart' if (dart.library.ffi) 'net.dart';

void main() => open();
```

```dart + path=lib/net.dart
import 'package:tflite_flutter/tflite_flutter.dart';

Future<Interpreter> open() => Interpreter.fromAsset('assets/leaves.tflite');
```

```yaml + path=pubspec.yaml
name: leaves
dependencies:
  flutter:
    sdk: flutter
  tflite_flutter: ^0.11.0
```

Another start than `main.dart`:

```yaml good path=.github/workflows/web.yml
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: flutter build web --release -t lib/main_web.dart
      # - run: flutter build web
      - run: flutter build apk
```

```dart + path=lib/main.dart
import 'package:tflite_flutter/tflite_flutter.dart';

void main() => Interpreter.fromAsset('assets/leaves.tflite');
```

```yaml + path=pubspec.yaml
name: leaves
dependencies:
  flutter:
    sdk: flutter
  tflite_flutter: ^0.11.0
```

References: https://github.com/tensorflow/flutter-tflite/issues/163, https://github.com/dart-lang/sdk/issues/61371.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.finding import Place, Span
from deplint.project import File
from deplint.settings.packages import Pubspec

NATIVE = re.compile(r"dart:ffi$|package:tflite_flutter/")
"""Imports that no build for the web has."""

_IMPORT = re.compile(r"(?m)^\s*(?:import|export)\s+(['\"])([^'\"\n]+)\1\s*(?:if\b(?P<condition>)|as\b|show\b|hide\b|deferred\b|;)")
_BUILD = re.compile(r"(?m)^(?!\s*(?:#|//))[^\n#]*\bflutter\s+build\s+web\b(?![^\n]*(?:\s-t\b|--target\b))[^\n]*$")
_SCRIPTS = frozenset({".yml", ".yaml", ".sh", ".bat", ".ps1"})
_NAMES = frozenset({"Makefile", "Dockerfile"})


@rule(
    "DPL780",
    severity="error",
    leaves=["M.5"],
    see=["https://github.com/tensorflow/flutter-tflite/issues/163", "https://github.com/dart-lang/sdk/issues/61371"],
)
def native_library_on_web(file: Pubspec, project: Project) -> Iterator[Finding]:
    root = Path(os.path.abspath(file.place.path)).parent
    if not any(pin.name == "tflite_flutter" for pin in file.pins) or any(
        pin.name.endswith("_web") and "tflite" in pin.name for pin in file.pins
    ):
        return
    built = _built(project, root)
    native = _reached(project, root, file.name) if built is not None else None
    if built is not None and native is not None:
        yield Finding(
            built,
            f"{native} is part of the app and imports native code: Dart library 'dart:ffi' is not available on the web",
            help="import it by a conditional import (`if (dart.library.ffi)`), or build for phones alone",
        )


def _built(project: Project, root: Path) -> Place | None:
    """Where a script or a workflow builds this app for the web; None if nothing does, or another app may be meant."""
    alone = sum(f.name == "pubspec.yaml" for f in project.files) == 1
    for each in project.files:
        if (each.suffix in _SCRIPTS or each.name in _NAMES) and each.size < 1 << 17 and (alone or each.path.parent == root):
            found = _BUILD.search(each.text)
            if found is not None and not re.search(r"working-directory|\bcd\s+\w", each.text):
                line = each.text.count("\n", 0, found.end()) + 1
                return Place(each.shown, Span(line, 1, line, len(found[0].rpartition("\n")[2]) + 1))
    return None


def _reached(project: Project, root: Path, name: str) -> str | None:
    """The first file of the app that its `main.dart` reaches by plain imports and that imports native code."""
    todo, seen = [root / "lib" / "main.dart"], set[Path]()
    while todo:
        path = todo.pop()
        file: File | None = project.file(path)
        if file is None or path in seen or len(seen) > 500:
            continue
        seen.add(path)
        text = re.sub(r"(?m)//.*$|/\*.*?\*/", "", file.text)
        for match in _IMPORT.finditer(text):
            module = match[2]
            if match["condition"] is not None:
                continue
            if NATIVE.match(module):
                return file.shown
            own = module.removeprefix(f"package:{name}/")
            if own != module:
                todo.append(root / "lib" / own)
            elif ":" not in module:
                todo.append(Path(os.path.normpath(path.parent / module)))
    return None
