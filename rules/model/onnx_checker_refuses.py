"""An ONNX model that the ONNX checker refuses and ONNX Runtime loads.

The shapes that a model notes for its tensors are not those that its operators give, or something is stored in a way the
standard forbids: one weight under two names' worth of data, keys of metadata twice, functions written for another
operator set, a constant with two values, a fault in a function that nothing calls. ONNX Runtime warns at most
(``Expected shape from model of {1,12} does not match actual shape of {1,10} for output logits``).
`onnx.checker.check_model(model, full_check=True)` and the tools that begin with it stop, and those that plan memory by
the noted shapes plan wrongly.

Here the model says that its output has 5 columns; `MatMul` gives 2.

```hex bad path=net.onnx line=1
08 08 3a 55 0a 11 0a 01 78 0a 01 77 12 01 79 22 06 4d 61 74 4d 75 6c 12 01 67 5a 13 0a 01 78 12 0e 0a 0c 08 01
12 08 0a 02 08 01 0a 02 08 03 5a 13 0a 01 77 12 0e 0a 0c 08 01 12 08 0a 02 08 03 0a 02 08 02 62 13 0a 01 79 12
0e 0a 0c 08 01 12 08 0a 02 08 01 0a 02 08 05 42 04 0a 00 10 11
```

```hex good path=net.onnx
08 08 3a 55 0a 11 0a 01 78 0a 01 77 12 01 79 22 06 4d 61 74 4d 75 6c 12 01 67 5a 13 0a 01 78 12 0e 0a 0c 08 01
12 08 0a 02 08 01 0a 02 08 03 5a 13 0a 01 77 12 0e 0a 0c 08 01 12 08 0a 02 08 03 0a 02 08 02 62 13 0a 01 79 12
0e 0a 0c 08 01 12 08 0a 02 08 01 0a 02 08 02 42 04 0a 00 10 11
```

References: asked of onnx 1.23 and onnxruntime 1.32 (`tests/seeded.py`, `tests/claims/test_onnx_checker.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

from .onnx_not_sound import NOTED, folded, lenient, place, said


@rule(
    "DPL485",
    severity="warning",
    leaves=["S.4.2", "M.4.3", "B.4.1"],
    see=["https://onnx.ai/onnx/api/checker.html", "https://github.com/onnx/onnx/blob/main/docs/IR.md"],
)
def onnx_checker_refuses(model: Model) -> Iterator[Finding]:
    found = said(model)
    if found and all(lenient(model, complaint) for complaint in found):
        loads = "" if folded(model, found[0]) else ", which ONNX Runtime loads"
        # The others may follow from the first: inference goes on with what is noted.
        yield Finding(
            place(model, found[0]),
            f"onnx.checker refuses the model{loads}: {found[0].message}",
            help="clear the noted shapes and let onnx.shape_inference write them anew, or export the model again"
            if NOTED in found[0].message
            else "export the model again, or remove what the checker names",
        )
