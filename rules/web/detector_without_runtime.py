"""A detector of tfjs-models that is not told its runtime.

BlazePose, MediaPipe Hands, MediaPipe Face Mesh and their like come in two forms, and `createDetector` does not choose: ``Expect
modelConfig.runtime to be either 'tfjs' or 'mediapipe', but got undefined``.

```js bad
import * as poseDetection from '@tensorflow-models/pose-detection';
import * as handPoseDetection from '@tensorflow-models/hand-pose-detection';

const model = poseDetection.SupportedModels.BlazePose;
const poses = await poseDetection.createDetector(model, { modelType: 'lite' }); // <-
const hands = await handPoseDetection.createDetector(handPoseDetection.SupportedModels.MediaPipeHands); // <-
```

```js good
import * as poseDetection from '@tensorflow-models/pose-detection';
import { options } from './options';

const model = poseDetection.SupportedModels.BlazePose;
const poses = await poseDetection.createDetector(model, { runtime: 'tfjs', modelType: 'lite' });
const others = await poseDetection.createDetector(model, options);
const spread = await poseDetection.createDetector(model, { ...options, modelType: 'lite' });
const moves = await poseDetection.createDetector(poseDetection.SupportedModels.MoveNet);
```

References: `create_detector.ts` of pose-detection 2.1.3 (and of hand-pose-detection, face-landmarks-detection, face-detection) in
tensorflow/tfjs-models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import follow, within
from deplint.apps.tensors import entries
from deplint.code.source import SourceFile

TWO_FORMS = re.compile(r"(?:.*\.)?(?:BlazePose|MediaPipeHands|MediaPipeFaceMesh|MediaPipeFaceDetector|MediaPipeSelfieSegmentation)")
PACKAGES = "@tensorflow-models/{pose-detection,hand-pose-detection,face-landmarks-detection,face-detection,body-segmentation}"


@rule(
    "DPL358",
    severity="error",
    leaves=["B.4.2"],
    see=["https://github.com/tensorflow/tfjs-models/tree/master/pose-detection/src/blazepose_tfjs"],
)
def detector_without_runtime(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\bcreate(?:Detector|Segmenter)\b"):
        return
    with within(project):
        for call in file.calls(f"{PACKAGES}.{{createDetector,createSegmenter}}"):
            model = follow(call.argument(None, 0))
            if model is None or not TWO_FORMS.fullmatch(model.text):
                continue
            options = entries(call.argument(None, 1)) if len(call.arguments) > 1 else {}
            if options is not None and "runtime" not in options:
                yield Finding(
                    call,
                    f"{model.text.rpartition('.')[2]} is not told its runtime: createDetector() throws",
                    help="give it {runtime: 'tfjs'}, or 'mediapipe' with a solutionPath",
                )
