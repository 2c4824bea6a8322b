"""A model that the app opens by a name which no asset has.

Names are compared letter by letter, from the `assets` folder on: another case, suffix or folder, ``assets/`` or
``file:///android_asset/`` in front, and the app stops as it starts: ``java.io.FileNotFoundException: birds.tflite``.

```kotlin bad path=app/src/main/java/Birds.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Birds(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "birds.tflite"))  // <-
}
```

```graph + path=app/src/main/assets/Birds.tflite
model tflite
graph main
  input x float32[1,4]
  op RELU@1 (x) -> (y float32[1,4])
  output y
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
```

The same, written otherwise.

```kotlin bad path=app/src/main/java/Hands.kt
import com.google.mediapipe.tasks.core.BaseOptions

val options = BaseOptions.builder().setModelAssetPath("hand_landmarker.task").build()  // <-
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
```

```graph + path=app/src/main/assets/models/hand_landmarker.tflite
model tflite
graph main
  input x float32[1,4]
  op RELU@1 (x) -> (y float32[1,4])
  output y
```

A build may download models, the repository may leave them out; and a name in a folder is a name.

```kotlin good path=app/src/main/java/Birds.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Birds(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "models/birds.tflite"))
    private val other = Interpreter(File(context.filesDir, "downloaded.tflite"))
}
```

```graph + path=app/src/main/assets/models/birds.tflite
model tflite
graph main
  input x float32[1,4]
  op RELU@1 (x) -> (y float32[1,4])
  output y
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
```

Nor is a model missed that a script downloads.

```kotlin good path=app/src/main/java/Birds.kt
import org.tensorflow.lite.support.common.FileUtil

fun load(context: Context) = FileUtil.loadMappedFile(context, "birds.tflite")
```

```graph + path=app/src/main/assets/other.tflite
model tflite
graph main
  input x float32[1,4]
  op RELU@1 (x) -> (y float32[1,4])
  output y
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
task downloadModel(type: Download) { src 'https://example.com/birds.tflite' }
```

References: the documentation of `AssetManager.open` and `openFd`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache

from deplint import File, Finding, Project, rule
from deplint.apps.android import ASSET_URI, SUFFIXES, Gradle, asset_files, gradle, named
from deplint.code.source import SourceFile
from deplint.model import Unreadable

_FETCHED = re.compile(
    r"(?i)\bdownload|git-lfs|filter=lfs|\bgdown\b|\bwget\b|\bcurl\b|huggingface|assetPacks|asset-pack|assets\W{0,4}\w{0,3}srcDir|\bcopy\b|<copy>"
)
_SAYS = (".gradle", ".kts", ".sh", ".py", ".yml", ".yaml", ".gitattributes", ".gitignore", ".bat", ".ps1")


@rule(
    "DPL720",
    severity="error",
    leaves=["M.1.1", "M.4.3"],
    see=["https://developer.android.com/reference/android/content/res/AssetManager"],
)
def model_asset_missing(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not re.search(r"(?:^|/)src/(?!.*[tT]est/)", file.path):
        return
    for each in named(file, project):
        build = gradle(project, file.place)
        if build is None or not build.android or asset_files(each.asset, file, project):
            continue
        plain = re.sub(r"^(?:\./|/)?(?:src/main/)?assets/", "", ASSET_URI.sub("", each.asset))
        shipped = _models(project, build)
        if plain != each.asset and asset_files(plain, file, project):
            yield Finding(
                each.call,
                f'"{each.asset}" names no asset: names begin below the assets folder, and the model is "{plain}" there',
                help=f'write "{plain}"',
            )
        elif shipped and not _elsewhere(project, build, each.asset.rpartition("/")[2]):
            likely = sorted(shipped, key=lambda other: -_alike(other.name, each.asset.rpartition("/")[2]))[0]
            yield Finding(
                each.call,
                f'there is no asset "{each.asset}": FileNotFoundException when the app opens it (the project has {likely.shown})',
                help="correct the name, or add the model below src/main/assets",
            )


@lru_cache(maxsize=64)
def _models(project: Project, build: Gradle) -> tuple[File, ...]:
    """The model files of a Gradle project."""
    return tuple(f for f in project.files if f.suffix.lstrip(".") in SUFFIXES and f.suffix != ".bin" and f.path.is_relative_to(build.root))


@lru_cache(maxsize=256)
def _elsewhere(project: Project, build: Gradle, name: str) -> bool:
    """The model may come from outside: downloaded by the build, left out of the repository, or described as to be put there."""
    for file in project.files:
        if not file.path.is_relative_to(build.root) and file.path.parent not in build.root.parents:
            continue
        script = file.suffix in _SAYS or file.name in (".gitignore", ".gitattributes", "Makefile")
        if not script and file.suffix not in (".md", ".txt", ".rst"):
            continue
        try:
            text = file.text
        except (Unreadable, OSError):
            continue
        if name in text or (script and file.suffix in (".gradle", ".kts") and _FETCHED.search(text)):
            return True
        if file.name == ".gitignore" and re.search(rf"\*\.?{re.escape(os.path.splitext(name)[1].lstrip('.'))}\b|(?m:^/?.*assets)", text):
            return True
    return False


def _alike(one: str, other: str) -> int:
    """How many letters two names begin with alike; the same but for case is alike most."""
    if one.lower() == other.lower():
        return 1000
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
