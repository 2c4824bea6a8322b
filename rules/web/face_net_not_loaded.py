"""A network of face-api.js that is used and never loaded.

Each task has a network of its own, and each is loaded by itself: ``SsdMobilenetv1 - load model before inference``. Without options
faces are found with SSD MobileNet, `withFaceLandmarks(true)` takes the small landmark network, descriptors and expressions want
theirs.

```js bad path=src/faces.js
import * as faceapi from 'face-api.js';

export async function load() {
  await faceapi.nets.tinyFaceDetector.loadFromUri('/models');
  await faceapi.nets.faceLandmark68Net.loadFromUri('/models');
}

export const faces = (video) => faceapi.detectAllFaces(video).withFaceLandmarks(); // <-
```

In two files:

```js bad path=src/camera.js
import * as faceapi from 'face-api.js';
import { loadModels } from './models';

export const moods = (video) =>
  faceapi.detectAllFaces(video, new faceapi.TinyFaceDetectorOptions()).withFaceLandmarks(true).withFaceExpressions(); // <-
```

```js + path=src/models.js
import { nets } from 'face-api.js';

export const loadModels = () =>
  Promise.all([nets.tinyFaceDetector.load('/models'), nets.faceLandmark68Net.load('/models'), nets.faceExpressionNet.load('/models')]);
```

```js good path=src/faces.js
import * as faceapi from 'face-api.js';
import { options } from './options';

export async function load() {
  await faceapi.loadTinyFaceDetectorModel('/models');
  await faceapi.loadFaceLandmarkModel('/models');
  await faceapi.nets.faceRecognitionNet.loadFromUri('/models');
}

const small = new faceapi.TinyFaceDetectorOptions({ inputSize: 320 });
export const faces = (video) => faceapi.detectAllFaces(video, small).withFaceLandmarks().withFaceDescriptors();
export const others = (video) => faceapi.detectSingleFace(video, options()).withFaceLandmarks();
```

Networks that are loaded by a name nobody knows:

```js good path=src/faces.js
import * as faceapi from 'face-api.js';

export const load = (names) => Promise.all(names.map((name) => faceapi.nets[name].loadFromUri('/models')));
export const one = () => faceapi.nets.tinyFaceDetector.loadFromUri('/models');
export const faces = (video) => faceapi.detectAllFaces(video);
```

References: the networks in `allFacesFactory.ts`, `DetectFacesTasks.ts` and `nets.ts` of face-api.js 0.22.2;
https://github.com/justadudewhohacks/face-api.js/issues/240
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import source, within
from deplint.apps.site import code_of
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Node

ROOT = "{faceapi,face-api.js,@vladmandic/face-api}{,/*}"
NETS = {
    "ssdMobilenetv1": "loadSsdMobilenetv1Model|loadFaceDetectionModel|SsdMobilenetv1\\(|[sS]sdMobilenet[vV]1\\b(?!Options)",
    "tinyFaceDetector": "loadTinyFaceDetectorModel|[tT]inyFaceDetector\\b",
    "tinyYolov2": "loadTinyYolov2Model|[tT]inyYolov2\\b",
    "mtcnn": "loadMtcnnModel|\\bmtcnn\\b|\\bMtcnn\\b",
    "faceLandmark68Net": "loadFaceLandmarkModel|[fF]aceLandmark68Net\\b",
    "faceLandmark68TinyNet": "loadFaceLandmarkTinyModel|[fF]aceLandmark68TinyNet\\b",
    "faceExpressionNet": "loadFaceExpressionModel|[fF]aceExpressionNet\\b",
    "ageGenderNet": "loadAgeGenderModel|[aA]geGenderNet\\b",
    "faceRecognitionNet": "loadFaceRecognitionModel|[fF]aceRecognitionNet\\b",
}
"""Network -> what is written where it is loaded."""

OPTIONS = {"SsdMobilenetv1Options": "ssdMobilenetv1", "TinyFaceDetectorOptions": "tinyFaceDetector", "TinyYolov2Options": "tinyYolov2",
           "MtcnnOptions": "mtcnn"}  # fmt: skip
TASKS = {"withFaceExpressions": "faceExpressionNet", "withAgeAndGender": "ageGenderNet", "withFaceDescriptors": "faceRecognitionNet",
         "withFaceDescriptor": "faceRecognitionNet", "computeFaceDescriptor": "faceRecognitionNet"}  # fmt: skip
_LOADS = r"\bload(?:From(?:Uri|Disk|WeightMap))?\s*\(|\bload\w+Model\s*\("
_DYNAMIC = r"\bnets\s*\[|Object\s*\.\s*\w+\s*\(\s*(?:\w+\.)*nets\b|getCurrent\w+\(\)\s*\.\s*load|\[\s*['\"]?\w+['\"]?\s*\]\s*\.\s*load"


@rule(
    "DPL350",
    severity="error",
    leaves=["B.4.1"],
    see=["https://github.com/justadudewhohacks/face-api.js/issues/240", "https://github.com/justadudewhohacks/face-api.js/issues/867"],
)
def face_net_not_loaded(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\bdetect(?:All|Single)Faces?\s*\(") or not file.mentions(r"face-?api"):
        return
    code = [other for other in code_of(project, file) if other.mentions(r"face-?api|faceapi|\bnets\b")]
    if any(other.mentions(_DYNAMIC) for other in code):
        return
    loaded = {net for net, pattern in NETS.items() if any(_loads(other, pattern) for other in code)}
    reported: set[str] = set()
    with within(project):
        for call in file.calls(f"{ROOT}.{{detectAllFaces,detectSingleFace}}") if loaded else ():
            for at, net in _wanted(call):
                if net not in loaded and net not in reported:
                    reported.add(net)
                    yield Finding(
                        at,
                        f"nothing loads {net}, which this needs: load model before inference",
                        help=f"await faceapi.nets.{net}.loadFromUri(...) first{_instead(net, loaded)}",
                    )


def _loads(file: SourceFile, pattern: str) -> bool:
    """Whether a file that loads anything names a network."""
    return file.mentions(_LOADS) and file.mentions(pattern)


def _instead(net: str, loaded: set[str]) -> str:
    if net == "ssdMobilenetv1" and "tinyFaceDetector" in loaded:
        return ", or find faces with new faceapi.TinyFaceDetectorOptions()"
    if net == "faceLandmark68TinyNet" and "faceLandmark68Net" in loaded:
        return ", or call withFaceLandmarks() without true"
    return ", or call withFaceLandmarks(true)" if net == "faceLandmark68Net" and "faceLandmark68TinyNet" in loaded else ""


def _wanted(call: Call) -> Iterator[tuple[Call, str]]:
    """The networks that a chain of tasks needs, each with where it is asked for."""
    options = call.argument(None, 1)
    if len(call.arguments) == 1:
        yield call, "ssdMobilenetv1"
    elif options is not None:
        made = source(options)
        net = OPTIONS.get(re.sub(r".*\.", "", made.name)) if made is not None and made.new else None
        if net:
            yield call, net
    node: Node = call
    while node.parent is not None and isinstance(node.parent.parent, Call) and node.parent.parent.callee is node.parent:
        node = node.parent.parent
        assert isinstance(node, Call)
        if node.method == "withFaceLandmarks":
            small = node.argument(None, 0)
            if small is None or small.value is False:
                yield node, "faceLandmark68Net"
            elif small.value is True:
                yield node, "faceLandmark68TinyNet"
        elif node.method in TASKS:
            yield node, TASKS[node.method]
