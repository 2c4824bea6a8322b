"""An array or buffer that the interpreter refuses, given the model it has.

`Interpreter.run` copies Java arrays and buffers from and to tensors and checks first that they fit. The elements of an array must be of
the tensor's type: ``Cannot convert between a TensorFlowLite tensor with type UINT8 and a Java object of type [[[[F``. An array for an
output must have exactly its shape: ``Cannot copy from a TensorFlowLite tensor (scores) with shape [1, 1001] to a Java object with shape
[1, 1000]``; a buffer must be at least as large. Arrays of objects (`Float[]`) are never taken: ``cannot resolve DataType of
[Ljava.lang.Float;``. An array for an input resizes it, which a convolution refuses when rank or channels change.

```java bad path=app/src/main/java/Birds.java
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.support.common.FileUtil;

class Birds {
    private static final int CLASSES = 1000;
    private final float[][] scores = new float[1][CLASSES];  // <-
    private final Interpreter interpreter;

    Birds(Context context) {
        interpreter = new Interpreter(FileUtil.loadMappedFile(context, "birds.tflite"));
    }

    float[] recognize(ByteBuffer image) {
        interpreter.run(image, scores);
        return scores[0];
    }
}
```

```graph + path=app/src/main/assets/birds.tflite
model tflite
graph main
  input image uint8[1,64,64,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,1001])
  output scores
```

The model may be named in another file, and several outputs be given in a map.

```kotlin bad path=app/src/main/java/Detector.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Detector(context: Context, modelPath: String) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, modelPath))

    fun detect(image: ByteBuffer): Array<Array<FloatArray>> {
        val boxes = Array(1) { Array(10) { FloatArray(4) } }
        val scores = Array(1) { ByteArray(10) }  // <-
        interpreter.runForMultipleInputsOutputs(arrayOf(image), mapOf(0 to boxes, 1 to scores))
        return boxes
    }
}
```

```kotlin + path=app/src/main/java/MainActivity.kt
class MainActivity : Activity() {
    private val detector by lazy { Detector(this, Constants.MODEL) }
}
```

```kotlin + path=app/src/main/java/Constants.kt
object Constants {
    const val MODEL = "detect.tflite"
}
```

```graph + path=app/src/main/assets/detect.tflite
model tflite
graph main
  input image uint8[1,64,64,3]
  op CONV_2D (image) -> (boxes float32[1,10,4])
  op CONV_2D (image) -> (scores float32[1,10])
  output boxes
  output scores
```

Sizes that are not known, a batch that the input brings, sizes asked of the interpreter, and buffers larger than an output are fine.

```kotlin good path=app/src/main/java/Birds.kt
import org.tensorflow.lite.DataType
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil
import org.tensorflow.lite.support.tensorbuffer.TensorBuffer

class Birds(context: Context, labels: List<String>) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "birds.tflite"))
    private val scores = Array(1) { FloatArray(labels.size) }

    fun one(image: ByteBuffer) = interpreter.run(image, scores)

    fun two() {
        val images = Array(2) { Array(64) { Array(64) { ByteArray(3) } } }
        val both = Array(2) { FloatArray(1001) }
        interpreter.run(images, both)
    }

    fun three(image: ByteBuffer) {
        val output = TensorBuffer.createFixedSize(interpreter.getOutputTensor(0).shape(), DataType.FLOAT32)
        interpreter.run(image, output.buffer)
        interpreter.run(image, ByteBuffer.allocateDirect(8192))
    }
}
```

```graph + path=app/src/main/assets/birds.tflite
model tflite
graph main
  input image uint8[1,64,64,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,1001])
  output scores
```

What the support library makes of a picture has a type too: bytes, until it is normalized or cast.

```kotlin bad path=app/src/main/java/Birds.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil
import org.tensorflow.lite.support.image.ImageProcessor
import org.tensorflow.lite.support.image.TensorImage
import org.tensorflow.lite.support.image.ops.ResizeOp

class Birds(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "birds.tflite"))
    private val processor = ImageProcessor.Builder().add(ResizeOp(64, 64, ResizeOp.ResizeMethod.BILINEAR)).build()

    fun recognize(photo: Bitmap) {
        val image = processor.process(TensorImage.fromBitmap(photo))  // <-
        interpreter.run(image.buffer, scores)
    }
}
```

```graph + path=app/src/main/assets/birds.tflite
model tflite
graph main
  input image float32[1,64,64,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,1001])
  output scores
```

```kotlin good path=app/src/main/java/Birds.kt
import org.tensorflow.lite.DataType
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil
import org.tensorflow.lite.support.common.ops.CastOp
import org.tensorflow.lite.support.common.ops.NormalizeOp
import org.tensorflow.lite.support.image.ImageProcessor
import org.tensorflow.lite.support.image.TensorImage

class Birds(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "birds.tflite"))
    private val normalizing = ImageProcessor.Builder().add(NormalizeOp(127.5f, 127.5f)).build()
    private val casting = ImageProcessor.Builder().add(CastOp(DataType.FLOAT32)).build()
    private val nothing = ImageProcessor.Builder().build()

    fun recognize(photo: Bitmap) {
        interpreter.run(normalizing.process(TensorImage.fromBitmap(photo)).buffer, scores)
        interpreter.run(casting.process(TensorImage.fromBitmap(photo)).buffer, scores)
        val image = TensorImage(DataType.FLOAT32)
        image.load(photo)
        interpreter.run(nothing.process(image).buffer, scores)
    }
}
```

```graph + path=app/src/main/assets/birds.tflite
model tflite
graph main
  input image float32[1,64,64,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,1001])
  output scores
```

References: TensorFlow, `TensorImpl.java` (`throwIfTypeIsIncompatible`, `throwIfDstShapeIsIncompatible`, `getInputShapeIfDifferent`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.jvm import BOXED, Given, Run, given, nbytes, runs, shown
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Member, Node
from deplint.model import Graph, Tensor

FITS = {"byte": {"int8", "uint8"}}
"""Types of Java's elements -> the dtypes they are good for, where that is not one."""

WIDTHS = {"uint8": 1, "int8": 1, "float32": 4, "int32": 4, "int64": 8}

PICTURES = {"CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D", "AVERAGE_POOL_2D", "RESIZE_BILINEAR"}
PLAIN = {"QUANTIZE", "DEQUANTIZE", "MUL", "SUB", "ADD", "DIV", "CAST", "PAD"}
"""Operators that keep the rank and channels of what they are given."""


@rule(
    "DPL707",
    severity="error",
    leaves=["M.4.4", "M.6.4"],
    see=[
        "https://stackoverflow.com/questions/50388330",
        "https://stackoverflow.com/questions/53634265",
        "https://github.com/tensorflow/tensorflow/blob/v2.16.1/tensorflow/lite/java/src/main/java/org/tensorflow/lite/TensorImpl.java",
    ],
)
def interpreter_arguments(file: SourceFile, project: Project) -> Iterator[Finding]:
    resized = file.mentions(r"\bresizeInput\b")
    seen = set()
    for run in runs(file, project):
        batch = False  # an array for an input may bring another batch
        for tensors, nodes, side in ((run.model.inputs, run.inputs, "input"), (run.model.outputs, run.outputs, "output")):
            for position, node in nodes.items():
                value = given(node, project)
                if side == "input" and (not _buffer(node) if value is None else value.shape is not None):
                    batch = True
                if value is None or position >= len(tensors) or value.made in seen:
                    continue
                tensor = tensors[position]
                why = _pixels(value, tensor) or _element(value, tensor) or ("" if resized else _shape(value, tensor, run, side, batch))
                if why:
                    seen.add(value.made)
                    yield Finding(
                        value.made,
                        f"this is {value.words}, but {side} {position} of {run.model.path} is {shown(tensor)}: {why}",
                        help=f"make it fit, as in interpreter.get{side.title()}Tensor({position}).shape() and .dataType()",
                    )


def _pixels(value: Given, tensor: Tensor) -> str:
    if not value.pixels or not tensor.dtype or WIDTHS.get(value.pixels) == WIDTHS.get(tensor.dtype):
        return ""
    return "Cannot copy to a TensorFlowLite tensor, which has another number of bytes"


def _element(value: Given, tensor: Tensor) -> str:
    if not value.element or not tensor.dtype:
        return ""
    if value.element in BOXED or value.element in ("double", "char"):
        return "DataType error: cannot resolve DataType"
    if tensor.dtype in FITS.get(value.element, {value.dtype}) or tensor.dtype in ("string", "resource", "variant"):
        return ""
    return f"Cannot convert between a TensorFlowLite tensor with type {tensor.dtype.upper()} and a Java object of another"


def _shape(value: Given, tensor: Tensor, run: Run, side: str, batch: bool) -> str:
    """Why a value is refused for its size."""
    if value.shape is None:
        wanted = nbytes(tensor)
        if value.nbytes is None or wanted is None or batch:
            return ""
        if side == "output":
            return "Cannot copy from a TensorFlowLite tensor to a smaller buffer" if value.nbytes < wanted else ""
        # Of a plain ByteBuffer another rule speaks.
        return "Cannot copy to a TensorFlowLite tensor" if value.nbytes != wanted and value.element else ""
    if tensor.shape is None or tensor.dtype == "string":
        return ""
    if side == "input":
        changed = len(value.shape) != len(tensor.shape) or _differ(value.shape[-1], tensor.shape[-1])
        return "a convolution takes no other rank or channels" if changed and _takes_pictures(run.model.graph, tensor) else ""
    pairs = list(zip(value.shape, tensor.shape, strict=False))[1 if batch else 0 :]
    if len(value.shape) == len(tensor.shape) and not any(_differ(a, b) for a, b in pairs):
        return ""
    return "Cannot copy from a TensorFlowLite tensor to a Java object with another shape"


def _buffer(node: Node) -> bool:
    return node.type.endswith("Buffer") or (isinstance(node, Member) and node.attribute == "buffer")


def _differ(one: object, other: object) -> bool:
    return isinstance(one, int) and isinstance(other, int) and one != other and other > 0


def _takes_pictures(graph: Graph, tensor: Tensor) -> bool:
    """A convolution or the like is what reads an input of known channels."""
    names = [tensor.name]
    for name in names:
        for op in graph.consumers.get(name, ()):
            if op.type in PICTURES:
                return True
            if op.type in PLAIN and len(names) < 8:
                names += op.outputs
    return False
