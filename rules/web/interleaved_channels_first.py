"""Pixels in the order of a canvas, in a tensor whose channels come first.

A canvas has red, green and blue of one pixel after the other; a tensor of shape [1, 3, height, width] has all reds, then
all greens, then all blues. Copied one after the other the numbers fit, and the picture is nine small grey ones.

```js bad path=src/detect.js
import * as ort from 'onnxruntime-web';

export function tensor(context) {
  const { data } = context.getContext('2d').getImageData(0, 0, 64, 64);
  const values = new Float32Array(3 * 64 * 64);
  for (let i = 0; i < 64 * 64; i++) {
    values[i * 3] = data[i * 4] / 255;
    values[i * 3 + 1] = data[i * 4 + 1] / 255;
    values[i * 3 + 2] = data[i * 4 + 2] / 255;
  }
  return new ort.Tensor('float32', values, [1, 3, 64, 64]); // <-
}
```

```js good path=src/detect.js
import * as ort from 'onnxruntime-web';

export function tensor(context, last) {
  const { data } = context.getContext('2d').getImageData(0, 0, 64, 64);
  const values = new Float32Array(3 * 64 * 64);
  const pixels = new Float32Array(3 * 64 * 64);
  for (let i = 0; i < 64 * 64; i++) {
    values[i] = data[i * 4] / 255;
    values[i + 64 * 64] = data[i * 4 + 1] / 255;
    values[i + 2 * 64 * 64] = data[i * 4 + 2] / 255;
    pixels[i * 3] = data[i * 4] / 255;
    pixels[i * 3 + 1] = data[i * 4 + 1] / 255;
  }
  new ort.Tensor('float32', pixels, [1, 64, 64, 3]);
  return new ort.Tensor('float32', values, [1, 3, 64, 64]);
}
```

References: https://onnxruntime.ai/docs/tutorials/web/classify-images-nextjs-github-template.html (`imageDataToTensor` splits the channels)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.tensors import listed
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Call, Index, Name

INTERLEAVED = re.compile(r"\(?\s*(\w+)\s*\*\s*3\s*\)?(?:\s*\+\s*[012c])?|3\s*\*\s*(\w+)(?:\s*\+\s*[012c])?")
PIXEL = re.compile(r"\[\s*(?:\w+\s*\*\s*4|4\s*\*\s*\w+)(?:\s*\+\s*\w)?\s*\]")


@rule(
    "DPL866",
    severity="error",
    leaves=["B.6.3", "B.6.5"],
    see=["https://onnxruntime.ai/docs/tutorials/web/classify-images-nextjs-github-template.html"],
)
def interleaved_channels_first(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\*\s*3|3\s*\*"):
        return
    for call in file.calls("onnxruntime-{web,node,react-native,common}.Tensor"):
        dims, data = listed(call.argument(None, 2)), call.argument(None, 1)
        if dims is None or len(dims) != 4 or dims[1] != 3 or dims[3] in (None, 3) or not isinstance(data, Name):
            continue
        if _interleaved(call, data):
            yield Finding(
                call,
                "the values are written pixel by pixel, red, green, blue, and the shape has the channels first",
                help="write each channel on its own: values[i + channel * width * height]",
            )


def _interleaved(call: Call, data: Name) -> bool:
    """Whether everything written into an array is written pixel by pixel, from a canvas's pixels."""
    meaning = call.file.meaning
    variable = meaning.lookup(data)
    indices = [
        (node.target.children[1].text, node.text)
        for node in meaning.nodes
        if isinstance(node, Assign) and isinstance(node.target, Index) and len(node.target.children) == 2
        if isinstance(node.target.children[0], Name) and meaning.lookup(node.target.children[0]) is variable
    ]
    return bool(indices) and all(INTERLEAVED.fullmatch(index) and PIXEL.search(text) for index, text in indices)
