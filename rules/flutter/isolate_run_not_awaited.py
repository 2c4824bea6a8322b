"""Outputs read before the isolate has computed them.

`IsolateInterpreter.run` works in another isolate and returns a `Future`; the lists given for outputs are filled when that completes.
Without `await` they still hold what they began with.

```dart bad path=lib/leaves.dart
import 'package:tflite_flutter/tflite_flutter.dart';

Future<List> judge(Interpreter net, List photo) async {
  final isolate = await IsolateInterpreter.create(address: net.address);
  final scores = List.filled(5, 0.0).reshape([1, 5]);
  isolate.run(photo, scores);  // <-
  return scores[0];
}
```

```dart good path=lib/leaves.dart
import 'package:tflite_flutter/tflite_flutter.dart';

Future<List> judge(Interpreter net, List photo) async {
  final isolate = await IsolateInterpreter.create(address: net.address);
  final scores = List.filled(5, 0.0).reshape([1, 5]);
  await isolate.run(photo, scores);
  net.run(photo, scores);
  return isolate.run(photo, scores).then((_) => scores[0]);
}
```

References: `lib/src/isolate_interpreter.dart` of tflite_flutter 0.12.1.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.source import SourceFile


@rule(
    "DPL753",
    severity="error",
    leaves=["M.4.5", "M.6.4"],
    see=["https://github.com/tensorflow/flutter-tflite/blob/main/lib/src/isolate_interpreter.dart"],
)
def isolate_run_not_awaited(file: SourceFile) -> Iterator[Finding]:
    if file.language != "dart" or not file.mentions(r"\bIsolateInterpreter\b"):
        return
    for call in file.calls("**.IsolateInterpreter.create().{run,runForMultipleInputs}", "IsolateInterpreter().{run,runForMultipleInputs}"):
        if call.discarded:
            yield Finding(
                call,
                "the outputs are filled when this Future completes, and nothing waits for it",
                help=f"await {call.callee.text}(...)",
            )
