"""A video without `width` and `height`, given to a model that asks for them.

The attributes of a `<video>` are 0 until somebody sets them, whatever its picture's size (`videoWidth`). PoseNet scales
its key points by them: all of them come out at 0, 0. Older releases fail: ``Requested texture size [0x0] is invalid``.

```js bad path=src/pose.js
import * as posenet from '@tensorflow-models/posenet';

export async function pose(stream) {
  const net = await posenet.load();
  const video = document.createElement('video');
  video.srcObject = stream;
  await video.play();
  return net.estimateSinglePose(video); // <-
}
```

A style sheet's width is another thing.

```html bad path=index.html
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@1.7.4"></script>
<script src="https://cdn.jsdelivr.net/npm/@tensorflow-models/posenet@2.2.1"></script>
<video id="camera" autoplay style="width: 640px"></video>
<script>
const video = document.getElementById('camera');
posenet.load().then((net) => net.estimateSinglePose(video).then(draw)); // <-
</script>
```

Where they are set, in markup or in code, all is well; other models look at the picture.

```js good path=src/pose.js
import * as posenet from '@tensorflow-models/posenet';
import * as cocoSsd from '@tensorflow-models/coco-ssd';

export async function pose(stream, given) {
  const net = await posenet.load();
  const video = document.createElement('video');
  video.width = 640;
  video.height = 480;
  video.srcObject = stream;
  await video.play();
  await net.estimateSinglePose(given);
  const other = document.createElement('video');
  other.srcObject = stream;
  await (await cocoSsd.load()).detect(other);
  return net.estimateSinglePose(video);
}
```

References: https://github.com/tensorflow/tfjs-models/blob/master/posenet/src/util.ts (`getInputTensorDimensions`, `scaleAndFlipPoses`);
https://stackoverflow.com/questions/57662313
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.page import element
from deplint.code.source import SourceFile

ASKS = "@tensorflow-models/posenet.load().{estimateSinglePose,estimateMultiplePoses,estimatePoses}"


@rule(
    "DPL863",
    severity="error",
    leaves=["B.6.3"],
    see=["https://github.com/tensorflow/tfjs-models/blob/master/posenet/src/util.ts", "https://stackoverflow.com/questions/57662313"],
)
def video_without_size(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"estimate\w*Pose"):
        return
    for call in file.calls(ASKS):
        video = element(call.argument(None, 0), project)
        if video is None or video.tag != "video" or {"width", "height", ":width", ":height"} & set(video.attributes or {}):
            continue
        if video.settings("width", "height") or any(use.method == "setAttribute" for use in video.made.uses):
            continue
        yield Finding(
            call, "the video has no width and height of its own: all key points come out at 0, 0", help="set video.width and video.height"
        )
