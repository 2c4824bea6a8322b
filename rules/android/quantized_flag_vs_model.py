"""A constant that says whether the model is quantized, and is wrong.

Code that serves both kinds of models asks a flag whether to write one byte or one float for each value. Where the
flag does not fit the model, the buffer has four times or a quarter of the bytes that the interpreter expects, or the
scores are garbage.

```kotlin bad path=app/src/main/java/Pests.kt
import android.content.Context
import java.nio.ByteBuffer
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Pests(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "pests.tflite"))
    private val input = ByteBuffer.allocateDirect(interpreter.getInputTensor(0).numBytes())

    fun add(value: Int) {
        if (IS_QUANTIZED) input.put(value.toByte()) else input.putFloat(value / 255f)
    }

    private companion object {
        const val IS_QUANTIZED = false  // <-
    }
}
```

```graph + path=app/src/main/assets/pests.tflite
model tflite
graph main
  input image uint8[1,64,64,3]
  op FULLY_CONNECTED (image) -> (scores uint8[1,4])
  output scores
```

A model with quantized weights may still take floats; what counts is its input.

```kotlin good path=app/src/main/java/Pests.kt
import android.content.Context
import java.nio.ByteBuffer
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Pests(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "pests.tflite"))
    private val input = ByteBuffer.allocateDirect(interpreter.getInputTensor(0).numBytes())
    private val isQuantized = false

    fun add(value: Int) {
        if (isQuantized) input.put(value.toByte()) else input.putFloat(value / 255f)
    }
}
```

```graph + path=app/src/main/assets/pests.tflite
model tflite
graph main
  input image float32[1,64,64,3]
  weight w int8[4,12288] quant(0.5, 0)
  op FULLY_CONNECTED (image, w) -> (scores float32[1,4])
  output scores
```

References: https://stackoverflow.com/questions/50328346, https://stackoverflow.com/questions/57075999
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import linked
from deplint.code.source import SourceFile

_FLAG = re.compile(r"(?i)(?:.*_)?(?:is_?)?(?:model_?)?quant(?:ized)?(?:_?model)?")
QUANTIZED = {"uint8", "int8"}


@rule(
    "DPL706",
    severity="error",
    leaves=["M.4.4"],
    see=["https://stackoverflow.com/questions/50328346", "https://stackoverflow.com/questions/57075999"],
)
def quantized_flag_vs_model(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.mentions(r"(?i)quant"):
        return
    link = linked(file, project)
    if link is None or link.input is None or link.input.dtype not in QUANTIZED | {"float32"}:
        return
    for variable in file.variables:
        value = variable.value
        if type(value) is not bool or value is (link.input.dtype in QUANTIZED) or not _FLAG.fullmatch(variable.name):
            continue
        passed = any(argument.value.text.endswith(variable.name) for argument in link.call.arguments)
        # It decides how values are written, rather than what is shown or logged.
        if passed or file.mentions(rf"{variable.name}\b[^\n]*\n?[^\n]*\n?[^\n]*\b(?:put|putFloat)\("):
            written = "true" if value else "false"
            yield Finding(
                variable,
                f"{variable.name} is {written}, but {link.asset} takes {link.input.dtype} values",
                help="ask the interpreter, getInputTensor(0).dataType(), or change the constant together with the model",
            )
