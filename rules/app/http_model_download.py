"""A model fetched over plain http by an app.

iOS refuses plain http (``App Transport Security policy requires the use of a secure connection``), and so does Android from version 9 on;
where it is allowed, anybody on the way may hand the app another model.

```swift bad path=App/Update.swift
import CoreML

func fetch() {
    let url = URL(string: "http://models.example.com/leaves.mlmodel")!  // <-
    URLSession.shared.downloadTask(with: url) { file, _, _ in
        let compiled = try? MLModel.compileModel(at: file!)
    }.resume()
}
```

```swift good path=App/Update.swift
import CoreML

let url = URL(string: "https://models.example.com/leaves.mlmodel")!
let near = URL(string: "http://192.168.0.7:8000/leaves.mlmodel")!
```

```dart bad path=lib/update.dart
import 'package:http/http.dart' as http;

Future<void> fetch() async {
  final answer = await http.get(Uri.parse('http://models.example.com/leaves.tflite'));  // <-
}
```

An app may allow it.

```dart good path=lib/update.dart
import 'package:http/http.dart' as http;

Future<void> fetch() async {
  final answer = await http.get(Uri.parse('http://models.example.com/leaves.tflite'));
}
```

```text + path=ios/Runner/Info.plist
<dict><key>NSAppTransportSecurity</key><dict><key>NSAllowsArbitraryLoads</key><true/></dict></dict>
```

References: https://developer.apple.com/documentation/bundleresources/information-property-list/nsapptransportsecurity;
https://docs.flutter.dev/release/breaking-changes/network-policy-ios-android.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Text

from ..operators import mentioned

MODEL = re.compile(
    r"http://(?!localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|0\.0\.0\.0|[\w.-]+\.(?:local|test)\b)[^\s?#]+"
    r"\.(?:tflite|mlmodel|mlmodelc|mlpackage|onnx|ort|pte|ptl|pt|task|litertlm)(?:\.zip|\.gz)?(?:[?#].*)?",
    re.IGNORECASE,
)
ALLOWED = r"NSAllowsArbitraryLoads|NSExceptionDomains|usesCleartextTraffic"


@rule(
    "DPL773",
    severity="warning",
    leaves=["M.8", "M.9"],
    see=["https://developer.apple.com/documentation/bundleresources/information-property-list/nsapptransportsecurity"],
)
def http_model_download(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in ("swift", "objc", "dart") or not file.mentions("http://"):
        return
    found = [node for node in file.strings if not isinstance(node.value, Text) and MODEL.fullmatch(str(node.value))]
    if found and mentioned(project, project.area(file), ALLOWED, ".plist", ".xml", ".pbxproj", ".yml") is None:
        for node in found:
            yield Finding(
                node,
                "the model comes over plain http, which iOS and Android refuse, and which anybody on the way may change",
                help="serve it over https, and compare its checksum before opening it",
            )
