"""A canvas that nobody gave a size.

A new canvas is 300 pixels wide and 150 high. What is drawn on it is cut off there or squeezed into it, and the model
sees that: the page shows nothing wrong, the predictions are. Style sheets do not change the number of pixels.

```js bad path=src/digit.js
import * as tf from '@tensorflow/tfjs';

export function digit(image) {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0, 224, 224); // <-
  return tf.browser.fromPixels(canvas);
}
```

```js good path=src/digit.js
import * as tf from '@tensorflow/tfjs';

export function digit(image, fit) {
  const canvas = document.createElement('canvas');
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d').drawImage(image, 0, 0);
  const other = document.createElement('canvas');
  fit(other, image);
  other.getContext('2d').drawImage(image, 0, 0);
  const small = new OffscreenCanvas(224, 224);
  small.getContext('2d').drawImage(image, 0, 0);
  const shown = document.createElement('canvas');
  shown.getContext('2d').drawImage(image, 0, 0, shown.width, shown.height);
  return [tf.browser.fromPixels(canvas), tf.browser.fromPixels(other), tf.browser.fromPixels(small), tf.browser.fromPixels(shown)];
}
```

A whole picture squeezed into the canvas's own size, as above for `shown`, may be meant: a model's input is resized again.

References: https://html.spec.whatwg.org/multipage/canvas.html#attr-canvas-width; https://stackoverflow.com/questions/54328913
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import source
from deplint.apps.page import LIBRARIES, canvas_of, passed, reads
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call


@rule("DPL848", severity="warning", leaves=["B.6.2", "B.6.3"], see=["https://stackoverflow.com/questions/54328913"])
def canvas_size(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions("drawImage") or not file.mentions(LIBRARIES):
        return
    reported: set[Call] = set()
    for call in file.calls("**.drawImage"):
        canvas = canvas_of(call, project)
        if canvas is None or canvas.tag != "canvas" or canvas.made in reported or _sized(call):
            continue
        attributes = canvas.attributes or {}
        if "width" in attributes or "height" in attributes or canvas.settings("width", "height"):
            continue
        others = passed(canvas.made)
        touched = any(use.method in ("setAttribute", "transferControlToOffscreen") for use in canvas.made.uses)
        if touched or any(reads(other) is None and other.method not in ("appendChild", "append") for other in others):
            continue
        read = any(other.method != "drawImage" for other in others if reads(other) is not None)
        taken = any(use.method == "getImageData" and canvas_of(use, project) == canvas for use in file.calls("**.getImageData"))
        if read or taken:
            reported.add(canvas.made)
            yield Finding(
                call,
                "the canvas has no size of its own, so it is 300 x 150: what is drawn is cut off or squeezed",
                help="set canvas.width and canvas.height first",
            )


def _sized(call: Call) -> bool:
    """Whether it is drawn in the canvas's own size."""
    return any(".width" in argument.value.text and source(argument.value) is None for argument in call.arguments[1:])
