"""A Core ML program saved with the suffix of the older format.

Since coremltools 7 `ct.convert` makes an ML program unless told otherwise, and an ML program is a folder:
``model.save("net.mlmodel")`` raises ``For an ML Program, extension must be .mlpackage (not .mlmodel).``

```python bad
import coremltools as ct

model = ct.convert(traced, inputs=[ct.TensorType(shape=(1, 3, 224, 224))])
model.save("net.mlmodel")  # <-
```

```python fixed
import coremltools as ct

model = ct.convert(traced, inputs=[ct.TensorType(shape=(1, 3, 224, 224))])
model.save("net.mlpackage")
```

```python bad
import argparse
import coremltools as ct

parser = argparse.ArgumentParser()
parser.add_argument("--output", default="net.mlmodel")
args = parser.parse_args()
model = ct.convert(traced, convert_to="mlprogram")
model.save(args.output)  # <-
```

```python good
import coremltools as ct

model = ct.convert(traced, convert_to="neuralnetwork")
model.save("net.mlmodel")
older = ct.convert(traced, minimum_deployment_target=ct.target.iOS14)
older.save("older.mlmodel")
ct.convert(traced).save("net.mlpackage")
ct.convert(traced, **options).save("unknown.mlmodel")
```

```python good versions=coremltools==6.3
import coremltools as ct

ct.convert(traced).save("net.mlmodel")
```

References: checked with coremltools 9.0 (`tests/claims/test_coreml.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Fix, Project, rule
from deplint.code.edit import replace_text
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.values import Truth

from . import coreml_kind


@rule(
    "DPL103",
    severity="error",
    leaves=["M.2.1", "M.2.3"],
    see=["https://apple.github.io/coremltools/docs-guides/source/convert-to-ml-program.html"],
)
def mlprogram_saved_as_mlmodel(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("coremltools.{converters.,}convert().save"):
        path = call.argument("save_path", 0)
        if path.ends(".mlmodel") is not Truth.yes and not any(text.lower().endswith(".mlmodel") for text in path.texts):
            continue
        origin = call.receiver.origin
        if origin is None or coreml_kind(origin, project) != "mlprogram":
            continue
        yield Finding(
            call,
            "ct.convert makes an ML program here, which cannot be saved as .mlmodel: save() raises",
            help='save it as .mlpackage, or convert with convert_to="neuralnetwork" if apps still load .mlmodel files',
            fix=_rename(path),
        )


def _rename(path: Value) -> Fix | None:
    text = path.text
    edits = replace_text(path, repr(text[: -len(".mlmodel")] + ".mlpackage").replace("'", '"')) if text else None
    return Fix("save as .mlpackage", edits, safe=False) if edits else None
