"""The promise of an asset, or of a download, where a loader takes a path, an address or bytes.

`Asset.downloadAsync()`, `fetch()` and their like give promises, and loaders do not wait for what they are given: ``url.match is not a
function`` (TensorFlow.js), ``Unexpected argument[0]: must be 'path' or 'buffer'`` (ONNX Runtime).

```js bad
import { TFLiteImageRecognition } from 'react-native-tensorflow-lite';
import { Asset } from 'expo-asset';
import Model from './assets/leaves.tflite';

const judge = new TFLiteImageRecognition({
  model: Asset.fromModule(Model).downloadAsync(), // <-
  labels: 'labels.txt',
});
```

```js bad
import * as ort from 'onnxruntime-web';

const bytes = fetch('/leaves.onnx');
export const session = await ort.InferenceSession.create(bytes); // <-
```

```js good
import * as ort from 'onnxruntime-react-native';
import { Asset } from 'expo-asset';

export async function open(handler) {
  const [asset] = await Asset.loadAsync(require('./leaves.onnx'));
  const other = await Asset.fromModule(require('./other.onnx')).downloadAsync();
  const bytes = await (await fetch('/third.onnx')).arrayBuffer();
  const last = await fetch('/last.onnx').then((answer) => answer.arrayBuffer());
  return [
    await ort.InferenceSession.create(asset.localUri),
    await ort.InferenceSession.create(other.localUri),
    await ort.InferenceSession.create(bytes),
    await ort.InferenceSession.create(last, { fetch: handler }),
  ];
}
```

References: run with TensorFlow.js 4.22 and onnxruntime-node; https://docs.expo.dev/versions/latest/sdk/asset/; https://stackoverflow.com/questions/58842257.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.web import LOADERS
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Node, Object

NATIVE = (
    "react-native-tensorflow-lite.TFLiteImageRecognition",
    "{tflite-react-native,react-native-fast-tflite,react-native-pytorch-core}.**",
)
"""What loads models in React Native."""

PROMISED = re.compile(
    r"fetch|(?:.*\.)?Asset(?:\.\w+)*(?:\(\))?\.(?:downloadAsync|loadAsync)|(?:expo-file-system|FileSystem)[\w/]*\.\w+Async"
    r"|react-native-fs\.\w+|RNFS\.(?:readFile|downloadFile|exists)|expo-asset\.Asset\..*Async"
)
"""Functions that give promises."""


@rule(
    "DPL784",
    severity="error",
    leaves=["M.4.3", "B.4.5"],
    see=["https://docs.expo.dev/versions/latest/sdk/asset/", "https://stackoverflow.com/questions/58842257"],
)
def promise_as_path(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"Async\s*\(|\bfetch\s*\(|\bRNFS\b|react-native-fs"):
        return
    for call in file.calls(*LOADERS, *NATIVE):
        for argument in call.arguments:
            for part in _parts(argument.value):
                made = part.origin
                if made is not None and part.settled is False and PROMISED.fullmatch(made.name):
                    yield Finding(
                        part,
                        f"this is the promise that {made.method} gives, and {call.method} takes what it is a promise of",
                        help="await it first, and give the path in it: (await asset.downloadAsync()).localUri",
                    )


def _parts(node: Node) -> list[Node]:
    return [value for _, value in node.entries] if isinstance(node, Object) else [node]
