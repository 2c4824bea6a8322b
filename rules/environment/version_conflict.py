"""Two pinned packages of which one does not accept the other.

``tensorflow==2.15`` requires ``numpy<2``, ``torchvision==0.17`` one release of torch: pip refuses the list: ``ERROR: Cannot install ...
because these package versions have conflicting dependencies``. What each release requires is read from its metadata.

```text bad path=requirements.txt line=2
torch==2.2.0
torchvision==0.16.0
```

So it is with NumPy.

```text bad path=requirements.txt line=2
tensorflow==2.15.0
numpy==2.0.1
```

These go together.

```text good path=requirements.txt
torch==2.2.0
torchvision==0.17.0
tensorflow==2.15.0
numpy>=1.23
```

Ranges are reported only where no release in them accepts the other; a lock file was made by somebody who solved this.

```text good path=requirements.txt
tensorflow>=2.13
numpy==2.0.1
```

Lines that a marker chooses between, and other index than PyPI, are left alone.

```text good path=requirements.txt
tensorflow==2.15.0; python_version < "3.9"
tensorflow==2.18.0; python_version >= "3.9"
numpy==2.0.1; python_version >= "3.9"
```

Local versions count as the release they are of.

```text good path=requirements.txt
torch==2.2.0+cu121
torchvision==0.17.0+cu121
```

References: METADATA in the wheels of each release (`tools/compatibility.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.pins import Pin, Requirements, canonical
from deplint.settings.released import Release, admitted, bounded, releases, required

WRITTEN = ("requirements", "pyproject", "setup.cfg", "setup.py", "pipfile")


@rule(
    "DPL591",
    severity="error",
    leaves=["S.3.2", "M.4.6", "B.3.2"],
    see=[
        "https://pip.pypa.io/en/stable/topics/dependency-resolution/#dealing-with-dependency-conflicts",
        "https://arxiv.org/abs/2207.10347",
    ],
)
def version_conflict(requirements: Requirements) -> Iterator[Finding]:
    if requirements.kind not in WRITTEN:
        return
    pins = [pin for pin in requirements.packages if pin.ecosystem == "pypi" and not pin.marker and not pin.url and pin.range is not None]
    named = {canonical(pin.name): pin for pin in pins}
    repeated = [pin for pin in requirements.packages if named.get(canonical(pin.name)) not in (None, pin)]
    doubtful = {canonical(pin.name) for pin in repeated}
    for pin in pins:
        if canonical(pin.name) in releases() and canonical(pin.name) not in doubtful and bounded(pin):
            yield from _conflicts(pin, [other for name, other in named.items() if name not in doubtful and other.group in ("", pin.group)])


def _conflicts(pin: Pin, others: list[Pin]) -> Iterator[Finding]:
    chosen = admitted(pin)
    for other in others:
        name = canonical(other.name)
        if other is pin or not chosen or not other.range or other.range.tightness == 0:
            continue
        if all(_refuses(release, name, other) for release in chosen):
            newest = chosen[-1]
            asked = " or ".join(dict.fromkeys(specifier for specifier, _ in newest.requires[name]))
            yield Finding(
                max(pin.place, other.place, key=lambda place: place.span.line if place.span else 0),
                f"{newest.package} {newest.version} requires {name}{asked}, and {name}{other.specifier} is pinned: pip refuses "
                "to install both",
                help=f"let {name} be {asked}, or move {newest.package}",
            )


def _refuses(release: Release, name: str, other: Pin) -> bool:
    wanted = required(release, name)
    return bool(wanted) and other.range is not None and not any((other.range & one).parts for one in wanted)
