"""The brightness of a camera's frame, handed to ML Kit as a whole picture in NV21.

NV21 has one and a half bytes a pixel: the brightness, then the colours. The first plane of ``YUV_420_888`` is the brightness alone,
perhaps with padded rows. ML Kit refuses the array for its size (``Image dimension, ByteBuffer size and format don't match``) where it
holds a byte a pixel and no more; with padded rows it reads colours that are not there.

```java bad path=app/src/main/java/Faces.java
import androidx.camera.core.ImageProxy;
import com.google.mlkit.vision.common.InputImage;

class Faces {
    void look(ImageProxy proxy) {
        ByteBuffer y = proxy.getPlanes()[0].getBuffer();
        byte[] bytes = new byte[y.remaining()];
        y.get(bytes);
        InputImage image = InputImage.fromByteArray(bytes, proxy.getWidth(), proxy.getHeight(), 0, InputImage.IMAGE_FORMAT_NV21); // <-
        detector.process(image);
    }
}
```

```kotlin bad path=app/src/main/java/Faces.kt
import androidx.camera.core.ImageProxy
import com.google.mlkit.vision.common.InputImage

fun look(proxy: ImageProxy): InputImage {
    val buffer = proxy.planes[0].buffer
    val bytes = ByteArray(buffer.capacity())
    buffer.get(bytes)
    return InputImage.fromByteArray(bytes, proxy.width, proxy.height, 0, InputImage.IMAGE_FORMAT_NV21) // <-
}
```

All planes, and what the old camera gives:

```kotlin good path=app/src/main/java/Faces.kt
import androidx.camera.core.ImageProxy
import com.google.mlkit.vision.common.InputImage

fun look(proxy: ImageProxy): InputImage {
    val y = proxy.planes[0].buffer
    val vu = proxy.planes[2].buffer
    val bytes = ByteArray(y.remaining() + vu.remaining())
    y.get(bytes, 0, y.remaining())
    vu.get(bytes, y.limit(), vu.remaining())
    return InputImage.fromByteArray(bytes, proxy.width, proxy.height, 0, InputImage.IMAGE_FORMAT_NV21)
}

fun old(data: ByteArray, size: Size) = InputImage.fromByteArray(data, size.width, size.height, 90, InputImage.IMAGE_FORMAT_NV21)
```

References: the documentation of `InputImage.fromByteArray`; `BitmapUtils.java` of googlesamples/mlkit (both formats); the check of ML
Kit's `InputImage` (more bytes than pixels), as it is seen in apps that contain it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.android import JVM
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Name

_FIRST = re.compile(r"\b(?:planes|getPlanes\(\))\s*\[\s*0\s*\]\s*!*\.\s*(?:buffer\b|getBuffer\(\))")
_OTHERS = re.compile(r"\b(?:planes|getPlanes\(\))\s*\[\s*(?:[12]|[a-z]\w*)\s*\]|\bplanes\.(?:map|forEach|flatMap)|arraycopy|copyInto")


@rule(
    "DPL337",
    severity="error",
    leaves=["M.6.3", "M.5"],
    see=[
        "https://developers.google.com/android/reference/com/google/mlkit/vision/common/InputImage",
        "https://github.com/googlesamples/mlkit/blob/f1047837fe1e02d58063bfc30b830fad23ffbc35/android/automl/app/src/main/java/com/google/mlkit/vision/automl/demo/BitmapUtils.java",
    ],
)
def nv21_of_one_plane(file: SourceFile) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\bIMAGE_FORMAT_NV21\b"):
        return
    for call in file.calls("**.InputImage.{fromByteArray,fromByteBuffer}"):
        data, kind, function = call.argument(None, 0), call.argument(None, 4), call.function
        if function is None or not isinstance(data, Name) or kind is None or not kind.text.endswith("IMAGE_FORMAT_NV21"):
            continue
        name, text = re.escape(data.id), function.text
        sized = re.search(rf"\b{name}\s*=\s*(?:new\s+byte\s*\[|ByteArray\()\s*(\w+)\s*\.\s*(?:remaining|capacity|limit)\(\)\s*[\])]", text)
        filled = sized and re.search(rf"\b{sized[1]}\s*\.\s*get\(\s*{name}\s*\)", text)
        source = sized and re.search(rf"\b{sized[1]}\s*(?::\s*\w+\s*)?=\s*[^;\n]*", text)
        if filled and source and _FIRST.search(source[0]) and not _OTHERS.search(text):
            yield Finding(
                call,
                f"{data.id} is the first plane alone, the brightness, and NV21 has the colours behind it: the size does not match",
                help="InputImage.fromMediaImage(proxy.getImage(), rotation), or copy all planes in the order of NV21",
            )
