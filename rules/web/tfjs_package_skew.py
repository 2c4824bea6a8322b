"""TensorFlow.js packages of different major versions in one app.

The parts of TensorFlow.js find each other through a registry of kernels and backends that changes with them; each
release is made of parts of the same version. Of another major version they end in ``Kernel 'Softplus' not registered
for backend 'wasm'`` or ``Cannot read property 'concat' of undefined``.

```json bad path=package.json
{
  "dependencies": {
    "@tensorflow/tfjs": "4.22.0",
    "@tensorflow/tfjs-backend-wasm": "3.21.0", // <-
    "react": "18.3.1"
  }
}
```

```json good path=package.json
{
  "dependencies": {
    "@tensorflow/tfjs": "^4.22.0",
    "@tensorflow/tfjs-backend-wasm": "^4.20.0",
    "@tensorflow/tfjs-core": "latest",
    "@tensorflow/tfjs-backend-webgpu": "^0.0.1-alpha.14",
    "@tensorflow/tfjs-vis": "1.5.1",
    "@tensorflow/tfjs-tflite": "0.0.1-alpha.10"
  }
}
```

References: checked with TensorFlow.js 4.22.0 and its WebAssembly backend 3.21.0; https://stackoverflow.com/questions/56047654
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.packages import PackageJson
from deplint.settings.pins import Pin
from deplint.settings.ranges import between

PARTS = ("", "-core", "-layers", "-converter", "-data", "-backend-cpu", "-backend-webgl", "-backend-wasm", "-backend-webgpu")
"""The packages that are released together; others (tfjs-vis, tfjs-tflite, tfjs-react-native) count for themselves."""


@rule(
    "DPL807",
    severity="error",
    leaves=["B.3.2"],
    see=["https://stackoverflow.com/questions/56047654", "https://stackoverflow.com/questions/50521961"],
)
def tfjs_package_skew(packages: PackageJson) -> Iterator[Finding]:
    if any("@tensorflow/" in str(packages.data.get(key, "")) for key in ("overrides", "resolutions", "pnpm")):
        return
    first: tuple[Pin, int] | None = None
    for part in PARTS:
        pin = packages.dependency(f"@tensorflow/tfjs{part}")
        major = _major(pin) if pin is not None else None
        if pin is None or major is None:
            continue
        if first is None:
            first = pin, major
        elif major != first[1]:
            yield Finding(
                pin,
                f"{pin.name} is of version {major}, {first[0].name} of version {first[1]}: their kernels and backends do not fit together",
                help=f"give all @tensorflow/tfjs packages the version of {first[0].name}, {first[0].specifier}",
            )


def _major(pin: Pin) -> int | None:
    """The major version, if only one is admitted, and not 0: backends began there beside later versions of the rest."""
    if pin.range is None:
        return None
    return next((major for major in range(1, 10) if (wanted := between(str(major), str(major + 1))) and pin.range <= wanted), None)
