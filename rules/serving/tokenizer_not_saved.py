"""A tokenizer that is loaded from a folder into which only the model was saved.

`model.save_pretrained(folder)` writes the weights and their configuration. The tokenizer, or the image processor, has files of its own that
its own `save_pretrained` writes: without them ``OSError: Can't load tokenizer for 'models/tickets'``, or a tokenizer that knows no words.

```python bad path=serve.py
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from settings import OUT

tok = AutoTokenizer.from_pretrained(OUT)  # <-
model = AutoModelForSequenceClassification.from_pretrained(OUT)
```

```python + path=train.py
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from settings import BASE, OUT
from loop import fit

tok = AutoTokenizer.from_pretrained(BASE)
model = AutoModelForSequenceClassification.from_pretrained(BASE, num_labels=3)
fit(model, tok)
model.save_pretrained(OUT)
```

```python + path=settings.py
BASE = "bert-base-uncased"
OUT = "models/tickets"
```

A pipeline looks for it in the same place.

```python bad path=serve.py
from transformers import pipeline

classify = pipeline("text-classification", model="out/tickets")  # <-
```

```python + path=train.py
from transformers import AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")
model.save_pretrained("./out/tickets/")
```

```python good path=serve.py
from transformers import AutoModel, AutoTokenizer, pipeline

tok = AutoTokenizer.from_pretrained("models/tickets")
other = AutoTokenizer.from_pretrained("models/mails")
third = AutoTokenizer.from_pretrained("bert-base-uncased")
classify = pipeline("text-classification", model="models/notes", tokenizer="bert-base-uncased")
fourth = AutoTokenizer.from_pretrained("models/letters")
```

```python + path=train.py
from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer

tok = AutoTokenizer.from_pretrained("bert-base-uncased")
model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")
for part in (model, tok):
    part.save_pretrained("models/tickets")
model.save_pretrained("models/notes")
model.save_pretrained("models/letters")
Trainer(model, processing_class=tok).save_model("models/letters")

def keep(things):
    model.save_pretrained("models/mails")
    for thing in things:
        thing.save_pretrained("models/mails")
```

The folder's own files are what counts where the project holds them.

```python good path=serve.py
from transformers import AutoTokenizer

tok = AutoTokenizer.from_pretrained("models/tickets")
```

```python + path=train.py
from transformers import AutoModelForSequenceClassification

AutoModelForSequenceClassification.from_pretrained("bert-base-uncased").save_pretrained("models/tickets")
```

```json + path=models/tickets/tokenizer.json
{}
```

References: `save_pretrained` in `modeling_utils.py` of transformers 4.57; executed with it
(`tests/claims/test_export_families.py`).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.values import Truth
from deplint.settings.serving import mentioned

TOKENIZERS = "transformers.{*Tokenizer,*TokenizerFast,AutoProcessor,AutoImageProcessor,AutoFeatureExtractor,*Processor,*FeatureExtractor}"
MODEL = "transformers.{*Model,*Model2,*ModelFor*,*For*}.from_pretrained()"
PREPARES = ("tokenizer", "feature_extractor", "image_processor", "processor")
_SAVES = re.compile(r"save_pretrained|save_model|save_to_|Trainer\(|push_to_hub")


@rule(
    "DPL976",
    severity="error",
    leaves=["S.6.5", "S.4.2", "S.2.1"],
    see=[
        "https://huggingface.co/docs/transformers/main_classes/tokenizer#transformers.PreTrainedTokenizer.save_pretrained",
        "https://huggingface.co/docs/transformers/main_classes/model#transformers.PreTrainedModel.save_pretrained",
    ],
)
def tokenizer_not_saved(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call, folder in _loads(file):
        text = posixpath.normpath(folder.text) if folder.text else ""
        if not text or call.guarded or call.file is not file or _there(text, call, project):
            continue
        if _only_the_model(text, file, project):
            yield Finding(
                call,
                f"only the model is saved to {text}, not what prepares its input: OSError, Can't load tokenizer for {text!r}",
                help=f"tokenizer.save_pretrained({text!r}) where the model is saved",
            )


def _loads(file: PythonFile) -> Iterator[tuple[Call, Value]]:
    for call in file.calls(TOKENIZERS + ".from_pretrained"):
        yield call, call.argument("pretrained_model_name_or_path", 0)
    for call in file.calls("transformers.pipeline"):
        if all(call.argument(name).missing for name in PREPARES) and not call.open:
            yield call, call.argument("model", 1)


def _there(folder: str, near: Call, project: Project) -> bool:
    """The project holds files in the folder, so that what it lacks shows there."""
    places = (Path(near.file.path).absolute().parent, project.root)
    return any(next(iter((place / folder).glob("*")), None) is not None for place in places if (place / folder).is_dir())


def _only_the_model(folder: str, near: PythonFile, project: Project) -> bool:
    """Code of the project saves models to the folder, and certainly nothing else."""
    models = 0
    for other in files_with(project, _SAVES, project.area(near)):
        if "Trainer(" in other.text or "push_to_hub" in other.text:
            return False
        for call in other.calls("**.save_pretrained", "**.save_model", "**.save_to_directory"):
            place = call.argument("save_directory", 0)
            if place.text is None:
                return False
            if posixpath.normpath(place.text) == folder:
                if call.receiver.is_(MODEL) is not Truth.yes or call.chosen or _from(call.receiver, folder):
                    return False
                models += 1
        unseen = sum(other.text.count(word) for word in (".save_pretrained(", ".save_model(")) - _seen(other)
        if unseen > 0:
            return False
    copies = rf"(?:cp|copy\w*|move|mv|rsync|COPY|ADD)\b[^\n]*(?:tokenizer|vocab|{re.escape(posixpath.basename(folder))})"
    return models > 0 and not mentioned(project, copies)


def _from(model: Value, folder: str) -> bool:
    """The model comes from that folder, where its tokenizer may be."""
    source = model.origin.argument("pretrained_model_name_or_path", 0).text if model.origin is not None else None
    return source is None or posixpath.normpath(source) == folder


def _seen(file: PythonFile) -> int:
    """How many of a file's calls that save are of known things."""
    return len({id(call.node) for call in file.calls("**.save_pretrained", "**.save_model") if call.file is file})
