"""A model that the GPU delegate takes only in part, in an app that gives it one.

Operators that the delegate does not know run on the CPU, and tensors are copied to and fro at each border: slower than the CPU alone when
there are many. Tensors without a fixed size it does not take at all: ``Attempting to use a delegate that only supports static-sized
tensors with a graph that has dynamic-sized tensors``.

```kotlin bad path=app/src/main/java/Net.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.gpu.GpuDelegate
import org.tensorflow.lite.support.common.FileUtil

class Net(context: Context) {
    private val options = Interpreter.Options().addDelegate(GpuDelegate())
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "net.tflite"), options)  // <-
}
```

```graph + path=app/src/main/assets/net.tflite
model tflite ir=3
graph main
  input x float32[1,8,8,3]
  op RELU@1 (x) -> (a float32[1,8,8,3])
  op ERF_OF_MINE@1 (a) -> (b float32[1,8,8,3])
  op RELU@1 (b) -> (c float32[1,8,8,3])
  op GATHER_ND@1 (c) -> (d float32[1,8,8,3])
  op RELU@1 (d) -> (y float32[1,8,8,3])
  output y
```

A model that it takes, or takes but for its end, is fine; so is one on the CPU.

```kotlin good path=app/src/main/java/Net.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.gpu.GpuDelegate
import org.tensorflow.lite.support.common.FileUtil

class Net(context: Context) {
    private val options = Interpreter.Options().addDelegate(GpuDelegate())
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "net.tflite"), options)
    private val plain = Interpreter(FileUtil.loadMappedFile(context, "net.tflite"))
}
```

```graph + path=app/src/main/assets/net.tflite
model tflite ir=3
graph main
  input x float32[1,8,8,3]
  op RELU@1 (x) -> (a float32[1,8,8,3])
  op GATHER_ND@1 (a) -> (y float32[1,8,8,3])
  output y
```

References: LiteRT's documentation of the GPU delegate ("supported ops", "performance best practices"); the operators are those of the
table behind the target ``tflite-gpu``.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import JVM
from deplint.apps.jvm import interpreters, on_gpu
from deplint.code.source import SourceFile
from deplint.data import load
from deplint.model import Graph, Model
from deplint.targets.delegates import LEFT, untaken
from deplint.targets.table import rows

BORDERS = 2
"""Stretches of operators left to the CPU with others of the GPU behind them, from which on the copies cost more than they gain."""


@rule(
    "DPL735",
    severity="warning",
    leaves=["M.7"],
    see=["https://ai.google.dev/edge/litert/performance/gpu", "https://github.com/tensorflow/tensorflow/issues/58623"],
)
def gpu_delegate_leaves_operators(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\bGpuDelegate\("):
        return
    for call, link in interpreters(file, project).items():
        if not on_gpu(call):
            continue
        left = _left(link.model)
        if len(left) >= BORDERS:
            names = ", ".join(dict.fromkeys(left))
            yield Finding(
                call,
                f"the GPU delegate leaves {names} of {link.model.path} to the CPU, at {len(left)} places amid the rest: each costs a copy "
                f"there and back",
                help="replace the operators, or run the model on the CPU (XNNPACK), and measure both",
            )


def _left(model: Model) -> list[str]:
    """One operator of each stretch that is left to the CPU, but for those at the model's ends."""
    graph: Graph = model.graph
    known = rows("tflite-gpu", list(load("support/tflite-gpu")["meta"]["releases"])[-1])
    taken = [bool(op.domain == "" and (op.type in LEFT or not untaken(graph, op, known.get(("", op.type), ())))) for op in graph.ops]
    first = next((at for at, one in enumerate(taken) if one), len(taken))
    last = len(taken) - next((at for at, one in enumerate(reversed(taken)) if one), 0)
    found = [graph.ops[at].type for at in range(first, last) if not taken[at] and taken[at - 1]]
    return found
