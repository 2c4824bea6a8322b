"""A package built for NumPy 1 that pip gives NumPy 2.

ONNX Runtime up to 1.18, tflite-runtime up to 2.14, PyTorch up to 2.2, OpenCV up to 4.9, h5py up to 3.10 and others of their time were
compiled against NumPy 1 and do not say so in their metadata. With NumPy 2, which pip takes unless something forbids it, they raise at
import or at the first call: ``ImportError: numpy.core.multiarray failed to import``, ``numpy.dtype size changed, may indicate binary
incompatibility. Expected 96 from C header, got 88 from PyObject``, ``RuntimeError: Numpy is not available``.

```text bad path=requirements.txt line=1
onnxruntime==1.17.1
fastapi==0.110.0
```

A pin that asks for it is the same.

```text bad path=requirements.txt line=2
numpy==2.0.2
tflite-runtime==2.14.0
```

Kept at 1, or a release that was built for 2:

```text good path=requirements.txt
onnxruntime==1.17.1
numpy<2
```

and

```text good path=requirements.txt
onnxruntime==1.20.1
numpy==2.0.2
```

PyTorch does not need NumPy; it is with NumPy, asked for or brought by torchvision, that ``.numpy()`` and ``ToTensor`` fail.

```text bad path=requirements.txt line=1
torch==2.1.2
torchvision==0.16.2
opencv-python-headless==4.10.0.84
```

```text good path=requirements.txt
torch==2.1.2
fastapi==0.110.0
```

Another package of the list may keep NumPy at 1.

```text good path=requirements.txt
onnxruntime==1.17.1
tensorflow==2.15.0
```

NumPy 2 is for Python 3.9 and later.

```text good path=requirements.txt
onnxruntime==1.17.1
```

```text + path=.python-version
3.8
```

References: executed with NumPy 2.0.2: ONNX Runtime 1.16.3 and 1.18.1, tflite-runtime 2.14.0, opencv-python-headless 4.9.0.80, h5py 3.10.0,
faiss-cpu 1.8.0, pandas 2.0.3, scikit-learn 1.2.2 and 1.3.0, and scikit-image 0.22.0 fail at import; later releases of pandas and
scikit-learn say in their metadata that they want NumPy 1. onnxruntime 1.19 is the first built for NumPy 2
(https://github.com/microsoft/onnxruntime/releases/tag/v1.19.0), PyTorch 2.3
(https://github.com/securefederatedai/openfederatedlearning/issues/999).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.pins import Requirements, canonical
from deplint.settings.ranges import between
from deplint.settings.released import admitted, bounded, required

UNTIL = {
    "onnxruntime": "1.19", "onnxruntime-gpu": "1.19", "tflite-runtime": "2.15", "torch": "2.3", "h5py": "3.11", "faiss-cpu": "1.8.0.post1",
    "opencv-python": "4.10", "opencv-python-headless": "4.10", "opencv-contrib-python": "4.10", "opencv-contrib-python-headless": "4.10",
    "pandas": "2.1", "scikit-learn": "1.3.1", "scikit-image": "0.23",
}  # fmt: skip
"""The first release built for NumPy 2, or that says that it is not; tflite-runtime ended with 2.14."""

WITH_NUMPY = {"torch": ("numpy", "torchvision")}
"""Packages that can do without NumPy, with what brings it."""


@rule(
    "DPL592",
    severity="error",
    leaves=["S.3.2", "M.4.6"],
    see=["https://github.com/microsoft/onnxruntime/issues/21063", "https://numpy.org/doc/stable/numpy_2_0_migration_guide.html"],
)
def numpy2_breaks(requirements: Requirements, project: Project) -> Iterator[Finding]:
    if requirements.kind not in ("requirements", "pyproject", "setup.cfg", "setup.py"):
        return
    pins = [pin for pin in requirements.packages if pin.ecosystem == "pypi" and not pin.group]
    two, nine = between("2.0", None), between("3.9", None)
    if two is None or nine is None or requirements.includes:
        return
    for pin in pins:
        old = between(None, UNTIL.get(canonical(pin.name)))
        if canonical(pin.name) not in UNTIL or pin.marker or pin.range is None or old is None or not bounded(pin) or not pin.range <= old:
            continue
        bringing = WITH_NUMPY.get(canonical(pin.name))
        if bringing and not any(canonical(other.name) in bringing for other in pins):
            continue
        numpy = project.versions.all("numpy", requirements)
        if any(one.range is None or not (one.range & two).parts for one in numpy):
            continue
        python = project.versions.all("python", requirements)
        if any(one.range is None or not one.range <= nine for one in python):
            continue
        if any(not (wanted & two).parts for other in pins for release in admitted(other) for wanted in required(release, "numpy")):
            continue
        yield Finding(
            pin,
            f"{pin.name} {pin.specifier} is built for NumPy 1, and nothing keeps pip from installing NumPy 2: it fails at import or at its "
            "first call",
            help="add numpy<2, or take a newer release",
        )
