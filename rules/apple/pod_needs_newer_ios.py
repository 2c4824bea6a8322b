"""A pod that needs a newer iOS than the Podfile's platform.

CocoaPods installs a pod only where the app's platform is at least the pod's: ``Specs satisfying the `onnxruntime-objc (= 1.20.0)`
dependency were found, but they required a higher minimum deployment target``.

```ruby bad path=ios/Podfile
platform :ios, '12.0'
target 'App' do
  pod 'onnxruntime-objc', '1.20.0'  # <-
  pod 'TensorFlowLiteSwift', '~> 2.14.0'
end
```

Without a version CocoaPods takes the newest that fits.

```ruby good path=ios/Podfile
platform :ios, '13.0'
target 'App' do
  pod 'onnxruntime-objc', '1.20.0'
  pod 'GoogleMLKit/FaceDetection'
end
```

References: `TensorFlowLiteSwift.podspec` 2.14.0 (12.0); https://github.com/microsoft/onnxruntime-swift-package-manager/pull/21 (ONNX
Runtime 1.19: 13.0); https://developers.google.com/ml-kit/release-notes and
https://github.com/flutter-ml/google_ml_kit_flutter/pull/693 (ML Kit 7.0.0: 15.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.packages import Podfile
from deplint.settings.ranges import between

NEEDED = (
    (r"TensorFlowLite(?:Swift|ObjC|C)", "2.14.0", "12.0"),
    (r"onnxruntime-(?:objc|c)", "1.19.0", "13.0"),
    (r"GoogleMLKit", "7.0.0", "15.5"),
)
"""Pods, the first release, and the oldest iOS it is for."""


@rule(
    "DPL770",
    severity="error",
    leaves=["M.4.2", "M.4.6"],
    see=[
        "https://github.com/microsoft/onnxruntime-swift-package-manager/pull/21",
        "https://developers.google.com/ml-kit/release-notes",
    ],
)
def pod_needs_newer_ios(file: Podfile) -> Iterator[Finding]:
    if not file.ios or not re.fullmatch(r"\d+(\.\d+)*", file.ios):
        return
    for pin in file.packages:
        for pod, since, ios in NEEDED:
            newer = between(since, None)
            admitted = pin.range if pin.specifier else None
            if re.fullmatch(pod, pin.name) and admitted and newer and admitted <= newer and _number(file.ios) < _number(ios):
                yield Finding(
                    pin.place,
                    f"{pin.name} {since} and later is for iOS {ios}, the platform is iOS {file.ios}: "
                    "'required a higher minimum deployment target'",
                    help=f"platform :ios, '{ios}', also as the app's deployment target",
                )


def _number(version: str) -> tuple[int, ...]:
    return (*(int(part) for part in version.split(".")), 0, 0)[:2]
