"""TensorFlow Lite metadata name a file that is not packed with the model.

Metadata for the Task and Support libraries name files, such as the labels of a classifier, that lie in a zip archive behind the model. What
writes the model anew (a quantizer, a compiler for an accelerator, a script that changes a tensor) keeps the metadata and loses the archive;
then ``ImageClassifier.create_from_file`` and its like fail: ``No associated file with name: labels.txt``.

```graph bad path=app/src/main/assets/net.tflite line=1
model tflite
metadata metadata.name=ImageClassifier
metadata metadata.files=labels.txt
graph main
  input image float32[1,96,96,3]
  op RESHAPE (image) -> (probs)
  output probs float32[1,4] traits(files=[labels.txt], labels=[labels.txt])
```

```graph good path=app/src/main/assets/net.tflite
model tflite
metadata metadata.name=ImageClassifier
metadata metadata.files=labels.txt
metadata file/labels.txt="cat\\ndog\\nnewt\\nowl\\n"
graph main
  input image float32[1,96,96,3]
  op RESHAPE (image) -> (probs)
  output probs float32[1,4] traits(files=[labels.txt], labels=[labels.txt])
```

References: run with tflite-support 0.4.4 (`tests/claims/test_tflite_metadata.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.formats.tflite import FILES_LIMIT, PACKED


@rule("DPL456", severity="warning", leaves=["M.4.3", "M.6.4", "M.2.4"], see=["https://ai.google.dev/edge/litert/models/metadata"])
def tflite_file_not_packed(model: Model) -> Iterator[Finding]:
    packed = [key.removeprefix(PACKED) for key in model.metadata if key.startswith(PACKED)]
    if model.format != "tflite" or len(packed) >= FILES_LIMIT:
        return
    named = [name for tensor in (*model.inputs, *model.outputs) for name in tensor.traits.get("files", ())]
    if missing := [name for name in dict.fromkeys(named) if name not in packed]:
        yield Finding(
            model,
            f"its metadata name {missing[0]}, which is not packed with the model: "
            "the Task Library refuses it, No associated file with name",
            help="populate the metadata anew (MetadataPopulator.load_associated_files) after the last tool that writes the model",
        )
