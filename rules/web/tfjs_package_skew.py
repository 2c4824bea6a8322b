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

Before version 1.0 each part had numbers of its own.

```json bad path=package.json
{
  "dependencies": {
    "@tensorflow/tfjs": "0.11.4",
    "@tensorflow/tfjs-converter": "^0.6.1" // <-
  }
}
```

Within a major version, too, each requires the core of its own release.

```json bad path=package.json
{
  "dependencies": {
    "@tensorflow/tfjs-core": "3.3.0",
    "@tensorflow/tfjs-converter": "3.21.0", // <-
    "@tensorflow/tfjs-backend-webgl": "^3.1.0"
  }
}
```

What only the tools of the app use may be of another release: it has a core of its own.

```json good path=package.json
{
  "dependencies": {
    "@tensorflow/tfjs-core": "3.5.0",
    "@tensorflow/tfjs-backend-webgl": "3.5.0"
  },
  "devDependencies": { "@tensorflow/tfjs": "^3.9.0" }
}
```

In a page:

```html bad
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js"></script>
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs-backend-wasm@2.8.6/dist/tf-backend-wasm.min.js"></script> <!-- <- -->
```

References: checked with TensorFlow.js 4.22.0 and its WebAssembly backend 3.21.0; peerDependencies on npm, 2.0.1, 3.3.0 and 4.22.0; https://stackoverflow.com/questions/56047654
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.source import SourceFile
from deplint.finding import Place
from deplint.settings.packages import PackageJson
from deplint.settings.pins import Pin
from deplint.settings.ranges import Range, between, parse

BEFORE = {
    8: {"core": 6, "layers": 3}, 9: {"core": 7, "layers": 4}, 10: {"core": 8, "layers": 5}, 11: {"core": 11, "layers": 6, "converter": 4},
    12: {"core": 12, "layers": 7, "converter": 5}, 13: {"core": 13, "layers": 8, "converter": 6},
    14: {"core": 14, "layers": 9, "converter": 7, "data": 1}, 15: {"core": 15, "layers": 10, "converter": 8, "data": 2},
}  # fmt: skip
"""Before 1.0 the parts counted for themselves: N of @tensorflow/tfjs 0.N -> part -> M of the 0.M it is made of, as npm has it."""

PARTS = ("", "-core", "-layers", "-converter", "-data", "-backend-cpu", "-backend-webgl", "-backend-wasm", "-backend-webgpu")
"""The packages that are released together; others (tfjs-vis, tfjs-tflite, tfjs-react-native) count for themselves."""


@rule(
    "DPL807",
    severity="error",
    leaves=["B.3.2"],
    see=["https://stackoverflow.com/questions/56047654", "https://stackoverflow.com/questions/50521961"],
)
def tfjs_package_skew(packages: PackageJson | SourceFile, project: Project) -> Iterator[Finding]:
    if isinstance(packages, SourceFile):
        parts = _tags(packages) if packages.language == "html" else []
    elif any("@tensorflow/" in str(packages.data.get(key, "")) for key in ("overrides", "resolutions", "pnpm")):
        return
    else:
        pins = ((part, packages.dependency(f"@tensorflow/tfjs{part}")) for part in PARTS)
        parts = [(part, pin, pin.range, pin.specifier or "") for part, pin in pins if pin is not None and pin.range is not None]
    first: tuple[str, int, str] | None = None
    for part, at, wanted, written in parts:
        major, name = _major(wanted), f"@tensorflow/tfjs{part}"
        if first is None:
            first = (name, major, written) if major is not None else None
        elif major is not None and major != first[1]:
            yield Finding(
                at,
                f"{name} is of version {major}, {first[0]} of version {first[1]}: their kernels and backends do not fit together",
                help=f"give all @tensorflow/tfjs packages the version of {first[0]}, {first[2]}",
            )
    yield from _before(parts)
    if isinstance(packages, PackageJson) and project.file(Path(os.path.abspath(packages.path)).parent / "yarn.lock") is None:
        yield from _apart([part for part in parts if not (isinstance(part[1], Pin) and part[1].group == "dev")] or parts)


Part = tuple[str, Pin | Place, Range, str]
"""A part of TensorFlow.js, where it is named, the releases admitted, and how that is written."""


def _tags(page: SourceFile) -> list[Part]:
    """The parts that a page loads, each from an address with its version."""
    found: list[Part] = []
    for tag in page.imports:
        part = tag.package.removeprefix("@tensorflow/tfjs")
        used = parse(tag.version, "npm") if tag.kind == "script" and part in PARTS and tag.version not in ("", "latest") else None
        if used is not None and tag.package.startswith("@tensorflow/tfjs"):
            found.append((part, tag.place, used, tag.version))
    return sorted(found, key=lambda part: PARTS.index(part[0]))


def _before(parts: Sequence[Part]) -> Iterator[Finding]:
    """Parts of other releases than the TensorFlow.js before 1.0 that is made of them; old parts beside a later one."""
    whole = next((wanted for part, _, wanted, _ in parts if not part), None)
    if whole is None:
        return
    old = next((n for n in BEFORE if (series := between(f"0.{n}", f"0.{n + 1}")) is not None and whole <= series), None)
    for part, at, wanted, written in parts:
        name = part.removeprefix("-")
        if name not in ("core", "layers", "converter", "data"):
            continue
        minor = BEFORE.get(old, {}).get(name) if old is not None else None
        series = between(f"0.{minor}", f"0.{minor + 1}") if minor is not None else None
        early, later = between(None, "1.0.0.dev0"), between("1.0", None)
        if series is not None and not (series & wanted).parts:
            yield Finding(
                at,
                f"@tensorflow/tfjs 0.{old} is made of {name} 0.{minor}, this is {written}: two releases that do not fit together",
                help=f"leave it out: @tensorflow/tfjs brings {name}",
            )
        elif early is not None and later is not None and wanted <= early and whole <= later:
            yield Finding(
                at,
                f"{name} {written} is older than the @tensorflow/tfjs beside it: two releases that do not fit together",
                help=f"leave it out: @tensorflow/tfjs brings {name}",
            )


def _apart(parts: Sequence[Part]) -> Iterator[Finding]:
    """Parts of one major version whose releases have none in common: since 1.0 each requires the core of its own release."""
    later = between("1.0", None)
    known = [part for part in parts if later is not None and part[2] <= later]
    for part, at, wanted, written in known[1:]:
        first, _, whole, named = known[0]
        if not (wanted & whole).parts and _major(wanted) == _major(whole) is not None:
            yield Finding(
                at,
                f"@tensorflow/tfjs{part} {written} requires the core of its own release, @tensorflow/tfjs{first} {named} is of another: "
                "npm stops (ERESOLVE), or installs a second core that knows none of the backends of the first",
                help=f"give all @tensorflow/tfjs packages the version of @tensorflow/tfjs{first}, {named}",
            )


def _major(wanted: Range) -> int | None:
    """The major version, if only one is admitted, and not 0: backends began there beside later versions of the rest."""
    return next((major for major in range(1, 10) if (series := between(str(major), str(major + 1))) and wanted <= series), None)
