"""Frames of blue, green and red read as red, green and blue.

A camera that is asked for ``kCVPixelFormatType_32BGRA`` gives four bytes a pixel: blue first, red third. A loop that takes the first three
in their order shows the model pictures with red and blue exchanged. Nothing fails, it just recognizes less.

```swift bad path=App/Pixels.swift
import CoreVideo

func rgbFloats(_ buffer: CVPixelBuffer, side: Int) -> [Float] {
    let base = CVPixelBufferGetBaseAddress(buffer)!.assumingMemoryBound(to: UInt8.self)
    var out = [Float]()
    for i in 0..<side * side {
        let p = base + i * 4
        out.append(Float(p[0]) / 255)  // <-
        out.append(Float(p[1]) / 255)
        out.append(Float(p[2]) / 255)
    }
    return out
}
```

```swift + path=App/Camera.swift
import AVFoundation

let output = AVCaptureVideoDataOutput()
output.videoSettings = [kCVPixelBufferPixelFormatTypeKey as String: kCVPixelFormatType_32BGRA]
```

```python + path=ml/train.py
import tensorflow as tf

data = tf.keras.utils.image_dataset_from_directory("leaves", image_size=(64, 64))
model.fit(data)
```

Names tell as well what is meant.

```objc bad path=App/Frames.mm
#import <CoreVideo/CoreVideo.h>

@implementation Frames
- (void)setup:(AVCaptureVideoDataOutput *)output {
    output.videoSettings = @{(id)kCVPixelBufferPixelFormatTypeKey : @(kCVPixelFormatType_32BGRA)};
}

- (void)fill:(CVPixelBufferRef)buffer out:(float *)out {
    uint8_t *base = (uint8_t *)CVPixelBufferGetBaseAddress(buffer);
    for (int i = 0; i < 4096; i++) {
        float red = base[i * 4] / 255.0f;  // <-
        float green = base[i * 4 + 1] / 255.0f;
        float blue = base[i * 4 + 2] / 255.0f;
        out[i] = red; out[4096 + i] = green; out[8192 + i] = blue;
    }
}
@end
```

In the right order, for a model that learned from what OpenCV reads, from another format, or where nothing tells what the model wants:

```swift good path=App/Pixels.swift
import CoreVideo

let settings = [kCVPixelBufferPixelFormatTypeKey as String: kCVPixelFormatType_32BGRA]

func floats(_ buffer: CVPixelBuffer, side: Int) -> [Float] {
    let base = CVPixelBufferGetBaseAddress(buffer)!.assumingMemoryBound(to: UInt8.self)
    var out = [Float]()
    for i in 0..<side * side {
        let p = base + i * 4
        let b = p[0], g = p[1], r = p[2]
        out.append(Float(p[2]) / 255)
        out.append(Float(p[1]) / 255)
        out.append(Float(p[0]) / 255)
    }
    return out
}
```

```python + path=ml/train.py
import tensorflow as tf
data = tf.keras.utils.image_dataset_from_directory("leaves", image_size=(64, 64))
```

OpenCV reads BGR:

```swift good path=App/Pixels.swift
import CoreVideo

let settings = [kCVPixelBufferPixelFormatTypeKey as String: kCVPixelFormatType_32BGRA]

func floats(_ buffer: CVPixelBuffer, side: Int) -> [Float] {
    let base = CVPixelBufferGetBaseAddress(buffer)!.assumingMemoryBound(to: UInt8.self)
    var out = [Float]()
    for i in 0..<side * side {
        out.append(Float(base[i * 4]))
        out.append(Float(base[i * 4 + 1]))
        out.append(Float(base[i * 4 + 2]))
    }
    return out
}
```

```python + path=ml/train.py
import cv2
image = cv2.imread(path)
model.fit(image)
```

References: Core Video, `kCVPixelFormatType_32BGRA` (32 bit BGRA); Keras, `image_dataset_from_directory` (``color_mode="rgb"``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Call, Declare, Function, Index, Name, Node

BGRA = r"\bkCVPixelFormatType_32BGRA\b"
OTHERWISE = r"kCVPixelFormatType_(?:32RGBA|32ARGB|32ABGR|24RGB)\b|\bvImage\w*|permuteMap|COLOR_BGRA?2RGB"
"""Other formats, and what puts channels into another order."""

RGB = (
    r"image_dataset_from_directory|flow_from_directory|\bImageFolder\b|\bImage\.open\b|decode_(?:jpeg|png|image)\b|load_img\b|read_image\b"
)
BGR = r"\bcv2\.|[\"']bgr[\"']|::-1\]|imread\b"


@rule(
    "DPL799",
    severity="warning",
    leaves=["M.6.3"],
    see=[
        "https://developer.apple.com/documentation/corevideo/kcvpixelformattype_32bgra",
        "https://www.tensorflow.org/api_docs/python/tf/keras/utils/image_dataset_from_directory",
    ],
)
def bgra_read_as_rgb(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.apple or not file.mentions(r"\bCVPixelBufferGetBaseAddress\b"):
        return
    area = project.area(file)
    app = [each for each in project.all(SourceFile) if each.apple and project.area(each) == area]
    camera = next((each for each in app if each.mentions(BGRA)), None)
    if camera is None or any(each.mentions(OTHERWISE) for each in app):
        return
    trained = _trained_on_rgb(project, area)
    for function in file.functions:
        if not function.id or "CVPixelBufferGetBaseAddress" not in function.text:
            continue
        found = _in_order(function)
        if found is None or not (_called_red(found) if _named(found) else trained):
            continue
        line = next((at for at, text in enumerate(camera.lines, 1) if re.search(BGRA, text)), 1)
        why = "this is called red" if _named(found) else f"{trained} trains on RGB"
        yield Finding(
            found[0],
            f"the first of a pixel's bytes is blue ({camera.path}:{line} asks for 32BGRA), and {why}: red and blue are exchanged",
            help="read the bytes as [2], [1], [0]",
        )


def _trained_on_rgb(project: Project, area: Path) -> str:
    """The script of the area that trains on pictures in RGB; empty if there is none, or one may use another order."""
    scripts = [each for each in project.all(PythonFile) if project.area(each) == area]
    if any(re.search(BGR, each.text) for each in scripts):
        return ""
    return next((each.path for each in scripts if re.search(RGB, each.text)), "")


def _in_order(function: Function) -> list[Node] | None:
    """Three writes or declarations in a row of the bytes 0, 1 and 2 of something."""
    steps: list[tuple[Node, str, str]] = []
    for node in (each for each in function.file.meaning.nodes if function in each.ancestors):
        value = _written(node)
        read = [inner for inner in _inside(value) if isinstance(inner, Index) and len(inner.children) == 2] if value is not None else []
        if len(read) == 1:
            steps.append((node, read[0].children[0].text, re.sub(r"\s+", "", read[0].children[1].text)))
    for one, two, three in zip(steps, steps[1:], steps[2:], strict=False):
        start = re.sub(r"\+0$", "", one[2])
        follow = ["1", "2"] if start == "0" else [f"{start}+1", f"{start}+2"]
        whole = start == "0" or re.search(r"4|(?i:bytesPerPixel|pixel)", function.text) is not None
        if one[1] == two[1] == three[1] and [two[2], three[2]] == follow and whole:
            return [one[0], two[0], three[0]]
    return None


def _written(node: Node) -> Node | None:
    """The number that a statement appends, assigns or declares."""
    if isinstance(node, Call) and node.method in ("append", "push_back") and len(node.arguments) == 1:
        return node.arguments[0].value
    if isinstance(node, Assign):
        return node.assigned
    return node.initial if isinstance(node, Declare) else None


def _inside(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _inside(child)


def _named(found: list[Node]) -> bool:
    """Whether the bytes go into variables, whose names tell what they are taken for."""
    return all(isinstance(node, (Assign, Declare)) and isinstance(node.target, Name) for node in found)


def _called_red(found: list[Node]) -> bool:
    """Whether the first byte is called red, and the third blue."""
    names = [node.target.text.lower() if isinstance(node, (Assign, Declare)) else "" for node in found]
    return names[0] in ("r", "red") and names[2] in ("b", "blue")
