"""The address or the text of a picture given to a function that decodes its bytes.

`decodeJpeg` of tfjs-react-native and `tf.node.decodeImage` read no files and no base64: ``Expected image (JPEG, PNG, or GIF), but got
unsupported image type``.

```js bad path=src/image.js
import { manipulateAsync } from 'expo-image-manipulator';
import { decodeJpeg } from '@tensorflow/tfjs-react-native';

export async function imageTensor(uri) {
  const small = await manipulateAsync(uri, [{ resize: { width: 32, height: 32 } }]);
  return decodeJpeg(small.uri, 3); // <-
}
```

```ts bad path=src/decode.ts
import * as FileSystem from 'expo-file-system';
import * as tfrn from '@tensorflow/tfjs-react-native';

export const fromAddress = (uri: string) => tfrn.decodeJpeg(uri as any); // <-

export async function fromText(path: string) {
  const text = await FileSystem.readAsStringAsync(path, { encoding: FileSystem.EncodingType.Base64 });
  return tfrn.decodeJpeg(text as any); // <-
}
```

```js bad path=src/read.js
const fs = require('fs');
const path = require('path');
const tf = require('@tensorflow/tfjs-node');

const load = (name) => path.join(__dirname, 'pictures', name);

exports.one = () => tf.node.decodeImage(load('cat.jpg'), 3); // <-
exports.two = (file) => tf.node.decodePng(fs.readFileSync(file, 'base64')); // <-
exports.three = (file) => tf.node.decodeJpeg(fs.readFileSync(file).toString('base64')); // <-
```

```js good path=src/image.js
import * as tf from '@tensorflow/tfjs';
import * as FileSystem from 'expo-file-system';
import { decodeJpeg } from '@tensorflow/tfjs-react-native';

export async function imageTensor(uri) {
  const base64 = await FileSystem.readAsStringAsync(uri, { encoding: FileSystem.EncodingType.Base64 });
  const bytes = new Uint8Array(tf.util.encodeString(base64, 'base64').buffer);
  return decodeJpeg(bytes, 3);
}

export async function downloaded(uri) {
  const response = await fetch(uri, {}, { isBinary: true });
  return decodeJpeg(new Uint8Array(await response.arrayBuffer()));
}

export const whatever = (uri) => decodeJpeg(uri);
```

A decoder of one's own may take what it likes.

```js good path=src/own.js
const fs = require('fs');
const tf = require('@tensorflow/tfjs-node');
const { decodeJpeg } = require('./decode');

exports.one = () => decodeJpeg('cat.jpg');
exports.two = (file) => tf.node.decodeImage(fs.readFileSync(file));
exports.three = (text) => tf.node.decodeImage(Buffer.from(text, 'base64'), 3);
```

References: tfjs-react-native, ``decode_image.ts``; tfjs-node, ``image.ts``; https://github.com/tensorflow/tfjs/issues/4516
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import follow, source, value, within
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Member, Name, Node, Template, Text

_TEXTS = re.compile(r"path\.(?:posix\.)?(?:join|resolve)|(?:.*\.)?(?:readAsStringAsync|toDataURL|toString|btoa)")
_READS = re.compile(r"(?:.*\.)?readFile(?:Sync)?")


@rule(
    "DPL932",
    severity="error",
    leaves=["B.6.1", "B.6.4"],
    see=[
        "https://github.com/tensorflow/tfjs/issues/4516",
        "https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-react-native/src/decode_image.ts",
    ],
)
def picture_not_bytes(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\bdecode(?:Jpeg|Image|Png|Bmp|Gif)\b"):
        return
    with within(project):
        for call in file.calls("@tensorflow/tfjs-react-native.decodeJpeg", "@tensorflow/tfjs-node*.node.decode{Image,Jpeg,Png,Bmp,Gif}"):
            what = _text(call.argument(None, 0))
            if what:
                yield Finding(
                    call,
                    f"{call.method} takes the bytes of a picture, this is {what}: unsupported image type",
                    help="read the file, and give a Uint8Array of its bytes",
                )


def _text(given: Node | None) -> str:
    """What is given, if that certainly is a string."""
    node = follow(given)
    if node is None:
        return ""
    if isinstance(value(node), (str, Text)) or isinstance(node, Template):
        return "a string"
    if isinstance(node, Member) and node.attribute in ("uri", "base64"):
        return "an address" if node.attribute == "uri" else "text in base64"
    if isinstance(node, Name) and node.type == "string":
        return "a string"
    made = source(node)
    if made is None:
        return ""
    read = _READS.fullmatch(made.name)
    if read:
        how = made.argument(None, 1)
        return "text" if how is not None and re.search(r"[\"'](?:base64|utf-?8|hex|latin1|ascii|binary)[\"']", how.text) else ""
    return "a string" if _TEXTS.fullmatch(made.name) else ""
