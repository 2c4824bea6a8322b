"""A picture or array of another size than the Core ML model takes.

Vision scales pictures to what the model takes; a `prediction` called directly does not, and stops with ``Image is not valid width
227, instead is 224`` or ``MultiArray shape (1 x 3 x 224) does not match the shape (1 x 3 x 299) specified in the model
description``. A frame of the camera has the camera's size, and never a network's.

```swift bad path=App/Judge.swift
import AVFoundation
import CoreML

final class Judge: NSObject, AVCaptureVideoDataOutputSampleBufferDelegate {
    let leaves = try! Leaves(configuration: MLModelConfiguration())

    func judge(_ photo: UIImage) throws -> String {
        let buffer = photo.pixelBuffer(width: 227, height: 227)!
        return try leaves.prediction(image: buffer).classLabel  // <-
    }

    func captureOutput(_ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection) {
        guard let frame = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
        print(try! leaves.prediction(image: frame).classLabel)  // <-
    }
}
```

```graph + path=App/Leaves.mlmodel
model coreml ir=4 tags=[neuralNetworkClassifier]
signature main (image image[224,224]) -> (classLabel string[] traits(predicted=true), odds map)
graph main
  input image image[224,224]
  op softmaxND (image) -> (odds)
  output odds
```

The size may stand where the picture is drawn.

```swift bad path=App/Judge.swift
import CoreML

func judge(_ photo: UIImage, _ leaves: Leaves) throws -> String {
    UIGraphicsBeginImageContextWithOptions(CGSize(width: 299, height: 299), true, 2.0)
    photo.draw(in: CGRect(x: 0, y: 0, width: 299, height: 299))
    let drawn = UIGraphicsGetImageFromCurrentImageContext()!
    UIGraphicsEndImageContext()
    var buffer: CVPixelBuffer?
    CVPixelBufferCreate(nil, Int(drawn.size.width), Int(drawn.size.height), kCVPixelFormatType_32ARGB, nil, &buffer)
    return try leaves.prediction(image: buffer!).classLabel  // <-
}
```

```graph + path=App/Leaves.mlmodel
model coreml ir=4 tags=[neuralNetworkClassifier]
signature main (image image[224,224]) -> (classLabel string[] traits(predicted=true), odds map)
graph main
  input image image[224,224]
  op softmaxND (image) -> (odds)
  output odds
```

A picture that is scaled to the model's size, or that Vision scales, is fine, and so is a size that is not known.

```swift good path=App/Judge.swift
import CoreML
import Vision

final class Judge: NSObject, AVCaptureVideoDataOutputSampleBufferDelegate {
    let leaves = try! Leaves(configuration: MLModelConfiguration())
    let side = 224

    func judge(_ photo: UIImage, _ frame: CVPixelBuffer, size: CGSize) throws {
        print(try leaves.prediction(image: photo.pixelBuffer(width: side, height: side)!).classLabel)
        print(try leaves.prediction(image: photo.resized(to: size).buffer()!).classLabel)
        print(try leaves.prediction(image: photo.resized(to: CGSize(width: 96, height: 96)).framed()!).classLabel)
        print(try leaves.prediction(image: frame).classLabel)
    }

    func captureOutput(_ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection) {
        guard let frame = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
        let request = VNCoreMLRequest(model: try! VNCoreMLModel(for: leaves.model))
        try? VNImageRequestHandler(cvPixelBuffer: frame, orientation: .right).perform([request])
    }
}
```

```graph + path=App/Leaves.mlmodel
model coreml ir=4 tags=[neuralNetworkClassifier]
signature main (image image[224,224]) -> (classLabel string[] traits(predicted=true), odds map)
graph main
  input image image[224,224]
  op softmaxND (image) -> (odds)
  output odds
```

Arrays have the shape that the model describes.

```swift bad path=App/Judge.swift
import CoreML

func judge(_ leaves: Leaves) throws {
    let given = try MLMultiArray(shape: [1, 64] as [NSNumber], dataType: .float32)
    print(try leaves.prediction(x: given).y)  // <-
    print(try leaves.prediction(x: MLMultiArray(shape: [1, 128], dataType: .float32)).y)
}
```

```graph + path=App/Leaves.mlmodel
model coreml ir=6 tags=[mlProgram]
signature main (x float32[1,128]) -> (y float32[1,4])
graph main
  input x float32[1,128]
  op relu (x) -> (y)
  output y
```

References: https://stackoverflow.com/questions/49885857;
https://developer.apple.com/documentation/coreml/mlfeaturedescription.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from deplint import Finding, Model, Project, rule
from deplint.apps.apple import features, given, identifier, predictions
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Call, Function, Member, Node
from deplint.code.source_scopes import Variable
from deplint.model import Tensor

CAMERA = {"CMSampleBufferGetImageBuffer"}
CAPTURED = {"capturedImage", "imageBuffer"}
"""Attributes of a frame of ARKit, and of a sample buffer."""

SCALES = re.compile(r"(?i)resiz|scal|buffer|crop|thumbnail|rescaled")
"""What the functions that make a picture of some size are called."""


@rule(
    "DPL756",
    severity="error",
    leaves=["M.6.2", "M.4.4"],
    see=["https://stackoverflow.com/questions/49885857", "https://developer.apple.com/documentation/coreml/mlfeaturedescription"],
)
def coreml_input_size(file: SourceFile, project: Project) -> Iterator[Finding]:
    for call, model in predictions(file, project):
        inputs = {identifier(name): tensor for name, tensor in features(model).items()}
        for name, node in given(call, model).items():
            tensor = inputs.get(identifier(name))
            if tensor is not None and not {"sizes", "range"} & set(tensor.traits) and tensor.static and tensor.shape:
                yield from (_image if tensor.dtype == "image" else _array)(call, model, tensor, node, project)


def _image(call: Call, model: Model, tensor: Tensor, node: Node, project: Project) -> Iterator[Finding]:
    height, width = (int(size) for size in (tensor.shape or ()) if isinstance(size, int))
    made = _value(node)
    size = (_size(made.origin, project) or _created(made)) if made is not None else None
    camera = _camera(made)
    if camera or (size is not None and size != (width, height)):
        gives = "a frame as the camera has it" if camera or size is None else f"{size[0]} x {size[1]}"
        yield Finding(
            call,
            f"{model.path} takes pictures of {width} x {height} (width x height), and this gives {gives}: 'Image is not valid'",
            help=f"scale it to {width} x {height} first, or let Vision do so (VNCoreMLRequest)",
        )


def _array(call: Call, model: Model, tensor: Tensor, node: Node, project: Project) -> Iterator[Finding]:
    made = _value(node)
    made = made.origin if made is not None else None
    shape = _shape(made.argument("shape")) if made is not None and made.name == "MLMultiArray" else None
    wanted = [size for size in tensor.shape or () if isinstance(size, int)]
    if shape is None or shape == wanted:
        return
    # Networks of specifications before 4 take arrays with sequence and batch in front.
    if len(shape) == 5 and len(wanted) < 5 and (model.ir_version or 0) < 6 and shape[5 - len(wanted) :] == wanted:
        return
    yield Finding(
        call,
        f"{model.path} describes {tensor.name!r} as {tensor.dtype} {_written(wanted)}, and this gives {_written(shape)}: "
        "'MultiArray shape does not match the shape specified in the model description'",
        help="make the array in the shape that the model describes",
    )


def _value(node: Node | None) -> Node | None:
    """What an `MLFeatureValue` holds, or the node itself."""
    made = node.origin if node is not None else None
    if made is not None and made.name == "MLFeatureValue":
        return made.argument("pixelBuffer") or made.argument("multiArray")
    return node


def _camera(node: Node | None) -> bool:
    """A frame of the camera as it is."""
    if node is None:
        return False
    made = node.origin
    if made is not None:
        return made.name in CAMERA
    variable = node.file.meaning.variable(node)
    source = variable.writes[0].source if variable is not None and not variable.open and len(variable.writes) == 1 else node
    return isinstance(source, Member) and source.attribute in CAPTURED


def _size(made: Call | None, project: Project) -> tuple[int, int] | None:
    """Width and height of the picture that a call certainly makes."""
    if made is None or not SCALES.search(made.method):
        return None
    labels = {argument.label.lower() for argument in made.arguments}
    if {"width", "height"} <= labels:
        return _pair(made.argument("width") or made.argument("Width"), made.argument("height") or made.argument("Height"))
    sizes = [each for argument in made.arguments for each in [argument.value.origin] if each is not None and each.name == "CGSize"]
    if len(sizes) == 1:
        return _pair(sizes[0].argument("width"), sizes[0].argument("height"))
    return _within(made, project) if not made.arguments else None


def _created(node: Node) -> tuple[int, int] | None:
    """Width and height of the buffer that `CVPixelBufferCreate` puts into a variable: constants, or those of the picture drawn before."""
    variable = node.file.meaning.variable(node)
    made = [call for call in node.file.calls("CVPixelBufferCreate") if variable and variable is _filled(call)]
    if len(made) != 1:
        return None
    begun = [call for call in node.file.calls("UIGraphicsBeginImageContext*") if call.function is made[0].function]
    drawn = begun[0].arguments[0].value.origin if len(begun) == 1 and begun[0].arguments else None
    known = _pair(made[0].argument(None, 1), made[0].argument(None, 2))
    if known is None and drawn is not None and drawn.name == "CGSize" and "size.width" in made[0].text:
        known = _pair(drawn.argument("width"), drawn.argument("height"))
    return known


def _filled(call: Call) -> Variable | None:
    last = call.arguments[-1].value if call.arguments else None
    return last.file.meaning.variable(last) if last is not None else None


def _within(made: Call, project: Project) -> tuple[int, int] | None:
    """The size of the buffers that the project's only function of a call's name makes: its own, or that of what it is called on."""
    found: list[tuple[int, int] | None] = []
    same = False
    for file in project.all(SourceFile):
        if file.apple and file.mentions(rf"\bfunc\s+{re.escape(made.method)}\b"):
            for call in file.calls("CVPixelBufferCreate"):
                if any(isinstance(around, Function) and around.id == made.method for around in call.ancestors):
                    found.append(_pair(call.argument(None, 1), call.argument(None, 2)))
                    same = "size.width" in call.text
    if len(found) != 1 or not same:
        return found[0] if len(found) == 1 else None
    return _size(made.receiver.origin, project) if made.receiver is not None else None


def _pair(width: Node | None, height: Node | None) -> tuple[int, int] | None:
    sizes = [int(node.value) for node in (width, height) if node is not None and type(node.value) in (int, float)]
    return (sizes[0], sizes[1]) if len(sizes) == 2 else None


def _shape(node: Node | None) -> list[int] | None:
    """The sizes of an array that is written out, as numbers or `NSNumber`."""
    if isinstance(node, Array) and node.exact:
        sizes = [_number(child) for child in node.children]
    else:
        value = node.value if node is not None else None
        sizes = list(value) if isinstance(value, list) else []
    return [size for size in sizes if type(size) is int] if sizes and all(type(size) is int for size in sizes) else None


def _number(node: Node) -> object:
    made = node.origin
    inner = made.argument("value") or made.argument("integerLiteral") if made is not None and made.name == "NSNumber" else None
    return inner.value if inner is not None else node.value


def _written(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))
