"""Prompts padded on the right, for a model that goes on writing at their end.

The tokenizers of GPT-2 and its kin pad on the right. A decoder writes what follows the last token: behind a shorter prompt these are
paddings, and what it writes is worse or nonsense. transformers warns as it runs, ``A decoder-only architecture is being used, but
right-padding was detected!``, and goes on.

```python bad
from transformers import AutoTokenizer, GPT2LMHeadModel

class Generator:
    def __init__(self, path="models/gpt2-blurbs"):
        self.tokenizer = AutoTokenizer.from_pretrained("gpt2")
        self.tokenizer.pad_token = self.tokenizer.eos_token
        self.model = GPT2LMHeadModel.from_pretrained(path).eval()

    def __call__(self, prompts):
        encoded = self.tokenizer(prompts, return_tensors="pt", padding=True)
        return self.model.generate(**encoded, max_new_tokens=60)  # <-
```

```python good
from transformers import AutoTokenizer, GPT2LMHeadModel

class Generator:
    def __init__(self, path="models/gpt2-blurbs"):
        self.tokenizer = AutoTokenizer.from_pretrained("gpt2", padding_side="left")
        self.tokenizer.pad_token = self.tokenizer.eos_token
        self.model = GPT2LMHeadModel.from_pretrained(path).eval()

    def __call__(self, prompts):
        encoded = self.tokenizer(prompts, return_tensors="pt", padding=True)
        return self.model.generate(**encoded, max_new_tokens=60)
```

One prompt is not padded, other tokenizers pad on the left, and encoders with decoders do not mind.

```python good
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = AutoModelForCausalLM.from_pretrained("gpt2")
model.generate(**tokenizer("Once", return_tensors="pt"))
model.generate(**tokenizer("Once", return_tensors="pt", padding=True))
llama = AutoTokenizer.from_pretrained("meta-llama/Llama-2-7b-hf")
AutoModelForCausalLM.from_pretrained("meta-llama/Llama-2-7b-hf").generate(**llama(["a", "b c"], return_tensors="pt", padding=True))
t5 = AutoTokenizer.from_pretrained("t5-small")
AutoModelForSeq2SeqLM.from_pretrained("t5-small").generate(**t5(["a", "b c"], return_tensors="pt", padding=True))
```

References: `generation/utils.py` and `models/gpt2/tokenization_gpt2.py` of transformers 5.23.0.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile

TOKENIZERS = "transformers.{AutoTokenizer,GPT2Tokenizer,GPT2TokenizerFast}"
PADS_RIGHT = re.compile(
    r"(?:openai-community/)?(?:distil)?gpt2(?:-(?:medium|large|xl))?|microsoft/DialoGPT-\w+|EleutherAI/gpt-(?:neo|j)-[\w.]+"
)
"""Checkpoints whose tokenizer says nothing of a side, so that it is the right one."""


@rule(
    "DPL886",
    severity="warning",
    leaves=["S.6.3", "S.5.3"],
    see=[
        "https://huggingface.co/docs/transformers/llm_tutorial#padding-side",
        "https://github.com/huggingface/transformers/blob/v4.57.1/src/transformers/generation/utils.py",
    ],
)
def padded_on_the_right(file: PythonFile) -> Iterator[Finding]:
    if "padding_side" in file.text:
        return
    scopes = [node for node in ast.walk(file.shape.tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    for call in file.calls(TOKENIZERS + ".from_pretrained()"):
        if call.file is not file or not _pads_right(call.receiver):
            continue
        text, padding = call.argument("text", 0), call.argument("padding")
        several = text.items is None or len(text.items) > 1
        if padding.python() not in (True, "longest", "max_length") or text.text is not None or not several:
            continue
        around = next((scope for scope in reversed(scopes) if any(node is call.node for node in ast.walk(scope))), file.shape.tree)
        for generation in _generations(around, call.node):
            yield Finding(
                file.place_of(generation),
                "the prompts are padded on the right, as this tokenizer does, and the model goes on behind the padding",
                help='make the tokenizer with padding_side="left"',
            )


def _generations(scope: ast.AST, encoding: ast.AST) -> Iterator[ast.Call]:
    """The calls of `generate` that are given what a call in the same function encoded."""
    names = {
        statement.targets[0].id
        for statement in ast.walk(scope)
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and any(n is encoding for n in ast.walk(statement))
    }
    for node in ast.walk(scope):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "generate":
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            if any(isinstance(inner, ast.Name) and inner.id in names for value in given for inner in ast.walk(value)):
                yield node


def _pads_right(tokenizer: Value) -> bool:
    made = tokenizer.origin
    if made is None:
        return False
    name = made.argument("pretrained_model_name_or_path", 0).text
    return "GPT2" in made.name or (name is not None and PADS_RIGHT.fullmatch(name) is not None)
