"""Pictures that a service prepares in another way than training did.

A model knows only what it was shown. Pixels from 0 to 255 where it saw 0 to 1, blue and red exchanged (OpenCV reads BGR,
Pillow, torchvision and Keras read RGB), ImageNet's mean and deviation left out, or `preprocess_input` of another family of
networks raise no error: the answers are wrong, or just worse.

```python bad path=serve.py
import numpy as np
from PIL import Image
from tensorflow.keras.models import load_model

model = load_model("flowers.h5")

def classify(path):
    picture = Image.open(path).convert("RGB").resize((224, 224))
    return model.predict(np.array(picture)[None])  # <-
```

```python + path=train.py
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from model import model

data = ImageDataGenerator(rescale=1.0 / 255, horizontal_flip=True)
train = data.flow_from_directory("data/train", target_size=(224, 224))
model.fit(train, epochs=5)
model.save("flowers.h5")
```

Channels in another order:

```python bad path=serve.py
import cv2
import numpy as np
import onnxruntime as ort

session = ort.InferenceSession("flowers.onnx")

def classify(path):
    picture = cv2.resize(cv2.imread(path), (224, 224)).astype(np.float32) / 255.0
    picture = (picture - np.array([0.485, 0.456, 0.406], np.float32)) / np.array([0.229, 0.224, 0.225], np.float32)
    return session.run(None, {"x": picture.transpose(2, 0, 1)[np.newaxis].astype(np.float32)})  # <-
```

```python + path=train.py
import torch
from torchvision import datasets, transforms
from model import net

transform = transforms.Compose([
    transforms.RandomResizedCrop(224),
    transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])
data = datasets.ImageFolder("data/train", transform)
loss(net, data).backward()
torch.onnx.export(net, torch.zeros(1, 3, 224, 224), "flowers.onnx")
```

Normalization left out:

```python bad path=app.py
import torch
from flask import Flask, request
from PIL import Image
from torchvision import transforms

app = Flask(__name__)
net = torch.jit.load("flowers.pt").eval()
prepare = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()])

@app.route("/predict", methods=["POST"])
def predict():
    picture = Image.open(request.files["file"]).convert("RGB")
    with torch.inference_mode():
        return str(net(prepare(picture).unsqueeze(0)).argmax().item())  # <-
```

```python + path=train.py
import torch
from torchvision import datasets, transforms
from model import net

prepare = transforms.Compose([
    transforms.Resize((224, 224)),
    transforms.ToTensor(),
    transforms.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
])
loss(net, datasets.ImageFolder("data", prepare)).backward()
torch.jit.script(net).save("flowers.pt")
```

A `preprocess_input` of another family:

```python bad path=serve.py
import numpy as np
from tensorflow.keras.applications.vgg16 import preprocess_input
from tensorflow.keras.models import load_model
from tensorflow.keras.preprocessing import image

model = load_model("flowers.keras")
picture = image.img_to_array(image.load_img("rose.jpg", target_size=(224, 224)))
print(model.predict(preprocess_input(np.expand_dims(picture, axis=0))))  # <-
```

```python + path=train.py
from tensorflow.keras.applications.mobilenet_v2 import preprocess_input
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from model import model

data = ImageDataGenerator(preprocessing_function=preprocess_input)
model.fit(data.flow_from_directory("data", target_size=(224, 224)))
model.save("flowers.keras")
```

The same by other means is the same: another library, the factors put together, the channels turned round.

```python good path=serve.py
import cv2
import numpy as np
from tensorflow.keras.models import load_model

model = load_model("flowers.keras")
picture = cv2.cvtColor(cv2.imread("rose.jpg"), cv2.COLOR_BGR2RGB)
picture = cv2.resize(picture, (224, 224)).astype("float32")
print(model.predict(np.expand_dims(picture / 127.5 - 1.0, 0)))
```

```python + path=train.py
from tensorflow.keras.applications.mobilenet_v2 import preprocess_input
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from model import model

data = ImageDataGenerator(preprocessing_function=preprocess_input)
model.fit(data.flow_from_directory("data", target_size=(224, 224)))
model.save("flowers.keras")
```

Where a helper prepares the pictures, the model was trained elsewhere, or training itself scales in two ways, nothing is said.

```python good path=serve.py
import numpy as np
from PIL import Image
from tensorflow.keras.models import load_model
from common import prepare

model = load_model("flowers.h5")
print(model.predict(prepare("rose.jpg")))
other = load_model("pretrained.h5")
print(other.predict(np.array(Image.open("rose.jpg").resize((224, 224)))[None] / 127.5 - 1))
```

```python + path=train.py
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from model import model

data = ImageDataGenerator(rescale=1.0 / 255)
model.fit(data.flow_from_directory("data/train", target_size=(224, 224)))
model.save("flowers.h5")
```

References: what `preprocess_input` of each family does, and what the libraries read, was executed (`tests/claims/test_picture_claims.py`);
https://stackoverflow.com/q/57897237
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.loaded import model_of
from deplint.code.pictures import Picture, alike, span
from deplint.code.pipelines import served, trainings, trains
from deplint.code.python import PythonFile


@rule(
    "DPL630",
    severity="warning",
    leaves=["S.6.5", "S.6.3", "M.6.5"],
    see=[
        "https://keras.io/api/applications/",
        "https://docs.pytorch.org/vision/stable/models.html#using-the-pre-trained-models",
        "https://docs.opencv.org/4.x/d4/da8/group__imgcodecs.html",
        "https://stackoverflow.com/q/57897237",
    ],
)
def preprocessing_differs(file: PythonFile, project: Project) -> Iterator[Finding]:
    seen: set[int] = set()
    for given in served(file):
        if id(given.call.node) in seen or trains(file) or trains(given.call.file):
            continue
        trained = trainings(project, given, file)
        problems = [_difference(one.picture, given.picture) for one in trained]
        # Of several pipelines (training and validation) all must differ, and in the same thing.
        if problems and all(problems) and len({kind for kind, _ in filter(None, problems)}) == 1 and problems[0] is not None:
            if problems[0][0] == "size" and _fixed(given.call, project):
                continue  # the model itself refuses another size, which another rule says
            seen.add(id(given.call.node))
            yield Finding(
                given.call,
                f"{problems[0][1]} (training: {trained[0].place.path})",
                help="prepare pictures in the service as training did, best by the same function",
            )


def _fixed(call: Call, project: Project) -> bool:
    """Whether the model that a call runs is in the project and takes one size of pictures only."""
    model = model_of(call.receiver, project)
    shape = model.inputs[0].shape if model is not None and len(model.inputs) == 1 else None
    return shape is not None and len(shape) == 4 and sum(isinstance(size, int) for size in shape[1:]) == 3


def _difference(trained: Picture, given: Picture) -> tuple[str, str] | None:
    """What differs, and the words for it; None where nothing is known to."""
    if {trained.order, given.order} == {"RGB", "BGR"}:
        return "order", f"the channels are {given.order}, and training saw {trained.order}: red and blue are exchanged"
    if trained.order == given.order or "" in (trained.order, given.order):
        one, other = (trained.mean, trained.std), (given.mean, given.std)
        if None not in one and None not in other and not alike(trained, given):
            return "scale", f"pixels are given as {span(given)}, and training saw {span(trained)}: the model's answers are wrong"
    if None not in trained.size and None not in given.size and trained.size != given.size and trained.order == given.order:
        sizes = [" x ".join(map(str, one.size)) for one in (given, trained)]
        return "size", f"pictures are given with {sizes[0]} pixels, and training saw {sizes[1]}"
    return None
