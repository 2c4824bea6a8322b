"""Layers that dynamic quantization of PyTorch does not quantize.

`torch.ao.quantization.quantize_dynamic` has dynamic kernels for `Linear`, `LSTM`, `GRU`, `RNNCell`, `LSTMCell` and `GRUCell`. Convolutions,
normalisation and activations named in its `qconfig_spec` stay in float, without a word; embeddings raise ``Embedding quantization is only
supported with float_qparams_weight_only_qconfig``.

```python bad
import torch
from torch import nn

quantized = torch.ao.quantization.quantize_dynamic(model, {nn.Linear, nn.Conv2d}, dtype=torch.qint8)  # <-
other = torch.quantization.quantize_dynamic(model, {nn.Embedding}, dtype=torch.qint8)  # <-
```

```python good
import torch
from torch import nn

quantized = torch.ao.quantization.quantize_dynamic(model, {nn.Linear, nn.LSTM}, dtype=torch.qint8)
half = torch.ao.quantization.quantize_dynamic(model, dtype=torch.float16)
embedding = torch.ao.quantization.quantize_dynamic(
    model, {nn.Embedding: torch.ao.quantization.float_qparams_weight_only_qconfig}, dtype=torch.quint8
)
chosen = torch.ao.quantization.quantize_dynamic(model, layers, dtype=torch.qint8)
```

References: checked with torch 2.13 (`tests/claims/test_torch_quantization.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile
from deplint.code.values import Truth

from . import TORCH

LEFT = "torch.nn.{Conv*d,ConvTranspose*d,BatchNorm*d,LayerNorm,GroupNorm,RNN,MultiheadAttention,ReLU,GELU,Softmax}"
REFUSED = "torch.nn.{Embedding,EmbeddingBag}"


@rule(
    "DPL208",
    severity="warning",
    leaves=["M.2.6", "S.2.5"],
    see=["https://docs.pytorch.org/docs/stable/generated/torch.ao.quantization.quantize_dynamic.html"],
)
def dynamic_quantization_leaves_layers(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls(TORCH + "quantize_dynamic"):
        spec, mapping = call.argument("qconfig_spec", 1), call.argument("mapping", 3)
        if call.guarded or spec.items is None or spec.entries is not None or not mapping.missing:
            continue
        left = [kind.name.rpartition(".")[2] for kind in spec.items if kind.is_(LEFT) is Truth.yes]
        refused = [kind.name.rpartition(".")[2] for kind in spec.items if kind.is_(REFUSED) is Truth.yes]
        if refused:
            yield Finding(
                call,
                f"dynamic quantization of {refused[0]} raises: only supported with float_qparams_weight_only_qconfig",
                help=f"pass {{nn.{refused[0]}: float_qparams_weight_only_qconfig}} with dtype=torch.quint8, or leave it out",
            )
        elif left:
            yield Finding(
                call,
                f"quantize_dynamic leaves {', '.join(left)} in float: there is no dynamic kernel",
                help="quantize statically (prepare, calibrate, convert), or leave it out of the set",
            )
