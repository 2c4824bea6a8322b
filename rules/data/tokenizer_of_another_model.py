"""A tokenizer of another checkpoint than the model it feeds.

Each model learned the numbers of its own vocabulary. With those of another the answers mean nothing, or an id beyond the vocabulary ends in
``IndexError: index out of range in self``. Nothing compares the two names.

```python bad
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

class Mood:
    def __init__(self):
        self.tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")
        self.model = AutoModelForSequenceClassification.from_pretrained("cardiffnlp/twitter-roberta-base-sentiment").eval()

    @torch.inference_mode()
    def __call__(self, text):
        tokens = self.tokenizer(text, return_tensors="pt", truncation=True)
        return self.model(**tokens).logits.softmax(-1)[0].tolist()  # <-
```

A model that was trained further, and one whose family nobody can tell, may well share a vocabulary.

```python good
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

base = AutoTokenizer.from_pretrained("distilbert-base-uncased")
own = AutoModelForSequenceClassification.from_pretrained("models/mood").eval()
tuned = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased-finetuned-sst-2-english").eval()
small = AutoModelForSequenceClassification.from_pretrained("google/bert_uncased_L-4_H-256_A-4").eval()
bert = AutoTokenizer.from_pretrained("bert-base-uncased")

@torch.inference_mode()
def moods(text):
    tokens = base(text, return_tensors="pt")
    others = bert(text, return_tensors="pt")
    return own(**tokens).logits, tuned(**tokens).logits, small(**others).logits
```

References: the files of vocabularies of the checkpoints named; `transformers` documents one tokenizer for each checkpoint.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call
from deplint.code.python import PythonFile
from deplint.code.tokens import CALLS, encoded

MODELS = "transformers.{AutoModel*,*For*,*Model}.from_pretrained()"
FAMILIES = (
    ("RoBERTa", re.compile(r"(?:^|/)(?:distil)?roberta-(?:base|large)|twitter-roberta-base", re.I)),
    ("XLM-RoBERTa", re.compile(r"xlm-r|xlm_r|multilingual-e5|bge-m3", re.I)),
    ("DeBERTa v3", re.compile(r"deberta-v3|mdeberta", re.I)),
    ("ALBERT", re.compile(r"albert-(?:base|large|xlarge|xxlarge)", re.I)),
    ("uncased BERT", re.compile(r"(?:^|/)(?:distil)?bert-(?:base|large)-uncased", re.I)),
    ("cased BERT", re.compile(r"(?:^|/)(?:distil)?bert-(?:base|large)-cased", re.I)),
    ("multilingual BERT", re.compile(r"(?:distil)?bert-base-multilingual", re.I)),
    ("T5", re.compile(r"(?:^|/)(?:flan-)?t5-(?:small|base|large|xl|xxl|3b|11b)", re.I)),
    ("GPT-2", re.compile(r"(?:^|/)(?:distil)?gpt2(?:-|$)", re.I)),
)
"""Vocabulary -> names of checkpoints that certainly have it. The first that fits counts."""


@rule(
    "DPL585",
    severity="error",
    leaves=["S.6.5"],
    see=[
        "https://huggingface.co/docs/transformers/main_classes/tokenizer",
        "https://discuss.huggingface.co/t/indexerror-index-out-of-range-in-self/7100",
    ],
)
def tokenizer_of_another_model(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls(MODELS, MODELS + ".generate"):
        loaded = call.receiver.origin
        name = loaded.argument("pretrained_model_name_or_path", 0).text if loaded is not None else None
        there = _family(name or "")
        if not there or call.guarded or call.chosen:
            continue
        for checkpoint in _tokenizers(call):
            here = _family(checkpoint)
            if here and here != there:
                yield Finding(
                    call,
                    f"the tokens are those of {checkpoint} ({here}), and the model is {name} ({there}): their numbers mean other words",
                    help=f'AutoTokenizer.from_pretrained("{name}")',
                )
                break


def _family(checkpoint: str) -> str:
    return next((family for family, pattern in FAMILIES if pattern.search(checkpoint)), "")


def _tokenizers(call: Call) -> Iterator[str]:
    """The checkpoints of the tokenizers whose output the model is given: as the first argument, or as ``**tokens``."""
    for value in call.arguments[:1]:
        taken = value.operation
        seen = encoded(taken[1]) if taken is not None and taken[0] == "[]" else encoded(value)
        if seen is not None:
            yield seen.checkpoint
    names = [keyword.value.id for keyword in call.node.keywords if keyword.arg is None and isinstance(keyword.value, ast.Name)]
    scope = call.functions[-1].node if call.functions else call.file.shape.tree
    for name in names:
        made = [n.value for n in ast.walk(scope) if isinstance(n, ast.Assign) and any(_is(target, name) for target in n.targets)]
        for tokens in call.file.calls(CALLS):
            inner = made[0] if len(made) == 1 else None
            if inner is not None and tokens.node in ast.walk(inner):
                seen = encoded(tokens.result)
                if seen is not None:
                    yield seen.checkpoint


def _is(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name
