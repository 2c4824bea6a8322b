"""What releases of packages for TensorFlow.js say of the TensorFlow.js they go with.

    python -m tools.npm_peers > deplint/data/npm_peers.json

Asks the registry through ``npm view``, once a package.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

PACKAGES = """
    @tensorflow-models/blazeface @tensorflow-models/body-pix @tensorflow-models/coco-ssd @tensorflow-models/face-landmarks-detection
    @tensorflow-models/hand-pose-detection @tensorflow-models/handpose @tensorflow-models/knn-classifier @tensorflow-models/mobilenet
    @tensorflow-models/pose-detection @tensorflow-models/posenet @tensorflow-models/speech-commands @tensorflow-models/toxicity
    @tensorflow-models/universal-sentence-encoder @tensorflow/tfjs-react-native
""".split()  # noqa: SIM905 (a list of words reads better as words)


def rows(package: str) -> dict[str, list[str]]:
    """What is required of @tensorflow/tfjs or its core -> the releases that do, of those that are no pre-releases."""
    asked = ["npm", "view", f"{package}@>=0.0.1", "version", "peerDependencies", "--json"]
    answer: Any = json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    found: dict[str, list[str]] = {}
    for release in answer if isinstance(answer, list) else [answer]:
        peers = release.get("peerDependencies") or {}
        wanted = peers.get("@tensorflow/tfjs-core") or peers.get("@tensorflow/tfjs")
        if wanted:
            found.setdefault(wanted, []).append(release["version"])
    print(package, sum(map(len, found.values())), file=sys.stderr)
    return found


if __name__ == "__main__":
    meta = {"source": "peerDependencies on @tensorflow/tfjs-core (else @tensorflow/tfjs) of each release on the npm registry"}
    print(json.dumps({"meta": meta, "rows": {package: rows(package) for package in PACKAGES}}, indent=1))
