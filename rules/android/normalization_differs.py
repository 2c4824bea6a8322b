"""Pixels that are scaled in another way than the model's metadata says.

A float model has learned pixels of some range, -1 to 1 or 0 to 1, say. The metadata of a TensorFlow Lite model tells which: real = (pixel
- mean) / std. Code that scales otherwise, or not at all, gets answers without an error, and they are wrong.

```kotlin bad path=app/src/main/java/Birds.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil
import org.tensorflow.lite.support.common.ops.NormalizeOp
import org.tensorflow.lite.support.image.ImageProcessor
import org.tensorflow.lite.support.image.TensorImage

class Birds(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "birds.tflite"))
    private val processor = ImageProcessor.Builder().add(NormalizeOp(0f, 255f)).build()  // <-

    fun recognize(photo: Bitmap) {
        interpreter.run(processor.process(TensorImage.fromBitmap(photo)).buffer, scores)
    }
}
```

```graph + path=app/src/main/assets/birds.tflite
model tflite
graph main
  input image float32[1,64,64,3] traits(color=RGB, mean=[127.5], std=[127.5])
  op CONV_2D (image) -> (scores float32[1,4])
  output scores
```

The same goes for code that scales by hand.

```java bad path=app/src/main/java/Birds.java
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.support.common.FileUtil;

class Birds {
    private final Interpreter interpreter = new Interpreter(FileUtil.loadMappedFile(context, "birds.tflite"));
    private final ByteBuffer input = ByteBuffer.allocateDirect(4 * 64 * 64 * 3).order(ByteOrder.nativeOrder());

    void recognize(int[] pixels) {
        input.rewind();
        for (int pixel : pixels) {
            input.putFloat((pixel >> 16) & 0xFF); // <-
            input.putFloat((pixel >> 8) & 0xFF);
            input.putFloat(pixel & 0xFF);
        }
        interpreter.run(input, scores);
    }
}
```

```graph + path=app/src/main/assets/birds.tflite
model tflite
graph main
  input image float32[1,64,64,3] traits(color=RGB, mean=[127.5], std=[127.5])
  op CONV_2D (image) -> (scores float32[1,4])
  output scores
```

What comes to the same is fine; a model without such metadata may want anything.

```java good path=app/src/main/java/Birds.java
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.support.common.FileUtil;

class Birds {
    private static final float IMAGE_MEAN = 128.0f;
    private static final float IMAGE_STD = 128.0f;
    private final Interpreter interpreter = new Interpreter(FileUtil.loadMappedFile(context, "birds.tflite"));
    private final ByteBuffer input = ByteBuffer.allocateDirect(4 * 64 * 64 * 3).order(ByteOrder.nativeOrder());

    void recognize(int[] pixels) {
        input.rewind();
        for (int pixel : pixels) {
            input.putFloat((((pixel >> 16) & 0xFF) - IMAGE_MEAN) / IMAGE_STD);
            input.putFloat(((pixel >> 8) & 0xFF) / 127.5f - 1.0f);
            input.putFloat(prepared(pixel));
        }
        interpreter.run(input, scores);
    }
}
```

```graph + path=app/src/main/assets/birds.tflite
model tflite
graph main
  input image float32[1,64,64,3] traits(color=RGB, mean=[127.5], std=[127.5])
  op CONV_2D (image) -> (scores float32[1,4])
  output scores
```

References: LiteRT's documentation of metadata ("normalization and quantization parameters"); https://stackoverflow.com/questions/49474467
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deplint import Finding, Project, rule
from deplint.apps.jvm import WRITES, allocation, calls_on, processing, runs, scaling, steps
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Node
from deplint.model import Tensor

Scales = Sequence[tuple[float, float]]


@rule(
    "DPL730",
    severity="error",
    leaves=["M.6.1", "M.6.5"],
    see=["https://ai.google.dev/edge/litert/conversion/tensorflow/metadata", "https://stackoverflow.com/questions/49474467"],
)
def normalization_differs(file: SourceFile, project: Project) -> Iterator[Finding]:
    seen = set()
    for run in runs(file, project):
        for position, node in run.inputs.items():
            tensor = run.model.inputs[position] if position < len(run.model.inputs) else None
            wanted = _wanted(tensor) if tensor is not None and tensor.dtype == "float32" else []
            where, done = _done(node) if wanted else (None, [])
            if where is None or where in seen or not done or _alike(done, wanted):
                continue
            seen.add(where)
            yield Finding(
                where,
                f"pixels are scaled as {_words(done)} here, and the metadata of {run.model.path} says {_words(wanted)}",
                help="scale as the model was trained, or correct the metadata if that is what is wrong",
            )


def _wanted(tensor: Tensor) -> Scales:
    """Mean and standard deviation by channel, or one for all."""
    mean, std = tensor.traits.get("mean") or [], tensor.traits.get("std") or []
    return list(zip(mean, std, strict=False)) if mean and len(mean) == len(std) and "color" in tensor.traits and all(std) else []


def _done(node: Node) -> tuple[Node | None, Scales]:
    """How the code scales the pixels it gives, and where; nothing where that is not certain."""
    processor = processing(node)
    if processor is not None:
        operations = [each for each in steps(processor) or () if each.name.endswith(".NormalizeOp")]
        values = [argument.value.value for argument in operations[0].arguments] if len(operations) == 1 else []
        if len(values) == 2 and all(isinstance(value, (int, float)) for value in values) and values[1]:
            return operations[0], [(float(values[0]), float(values[1]))]
        return None, []
    buffer = allocation(node)
    writes = calls_on(buffer, WRITES) if buffer is not None else []
    if not writes or any(call.method != "putFloat" for call in writes):
        return None, []
    scales = [scaling(call.arguments[-1].value) for call in writes if call.arguments]
    known = [scale for scale in scales if scale is not None]
    return (writes[0], known) if len(known) == len(scales) else (None, [])


def _alike(done: Scales, wanted: Scales) -> bool:
    if len(done) not in (1, len(wanted)) and len(wanted) != 1:
        return len(set(done)) > 1  # in an order that is not known
    count = max(len(done), len(wanted))
    pairs = zip(list(done) * (count if len(done) == 1 else 1), list(wanted) * (count if len(wanted) == 1 else 1), strict=False)
    return all(abs(m - mean) <= 0.02 * std + 0.01 and abs(s - std) <= 0.03 * std for (m, s), (mean, std) in pairs)


def _words(scales: Scales) -> str:
    return ", ".join(dict.fromkeys(f"(pixel - {mean:g}) / {std:g}" for mean, std in scales))
