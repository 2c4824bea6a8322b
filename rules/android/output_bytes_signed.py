"""Scores of a quantized model that are read as signed bytes.

A uint8 output has values from 0 to 255; a `byte` of Java and Kotlin goes from -128 to 127. Read as it is, every score above 127 is
negative, so that the best class looks like the worst.

```java bad path=app/src/main/java/Net.java
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.support.common.FileUtil;

class Net {
    private final Interpreter interpreter = new Interpreter(FileUtil.loadMappedFile(context, "net.tflite"));
    private final byte[][] scores = new byte[1][5];

    float score(ByteBuffer image, int label) {
        interpreter.run(image, scores);
        return scores[0][label] / 255.0f; // <-
    }
}
```

```graph + path=app/src/main/assets/net.tflite
model tflite
graph main
  input image uint8[1,64,64,3]
  op CONV_2D (image) -> (scores uint8[1,5])
  output scores
```

```java good path=app/src/main/java/Net.java
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.support.common.FileUtil;

class Net {
    private final Interpreter interpreter = new Interpreter(FileUtil.loadMappedFile(context, "net.tflite"));
    private final byte[][] scores = new byte[1][5];

    float score(ByteBuffer image, int label) {
        interpreter.run(image, scores);
        byte raw = scores[0][label];
        return (scores[0][label] & 0xff) / 255.0f + Byte.toUnsignedInt(scores[0][label]);
    }
}
```

```graph + path=app/src/main/assets/net.tflite
model tflite
graph main
  input image uint8[1,64,64,3]
  op CONV_2D (image) -> (scores uint8[1,5])
  output scores
```

References: LiteRT's examples read ``labelProbArray[0][i] & 0xff``; the Java language, "Integral Types and Values".
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.jvm import given, runs, shown
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Convert, Index, Member, Name, Node, Operation

COUNTING = {"/", "*", "-", "+", ">", "<", ">=", "<="}


@rule(
    "DPL743",
    severity="error",
    leaves=["M.6.4"],
    see=["https://docs.oracle.com/javase/specs/jls/se8/html/jls-4.html#jls-4.2.1"],
)
def output_bytes_signed(file: SourceFile, project: Project) -> Iterator[Finding]:
    seen = set()
    for run in runs(file, project):
        for position, node in run.outputs.items():
            value = given(node, project)
            tensor = run.model.outputs[position] if position < len(run.model.outputs) else None
            variable = file.meaning.variable(node) if isinstance(node, (Name, Member)) else None
            if (
                value is None
                or value.element != "byte"
                or tensor is None
                or tensor.dtype != "uint8"
                or variable is None
                or variable in seen
            ):
                continue
            seen.add(variable)
            for each in file.meaning.nodes:
                if isinstance(each, Index) and not isinstance(each.parent, Index) and _counted(each):
                    holder: Node = each
                    while isinstance(holder, Index):
                        holder = holder.children[0]
                    if isinstance(holder, (Name, Member)) and file.meaning.variable(holder) is variable:
                        yield Finding(
                            each,
                            f"a byte of Java is signed, and output {position} of {run.model.path} is {shown(tensor)}: values above 127 "
                            f"come out negative",
                            help="mask it: value & 0xFF (Kotlin: value.toInt() and 0xFF, or toUByte())",
                        )
                        break


def _counted(node: Index) -> bool:
    """The element is counted with as it is."""
    parent = node.parent
    if isinstance(parent, Member) and isinstance(parent.parent, Call) and parent.attribute in ("toFloat", "toInt", "toDouble"):
        after = parent.parent.parent
        return not (isinstance(after, Operation) and after.operator == "&")
    if isinstance(parent, Convert):
        return not (isinstance(parent.parent, Operation) and parent.parent.operator == "&")
    return isinstance(parent, Operation) and parent.operator in COUNTING
