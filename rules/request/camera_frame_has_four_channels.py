"""Frames of a Raspberry Pi camera with four channels, for a model that takes three.

Without a format, `Picamera2` gives XBGR8888: ``capture_array()`` has the shape (height, width, 4). TensorFlow Lite refuses it:
``ValueError: Cannot set tensor: Dimension mismatch. Got 4 but expected 3 for dimension 3 of input 0``.

```python bad path=camera.py
from picamera2 import Picamera2


class Camera:
    def __init__(self):
        self.cam = Picamera2()
        self.cam.configure(self.cam.create_preview_configuration(main={"size": (640, 480)})) # <-
        self.cam.start()

    def frame(self):
        return self.cam.capture_array()
```

```python + path=main.py
import cv2
import numpy as np
from tflite_runtime.interpreter import Interpreter
from camera import Camera

net = Interpreter("net.tflite")
net.allocate_tensors()
x = cv2.resize(Camera().frame(), (224, 224))
net.set_tensor(net.get_input_details()[0]["index"], np.expand_dims(x, 0))
net.invoke()
```

```graph + path=net.tflite
model tflite
graph main
  input image uint8[1,224,224,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,5])
  output scores
```

A format, or channels that are dropped:

```python good path=camera.py
from picamera2 import Picamera2

cam = Picamera2()
cam.configure(cam.create_preview_configuration(main={"size": (640, 480), "format": "BGR888"}))
cam.start()
frame = cam.capture_array()
```

```python + path=main.py
from tflite_runtime.interpreter import Interpreter
from camera import frame

net = Interpreter("net.tflite")
net.allocate_tensors()
net.set_tensor(0, frame[None])
```

```graph + path=net.tflite
model tflite
graph main
  input image uint8[1,480,640,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,5])
  output scores
```

Dropped:

```python good path=camera.py
from picamera2 import Picamera2
from tflite_runtime.interpreter import Interpreter

cam = Picamera2()
cam.configure(cam.create_video_configuration())
frame = cam.capture_array()[:, :, :3]
net = Interpreter("net.tflite")
net.allocate_tensors()
net.set_tensor(0, frame[None])
```

```graph + path=net.tflite
model tflite
graph main
  input image uint8[1,480,640,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,5])
  output scores
```

References: `picamera2.py` (`create_preview_configuration`, `create_video_configuration`) and `request.py` (the shape of XBGR8888);
raspberrypi/picamera2#843; the error of ai-edge-litert.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.code.python import PythonFile

_THREE = re.compile(
    r"cvtColor|COLOR_|:3\]|,\s*\[\s*[0-3]\s*,|[02]::|\.convert\(|format|split\(|merge\(|capture_(?:image|file|buffer|request)|lores|delete\(|dstack"
)
"""What a script may say that makes three channels of four, or takes another picture."""


@rule(
    "DPL334",
    severity="error",
    leaves=["M.6.3", "M.5"],
    see=[
        "https://github.com/raspberrypi/picamera2/issues/843",
        "https://github.com/raspberrypi/picamera2/blob/3e6dff099d3982c8fbdb25f7cbe2e4c17bac34f7/picamera2/picamera2.py",
        "https://github.com/raspberrypi/picamera2/blob/3e6dff099d3982c8fbdb25f7cbe2e4c17bac34f7/picamera2/request.py",
    ],
)
def camera_frame_has_four_channels(file: PythonFile, project: Project) -> Iterator[Finding]:
    if "Picamera2" not in file.text:
        return
    area = project.area(file)
    scripts = [each for each in project.all(PythonFile) if project.area(each) == area]
    using = [each for each in scripts if "Picamera2" in each.text or "set_tensor" in each.text]
    if not any("set_tensor" in each.text for each in using) or any(_THREE.search(each.text) for each in using):
        return
    if "capture_array" not in file.text:
        return
    models = [each for each in project.all(Model) if each.format == "tflite" and project.area(each) == area]
    shapes = [each.inputs[0].shape for each in models if len(each.inputs) == 1]
    if not shapes or len(shapes) != len(models) or any(shape is None or len(shape) != 4 or shape[3] != 3 for shape in shapes):
        return
    for call in file.calls("picamera2.Picamera2().{create_preview_configuration,create_video_configuration}"):
        yield Finding(
            call,
            f"without a format the frames have four channels (XBGR8888), and {models[0].path} takes three: 'Dimension mismatch. Got 4 "
            "but expected 3'",
            help='main={"format": "BGR888", ...}, which gives red, green and blue in this order',
        )
