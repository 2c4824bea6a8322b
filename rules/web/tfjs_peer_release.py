"""A package for TensorFlow.js that goes with another release of it than the app has.

The ready-made models and further parts name the TensorFlow.js they go with as a peer. npm refuses the installation (``ERESOLVE unable to
resolve dependency tree``), or installs a second TensorFlow.js beside the first: a model of the one knows nothing of the backends of the
other: ``No backend found in registry.``

```json bad path=package.json
{
  "dependencies": {
    "@tensorflow/tfjs": "^4.22.0",
    "@tensorflow-models/posenet": "^2.2.2" // <-
  }
}
```

The app's own is the older one:

```json bad path=package.json
{
  "dependencies": {
    "@tensorflow/tfjs": "2.8.6",
    "@tensorflow-models/coco-ssd": "2.2.3", // <-
    "@tensorflow-models/mobilenet": "*"
  }
}
```

```json good path=package.json
{
  "dependencies": {
    "@tensorflow/tfjs": "^4.22.0",
    "@tensorflow-models/coco-ssd": "^2.2.3",
    "@tensorflow-models/posenet": "latest",
    "@tensorflow-models/pose-detection": "^2.1.0"
  }
}
```

An override is a decision, and Yarn leaves peers to the app.

```json good path=package.json
{
  "dependencies": {"@tensorflow/tfjs": "^4.22.0", "@tensorflow-models/posenet": "^2.2.2"},
  "overrides": {"@tensorflow/tfjs-core": "4.22.0", "@tensorflow/tfjs-converter": "4.22.0"}
}
```

References: `peerDependencies` on the npm registry (`deplint/data/npm_peers.json`, made by `tools/npm_peers.py`); npm 10 with the first
example installs tfjs-core 3.21.0 beside 4.22.0.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.data import load
from deplint.settings.packages import PackageJson
from deplint.settings.pins import Pin
from deplint.settings.ranges import Range, between, parse

OWN = ("@tensorflow/tfjs-core", "@tensorflow/tfjs", "@tensorflow/tfjs-node", "@tensorflow/tfjs-node-gpu")


@rule(
    "DPL824",
    severity="error",
    leaves=["B.3.2"],
    see=["https://stackoverflow.com/questions/50521961", "https://docs.npmjs.com/cli/v10/configuring-npm/package-json#peerdependencies"],
)
def tfjs_peer_release(packages: PackageJson, project: Project) -> Iterator[Finding]:
    folder = Path(os.path.abspath(packages.path)).parent
    if any(project.file(above / "yarn.lock") is not None for above in (folder, *folder.parents) if above.is_relative_to(project.root)):
        return  # Yarn installs no peers and only warns of them
    if any("@tensorflow/" in str(packages.data.get(key, "")) for key in ("overrides", "resolutions", "pnpm")):
        return
    own = next(
        (pin for name in OWN if (pin := packages.dependency(name)) is not None and pin.range is not None and pin.range.tightness >= 2), None
    )
    if own is None or own.range is None:
        return
    for pin in packages.packages:
        wanted = _peers(pin) if pin.name.startswith("@tensorflow") and pin.group != "peer" else []
        ranges = [parse(peer, "npm") for peer in wanted]
        if wanted and all(peer is not None and not (_major(peer) & own.range).parts for peer in ranges):
            yield Finding(
                pin,
                f"{pin.name} {pin.specifier} goes with TensorFlow.js {' or '.join(wanted[-2:])}, here is {own.name} {own.specifier}",
                help="take a release of it for this TensorFlow.js, or TensorFlow.js for it",
            )


def _major(peer: Range) -> Range:
    """All releases of the major versions that are admitted: another minor version mostly works."""
    found = peer
    for major in range(1, 10):
        whole = between(str(major), str(major + 1))
        if whole is not None and (whole & peer).parts:
            found |= whole
    return found


def _peers(pin: Pin) -> list[str]:
    """What the releases that a pin admits require of TensorFlow.js; empty if it admits others, or any."""
    if pin.range is None or pin.range.tightness < 2:
        return []
    found = []
    for peer, releases in load("npm_peers")["rows"].get(pin.name, {}).items():
        exact = [parse(release, "npm") for release in releases]
        if any(release is not None and (release & pin.range).parts for release in exact):
            found.append(str(peer))
    return found
