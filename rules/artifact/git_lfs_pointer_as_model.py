"""A Git LFS pointer where the model should be.

A checkout without Git LFS (many build services, "download as zip", `GIT_LFS_SKIP_SMUDGE=1`) leaves a text file of
some 130 bytes in place of the weights. Whatever loads it fails with words that do not say so: ONNX Runtime with
``INVALID_PROTOBUF``, h5py with ``file signature not found``.

```text bad path=models/net.onnx line=1
version https://git-lfs.github.com/spec/v1
oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
size 12345678
```

```hex good path=net.tflite
1c 00 00 00 54 46 4c 33 14 00 20 00 1c 00 18 00 14 00 10 00 0c 00 00 00 08 00 04 00 14 00 00 00
```

References: https://stackoverflow.com/questions/56847637; what loaders say of a pointer was checked (`tests/claims`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.formats.artifact import Artifact


@rule(
    "DPL407",
    severity="error",
    leaves=["S.1.3", "S.4.2", "M.4.3", "B.4.1"],
    see=["https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md#the-pointer", "https://stackoverflow.com/questions/56847637"],
)
def git_lfs_pointer_as_model(artifact: Artifact) -> Iterator[Finding]:
    if artifact.found == "git-lfs-pointer":
        size = f" of {artifact.lfs_size:,} bytes" if artifact.lfs_size is not None else ""
        yield Finding(
            artifact,
            f"this is a Git LFS pointer, not the model{size}: whatever loads it fails",
            help="fetch it with git lfs pull; where it is built or deployed, turn LFS on for the checkout (lfs: true in actions/checkout)",
        )
