"""Names of inputs, outputs or signatures that the model does not have.

`getInputIndex`, `getOutputIndex` and `runSignature` take names, which the converter made up or kept as it pleased. One that the model
does not have stops the app: ``Input error: 'input' is not a valid name for any input``, ``Input error: Signature inputs should not be
null or empty``.

```java bad path=app/src/main/java/Net.java
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.support.common.FileUtil;

class Net {
    private final Interpreter interpreter = new Interpreter(FileUtil.loadMappedFile(context, "net.tflite"));

    int index() {
        return interpreter.getOutputIndex("scores"); // <-
    }
}
```

```graph + path=app/src/main/assets/net.tflite
model tflite
graph main
  input x float32[1,4]
  op RELU@1 (x) -> (Identity float32[1,4])
  output Identity
```

```java good path=app/src/main/java/Net.java
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.support.common.FileUtil;

class Net {
    private final Interpreter interpreter = new Interpreter(FileUtil.loadMappedFile(context, "net.tflite"));

    int index() {
        return interpreter.getOutputIndex("Identity") + interpreter.getInputIndex(name);
    }
}
```

```graph + path=app/src/main/assets/net.tflite
model tflite
graph main
  input x float32[1,4]
  op RELU@1 (x) -> (Identity float32[1,4])
  output Identity
```

References: TensorFlow, `NativeInterpreterWrapper.java`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import JVM, written
from deplint.apps.jvm import model_of
from deplint.code.source import SourceFile

ASKING = "org.tensorflow.lite.{Interpreter(),InterpreterApi.create(),InterpreterApi()}.{getInputIndex,getOutputIndex}"


@rule(
    "DPL737",
    severity="error",
    leaves=["M.4.4"],
    see=[
        "https://github.com/tensorflow/tensorflow/blob/v2.16.1/tensorflow/lite/java/src/main/java/org/tensorflow/lite/NativeInterpreterWrapper.java",
    ],
)
def interpreter_names(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\bget(?:In|Out)putIndex\("):
        return
    for call in file.calls(ASKING):
        link, node = model_of(call.receiver, project), call.argument(None, 0)
        name = written(node, project) if node is not None else None
        if link is None or name is None:
            continue
        side = "input" if call.method == "getInputIndex" else "output"
        tensors = link.model.inputs if side == "input" else link.model.outputs
        if tensors and name not in {tensor.name for tensor in tensors}:
            yield Finding(
                call,
                f"{link.model.path} has no {side} \"{name}\": Input error: '{name}' is not a valid name for any {side}",
                help=f"its {side}s are {', '.join(tensor.name for tensor in tensors)}",
            )
