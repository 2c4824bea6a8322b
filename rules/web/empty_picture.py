"""A picture that was made and never filled.

`createImageData` and `new ImageData(width, height)` give transparent black: the model predicts the same whatever the
page shows. `getImageData` is what reads a canvas.

```js bad path=src/digit.js
import * as tf from '@tensorflow/tfjs';

export function digit(model, canvas) {
  const context = canvas.getContext('2d');
  const pixels = context.createImageData(28, 28);
  return model.predict(tf.browser.fromPixels(pixels, 1).expandDims(0)); // <-
}
```

```js good path=src/digit.js
import * as tf from '@tensorflow/tfjs';

export function digit(model, canvas, values, fill) {
  const context = canvas.getContext('2d');
  const drawn = context.getImageData(0, 0, 28, 28);
  const filled = context.createImageData(28, 28);
  for (let i = 0; i < values.length; i++) filled.data[i] = values[i];
  const passed = new ImageData(28, 28);
  fill(passed);
  const given = new ImageData(values, 28, 28);
  return [drawn, filled, passed, given].map((pixels) => tf.browser.fromPixels(pixels, 1)).concat(
    tf.browser.fromPixels(drawn), tf.browser.fromPixels(filled), tf.browser.fromPixels(passed), tf.browser.fromPixels(given));
}
```

References: https://html.spec.whatwg.org/multipage/canvas.html#dom-context-2d-createimagedata;
https://stackoverflow.com/questions/54132288
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.follow import source
from deplint.apps.page import LIBRARIES, reads
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Call, Declare, Member, Name


@rule("DPL849", severity="error", leaves=["B.6.2", "B.6.4"], see=["https://stackoverflow.com/questions/54132288"])
def empty_picture(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"createImageData|new ImageData") or not file.mentions(LIBRARIES):
        return
    for call in file.calls("**.{fromPixels,fromImage}"):
        given = reads(call)
        made = source(given)
        if made is not None and _blank(made) and _only_read(made):
            yield Finding(
                call,
                f"the picture was made by {made.method or 'ImageData'} and nothing was drawn in it: it is all transparent black",
                help="read the canvas with context.getImageData(0, 0, width, height)",
            )


def _blank(made: Call) -> bool:
    if made.method == "createImageData" and not made.new:
        return True
    return made.new and made.name == "ImageData" and len(made.arguments) == 2


def _only_read(made: Call) -> bool:
    """Whether all that is done with it is to read it."""
    for node in made.file.meaning.nodes:
        if not isinstance(node, Name) or source(node) is not made:
            continue
        parent = node.parent
        if isinstance(parent, Call) and parent.callee is not node:
            harmless = reads(parent) is not None
        elif isinstance(parent, Member):
            harmless = parent.attribute in ("width", "height")
        else:
            harmless = isinstance(parent, (Assign, Declare)) and parent.target is node
        if not harmless:
            return False
    return True
