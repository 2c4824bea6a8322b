"""A picture that tfjs-react-native fetches as text.

React Native's requests give text unless told otherwise, and `fetch` of `@tensorflow/tfjs-react-native` tells them only with
`isBinary`. The bytes of what comes back are not those of the file: ``decodeJpeg`` throws ``SOI not found``.

```js bad
import { fetch, decodeJpeg } from '@tensorflow/tfjs-react-native';

export async function image(uri) {
  const response = await fetch(uri); // <-
  return decodeJpeg(new Uint8Array(await response.arrayBuffer()));
}
```

```js good
import { fetch, decodeJpeg } from '@tensorflow/tfjs-react-native';
import { options } from './options';

export async function image(uri) {
  const response = await fetch(uri, {}, { isBinary: true });
  return decodeJpeg(new Uint8Array(await response.arrayBuffer()));
}

export const page = async (uri) => (await fetch(uri)).json();
export const other = async (uri) => (await fetch(uri, {}, options)).arrayBuffer();
```

References: `platform_react_native.ts` of @tensorflow/tfjs-react-native 0.8.0, which sets the response type to `arraybuffer` only then.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.tensors import entries
from deplint.code.source import SourceFile


@rule("DPL364", severity="error", leaves=["B.6.4"], see=["https://js.tensorflow.org/api_react_native/latest/#fetch"])
def picture_fetched_as_text(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"tfjs-react-native"):
        return
    for call in file.calls("@tensorflow/tfjs-react-native.fetch"):
        given = call.argument(None, 2)
        options = entries(given) if given is not None else {}
        if (options is None or "isBinary" in options) or not any(use.method in ("arrayBuffer", "blob") for use in call.uses):
            continue
        yield Finding(
            call, "without isBinary the file is fetched as text: its bytes are not a picture", help="fetch(uri, {}, {isBinary: true})"
        )
