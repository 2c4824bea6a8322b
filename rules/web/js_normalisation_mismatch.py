"""Pixels that the page brings to another range than the model was trained on.

Nothing fails: the model gets numbers it never saw, and its answers are wrong. The training's `rescale=1./255`,
`Normalize(mean, std)` or `preprocess_input` have to be repeated in JavaScript, unless the model itself begins with them.

```js bad path=web/src/flower.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/flower/model.json');

export function flower(image) {
  const pixels = tf.image.resizeBilinear(tf.browser.fromPixels(image), [32, 32]);
  return model.predict(pixels.div(255).expandDims(0)); // <-
}
```

```graph + path=web/public/models/flower/model.json
model tfjs-graph
graph main
  input image float32[?,32,32,3]
  op Placeholder image -> (image) shape=(?,32,32,3) dtype=float32
  op Identity (image) -> (out)
  output out
```

```python + path=train.py
from tensorflow.keras.applications.mobilenet_v2 import preprocess_input
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from model import model

data = ImageDataGenerator(preprocessing_function=preprocess_input).flow_from_directory("data", target_size=(32, 32))
model.fit(data)
model.save("flower.h5")
```

A model that scales by itself gets pixels as they are.

```js bad path=src/flower.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadLayersModel('/models/flower/model.json');

export function flower(image) {
  const pixels = tf.image.resizeBilinear(tf.browser.fromPixels(image), [32, 32]);
  return model.predict(pixels.div(255).expandDims(0)); // <-
}
```

```graph + path=public/models/flower/model.json
model tfjs-layers
graph main
  input image float32[?,32,32,3]
  op Rescaling (image) -> (scaled) scale=0.00392156862745098 offset=0.0
  op Flatten (scaled) -> (out)
  output out
```

The model itself need not be in the repository.

```js bad path=src/age.js
import * as tf from '@tensorflow/tfjs';

export async function age(image) {
  const model = await tf.loadLayersModel('./converted/model.json');
  const input = tf.browser.fromPixels(image).resizeBilinear([64, 64]).toFloat().expandDims();
  return model.predict(input).data(); // <-
}
```

```python + path=train.py
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from model import model

model.fit(ImageDataGenerator(rescale=1.0 / 255).flow_from_directory("faces", target_size=(64, 64)))
model.save("age.h5")
```

With ONNX Runtime it is the loop over the canvas's pixels that counts.

```js bad path=web/src/cat.js
import * as ort from 'onnxruntime-web';

export async function cat(context) {
  const session = await ort.InferenceSession.create('/models/cat.onnx');
  const { data } = context.getContext('2d').getImageData(0, 0, 8, 8);
  const input = new Float32Array(3 * 64);
  for (let i = 0; i < 64; i++) {
    input[i] = data[i * 4] / 255;
    input[i + 64] = data[i * 4 + 1] / 255;
    input[i + 128] = data[i * 4 + 2] / 255;
  }
  return session.run({ x: new ort.Tensor('float32', input, [1, 3, 8, 8]) }); // <-
}
```

```graph + path=web/public/models/cat.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,3,8,8]
  op Identity (x) -> (y)
  output y float32[1,3,8,8]
```

```python + path=train.py
import torch
from torchvision import datasets, transforms
from model import net

prepare = transforms.Compose([
    transforms.Resize((8, 8)),
    transforms.ToTensor(),
    transforms.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
])
loss(net, datasets.ImageFolder("data", prepare)).backward()
torch.onnx.export(net, torch.zeros(1, 3, 8, 8), "cat.onnx")
```

The same in other words is the same; and nothing is said where two files train, or nothing is known.

```js good path=web/src/flower.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/flower/model.json');

export function flower(image, mean) {
  const pixels = tf.image.resizeBilinear(tf.browser.fromPixels(image).toFloat(), [32, 32]);
  model.predict(pixels.div(tf.scalar(127.5)).sub(tf.scalar(1)).expandDims(0));
  model.predict(pixels.sub(127).div(128).expandDims(0));
  return model.predict(pixels.sub(mean).expandDims(0));
}
```

```graph + path=web/public/models/flower/model.json
model tfjs-graph
graph main
  input image float32[?,32,32,3]
  op Placeholder image -> (image) shape=(?,32,32,3) dtype=float32
  op Identity (image) -> (out)
  output out
```

```python + path=train.py
from tensorflow.keras.applications.mobilenet_v2 import preprocess_input
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from model import model

data = ImageDataGenerator(preprocessing_function=preprocess_input).flow_from_directory("data", target_size=(32, 32))
model.fit(data)
model.save("flower.h5")
```

References: what `preprocess_input` does was executed (`tests/claims/test_picture_claims.py`); https://stackoverflow.com/questions/54774073
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.pixels import given, inside
from deplint.apps.web import Fed, fed
from deplint.code.pictures import Picture, alike, span
from deplint.code.pipelines import prepared, taught
from deplint.code.source import SourceFile

SCALED = 50.0
"""A deviation that brings pixels to few units."""


@rule(
    "DPL845",
    severity="warning",
    leaves=["B.6.5"],
    see=["https://stackoverflow.com/questions/54774073", "https://keras.io/api/applications/"],
)
def js_normalisation_mismatch(file: SourceFile, project: Project) -> Iterator[Finding]:
    for each in fed(file, project):
        seen = given(each)
        if seen is None or seen.mean is None or seen.std is None:
            continue
        own = inside(each.model, each.input.name) if each.model is not None else Picture()
        if own is None or own.std is None:
            continue
        if each.model is not None and own.std[0] >= SCALED:
            if min(seen.std) >= SCALED:
                yield Finding(
                    each.call,
                    f"pixels are given as {span(seen)}, and {each.model.path} divides them by {own.std[0]:g} once more",
                    help="give it the pixels as they are, from 0 to 255",
                )
            continue
        problem = _differs(each, seen, project)
        if problem:
            yield Finding(each.call, problem, help="prepare the pixels as training does: (pixel - mean) / std with the same numbers")


def _differs(each: Fed, seen: Picture, project: Project) -> str:
    """How training, or else the project's own Python, prepares the pictures of the model, where all of it does so in another way."""
    trained = taught(project)
    known = [(one.picture, one.place.path) for one in trained] or [(one.picture, one.call.file.path) for one in prepared(project)]
    pictures = [picture for picture, _ in known]
    if not pictures or not all(picture.scaled for picture in pictures) or any(alike(picture, seen) for picture in pictures):
        turned = {picture.order for picture in pictures}
        exchanged = turned == {"BGR"} and seen.order == "RGB" and all(picture.scaled for picture in pictures)
        return f"the channels are RGB, and {known[0][1]} gives the model BGR: red and blue are exchanged" if exchanged else ""
    what = "training" if trained else "Python"
    return f"pixels are given as {span(seen)} to {each.where}, and {what} gives it {span(pictures[0])} ({known[0][1]})"
