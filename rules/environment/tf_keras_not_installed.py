"""TensorFlow with Keras 3, and a library that needs Keras 2.

From TensorFlow 2.16 on ``pip install tensorflow`` brings Keras 3. The TensorFlow models of transformers are written for Keras 2 and look
for it in a package of its own: ``ValueError: Your currently installed version of Keras is Keras 3, but this is not yet supported in
Transformers. Please install the backwards-compatible tf-keras package``. So does TensorFlow Probability: ``ImportError: This version of
TensorFlow Probability requires TensorFlow ... please install tf-keras``.

```text bad path=requirements.txt line=1
tensorflow==2.16.1
transformers==4.40.1
```

```python + path=app/tagger.py
from transformers import AutoTokenizer, TFAutoModelForTokenClassification

net = TFAutoModelForTokenClassification.from_pretrained("dslim/bert-base-NER")
```

TensorFlow Probability:

```text bad path=requirements.txt line=1
tensorflow>=2.17
tensorflow-probability==0.24.0
```

```python + path=model.py
import tensorflow_probability as tfp

prior = tfp.distributions.Normal(0.0, 1.0)
```

The model optimization toolkit switches TensorFlow to Keras 2 when it is imported.

```text bad path=requirements.txt line=1
tensorflow==2.17.0
tensorflow-model-optimization==0.8.0
```

```python + path=qat.py
import tensorflow_model_optimization as tfmot

def aware(model):
    return tfmot.quantization.keras.quantize_model(model)
```

With the package, or with a TensorFlow that brings Keras 2, it works.

```text good path=requirements.txt
tensorflow==2.16.1
tf-keras==2.16.0
transformers==4.40.1
```

```python + path=app/tagger.py
from transformers import TFAutoModelForTokenClassification

net = TFAutoModelForTokenClassification.from_pretrained("dslim/bert-base-NER")
```

TensorFlow 2.15:

```text good path=requirements.txt
tensorflow==2.15.1
transformers==4.40.1
```

```python + path=app/tagger.py
from transformers import TFAutoModelForTokenClassification

net = TFAutoModelForTokenClassification.from_pretrained("dslim/bert-base-NER")
```

Models of PyTorch need nothing of it; what a file installs by itself counts.

```text good path=requirements.txt
tensorflow==2.16.1
transformers==4.40.1
```

```python + path=app/tagger.py
from transformers import AutoModelForTokenClassification

net = AutoModelForTokenClassification.from_pretrained("dslim/bert-base-NER")
```

Installed by the image:

```text good path=requirements.txt
tensorflow==2.16.1
transformers==4.40.1
```

```dockerfile + path=Dockerfile
FROM python:3.11
COPY requirements.txt .
RUN pip install -r requirements.txt && pip install tf_keras
```

```python + path=app/tagger.py
from transformers import TFAutoModelForTokenClassification

net = TFAutoModelForTokenClassification.from_pretrained("dslim/bert-base-NER")
```

References: `src/transformers/activations_tf.py` of transformers 4.40; the notes of TensorFlow Probability 0.24 and 0.25;
`core/keras/compat.py` of tensorflow-model-optimization 0.8.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.pipelines import files_with
from deplint.settings.pins import Requirements, canonical
from deplint.settings.ranges import between
from deplint.settings.serving import mentioned

_USES = re.compile(r"\bTF[A-Z]\w+|tensorflow_probability|tensorflow_model_optimization")
NEEDS = {
    "transformers.TF*": ("transformers", "5.0"),
    "tensorflow_probability{,.**}": ("tensorflow-probability", None),
    "tensorflow_model_optimization{,.**}": ("tensorflow-model-optimization", None),
}
"""Names that only work with Keras 2 -> the package they are of, and the release that no longer has them."""
WRITTEN = ("requirements", "pyproject", "pipfile", "setup.py", "setup.cfg")


@rule(
    "DPL673",
    severity="error",
    leaves=["S.3.1", "S.3.2", "S.2.1"],
    see=[
        "https://github.com/huggingface/transformers/blob/v4.40.1/src/transformers/activations_tf.py",
        "https://github.com/tensorflow/probability/releases/tag/v0.25.0",
    ],
)
def tf_keras_not_installed(requirements: Requirements, project: Project) -> Iterator[Finding]:
    pins = [pin for pin in requirements.packages if pin.ecosystem == "pypi" and not pin.marker and not pin.url]
    named = {canonical(pin.name): pin for pin in pins}
    newer = between("2.16", None)
    tensorflow = next((pin for name in ("tensorflow", "tensorflow-cpu") if (pin := named.get(name)) is not None), None)
    if requirements.kind not in WRITTEN or tensorflow is None or tensorflow.range is None or newer is None:
        return
    if not tensorflow.range.tightness or not tensorflow.range <= newer or mentioned(project, r"tf[-_]keras"):
        return
    files = files_with(project, _USES, project.area(requirements))
    for pattern, (package, until) in NEEDS.items():
        listed = named.get(package)
        known = listed is not None and listed.range is not None and not listed.extras
        gone = between(until, None)
        if listed is None or not known or (until and (listed.range is None or gone is None or listed.range <= gone)):
            continue
        use = next((name for file in files for name in file.names(pattern) if not name.guarded), None)
        if use is not None:
            yield Finding(
                tensorflow.place,
                f"TensorFlow 2.16 and later bring Keras 3, and {use.dotted} ({use.place.path}) needs Keras 2: it asks for tf-keras",
                help="add tf-keras of TensorFlow's own release, or stay below TensorFlow 2.16",
            )
