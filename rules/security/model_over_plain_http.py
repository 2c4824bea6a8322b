"""A model that an app downloads without encryption.

Whoever is in between, in the same wireless network for instance, can put another model in its place, and decide from then on what the app
sees; files of some formats run code. Android since 9 and iOS refuse such connections anyway: ``Cleartext HTTP traffic to
models.example.com not permitted``.

```kotlin bad path=app/src/main/java/Update.kt
import java.net.URL

const val MODEL_URL = "http://models.example.com/birds.tflite"  // <-

fun fetch(file: File) = file.writeBytes(URL(MODEL_URL).readBytes())
```

```kotlin good path=app/src/main/java/Update.kt
import java.net.URL

const val MODEL_URL = "https://models.example.com/birds.tflite"
const val EMULATOR = "http://10.0.2.2:8000/birds.tflite"
const val LOCAL = "http://localhost:8000/birds.tflite"
const val PAGE = "http://models.example.com/birds.html"
```

References: https://developer.android.com/privacy-and-security/risks/cleartext-communications; OWASP, "Insecure Communication".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.source import SourceFile

_URL = re.compile(
    r"http://([^/\s:\"']+)(?::\d+)?/\S*\.(?:tflite|lite|onnx|ort|pte|ptl|pt|pth|task|mlmodel|mlmodelc|litertlm|gguf|safetensors|pb|h5|keras)(?:\.zip)?(?:\?\S*)?"
)
_NEAR = re.compile(r"localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|0\.0\.0\.0|.*\.(?:local|test|invalid)$|\[|[\w-]+$")


@rule(
    "DPL910",
    severity="warning",
    leaves=["M.8", "M.9"],
    see=["https://developer.android.com/privacy-and-security/risks/cleartext-communications"],
)
def model_over_plain_http(file: SourceFile) -> Iterator[Finding]:
    if file.web or not file.mentions(_URL.pattern) or re.search(r"(?:^|/)(?:\w*[tT]ests?|androidTest)/", file.path):
        return
    for node in file.strings:
        match = _URL.fullmatch(node.value) if isinstance(node.value, str) else None
        if match and not _NEAR.match(match[1]):
            yield Finding(
                node,
                f"a model comes from {match[1]} over plain HTTP: anyone on the way can replace it, and phones refuse the connection",
                help="use https, and compare a checksum that the app knows",
            )
