"""What a tokenizer of transformers gives a network, as far as the code says it.

seen = encoded(value)
if seen is not None and seen.length is not None:
    print("ids of", seen.length)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from deplint.code.facts import Call, Value
from deplint.code.patterns import matcher

TOKENIZER = "transformers.{,**.}{Auto,}*Tokenizer*.from_pretrained()"
CALLS = TOKENIZER + "{,.encode_plus,.batch_encode_plus,.__call__}"
"""Calls of a tokenizer that give a network's inputs."""
_CALLS = matcher(CALLS)
NAMES = ("input_ids", "attention_mask", "token_type_ids")
_PAIRS = re.compile(
    r"(?:google-bert/)?bert-(?:base|large)-|(?:albert/)?albert-(?:base|large|xlarge|xxlarge)-|google/electra-(?:small|base|large)-|"
    r"microsoft/deberta-(?:v3-)?(?:xsmall|small|base|large)|sentence-transformers/all-MiniLM-L|BAAI/bge-(?:small|base|large)-en|"
    r"intfloat/e5-(?:small|base|large)(?:-v2)?$"
)
"""Checkpoints whose tokenizer gives `token_type_ids` unless told not to (`model_input_names` of its class)."""
_PAIR_CLASSES = re.compile(r"transformers\.(?:Bert|Albert|Electra|Deberta|DebertaV2)Tokenizer(?:Fast)?\.")


@dataclass(frozen=True)
class Encoded:
    """Tokens of texts: how many each has (None if that is not fixed), whether `token_type_ids` are certainly among them, and what kind of
    tensor they are (``np``, ``pt``, empty if they are lists or it is not known). `checkpoint` is where the tokenizer comes from."""

    length: int | None
    types: bool
    tensors: str
    checkpoint: str
    call: Call


def encoded(value: Value) -> Encoded | None:
    """What a call of a tokenizer gives as a whole."""
    made = value.origin
    if made is None or not _CALLS(made.name):
        return None
    padding, longest, kind = made.argument("padding"), made.argument("max_length"), made.argument("return_tensors")
    whole = padding.text == "max_length" and made.argument("truncation").python() in (True, "longest_first")
    length = longest.python() if whole else None
    loaded = made.receiver.origin
    checkpoint = (loaded.argument("pretrained_model_name_or_path", 0).text or "") if loaded is not None else ""
    types = made.argument("return_token_type_ids").missing and (
        _PAIRS.match(checkpoint) is not None or _PAIR_CLASSES.match(made.name) is not None
    )
    return Encoded(length if isinstance(length, int) else None, types and not made.open, kind.text or "", checkpoint, made)


def one_of(value: Value) -> Encoded | None:
    """The same of one of its tensors, ``tokens["input_ids"]``, with its dtype unchanged."""
    operation, holder = value.operation, value.holder
    if operation is not None and operation[0] == "[]" and operation[2].text in NAMES:
        return encoded(operation[1])
    if holder is not None and value.name.rpartition(".")[2] in NAMES:
        return encoded(holder)
    return None
