"""Names that TensorFlow.js no longer has.

`tf.loadModel`, `tf.loadFrozenModel`, `tf.fromPixels` and `tf.toPixels` went with version 1.0, others later. They live
on in tutorials; with a current release they end in ``TypeError: tf.loadModel is not a function``.

```js bad versions=@tensorflow/tfjs==4.22
import * as tf from '@tensorflow/tfjs';

export async function predict(canvas) {
  const model = await tf.loadModel('model.json'); // <-
  return model.predict(tf.fromPixels(canvas).toFloat().expandDims(0)); // <-
}
```

```js fixed
import * as tf from '@tensorflow/tfjs';

export async function predict(canvas) {
  const model = await tf.loadLayersModel('model.json');
  return model.predict(tf.browser.fromPixels(canvas).toFloat().expandDims(0));
}
```

A page that loads an old release may use its names.

```html good
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@0.13.3/dist/tf.min.js"></script>
<script>
tf.loadModel('model.json').then(model => model.predict(tf.fromPixels(canvas).expandDims(0)));
</script>
```

```html bad
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@3.21.0/dist/tf.min.js"></script>
<script>
tf.loadModel('model.json').then(model => model.summary()); // <-
</script>
```

A script runs with what its page loads.

```js bad path=predict.js
tf.loadModel('model.json').then(run); // <-
```

```html + path=index.html
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@2.0.0/dist/tf.min.js"></script>
<script src="predict.js"></script>
```

Code of whose release nothing is known may use any.

```js good
import * as tf from '@tensorflow/tfjs';
tf.loadModel('model.json');
```

References: found by comparing the names that the builds of 0.15.3, 1.0.0 ... 4.22.0 export;
https://stackoverflow.com/questions/58024781
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.site import tags
from deplint.apps.web import renamed
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call
from deplint.settings.ranges import between, parse

REMOVED = {
    "loadModel": ("1.0.0", "loadLayersModel"),
    "loadFrozenModel": ("1.0.0", ""),
    "loadTfHubModule": ("1.0.0", ""),
    "fromPixels": ("1.0.0", "browser.fromPixels"),
    "toPixels": ("1.0.0", "browser.toPixels"),
    **dict.fromkeys(("batchNormalization", "batchNormalization2d", "batchNormalization3d", "batchNormalization4d"), ("2.0.0", "")),
    **{name: ("2.1.0", f"signal.{name}") for name in ("stft", "frame", "hannWindow", "hammingWindow")},
    **{
        f"{name}Strict": ("3.0.0", "")
        for name in ("add", "div", "equal", "greater", "greaterEqual", "less", "lessEqual", "maximum", "minimum", "mod", "mul", "notEqual",
                     "pow", "squaredDifference", "sub")
    },
}  # fmt: skip
"""Function -> the first release seen without it, and what does the same with the same arguments."""

INSTEAD = {
    "loadFrozenModel": "tf.loadGraphModel(url of model.json), after converting the model again",
    "loadTfHubModule": "tf.loadGraphModel(url, {fromTFHub: true})",
} | {name: "tf." + name.replace("Normalization", "Norm") for name in REMOVED if name.startswith("batchNorm")}

CORE = "@tensorflow/tfjs{,-core,-layers,-converter,-node,-node-gpu}"


@rule(
    "DPL802",
    severity="error",
    leaves=["B.3.2"],
    since={"@tensorflow/tfjs": "1.0"},
    see=["https://stackoverflow.com/questions/58024781", "https://github.com/tensorflow/tfjs/releases/tag/tfjs-v1.0.0"],
)
def tfjs_removed_api(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web:
        return
    for call in file.calls(f"{CORE}.{{{','.join(REMOVED)}}}"):
        package, _, name = call.name.rpartition(".")
        since, now = REMOVED[name]
        if not _later(file, project, call, package, since):
            continue
        other = f"tf.{now}" if now else INSTEAD.get(name, f"tf.{name.removesuffix('Strict')}")
        yield Finding(
            call,
            f"{name} is gone since TensorFlow.js {since.removesuffix('.0')}: {call.callee.text} is not a function",
            fix=renamed(call, name, now) if now else None,
            help=f"use {other}",
        )


def _later(file: SourceFile, project: Project, call: Call, package: str, since: str) -> bool:
    """The release in use is certainly `since` or later."""
    wanted = between(since, None)
    loaded = [tag for tag in file.imports if tag.version] + (tags(project, file) or [])
    ours = [tag for tag in loaded if tag.package.startswith("@tensorflow/tfjs") and (tag.kind == "script" or tag.version)]
    if ours:
        ranges = [parse(tag.version, "npm") for tag in ours if tag.version not in ("", "latest")]
        # A file of one's own may be of any release; an address without one is that of the newest.
        certain = all(tag.version or "://" in tag.module or tag.module.startswith("//") for tag in ours)
        return certain and wanted is not None and all(admitted is not None and admitted <= wanted for admitted in ranges)
    return call.resolved and any(
        project.versions.allows(name, file, since) is True for name in dict.fromkeys((package, "@tensorflow/tfjs", "@tensorflow/tfjs-core"))
    )
