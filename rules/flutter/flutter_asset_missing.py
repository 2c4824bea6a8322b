"""A model or its labels that `pubspec.yaml` bundles, and that the app does not have.

Flutter looks for each file of `flutter: assets:` when it builds, and stops: ``No file or variants found for asset:
assets/leaves_v2.tflite``. It is said where the folder is there and has another file of the kind, so that the name is likely wrong or
the file was not added.

```yaml bad path=pubspec.yaml
name: leaves
flutter:
  assets:
    - assets/leaves_v2.tflite  # <-
    - assets/labels.txt
```

```text + path=assets/labels.txt
oak
elm
```

```graph + path=assets/leaves.tflite
model tflite
graph main
  input x float32[1,4]
  op FULLY_CONNECTED (x) -> (y float32[1,2])
  output y
```

A file that a script fetches, or that Git ignores, comes later.

```yaml good path=pubspec.yaml
name: leaves
flutter:
  assets:
    - assets/leaves_v2.tflite
    - assets/
```

```graph + path=assets/leaves.tflite
model tflite
graph main
  input x float32[1,4]
  op FULLY_CONNECTED (x) -> (y float32[1,2])
  output y
```

```bash + path=scripts/download.sh
curl -o assets/leaves_v2.tflite https://example.com/leaves_v2.tflite
```

References: https://docs.flutter.dev/ui/assets/assets-and-images; `packages/flutter_tools/lib/src/asset.dart` of Flutter.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import File, Finding, Project, rule
from deplint.model import Unreadable
from deplint.settings.packages import Pubspec

KINDS = re.compile(r"\.(tflite|lite|onnx|ort|pte|ptl|pt|mlmodel|task|txt|csv)$")
OTHERS = (".sh", ".md", ".py", ".yml", ".yaml", ".gradle", ".kts", ".bat", ".ps1", ".txt", ".json", "")
"""Suffixes of files in which the name of one that is fetched or made stands."""


@rule(
    "DPL754",
    severity="error",
    leaves=["M.4.3", "M.1.1"],
    see=["https://docs.flutter.dev/ui/assets/assets-and-images"],
)
def flutter_asset_missing(file: Pubspec, project: Project) -> Iterator[Finding]:
    root = Path(os.path.abspath(file.path)).parent
    for word in file.assets:
        kind = KINDS.search(word.text or "")
        if word.text is None or kind is None or word.text.startswith("packages/"):
            continue
        path = Path(os.path.normpath(root / word.text))
        if not path.is_relative_to(root) or project.file(path) is not None:
            continue
        beside = sorted(other.name for other in project.files if other.path.parent == path.parent and other.suffix == path.suffix)
        if beside and not _explained(path, root, project, file):
            yield Finding(
                word.place,
                f"there is no {word.text}, the folder has {', '.join(beside[:3])}: 'No file or variants found for asset'",
                help="correct the name, or add the file",
            )


def _explained(path: Path, root: Path, project: Project, pubspec: Pubspec) -> bool:
    """Something else names the file, or Git ignores files like it."""
    above = [project.file(folder / ".gitignore") for folder in (path.parent, *path.parents)]
    ignored = any(re.search(rf"(?m)^[^#\n]*({re.escape(path.suffix)}|{re.escape(path.parent.name)}/)", f.text) for f in above if f)
    return ignored or any(_names(other, path.name) for other in project.files if other.name != "pubspec.yaml" and other.suffix in OTHERS)


def _names(file: File, name: str) -> bool:
    try:
        return file.size < 1 << 18 and name in file.text
    except (Unreadable, OSError):
        return False
