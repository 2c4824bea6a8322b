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

Another package of the list may keep NumPy at 1, certainly or in some of its releases.

```text good path=requirements.txt
onnxruntime==1.17.1
tensorflow==2.15.0
```

and

```text good path=requirements.txt
opencv-python-headless==4.7.0.72
kserve>0.10.0
```

NumPy 2 is for Python 3.9 and later.

```text good path=requirements.txt
onnxruntime==1.17.1
```

```text + path=.python-version
3.8
```

A release without wheels for Python 3.9 is installed on an older one.

```text good path=requirements.txt
h5py==2.10.0
torch==1.4.0
torchvision==0.5.0
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
from deplint.settings.pins import Pin, Requirements, canonical
from deplint.settings.ranges import between
from deplint.settings.released import admitted, bounded, required

OPENCV = ("4.5.4", "4.10")
OLD = {
    "onnxruntime": ("1.8", "1.19"), "onnxruntime-gpu": ("1.8", "1.19"), "tflite-runtime": ("2.6", "2.15"), "torch": ("1.8", "2.3"),
    "h5py": ("3.1", "3.11"), "faiss-cpu": ("1.7.1", "1.8.0.post1"), "opencv-python": OPENCV, "opencv-python-headless": OPENCV,
    "opencv-contrib-python": OPENCV, "opencv-contrib-python-headless": OPENCV, "pandas": ("1.2", "2.1"), "scikit-learn": ("0.24", "1.3.1"),
    "scikit-image": ("0.19", "0.23"),
}  # fmt: skip
"""The first release with wheels for Python 3.9, which NumPy 2 needs, and the first that was built for NumPy 2, or says that it was not;
tflite-runtime ended with 2.14."""

LIMITING = frozenset(
    [
        "albumentations",
        "autogluon",
        "contourpy",
        "gensim",
        "gradio",
        "kserve",
        "langchain",
        "langchain-community",
        "langchain-core",
        "matplotlib",
        "mlflow",
        "numba",
        "onnx2tf",
        "paddlepaddle",
        "pandas",
        "sagemaker",
        "shapely",
        "spacy",
        "statsmodels",
        "streamlit",
        "thinc",
        "ultralytics",
    ]
)
"""Packages some of whose releases want NumPy 1, and of which no more is known here."""

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
        old = between(*OLD.get(canonical(pin.name), (None, None)))
        if canonical(pin.name) not in OLD or pin.marker or pin.range is None or old is None or not bounded(pin) or not pin.range <= old:
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
        if any(_may_limit(other) for other in pins):
            continue
        yield Finding(
            pin,
            f"{pin.name} {pin.specifier} is built for NumPy 1, and nothing keeps pip from installing NumPy 2: it fails at import or "
            "with the first array",
            help="add numpy<2, or take a newer release",
        )


def _may_limit(pin: Pin) -> bool:
    """May the package itself want NumPy 1?"""
    free = between(*OLD[canonical(pin.name)]) if canonical(pin.name) in OLD else None
    return canonical(pin.name) in LIMITING and (free is None or pin.range is None or not bounded(pin) or not pin.range <= free)
