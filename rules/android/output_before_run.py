"""Results that are taken before the model has run.

`fetch` of TensorFlow's interface for phones gives what the last `run` computed, and before the first there is nothing: ``RuntimeException:
Node 'scores' was not provided to run(), so it cannot be read``. TensorFlow Lite's interpreter in Swift and Objective-C gives the memory
of the output as it is, with zeros or with the results of the picture before.

```java bad path=app/src/main/java/Net.java
import org.tensorflow.contrib.android.TensorFlowInferenceInterface;

class Net {
    private final TensorFlowInferenceInterface net = new TensorFlowInferenceInterface(getAssets(), "net.pb");

    void judge(float[] pixels, float[] scores) {
        net.feed("x", pixels, 1, 64, 64, 3);
        net.fetch("scores", scores); // <-
        net.run(new String[] {"scores"});
    }
}
```

```swift bad path=App/Judge.swift
import TensorFlowLite

func judge(_ interpreter: Interpreter, _ data: Data) throws -> Data {
    try interpreter.copy(data, toInputAt: 0)
    let scores = try interpreter.output(at: 0)  // <-
    try interpreter.invoke()
    return scores.data
}
```

The one of a run before may be meant where it is read in a loop or in another method, and a tensor may be asked for its shape.

```java good path=app/src/main/java/Net.java
import org.tensorflow.contrib.android.TensorFlowInferenceInterface;

class Net {
    private final TensorFlowInferenceInterface net = new TensorFlowInferenceInterface(getAssets(), "net.pb");

    void judge(float[] pixels, float[] scores, boolean again) {
        net.feed("x", pixels, 1, 64, 64, 3);
        net.run(new String[] {"scores"});
        net.fetch("scores", scores);
        net.run(new String[] {"scores"});
        if (again) {
            net.fetch("scores", scores);
            net.run(new String[] {"scores"});
        }
    }
}
```

```swift good path=App/Judge.swift
import TensorFlowLite

func judge(_ interpreter: Interpreter, _ data: Data) throws -> Data {
    let shape = try interpreter.output(at: 0).shape
    let output = try interpreter.output(at: 0)
    print(output.shape)
    try interpreter.copy(data, toInputAt: 0)
    try interpreter.invoke()
    print(shape)
    return try interpreter.output(at: 0).data
}
```

References: TensorFlow 1.13, `TensorFlowInferenceInterface.java` (`getTensor`); `Interpreter.swift` of TensorFlow Lite, whose
`output(at:)` copies the tensor's bytes; https://stackoverflow.com/questions/56285898.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.android import JVM
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Call, Declare, Node, Other

INTERFACE = "{org.tensorflow.contrib.android.,}TensorFlowInferenceInterface()"


@rule(
    "DPL691",
    severity="error",
    leaves=["M.4.4", "M.6.4"],
    see=[
        "https://github.com/tensorflow/tensorflow/blob/v1.13.1/tensorflow/contrib/android/java/org/tensorflow/contrib/android/TensorFlowInferenceInterface.java",
        "https://github.com/tensorflow/tensorflow/blob/v2.16.1/tensorflow/lite/swift/Sources/Interpreter.swift",
    ],
)
def output_before_run(file: SourceFile) -> Iterator[Finding]:
    if file.language in JVM and file.mentions("TensorFlowInferenceInterface"):
        yield from _early(file, f"{INTERFACE}.fetch", f"{INTERFACE}.run", "nothing has run yet: Node was not provided to run()")
    elif file.language == "swift" and file.mentions(r"\bimport TensorFlowLite\b"):
        yield from _early(file, "Interpreter().output", "Interpreter().invoke", "this copies the output as it is before the model runs")


def _early(file: SourceFile, takes: str, runs: str, why: str) -> Iterator[Finding]:
    """The calls of `takes` in whose function the same object first runs afterwards."""
    running = list(file.calls(runs))
    for call in file.calls(takes):
        around = _straight(call)
        same = [run for run in running if run.function is call.function and _on(run) == _on(call)]
        later = [run for run in same if run.place.span and call.place.span and run.place.span.line > call.place.span.line]
        if same and later == same and around is not None and any(_straight(run) is around for run in later) and _read(call):
            yield Finding(call, why, help="run the model first, then take its results")


def _read(call: Call) -> bool:
    """Whether the values are taken, and not only what the tensor is."""
    return call.method == "fetch" or any(member.object.origin is call for member in call.file.attributes("**.data"))


def _on(call: Call) -> str:
    return call.receiver.text if call.receiver is not None else ""


def _straight(call: Call) -> Node | None:
    """The block that a call is a statement of, or is kept in a variable in."""
    node = call.parent
    while isinstance(node, (Other, Declare, Assign)) and getattr(node, "kind", "") != "statements":
        node = node.parent
    return node
