"""Texts of any length for a network of 512 positions.

BERT and its family know as many positions as they were trained with, 512 nearly always. A tokenizer only warns of more (``Token indices
sequence length is longer than the specified maximum sequence length``), and the network then raises ``The expanded size of the tensor
(600) must match the existing size (512)``, in other releases ``IndexError: index out of range in self``, or on a GPU ``device-side assert
triggered``, after which the process is of no use. What a service is sent has any length:
`truncation=True` cuts it.

```python bad path=app.py
import torch
from fastapi import FastAPI
from transformers import BertForSequenceClassification, BertTokenizerFast

app = FastAPI()
tokenizer = BertTokenizerFast.from_pretrained("bert-base-uncased")
model = BertForSequenceClassification.from_pretrained("models/mail")

@app.post("/mail")
def mail(text: str):
    tokens = tokenizer(text, return_tensors="pt")  # <-
    with torch.no_grad():
        return {"queue": int(model(**tokens).logits.argmax(-1))}
```

```python good path=app.py
import torch
from fastapi import FastAPI
from transformers import BertForSequenceClassification, BertTokenizerFast

app = FastAPI()
tokenizer = BertTokenizerFast.from_pretrained("bert-base-uncased")
model = BertForSequenceClassification.from_pretrained("models/mail")

@app.post("/mail")
def mail(text: str):
    tokens = tokenizer(text, return_tensors="pt", truncation=True, max_length=512)
    with torch.no_grad():
        return {"queue": int(model(**tokens).logits.argmax(-1))}
```

The pipeline for classification does not cut either, unless it is told to.

```python bad path=app.py
from flask import Flask, request
from transformers import pipeline

app = Flask(__name__)
classify = pipeline("sentiment-analysis", model="distilbert-base-uncased-finetuned-sst-2-english")

@app.post("/mood")
def mood():
    return classify(request.json["text"])[0]  # <-
```

```python good path=app.py
from flask import Flask, request
from transformers import pipeline

app = Flask(__name__)
classify = pipeline("sentiment-analysis", truncation=True)
entities = pipeline("ner", model="dslim/bert-base-NER")

@app.post("/mood")
def mood():
    return classify(request.json["text"])[0]

@app.post("/names")
def names():
    return entities(request.json["text"])
```

Where the length is limited otherwise, or nobody serves it, nothing is said.

```python good path=app.py
import torch
from fastapi import FastAPI
from pydantic import BaseModel, Field
from transformers import BertForSequenceClassification, BertTokenizerFast

app = FastAPI()
tokenizer = BertTokenizerFast.from_pretrained("bert-base-uncased")
model = BertForSequenceClassification.from_pretrained("models/mail")

class Mail(BaseModel):
    subject: str = Field(max_length=200)

@app.post("/mail")
def mail(mail: Mail):
    return {"queue": int(model(**tokenizer(mail.subject, return_tensors="pt")).logits.argmax(-1))}
```

References: executed with transformers 4.57 and PyTorch 2.13 (`BertModel` of 600 ids); `pipelines/text_classification.py`, which hands
`truncation` on to the tokenizer and sets none of its own, as `pipelines/token_classification.py` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.handlers import handler_of
from deplint.code.patterns import matcher
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.tokens import TOKENIZER

FAMILY = "{,TF}{Bert,Roberta,XLMRoberta,Camembert,DistilBert,Electra,Albert,MPNet}"
MODELS = f"transformers.{FAMILY}{{Model,For*}}.from_pretrained()"
AUTO = "transformers.AutoModel{,For*}.from_pretrained()"
_KNOWN = matcher(MODELS)
_AUTO = matcher(AUTO)
CHECKPOINTS = re.compile(
    r"(?:google-bert/|distilbert/|FacebookAI/|cardiffnlp/|ProsusAI/|nlptown/|dslim/|unitary/|yiyanghkust/)?"
    r"(?:(?:distil|ro|xlm-ro|distilro|fin)?berta?|twitter-ro(?:berta|BERTa)|twitter-xlm-roberta|toxic-bert)(?:-[\w-]+)?"
)
"""Checkpoints of the family on the hub."""
LONG = re.compile(r"long|big|modern|flash|4096|8192|1024|2048", re.I)
LIMITED = re.compile(
    r"truncat|max_?length|max_?len\b|constr\(|\[:\s*[\w.]+\]|chunk|sliding|stride|textwrap|split_text|sent_tokenize|sentences", re.I
)
"""Code that looks how long texts are."""
TASKS = ("text-classification", "sentiment-analysis", "feature-extraction")
"""Pipelines that hand texts of any length on."""
_SERVED = re.compile(r"transformers|^\s*(?:from|import)\s+(?:flask|fastapi|django|starlette|aiohttp|sanic|ray|bentoml|gradio)", re.M)


@rule(
    "DPL916",
    severity="warning",
    leaves=["S.5.2", "S.6.2"],
    see=[
        "https://huggingface.co/docs/transformers/main/en/pad_truncation",
    ],
)
def text_longer_than_model(file: PythonFile, project: Project) -> Iterator[Finding]:
    seen: set[int] = set()
    for call in file.calls(TOKENIZER, "transformers.pipeline()"):
        if call.file is not file or id(call.node) in seen or not _endless(call):
            continue
        seen.add(id(call.node))
        served = _served(call, project)
        if served is not None and not any(LIMITED.search(one.text) for one in {file, served}):
            what = "the pipeline hands on" if call.name.endswith("pipeline()") else "the tokenizer gives tokens for"
            yield Finding(
                call,
                f"{what} texts of any length, and the model has 512 positions: longer ones raise, index out of range or sizes that differ",
                help="truncation=True" + ("" if call.name.endswith("pipeline()") else ", max_length=512"),
            )


def _endless(call: Call) -> bool:
    """What a call gives is certainly not cut, and certainly for a network of the family."""
    made = call.receiver.origin
    if call.open or made is None or made.open or call.guarded:
        return False
    if any(not one.argument(name).missing for one in (call, made) for name in ("truncation", "max_length", "tokenizer_kwargs")):
        return False
    if call.name.endswith("pipeline()"):
        task, model = made.argument("task", 0).text, made.argument("model", 1)
        usual = task == "sentiment-analysis" and model.missing
        return task in TASKS and (usual or _checkpoint(model) or _limited(model))
    models = [one for one in call.file.calls(MODELS, AUTO) if one.functions[:1] == call.functions[:1]]
    return bool(models) and all(_limited(one.receiver) for one in models)


def _limited(model: Value) -> bool:
    made = model.origin
    if made is None:
        return False
    path = made.argument("pretrained_model_name_or_path", 0)
    if _AUTO(made.name + "()"):
        return _checkpoint(path)
    return _KNOWN(made.name + "()") and not any(map(LONG.search, path.texts))


def _checkpoint(path: Value) -> bool:
    return bool(path.texts) and all(CHECKPOINTS.fullmatch(text) and not LONG.search(text) for text in path.texts)


def _served(call: Call, project: Project) -> PythonFile | None:
    """A module in which the call runs while a request is handled."""
    for file in [call.file, *files_with(project, _SERVED, project.area(call))]:
        if any(one.node is call.node and handler_of(one) is not None for one in file.calls(call.name)):
            return file
    return None
