"""An image that lacks a package which another one asks for as soon as a feature of it is used.

Such packages are no requirement of the one that wants them, so nothing installs them: transformers places a model on devices with
accelerate (``ImportError: Using a device_map requires Accelerate``), its slow tokenizers read their vocabularies with sentencepiece
(``T5Tokenizer requires the SentencePiece library``), XGBoost's and LightGBM's estimators are scikit-learn's, Keras opens pictures with
Pillow (``Could not import PIL.Image``), PyTorch's newer exporter, the usual one since 2.9, is onnxscript's, FastAPI's templates are
jinja2's, and uvicorn speaks to websockets with a package of that name (``No supported WebSocket library detected``).

```text bad path=requirements.txt
transformers==4.44.2  # <- accelerate, and sentencepiece
torch==2.4.1
fastapi==0.112.0
uvicorn==0.30.6
```

```python + path=main.py
from fastapi import FastAPI
from transformers import AutoModelForCausalLM, T5Tokenizer

app = FastAPI()
tokenizer = T5Tokenizer.from_pretrained("t5-small")
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B-Instruct", device_map="auto")
```

```text good path=requirements.txt
transformers==4.44.2
torch==2.4.1
accelerate==0.33.0
sentencepiece==0.2.0
fastapi==0.112.0
```

```python + path=main.py
from transformers import AutoModelForCausalLM, AutoTokenizer, T5Tokenizer

tokenizer = T5Tokenizer.from_pretrained("t5-small")
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B-Instruct", device_map="auto")
```

What a stage of a build installs counts for itself.

```text bad path=requirements-export.txt
torch==2.9.0  # <-
onnx==1.19.1
```

```python + path=export.py
import torch
from net import Scorer

torch.onnx.export(Scorer().eval(), (torch.zeros(2, 24),), "scorer.onnx", input_names=["features"])
```

```text good path=requirements-export.txt
torch==2.9.0
onnx==1.19.1
```

```python + path=export.py
import torch
from net import Scorer

torch.onnx.export(Scorer().eval(), (torch.zeros(2, 24),), "scorer.onnx", input_names=["features"], dynamo=False)
```

A package that nobody knows may bring it, and so may another command.

```text good path=requirements.txt
transformers==4.44.2
torch==2.4.1
our-models==1.0
```

```python + path=main.py
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B-Instruct", device_map="auto")
```

References: `transformers/modeling_utils.py` and `utils/import_utils.py` 4.44, `xgboost/compat.py`, `keras/src/utils/image_utils.py`,
`torch/onnx/_internal/exporter`, `torchaudio/_torchcodec.py` 2.9, `starlette/templating.py`, `uvicorn/protocols/websockets/auto.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.pipelines import files_with
from deplint.settings.pins import Requirements, canonical
from deplint.settings.ranges import between
from deplint.settings.serving import mentioned

from .framework_not_installed import PLAIN, WITHOUT_SERVERS

SLOW = "{T5,Llama,Camembert,XLMRoberta,Albert,XLNet,Marian,MBart,Pegasus,DebertaV2,BigBird,Reformer}Tokenizer"


class Row(NamedTuple):
    """Calls of `package` that need `other`, if they have the `argument` (any, if empty; with a minus: unless it is false); in releases from
    `since` on and before `until`. `brought` are packages that bring `other` along."""

    package: str
    calls: str
    argument: str
    other: str
    since: str | None
    until: str | None
    brought: frozenset[str]


PILLOW = frozenset(("torchvision", "matplotlib", "scikit-image", "timm", "seaborn", "sentence-transformers", "opencv-python", "streamlit"))
JINJA = frozenset(("flask", "flask-cors", "flask-restful", "flask-wtf", "torch", "spacy"))
ROWS = (
    Row("transformers", "transformers.**.from_pretrained", "device_map", "accelerate", None, None, frozenset()),
    Row("transformers", f"transformers.{SLOW}.from_pretrained", "", "sentencepiece", None, "5.0", frozenset()),
    Row("transformers", "transformers.BitsAndBytesConfig", "", "bitsandbytes", None, None, frozenset()),
    Row("xgboost", "xgboost.XGB{Classifier,Regressor}", "", "scikit-learn", None, None, frozenset(("lightgbm", "scikit-image"))),
    Row("tensorflow", "tensorflow.keras.**.load_img", "", "pillow", None, None, PILLOW),
    Row("torch", "torch.onnx.export", "dynamo", "onnxscript", "2.5", "2.9", frozenset()),
    Row("torch", "torch.onnx.export", "-dynamo", "onnxscript", "2.9", None, frozenset()),
    Row("torchaudio", "torchaudio.{load,save}", "", "torchcodec", "2.9", None, frozenset()),
    Row("onnxruntime", "onnxruntime.quantization.quantize_{static,dynamic}", "", "onnx", None, None, frozenset(("onnxscript", "tf2onnx"))),
    Row("fastapi", "{fastapi,starlette}.templating.Jinja2Templates", "", "jinja2", None, None, JINJA),
    Row("uvicorn", "fastapi.FastAPI().websocket", "", "websockets", None, None, frozenset(("wsproto", "hypercorn"))),
)


@rule(
    "DPL584",
    severity="error",
    leaves=["S.3.1"],
    see=[
        "https://huggingface.co/docs/accelerate/en/concept_guides/big_model_inference",
        "https://github.com/huggingface/transformers/blob/v4.44.2/src/transformers/utils/import_utils.py",
        "https://stackoverflow.com/q/65431837",
    ],
)
def companion_not_installed(requirements: Requirements, project: Project) -> Iterator[Finding]:
    if requirements.kind != "requirements" or requirements.includes or not re.match(r".*requirements[\w.-]*\.txt$", requirements.path):
        return
    pins = [pin for pin in requirements.packages if pin.ecosystem == "pypi"]
    named = {canonical(pin.name): pin for pin in pins}
    if any(pin.url or pin.extras for pin in pins) or not set(named) <= PLAIN | WITHOUT_SERVERS:
        return
    folder = Path(requirements.path).absolute().parent
    for row in ROWS:
        pin, releases = named.get(row.package), between(row.since, row.until)
        if pin is None or row.other in named or row.brought & set(named) or releases is None:
            continue
        if (row.since or row.until) and (pin.range is None or not pin.range.tightness or not pin.range <= releases):
            continue
        files = files_with(project, re.compile(row.calls.partition(".")[0].strip("{}").replace(",", "|")), folder)
        use = next((call for file in files for call in file.calls(row.calls) if _needs(call, row)), None)
        if use is not None and not mentioned(project, rf"(?i)(?<![.\w]){row.other.replace('-', '[-_]')}\b", requirements.path):
            yield Finding(
                pin.place,
                f"{use.file.path} calls {use.name}"
                + (f" with {row.argument}" if row.argument.isidentifier() else "")
                + f", which needs {row.other}, "
                "and nothing here installs it",
                help=f"add {row.other}",
            )


def _needs(call: Call, row: Row) -> bool:
    if call.guarded:
        return False
    if row.argument.startswith("-"):
        given = call.argument(row.argument[1:])
        return given.missing or given.python() is True
    asked = call.argument(row.argument) if row.argument else None
    return asked is None or (asked.certain and asked.python() not in (None, False))
