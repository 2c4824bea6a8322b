"""A video that is given to a model before anybody knows that it has a picture.

Between `srcObject` and the first picture of a camera lies up to a second: ``The video element has not loaded data yet.
Please wait for `loadeddata` event on the <video> element.``, ``Requested texture size [0x0] is invalid``. Whether the
model takes longer to load than the camera to start is luck.

```js bad path=src/pose.js
import * as posenet from '@tensorflow-models/posenet';
import * as tf from '@tensorflow/tfjs';

const video = document.getElementById('video');

async function start() {
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
  const net = await posenet.load();
  requestAnimationFrame(() => frame(net));
}

async function frame(net) {
  draw(await net.estimateSinglePose(video)); // <-
  requestAnimationFrame(() => frame(net));
}
```

```js good path=src/pose.js
import * as posenet from '@tensorflow-models/posenet';

const video = document.getElementById('video');

async function start() {
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
  await new Promise((resolve) => { video.onloadeddata = resolve; });
  const net = await posenet.load();
  requestAnimationFrame(() => frame(net));
}

async function frame(net) {
  draw(await net.estimateSinglePose(video));
  requestAnimationFrame(() => frame(net));
}
```

References: tfjs-core/src/ops/browser.ts at tfjs-v3.0.0 (`readyState`), `webgl_util.ts` at tfjs-v4.22.0; https://stackoverflow.com/questions/58315487
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.follow import source
from deplint.apps.page import LIBRARIES, reads
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Member

WAITS = (
    r"loadeddata|loadedmetadata|canplay|onplay|playing|readyState|HAVE_|\.play\(|requestVideoFrameCallback|videoWidth|videoHeight"
    r"|\bml5\b|face-?api|setTimeout|addEventListener\(\s*['\"](?:play|click|timeupdate)|onclick|onClick"
)
"""Words that tell that somebody may wait, for the picture or for a person."""


@rule("DPL868", severity="warning", leaves=["B.6.1", "B.5"], see=["https://stackoverflow.com/questions/58315487"])
def video_not_awaited(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\.srcObject\s*=") or not file.mentions(LIBRARIES) or file.mentions(WAITS):
        return
    videos = [
        node.target.object
        for node in file.meaning.nodes
        if isinstance(node, Assign) and isinstance(node.target, Member) and node.target.attribute == "srcObject"
    ]
    for call in file.calls(
        "**.{fromPixels,detect,classify,estimateSinglePose,estimatePoses,estimateFaces,estimateHands,segmentPerson,infer}"
    ):
        given = reads(call)
        if given is None or call.method == "drawImage":
            continue
        made = source(given)
        if any(given.text == video.text or (made is not None and source(video) is made) for video in videos):
            yield Finding(
                call,
                "nothing waits until the video has a picture: the first calls may fail",
                help="await video.play(), or wait for the loadeddata event",
            )
            return
