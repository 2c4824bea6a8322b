"""A file that does not hold what its name promises.

An interrupted download, an error page saved under the model's name, a checkpoint renamed to `.onnx`, an archive
nobody unpacked: loaders report them as corrupt protobufs or missing signatures. deplint looks at the first bytes and
names what is there.

```html bad path=assets/net.tflite line=1
<!DOCTYPE html>
<html><head><title>404 Not Found</title></head></html>
```

```hex bad path=net.h5 line=1
80 02 8a 0a 6c fc 9c 46 f9 20 6a a8 50 19 2e
```

```hex bad path=weights.onnx line=1
1c 00 00 00 54 46 4c 33 14 00 20 00 00 00 00 00
```

```hex good path=net.tflite
1c 00 00 00 54 46 4c 33 14 00 20 00 1c 00 18 00 14 00 10 00 0c 00 00 00 08 00 04 00 14 00 00 00
```

What says itself that a model is to take its place is known to those who put it there.

```text good path=app/src/main/assets/model.tflite
Starter placeholder. Replace with a trained TensorFlow Lite model.
```

Tests of what loaders say of such files have them on purpose.

```text good path=assets/test/bad_model.tflite
This is not a model.
```

```text good path=test_dir/first.tflite
stub
```

A suffix that several formats share says little, so little is said.

```text good path=labels.pb
item { name: "cat" id: 1 }
```

```json good path=model.json
{"name": "a 3D model", "meshes": []}
```

References: https://stackoverflow.com/questions/44489180; what loaders say was checked (`tests/claims`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from deplint import Finding, rule
from deplint.formats.artifact import KINDS, Artifact

POINTERS = ("git-lfs-pointer", "git-annex-pointer")
MEANT = re.compile(r"(?<![a-z])(?:bad|broken|corrupt(?:ed)?|invalid|malformed)(?![a-z])", re.I)
"""What the names of files say that tests of loaders are to fail with."""

STAND_IN = re.compile(rb"placeholder|replace (?:this|it|me|with)|put your model", re.I)
"""What a text says that is to be replaced by a model."""

TEST = re.compile(r"(?<![a-z])(?:tests?|testdata|fixtures?|mocks?|dummy)(?![a-z])", re.I)
"""What folders of tests are called: a file with nothing or a word in it is enough for many."""


@rule("DPL406", severity="error", leaves=["M.4.3", "S.4.2", "B.4.1"], see=["https://stackoverflow.com/questions/44489180"])
def artifact_content_mismatch(artifact: Artifact) -> Iterator[Finding]:
    if artifact.fits is not False or artifact.found == "git-lfs-pointer" or MEANT.search(PurePath(artifact.place.path).stem):
        return
    if artifact.found == "text" and STAND_IN.search(artifact.head):
        return
    if artifact.found in ("empty", "text") and any(TEST.search(part) for part in PurePath(artifact.place.path).parts[:-1]):
        return
    promised = KINDS.get(artifact.claimed, artifact.claimed)
    if artifact.found == "unknown":
        yield Finding(
            artifact,
            f"the name promises {promised}, the content is no known model format: it cannot be loaded",
            help="export or download it again; a truncated or encrypted file looks like this",
        )
    else:
        yield Finding(
            artifact,
            f"the name promises {promised}, the file holds {artifact.holds}: loading it fails",
            help="export or download it again, or give it the suffix of what it is",
        )
