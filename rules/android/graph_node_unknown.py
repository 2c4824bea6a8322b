"""Names given to TensorFlow's interface for phones that the frozen graph does not have.

`feed`, `run` and `fetch` name nodes of the graph. One that is not there stops the app: ``IllegalArgumentException: No Operation named
[input] in the Graph``. The names are those that the graph was frozen with, not those of the demo the code comes from.

```java bad path=app/src/main/java/Net.java
import org.tensorflow.contrib.android.TensorFlowInferenceInterface;

class Net {
    private static final String MODEL = "file:///android_asset/net.pb";
    private static final String INPUT = "input:0";
    private final TensorFlowInferenceInterface net = new TensorFlowInferenceInterface(getAssets(), MODEL);

    void run(float[] pixels, float[] scores) {
        net.feed("Placeholder", pixels, 1, 64, 64, 3); // <-
        net.run(new String[] {"final_result"}); // <-
        net.fetch("scores", scores);
    }
}
```

```graph + path=app/src/main/assets/net.pb
model graphdef
graph main
  input x float32[1,64,64,3]
  op Relu scores (x) -> (scores float32[1,4])
  output scores
```

The sizes multiply to the number of values.

```java bad path=app/src/main/java/Net.java
import org.tensorflow.contrib.android.TensorFlowInferenceInterface;

class Net {
    private final TensorFlowInferenceInterface net = new TensorFlowInferenceInterface(getAssets(), "net.pb");

    void run(float[] values) {
        net.feed("x", values, 4, values.length); // <-
        net.feed("y", values, 1, values.length);
        net.feed("z", values, values.length / 4, 4);
    }
}
```

Names that only run time knows are not compared.

```java good path=app/src/main/java/Net.java
import org.tensorflow.contrib.android.TensorFlowInferenceInterface;

class Net {
    private final TensorFlowInferenceInterface net = new TensorFlowInferenceInterface(getAssets(), "net.pb");

    void run(float[] pixels, float[] scores) {
        net.feed("x", pixels, 1, 64, 64, 3);
        net.feed(names.get(0), pixels, 1);
        net.run(new String[] {"scores:0"});
        net.fetch("scores", scores);
    }
}
```

```graph + path=app/src/main/assets/net.pb
model graphdef
graph main
  input x float32[1,64,64,3]
  op Relu scores (x) -> (scores float32[1,4])
  output scores
```

References: TensorFlow 1.13, `TensorFlowInferenceInterface.java`; https://stackoverflow.com/questions/50170847
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.apps.android import ASSET_URI, JVM, Opening, asset_files, handed, written
from deplint.apps.jvm import elements_of, given
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Member, Name, Node

INTERFACE = "{org.tensorflow.contrib.android.,}TensorFlowInferenceInterface"


@rule(
    "DPL728",
    severity="error",
    leaves=["M.4.4"],
    see=[
        "https://github.com/tensorflow/tensorflow/blob/v1.13.1/tensorflow/contrib/android/java/org/tensorflow/contrib/android/TensorFlowInferenceInterface.java"
    ],
)
def graph_node_unknown(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions("TensorFlowInferenceInterface"):
        return
    models = [model for call in file.calls(INTERFACE) for model in _models(call, project)]
    for call in file.calls(f"{INTERFACE}().{{feed,fetch,run}}"):
        first = call.argument(None, 0)
        wrong = _shape(call, project) if call.method == "feed" else ""
        if wrong:
            yield Finding(call, wrong, help="give the sizes that the data has; a batch of one picture begins with 1")
        if len(models) != 1 or first is None:
            continue
        graph = models[0].graph
        known = {op.name for op in graph.ops} | {name.partition(":")[0] for name in graph.tensors}
        for node in (elements_of(first) or ()) if call.method == "run" else (first,):
            for name, where in _names(node, call, project).items():
                if known and name.partition(":")[0] not in known:
                    yield Finding(
                        where,
                        f'{models[0].path} has no node "{name}": No Operation named [{name}] in the Graph',
                        help=f"its inputs are {', '.join(graph.inputs[:3])}; its outputs {', '.join(graph.outputs[:3])}",
                    )


def _models(call: Call, project: Project) -> list[Model]:
    node = call.argument(None, 1)
    if node is None:
        return []
    names = _names(node, call, project)
    files = asset_files(ASSET_URI.sub("", next(iter(names))), call.file, project) if len(names) == 1 else []
    return [model for each in files for model in project.facts(each, Model)] if len(files) == 1 else []


def _names(node: Node, call: Call, project: Project) -> dict[str, Node]:
    """The string an expression is, with where to report it; of a parameter those that are given for it."""
    text = written(node, project)
    if text is not None:
        return {text: node}
    return dict(handed(Opening(call, node, task=False), project) or {})


def _shape(call: Call, project: Project) -> str:
    """What is wrong with the sizes that go with the data."""
    data, sizes = given(call.argument(None, 1), project), [a.value.value for a in call.arguments[2:]]
    array, others = call.argument(None, 1), [size for size in sizes if type(size) is int]
    lengths = [a.value for a in call.arguments[2:] if isinstance(a.value, Member) and a.value.attribute in ("length", "size")]
    whole = [node for node in lengths if isinstance(array, Name) and isinstance(node, Member) and node.object.text == array.text]
    if len(whole) == 1 and len(others) == len(sizes) - 1 and math.prod(others) != 1:
        times = math.prod(others)
        return f"the sizes are {times} times as many values as {array.text if array else ''} has: buffer is not compatible with a Tensor"
    count = data.shape[0] if data is not None and data.shape is not None and len(data.shape) == 1 else None
    if count is None or not sizes or not all(type(size) is int for size in sizes) or math.prod(sizes) == count:
        return ""
    return (
        f"the data has {count} values, and its sizes {sizes} are {math.prod(sizes)}: buffer is not compatible with a Tensor with this shape"
    )
