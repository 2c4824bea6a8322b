"""A camera whose pictures never get to the page.

`getUserMedia` returns a promise of a stream: the promise itself is no `srcObject` (``Failed to set the 'srcObject'
property on 'HTMLMediaElement'``), `URL.createObjectURL` takes no stream any more (``Overload resolution failed``), and
a video shows no more than its first frame until it is played.

```js bad path=src/camera.js
import * as tf from '@tensorflow/tfjs';

export async function camera() {
  const video = document.createElement('video');
  video.srcObject = navigator.mediaDevices.getUserMedia({ video: true }); // <-
  await video.play();
  return tf.browser.fromPixels(video);
}

export async function old(video) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: true });
  video.src = URL.createObjectURL(stream); // <-
  return tf.data.webcam(video);
}
```

Nothing plays this one.

```js bad path=src/still.js
import * as tf from '@tensorflow/tfjs';

export async function still() {
  const video = document.createElement('video');
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true }); // <-
  return () => tf.browser.fromPixels(video);
}
```

In React, what is drawn is drawn again with each new state, and asks for the camera again.

```jsx bad path=src/App.jsx
import React, { Component } from 'react';
import ml5 from 'ml5';

export default class App extends Component {
  video = React.createRef();

  render() {
    navigator.mediaDevices.getUserMedia({ video: true }) // <-
      .then((stream) => { this.video.current.srcObject = stream; });
    return <video ref={this.video} autoPlay />;
  }
}
```

```js good path=src/camera.js
import * as tf from '@tensorflow/tfjs';

export async function camera(play) {
  const video = document.createElement('video');
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
  await video.play();
  const own = document.createElement('video');
  own.autoplay = true;
  own.srcObject = video.srcObject;
  const given = document.createElement('video');
  given.srcObject = video.srcObject;
  play(given);
  const recorded = document.createElement('video');
  recorded.src = URL.createObjectURL(new Blob([]));
  const stream = await navigator.mediaDevices.getUserMedia({ video: true });
  if ('srcObject' in given) {
    given.srcObject = stream;
  } else {
    given.src = URL.createObjectURL(stream);
  }
  try {
    given.srcObject = stream;
  } catch (error) {
    given.src = URL.createObjectURL(stream);
  }
  return [tf.browser.fromPixels(video), tf.browser.fromPixels(own), recorded];
}
```

```jsx good path=src/App.jsx
import { useEffect, useRef } from 'react';
import * as tf from '@tensorflow/tfjs';

export default function App() {
  const video = useRef(null);
  useEffect(() => {
    navigator.mediaDevices.getUserMedia({ video: true }).then((stream) => { video.current.srcObject = stream; });
  }, []);
  const again = async () => { video.current.srcObject = await navigator.mediaDevices.getUserMedia({ video: true }); };
  return <video ref={video} autoPlay onClick={again} />;
}
```

References: https://developer.mozilla.org/en-US/docs/Web/API/HTMLMediaElement/srcObject;
https://stackoverflow.com/questions/54498424
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import source
from deplint.apps.page import LIBRARIES, element, passed, reads
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Call, Choice, Class, Function, Member, Node, Object, Other

CAMERA = re.compile(r"(?:window\.)?navigator\.(?:mediaDevices\.)?(?:getUserMedia|getDisplayMedia)")


@rule(
    "DPL855",
    severity="error",
    leaves=["B.5"],
    see=["https://developer.mozilla.org/en-US/docs/Web/API/HTMLMediaElement/srcObject", "https://stackoverflow.com/questions/54498424"],
)
def camera_stream(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"getUserMedia|getDisplayMedia") or not file.mentions(LIBRARIES):
        return
    for call in file.calls("**.{getUserMedia,getDisplayMedia}"):
        if _drawn(call):
            yield Finding(
                call, "the camera is asked for each time the component is drawn", help="ask in componentDidMount or useEffect(..., [])"
            )
    for call in file.calls("**.createObjectURL"):
        stream = source(call.argument(None, 0))
        if stream is not None and CAMERA.fullmatch(stream.name) and not _asked(call):
            yield Finding(call, "createObjectURL takes no stream of a camera: a TypeError", help="set video.srcObject = stream")
    for node in file.meaning.nodes:
        if (
            not isinstance(node, Assign)
            or not isinstance(node.target, Member)
            or node.target.attribute != "srcObject"
            or node.assigned is None
        ):
            continue
        stream = source(node.assigned)
        if stream is None or not CAMERA.fullmatch(stream.name):
            continue
        if node.assigned.settled is False:
            yield Finding(node, "srcObject is set to the promise of a stream: a TypeError", help="await getUserMedia first")
        elif _still(node.target.object, project):
            yield Finding(
                node, "nothing plays the video: it stays at its first frame, if it has one", help="await video.play(), or autoplay"
            )


def _asked(call: Call) -> bool:
    """Whether a condition around a call asks for `srcObject`, or that was tried: then it runs only in browsers of a time without it."""
    return any(
        (isinstance(around, Choice) or getattr(around, "kind", "") in ("if_statement", "try_statement"))
        and "srcObject" in around.children[0].text
        and around.children[0] not in (call, *call.ancestors)
        for around in call.ancestors
    )


def _drawn(call: Call) -> bool:
    """Whether a call is made by a component's `render`, or by the function that is the component, each time."""
    function = call.function
    while isinstance(function, Function) and isinstance(function.parent, Call) and function.parent.method in ("then", "catch"):
        function = function.parent.function
    if function is None or function.asynchronous:
        return False
    if function.id == "render" and any(isinstance(around, Class) and around.derived for around in function.ancestors):
        return True
    named = function.id or getattr(getattr(function.parent, "target", None), "id", "")
    returned = function.results[-1] if function.results else None
    return bool(named[:1].isupper()) and isinstance(returned, Other) and returned.kind.startswith("jsx") and not _guarded(call, function)


def _guarded(call: Call, function: Function) -> bool:
    """Whether a call is under a condition of its function."""
    for around in call.ancestors:
        if around is function:
            return False
        if isinstance(around, Object) or (isinstance(around, Other) and around.kind in ("if_statement", "switch_statement")):
            return True
    return True


def _still(node: Node, project: Project) -> bool:
    """Whether a video that the code makes, or the page has, is certainly never played."""
    video = element(node, project)
    if video is None or video.tag != "video" or "autoplay" in (video.attributes or {}):
        return False
    touched = video.settings("autoplay", "onloadedmetadata", "oncanplay", "onloadeddata") or any(
        use.method in ("play", "setAttribute", "addEventListener", "toggleAttribute") for use in video.made.uses
    )
    handed = any(reads(other) is None and other.method not in ("append", "appendChild") for other in passed(video.made))
    return not touched and not handed and not video.made.file.mentions(r"\.play\(|[aA]uto[pP]lay|controls")
