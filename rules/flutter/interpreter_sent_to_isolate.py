"""An interpreter or session that is sent to another isolate.

`Interpreter` of tflite_flutter and `OrtSession` of onnxruntime hold pointers of native code, and Dart sends no pointers between isolates,
neither as they are nor as fields of what is sent: ``Invalid argument(s): Illegal argument in isolate message: object is a Pointer``.

```dart bad path=lib/leaves.dart
import 'package:flutter/foundation.dart';
import 'package:tflite_flutter/tflite_flutter.dart';
import 'job.dart';

class Leaves {
  late final Interpreter _interpreter;

  Future<void> open() async {
    _interpreter = await Interpreter.fromAsset('assets/leaves.tflite');
  }

  Future<List<double>> judge(Uint8List photo) => compute(runJob, Job(_interpreter, photo));  // <-

  Future<List<double>> again(Uint8List photo) async {
    final job = Job(_interpreter, photo);
    return await compute(runJob, job);  // <-
  }
}
```

```dart + path=lib/job.dart
import 'package:tflite_flutter/tflite_flutter.dart';

class Job {
  final Interpreter interpreter;
  final Uint8List photo;
  Job(this.interpreter, this.photo);
}
```

A closure sends the object whose field it reads, and so does a method.

```dart bad path=lib/leaves.dart
import 'dart:isolate';
import 'package:tflite_flutter/tflite_flutter.dart';

class Leaves {
  Interpreter? _net;

  Future<List> judge(List input) => Isolate.run(() {  // <-
        final output = List.filled(5, 0.0).reshape([1, 5]);
        _net!.run(input, output);
        return output;
      });

  Future<List> other(List input) async {
    return compute(_judge, input);  // <-
  }

  List _judge(List input) {
    return input;
  }
}
```

As part of a list or map, to any isolate:

```dart bad path=lib/session.dart
import 'dart:isolate';
import 'package:onnxruntime/onnxruntime.dart';

Future<void> start(ReceivePort port, OrtSession session, SendPort worker) async {
  await Isolate.spawn(entry, [port.sendPort, session]);  // <-
  worker.send({'session': session, 'input': 1});  // <-
}
```

The address of an interpreter is a number; what a closure makes itself is not sent.

```dart good path=lib/leaves.dart
import 'package:flutter/foundation.dart';
import 'package:tflite_flutter/tflite_flutter.dart';

class Leaves {
  late final Interpreter _interpreter;
  final List<String> labels = [];

  Future<List<double>> judge(Uint8List photo) => compute(runJob, Job(_interpreter.address, photo));
  Future<List> again(Uint8List photo) => compute(_judge, [_interpreter.address, photo]);
  Future<List> apart(Uint8List photo, int address) => Isolate.run(() => Interpreter.fromAddress(address).getInputTensors());
  Future<List> shaped() => compute(shape, _interpreter.getInputTensor(0).shape);

  static List _judge(List message) => Interpreter.fromAddress(message[0]).getInputTensors();
}

class Job {
  final int address;
  final Uint8List photo;
  Job(this.address, this.photo);
}
```

References: the documentation of `SendPort.send` (no `Pointer`); `interpreter.dart` of tflite_flutter (`Pointer<TfLiteInterpreter>`, and
`address` for use in another isolate); `ort_session.dart` of onnxruntime.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from deplint import Finding, Project, rule
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Call, Class, Declare, Function, Member, Name, Node, Object, Other, This

NATIVE = {
    "Interpreter",
    "InterpreterOptions",
    "GpuDelegate",
    "GpuDelegateV2",
    "XNNPackDelegate",
    "OrtSession",
    "OrtValue",
    "OrtSessionOptions",
}
"""Types that hold pointers."""

MADE = re.compile(r"(?:.*\.)?Interpreter\.from(?:Asset|File|Buffer|Address)|(?:.*\.)?OrtSession\.from(?:Buffer|File)")
PACKAGES = r"package:(?:tflite_flutter|onnxruntime)/"


@rule(
    "DPL795",
    severity="error",
    leaves=["M.4.5"],
    see=["https://api.dart.dev/dart-isolate/SendPort/send.html", "https://github.com/tensorflow/flutter-tflite#use-an-isolate"],
)
def interpreter_sent_to_isolate(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language != "dart" or not file.mentions(r"\bcompute\(|\bIsolate\.(?:run|spawn)\b|\.send\("):
        return
    held = _held(project)
    if not held:
        return
    for call in file.calls("compute", "**.compute", "**.Isolate.{run,spawn}", "Isolate.{run,spawn}", "**.send"):
        if call.method == "compute" and not isinstance(call.callee, Name):
            continue
        given = [argument.value for argument in call.arguments[:2]]
        if call.method in ("compute", "run", "spawn") and given:
            reason = _captured(given[0], held) or next((found for node in given[1:] if (found := _carries(node, held))), "")
        else:
            reason = _carries(given[0], held) if given else ""
        if reason:
            yield Finding(
                call,
                f"{reason} goes to another isolate, and holds pointers of native code: Illegal argument in isolate message",
                help="send interpreter.address for Interpreter.fromAddress, use IsolateInterpreter, or open the model in that isolate",
            )


@lru_cache(maxsize=8)
def _held(project: Project) -> frozenset[str]:
    """The types that hold pointers: the libraries' and the project's classes with a field of one of those; none without the libraries."""
    files = [file for file in project.all(SourceFile) if file.language == "dart"]
    if not any(file.mentions(PACKAGES) for file in files):
        return frozenset()
    types = set(NATIVE)
    fielded = [file for file in files if file.mentions(rf"\b(?:{'|'.join(sorted(NATIVE))})\b")]
    for file in fielded:
        for node in file.meaning.nodes:
            if isinstance(node, Class):
                fields = [child for child in node.children if isinstance(child, Declare) and child.kind == "field"]
                if node.id in NATIVE:
                    return frozenset()
                if any(_plain(field.written_type) in NATIVE for field in fields):
                    types.add(node.id)
    return frozenset(types - {""})


def _plain(written: str) -> str:
    """A type as written, without what makes it nullable."""
    return written.strip().rstrip("?").rpartition(".")[2]


def _carries(node: Node | None, held: frozenset[str]) -> str:
    """The name of the type that a value is or has in it; empty if none is known."""
    if node is None:
        return ""
    if isinstance(node, (Array, Object)) or (isinstance(node, Other) and node.kind == "pair"):
        return next((found for child in node.children if (found := _carries(child, held))), "")
    if isinstance(node, This):
        owner = node.owner
        return f"a {owner}" if owner in held else ""
    if isinstance(node, Call):
        if MADE.fullmatch(node.name):
            return f"an {node.name.split('.')[-2]}"
        if isinstance(node.callee, Name) and node.callee.id[:1].isupper():
            inside = next((found for argument in node.arguments if (found := _carries(argument.value, held))), "")
            return inside and f"a {node.callee.id} with {inside}"
        return ""
    if isinstance(node, (Name, Member)):
        made = node.origin
        if made is not None and isinstance(made.callee, Name) and made.callee.id[:1].isupper():
            return _carries(made, held)
        kind = _plain(node.type) or (made.name.split(".")[-2] if made is not None and MADE.fullmatch(made.name) else "")
        return f"{'an' if kind[:1] in 'IO' else 'a'} {kind}" if kind in held else ""
    return ""


def _captured(node: Node, held: frozenset[str]) -> str:
    """The same of what a function given to an isolate sends along: the object that it is a method of, or whose fields it reads, and
    the variables around it."""
    owner = node.owner
    if isinstance(node, Name):
        function = node.file.meaning.local(node)
        if function is None or not function.id or not function.owner or function.owner not in held or _static(function):
            return ""
        return f"{function.owner}.{function.id}, and with it its object,"
    if not isinstance(node, Function):
        return ""
    for inner in _inside(node):
        if isinstance(inner, (Name, Member)) and (found := _carries(inner, held)):
            variable = inner.file.meaning.variable(inner)
            declared = variable.node if variable is not None else None
            if declared is None or any(around is node for around in declared.ancestors):
                continue
            fields = isinstance(declared.parent, Declare) and declared.parent.kind == "field"
            return f"a closure with its {owner}" if fields and owner else found
    return ""


def _inside(node: Node) -> Iterator[Node]:
    for child in node.children:
        yield child
        yield from _inside(child)


def _static(function: Function) -> bool:
    line = function.file.lines[function.span.line - 1]
    return re.search(r"\bstatic\b", line) is not None
