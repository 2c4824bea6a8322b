"""Pictures scaled to another size than the model takes.

The size of a model's input stands twice, in the model and as a constant in the app, and the constant stays behind
when the model changes. The interpreter then stops with ``Cannot copy to a TensorFlowLite tensor ... with 27648 bytes
from a Java Buffer with 150528 bytes`` or the buffer with ``BufferOverflowException``; where the sizes happen to fit,
the picture is cut into wrong rows.

```kotlin bad path=app/src/main/java/Leaves.kt
import android.content.Context
import android.graphics.Bitmap
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Leaves(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "leaves.tflite"))

    fun classify(photo: Bitmap): FloatArray {
        val scaled = Bitmap.createScaledBitmap(photo, INPUT_SIZE, INPUT_SIZE, true)
        val scores = Array(1) { FloatArray(4) }
        interpreter.run(pixels(scaled), scores)
        return scores[0]
    }

    private companion object {
        const val INPUT_SIZE = 224  // <-
    }
}
```

```graph + path=app/src/main/assets/leaves.tflite
model tflite
graph main
  input image float32[1,96,96,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,4])
  output scores
```

The size may be asked of the interpreter, and a picture may be scaled for other purposes.

```kotlin good path=app/src/main/java/Leaves.kt
import android.content.Context
import android.graphics.Bitmap
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Leaves(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "leaves.tflite"))
    private val shape = interpreter.getInputTensor(0).shape()

    fun show(photo: Bitmap) = Bitmap.createScaledBitmap(photo, IMAGE_SIZE, IMAGE_SIZE, true)

    fun classify(photo: Bitmap) = interpreter.run(pixels(Bitmap.createScaledBitmap(photo, shape[2], shape[1], true)), scores)

    private companion object {
        const val IMAGE_SIZE = 640
    }
}
```

```graph + path=app/src/main/assets/leaves.tflite
model tflite
graph main
  input image float32[1,96,96,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,4])
  output scores
```

References: https://stackoverflow.com/questions/53976446
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import linked
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Node
from deplint.finding import Place

RESIZING = {
    "android.graphics.Bitmap.createScaledBitmap": (("", 1), ("", 2)),
    "org.tensorflow.lite.support.image.ops.ResizeOp": (("", 1), ("", 0)),
    "org.tensorflow.lite.support.image.ops.ResizeWithCropOrPadOp": (("", 1), ("", 0)),
    "CGSize": (("width", 0), ("height", 1)),
}
"""What is given the size of a picture, and where: its width, its height."""

_SURELY = re.compile(r"(?:[A-Z]+_)*(?:INPUT|DIM_IMG)_(?:IMAGE_|IMG_)?(?:SIZE|WIDTH|HEIGHT)(?:_[XY])?")
"""Names of constants that need no further sign of what they are."""

_INPUT = re.compile(r"(?i)input|model|dim_img|net_?(?:size|width|height)|(?:image|img)_?(?:size|width|height)")


@rule(
    "DPL704",
    severity="error",
    leaves=["M.4.4"],
    see=["https://stackoverflow.com/questions/53976446", "https://stackoverflow.com/questions/42312938"],
)
def input_size_constant_mismatch(file: SourceFile, project: Project) -> Iterator[Finding]:
    link = linked(file, project)
    image = link.image if link else None
    if link is None or image is None:
        return
    height, width = image
    scaled = [(call, *_size(call)) for name in RESIZING for call in file.calls(name)]
    if any(_int(w) is None or _int(h) is None or (_int(w), _int(h)) == (width, height) for _, w, h in scaled):
        return  # this one, or one that is not known, may be what the model gets
    used = [node for _, w, h in scaled for node in (w, h) if node] or [a.value for a in link.call.arguments]
    given = {_declared(node): (node.text.rpartition(".")[2], node.value) for node in used if _INPUT.search(node.text)}
    if not scaled:
        named = [variable for variable in file.variables if _SURELY.fullmatch(variable.name) and file.text.count(variable.name) > 1]
        given |= {variable.place: (variable.name, variable.value) for variable in named}
    for place, (name, value) in given.items():
        if type(value) is not int or not 8 <= value < 8192 or value in _fitting(name, height, width):
            continue
        yield Finding(
            place,
            f"{name} is {value}, but {link.asset} takes pictures of {height} x {width} (height x width)",
            help="take the size from the interpreter, getInputTensor(0).shape(), or change the constant together with the model",
        )


def _size(call: Call) -> tuple[Node | None, Node | None]:
    (width, at), (height, below) = RESIZING[call.name]
    return call.argument(width, at), call.argument(height, below)


def _int(node: Node | None) -> int | None:
    return node.value if node is not None and type(node.value) is int else None


def _fitting(name: str, height: int, width: int) -> set[int]:
    """What a constant of this name may be; a size perhaps the number of pixels."""
    if re.search(r"(?i)width|_x$", name):
        return {width}
    return {height} if re.search(r"(?i)height|_y$", name) else {height, width, height * width}


def _declared(node: Node) -> Place:
    """Where a constant is declared; any other expression is its own place."""
    variable = node.file.meaning.variable(node)
    return variable.place if variable is not None and variable.node is not None and not variable.imported else node.place
