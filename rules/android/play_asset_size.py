"""A model that makes an Android app larger than Google Play takes.

What lies in an app's `assets` is part of its base module, and of that no more than 200 MB may be downloaded, packed as
they are; weights hardly get smaller by that. Larger models come as an asset pack (Play Asset Delivery) or are
downloaded by the app.

```graph bad path=app/src/main/assets/net.tflite line=1
model tflite ir=3 size=230000000
graph main
  input x float32[1,4]
  op RELU@1 (x) -> (y float32[1,4])
  output y
```

```graph good path=app/src/main/assets/net.tflite
model tflite ir=3 size=150000000
graph main
  input x float32[1,4]
  op RELU@1 (x) -> (y float32[1,4])
  output y
```

```graph good path=packs/src/large/net.tflite
model tflite ir=3 size=230000000
graph main
  input x float32[1,4]
  op RELU@1 (x) -> (y float32[1,4])
  output y
```

References: Google Play's maximum size limits, as of 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, rule

ASSETS = re.compile(r"(?:^|/)(?:app/src/\w+|app|android/app/src/main)/assets/")


@rule("DPL544", severity="warning", leaves=["M.4.2"], see=["https://support.google.com/googleplay/android-developer/answer/9859372"])
def play_asset_size(model: Model, *, limit_megabytes: int = 200) -> Iterator[Finding]:
    if ASSETS.search(model.path) and model.size > limit_megabytes * 1_000_000:
        yield Finding(
            model,
            f"{model.size / 1e6:,.0f} MB lie in the app's assets: Google Play takes no more than {limit_megabytes} MB with an app",
            help="deliver it as an asset pack (Play Asset Delivery), download it, or quantize it",
        )
