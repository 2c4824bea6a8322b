"""Pixels written one after the other, for an input that takes channel after channel.

A shape of [1, 3, height, width] means three planes: all of red, then all of green, then all of blue. A loop that writes red, green and blue
of each pixel side by side fills it with [height, width, 3]. The number of values is the same, so nothing fails: the model sees noise.

```kotlin bad path=app/src/main/java/Weeds.kt
package org.example

import ai.onnxruntime.OnnxTensor

class Weeds {
    fun judge(photo: Bitmap): OnnxTensor {
        val shape = longArrayOf(1, 3, SIDE.toLong(), SIDE.toLong())
        return OnnxTensor.createTensor(environment, photo.toFloats(), shape)  // <-
    }
}
```

```kotlin + path=app/src/main/java/Pixels.kt
package org.example

const val SIDE = 160

fun Bitmap.toFloats(): FloatBuffer {
    val buffer = FloatBuffer.allocate(3 * SIDE * SIDE)
    for (y in 0 until SIDE) {
        for (x in 0 until SIDE) {
            val p = getPixel(x, y)
            buffer.put((p shr 16 and 0xFF) / 255f)
            buffer.put((p shr 8 and 0xFF) / 255f)
            buffer.put((p and 0xFF) / 255f)
        }
    }
    buffer.rewind()
    return buffer
}
```

In Java, for PyTorch:

```java bad path=app/src/main/java/Judge.java
package org.example;

import org.pytorch.IValue;
import org.pytorch.Tensor;

class Judge {
    float[] judge(int[] argb) {
        Tensor input = Tensor.fromBlob(Pixels.floats(argb), new long[]{1, 3, 224, 224}); // <-
        return module.forward(IValue.from(input)).toTensor().getDataAsFloatArray();
    }
}
```

```java + path=app/src/main/java/Pixels.java
package org.example;

class Pixels {
    static float[] floats(int[] argb) {
        float[] out = new float[3 * argb.length];
        for (int i = 0; i < argb.length; i++) {
            int p = argb[i];
            float r = ((p >> 16) & 0xff) / 255.0f;
            float g = ((p >> 8) & 0xff) / 255.0f;
            float b = (p & 0xff) / 255.0f;
            out[i * 3] = (r - 0.485f) / 0.229f;
            out[i * 3 + 1] = (g - 0.456f) / 0.224f;
            out[i * 3 + 2] = (b - 0.406f) / 0.225f;
        }
        return out;
    }
}
```

A model of TensorFlow Lite that came from PyTorch takes planes, too.

```kotlin bad path=app/src/main/java/Net.kt
package org.example

import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Net(context: Context) {
    private val net = Interpreter(FileUtil.loadMappedFile(context, "net.tflite"))
    private val input = ByteBuffer.allocateDirect(4 * 3 * 64 * 64).order(ByteOrder.nativeOrder())

    fun judge(pixels: IntArray): FloatArray {
        input.rewind()
        for (p in pixels) {
            input.putFloat(Color.red(p) / 255f)
            input.putFloat(Color.green(p) / 255f)
            input.putFloat(Color.blue(p) / 255f)
        }
        val scores = Array(1) { FloatArray(5) }
        net.run(input, scores)  // <-
        return scores[0]
    }
}
```

```graph + path=app/src/main/assets/net.tflite
model tflite
graph main
  input image float32[1,3,64,64]
  op FULLY_CONNECTED (image) -> (scores float32[1,5])
  output scores
```

The buffer of a ``TensorImage`` holds pixel after pixel.

```java bad path=app/src/main/java/Net.java
package org.example;

import org.tensorflow.lite.DataType;
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.support.common.FileUtil;
import org.tensorflow.lite.support.image.TensorImage;

class Net {
    private final Interpreter net;

    Net(Context context) throws IOException {
        net = new Interpreter(FileUtil.loadMappedFile(context, "net.tflite"));
    }

    float[] judge(Bitmap photo) {
        TensorImage image = new TensorImage(DataType.FLOAT32);
        image.load(photo);
        float[][] scores = new float[1][5];
        net.run(image.getBuffer(), scores); // <-
        return scores[0];
    }
}
```

```graph + path=app/src/main/assets/net.tflite
model tflite
graph main
  input image float32[1,3,64,64]
  op FULLY_CONNECTED (image) -> (scores float32[1,5])
  output scores
```

Planes, other shapes, what is turned afterwards, and other orders in memory are fine.

```kotlin good path=app/src/main/java/Weeds.kt
package org.example

import ai.onnxruntime.OnnxTensor
import org.pytorch.MemoryFormat
import org.pytorch.Tensor

class Weeds {
    private fun planes(argb: IntArray): FloatBuffer {
        val rgb = FloatArray(3 * argb.size)
        argb.forEachIndexed { i, p ->
            rgb[i] = (p ushr 16 and 255) / 255f
            rgb[i + argb.size] = (p ushr 8 and 255) / 255f
            rgb[i + 2 * argb.size] = (p and 255) / 255f
        }
        return FloatBuffer.wrap(rgb)
    }

    private fun pixels(argb: IntArray): FloatBuffer {
        val buffer = FloatBuffer.allocate(3 * argb.size)
        for (p in argb) {
            buffer.put((p shr 16 and 0xFF) / 255f)
            buffer.put((p shr 8 and 0xFF) / 255f)
            buffer.put((p and 0xFF) / 255f)
        }
        buffer.rewind()
        return buffer
    }

    private fun turned(from: FloatBuffer): FloatBuffer {
        val to = FloatBuffer.allocate(from.capacity())
        for (c in 0 until 3) for (i in 0 until from.capacity() / 3) to.put(from[i * 3 + c])
        return to
    }

    fun judge(argb: IntArray) {
        OnnxTensor.createTensor(environment, planes(argb), longArrayOf(1, 3, 160, 160))
        OnnxTensor.createTensor(environment, pixels(argb), longArrayOf(1, 160, 160, 3))
        OnnxTensor.createTensor(environment, turned(pixels(argb)), longArrayOf(1, 3, 160, 160))
        Tensor.fromBlob(pixels(argb), longArrayOf(1, 3, 160, 160), MemoryFormat.CHANNELS_LAST)
    }
}
```

References: ONNX Runtime, `OnnxTensor.createTensor` (the buffer is taken row by row in the shape given); PyTorch, `Tensor.fromBlob` and
`MemoryFormat`; the loops of `TensorImageUtils.java` of pytorch_android_torchvision, which write planes.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import JVM
from deplint.apps.interleaved import interleaved
from deplint.apps.jvm import Run, given, runs, shown, written_out
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Call, Node

TENSORS = {
    "ai.onnxruntime.OnnxTensor.createTensor": (1, 2),
    "OnnxTensor.createTensor": (1, 2),
    "org.pytorch.Tensor.fromBlob": (0, 1),
    "org.pytorch.executorch.Tensor.fromBlob": (0, 1),
}
"""What makes a tensor of a buffer -> the positions of the data and of the shape."""


@rule(
    "DPL798",
    severity="error",
    leaves=["M.6.3"],
    see=[
        "https://onnxruntime.ai/docs/api/java/ai/onnxruntime/OnnxTensor.html",
        "https://github.com/pytorch/pytorch/blob/v1.13.1/android/pytorch_android_torchvision/src/main/java/org/pytorch/torchvision/TensorImageUtils.java",
        "https://github.com/tensorflow/tflite-support/blob/v0.4.4/tensorflow_lite_support/java/src/java/org/tensorflow/lite/support/image/ImageConversions.java",
    ],
)
def interleaved_for_planes(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\b(?:createTensor|fromBlob|Interpreter(?:Api)?)\b"):
        return
    for call, data in _fed(file, project):
        written = interleaved(data, project)
        if written is not None:
            line = written.place.span.line if written.place.span else "?"
            yield Finding(
                call,
                f"the input is [1, 3, height, width], channel after channel, and {written.place.path}:{line} writes pixel after pixel, the "
                "channels of each side by side: the model sees noise",
                help="write red at i, green at height * width + i, blue at 2 * height * width + i",
            )
    for run, data in _planar(file, project):
        image = given(data, project)
        if image is not None and image.pixels:
            yield Finding(
                run.call,
                f"the input of {run.model.path} is {shown(run.model.inputs[0])}, channel after channel, and the buffer of a TensorImage "
                "holds pixel after pixel: the model sees noise",
                help="convert the model to channels last (onnx2tf, or a transposed input), or fill a buffer channel by channel",
            )


def _planar(file: SourceFile, project: Project) -> Iterator[tuple[Run, Node]]:
    """The runs of models whose only input is a picture in planes, with what they are given."""
    for run in runs(file, project):
        inputs = run.model.inputs
        if len(inputs) == 1 and inputs[0].shape is not None and _planes(list(inputs[0].shape)) and 0 in run.inputs:
            yield run, run.inputs[0]


def _fed(file: SourceFile, project: Project) -> Iterator[tuple[Call, Node]]:
    """What is given as the data of inputs in planes."""
    for name, (data, shape) in TENSORS.items():
        for call in file.calls(name):
            fed = call.argument(None, data)
            if fed is not None and len(call.arguments) == shape + 1 and _planes(_sizes(call.argument(None, shape))):
                yield call, fed
    for run, fed in _planar(file, project):
        yield run.call, fed


def _sizes(shape: Node | None) -> list[object]:
    made = written_out(shape) if shape is not None else None
    if isinstance(made, Array) and made.exact:
        return [child.value for child in made.children]
    if isinstance(made, Call) and (made.method == "longArrayOf" or made.name == "long[]"):
        return [argument.value.value for argument in made.arguments]
    return []


def _planes(sizes: list[object]) -> bool:
    return len(sizes) == 4 and sizes[1] == 3 and not any(type(size) is int and size < 8 for size in sizes[2:])
