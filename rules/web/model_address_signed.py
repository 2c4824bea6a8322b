"""A signed address of a `model.json`, whose signature is not for the weights.

TensorFlow.js takes the weights from beside `model.json`: it replaces what stands after the last slash and keeps the query. A signature
or a token belongs to one file, and Firebase writes the folders into the file's name (``model%2Fmodel.json``): the weights are not found
or not allowed: ``Based on the provided shape, [3,3,32,64], the tensor should have 18432 values but has 917``.

```js bad
import * as tf from '@tensorflow/tfjs';

const one = await tf.loadLayersModel('https://firebasestorage.googleapis.com/v0/b/app/o/model%2Fmodel.json?alt=media&token=1'); // <-
const two = await tf.loadGraphModel(`https://bucket.s3.amazonaws.com/model.json?X-Amz-Signature=${signature}`); // <-
```

```js good
import * as tf from '@tensorflow/tfjs';

const address = 'https://firebasestorage.googleapis.com/v0/b/app/o/model%2Fmodel.json?alt=media&token=1';
const one = await tf.loadLayersModel(address, { weightUrlConverter: (name) => signed(name) });
const two = await tf.loadGraphModel('https://bucket.s3.amazonaws.com/model.json?v=2');
const three = await tf.loadLayersModel(tf.io.browserHTTPRequest(address, { weightUrlConverter }));
const four = await tf.loadLayersModel(address, options);
```

References: run with TensorFlow.js 4.22 against a server that prints what is asked for; `parseUrl` in tfjs-core/src/io/http.ts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.loads import loads
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Text

_SIGNED = re.compile(r"[?&](?:X-Amz-Signature|X-Goog-Signature|Signature|token)=", re.IGNORECASE)
_FIREBASE = re.compile(r"//firebasestorage\.googleapis\.com/.*/o/.*%2F", re.IGNORECASE)


@rule(
    "DPL814",
    severity="error",
    leaves=["B.4.4", "B.4.1"],
    see=[
        "https://stackoverflow.com/questions/54159886",
        "https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-core/src/io/http.ts",
    ],
)
def model_address_signed(file: SourceFile, project: Project) -> Iterator[Finding]:
    for load in loads(file, project):
        value = load.address.value
        text = "".join(part or "" for part in value.parts) if isinstance(value, Text) else load.written
        signed, firebase = bool(_SIGNED.search(text)), bool(_FIREBASE.search(text))
        if load.family != "tfjs" or not (signed or firebase) or load.option("weightUrlConverter", "weightPathPrefix", "fetchFunc"):
            continue
        why = "folders are part of the name there" if firebase else "the signature is for this file alone"
        yield Finding(
            load.at,
            f"the weights beside model.json are asked for with its query: {why}",
            help="give {weightUrlConverter: async name => the address of that file}, or store the model where it is public",
        )
