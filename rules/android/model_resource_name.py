"""A model among the resources whose name no resource may have.

Files in ``res/raw`` become constants of `R`. Names with capitals, hyphens or a digit in front stop the build: ``'M' is not a valid
file-based resource name character: File-based resource names must contain only lowercase a-z, 0-9, or underscore``.

```graph bad path=app/src/main/res/raw/MobileNet-v2.tflite
model tflite <-
graph main
  input image float32[1,224,224,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,5])
  output scores
```

The same file is fine among the assets, or with another name.

```graph good path=app/src/main/assets/MobileNet-v2.tflite
model tflite
graph main
  input image float32[1,224,224,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,5])
  output scores
```

```graph good path=app/src/main/res/raw/mobilenet_v2.tflite
model tflite
graph main
  input image float32[1,224,224,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,5])
  output scores
```

References: reports of the build's error: mikepenz/AboutLibraries#462 (in res/raw) and mikebranstein/TheNativeScriptBook#8 (a hyphen).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, rule

_RAW = re.compile(r"(?:^|/)src/\w+/res/raw(?:-[\w-]+)?/([^/.]*)[^/]*$")
_VALID = re.compile(r"[a-z_][a-z0-9_]*")


@rule(
    "DPL312",
    severity="error",
    leaves=["M.4.2", "M.4.3"],
    see=[
        "https://github.com/mikepenz/AboutLibraries/issues/462",
        "https://github.com/mikebranstein/TheNativeScriptBook/issues/8",
    ],
)
def model_resource_name(model: Model) -> Iterator[Finding]:
    match = _RAW.search(model.path)
    if match and not _VALID.fullmatch(match[1]):
        yield Finding(
            model,
            f'a resource cannot be called "{match[1]}": names of files in res/raw hold lowercase letters, digits and underscores only, and '
            "the build stops",
            help="rename the file, or put it into assets",
        )
