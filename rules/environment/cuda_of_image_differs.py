"""A package built for another CUDA or cuDNN than the image has.

`onnxruntime-gpu`, `tensorflow` and `ctranslate2` bring no CUDA of their own: they look for the libraries of the release they were built
with, which a newer image has under other names. The package falls back to the CPU, with a line in the log: ``Failed to load library
libonnxruntime_providers_cuda.so with error: libcublasLt.so.11: cannot open shared object file``, ``Could not load dynamic library
'libcudart.so.11.0'``, ``Cannot dlopen some GPU libraries``; ctranslate2 raises, ``Library libcublas.so.12 is not found``.

```dockerfile bad
FROM nvidia/cuda:12.2.2-cudnn8-runtime-ubuntu22.04  # <-
RUN apt-get update && apt-get install -y python3-pip
RUN pip3 install onnxruntime-gpu==1.18.1 fastapi
```

What a list of requirements says counts as well.

```dockerfile bad
FROM nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04  # <-
RUN apt-get update && apt-get install -y python3-pip
COPY requirements.txt .
RUN pip3 install -r requirements.txt
```

```text + path=requirements.txt
tensorflow==2.12.1
flask
```

cuDNN has its own number, and some images have none.

```dockerfile bad
FROM nvidia/cuda:12.1.1-cudnn8-runtime-ubuntu22.04  # <-
RUN pip3 install onnxruntime-gpu==1.20.1
```

```dockerfile bad
FROM nvidia/cuda:12.6.3-runtime-ubuntu22.04  # <-
RUN pip3 install onnxruntime-gpu==1.20.1
```

```dockerfile good
FROM nvidia/cuda:12.6.3-cudnn-runtime-ubuntu22.04
RUN pip3 install onnxruntime-gpu==1.20.1
```

PyTorch brings CUDA along, for others too; so do NVIDIA's packages, and another index has other builds.

```dockerfile good
FROM nvidia/cuda:12.2.2-cudnn8-runtime-ubuntu22.04
RUN pip3 install onnxruntime-gpu==1.18.1 --extra-index-url https://aiinfra.pkgs.visualstudio.com/PublicPackages/_packaging/onnxruntime-cuda-12/pypi/simple/
```

```dockerfile good
FROM nvidia/cuda:12.1.1-base-ubuntu22.04
RUN pip3 install onnxruntime-gpu==1.20.1 torch==2.5.1
```

```dockerfile good
FROM nvidia/cuda:11.8.0-base-ubuntu22.04
RUN pip3 install "tensorflow[and-cuda]==2.17.0"
```

```dockerfile good
FROM nvidia/cuda:12.2.2-runtime-ubuntu22.04
RUN apt-get update && apt-get install -y libcudnn9-cuda-12
RUN pip3 install onnxruntime-gpu==1.20.1
```

Without a version, what is installed is not known.

```dockerfile good
FROM nvidia/cuda:12.2.2-cudnn8-runtime-ubuntu22.04
RUN pip3 install onnxruntime-gpu
```

References: https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html#requirements;
https://www.tensorflow.org/install/source#gpu; https://github.com/OpenNMT/CTranslate2/blob/master/CHANGELOG.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.images import Image
from deplint.settings.pins import Pin
from deplint.settings.ranges import between
from deplint.settings.released import installed, runs

IMAGES = ("nvidia/cuda", "nvcr.io/nvidia/cuda")

BUILT: dict[str, tuple[tuple[str, str | None, str, str], ...]] = {
    "onnxruntime-gpu": (("1.9", "1.19", "11", "8"), ("1.19", "1.24", "12", "9")),
    "tensorflow": (("2.4", "2.15", "11", "8"), ("2.15", "2.18", "12", "8"), ("2.18", "2.21", "12", "9")),
    "tensorflow-gpu": (("2.4", "2.12", "11", "8"),),
    "ctranslate2": (("4.0", "4.5", "12", "8"), ("4.5", "4.7", "12", "9")),
}
"""Package -> (since, before, CUDA, cuDNN) of its wheels on PyPI: major versions, within which NVIDIA's libraries keep their names."""

BRINGS = re.compile(r"(torch|nvidia-.*|cuda-.*|.*-cuda\d*)$")
"""Packages that bring CUDA's libraries along."""
OTHERWISE = re.compile(r"cudnn|libcublas|cuda-(toolkit|libraries|compat|cudart|runtime)|index-url|-i https?:|conda|mamba|nvidia-|\.whl")
"""What in the commands of an image may put other libraries or other builds there."""


@rule(
    "DPL672",
    severity="error",
    leaves=["S.3.1", "S.3.2", "S.3.3"],
    see=[
        "https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html#requirements",
        "https://www.tensorflow.org/install/source#gpu",
        "https://github.com/microsoft/onnxruntime/issues/21769",
    ],
)
def cuda_of_image_differs(file: Dockerfile, project: Project) -> Iterator[Finding]:
    stage = file.final
    image = stage.root
    cuda, cudnn = _inside(image)
    if image is None or not cuda or OTHERWISE.search(runs(stage)) or any(c.from_stage for part in stage.line for c in part.copies):
        return
    pins = [pin for pin, _ in installed(file, stage, project)]
    if any(BRINGS.match(pin.name) or "cuda" in " ".join(pin.extras) for pin in pins):
        return
    for pin in pins:
        for since, until, major, dnn in BUILT.get(pin.name, ()) if not pin.marker and not pin.url else ():
            if not _within(pin, since, until):
                continue
            if major != cuda:
                lacking = f"is built for CUDA {major}, and {image} has CUDA {cuda}"
            elif cudnn is not None and dnn != cudnn:
                lacking = f"needs cuDNN {dnn}, and {image} has " + (f"cuDNN {cudnn}" if cudnn else "none")
            else:
                continue
            yield Finding(
                image,
                f"{pin.name} {pin.specifier} {lacking}: it does not find its libraries, and leaves the GPU unused",
                help=f"take an image of CUDA {major} with cuDNN {dnn}, or a release of {pin.name} that is built for CUDA {cuda}",
            )


def _inside(image: Image | None) -> tuple[str, str | None]:
    """Major versions of CUDA and cuDNN in an image of NVIDIA's; cuDNN is empty where there is none, None where its number is unknown."""
    tag = image.tag if image is not None and image.repository in IMAGES else None
    match = re.match(r"(\d+)\.\d+", tag or "")
    if match is None or tag is None:
        return "", None
    dnn = re.search(r"cudnn(\d*)", tag)
    # Tags without a number: cuDNN 9 since CUDA 12.4.1, before that all had one.
    return match[1], (dnn[1] or ("9" if match[1] == "12" else None)) if dnn is not None else ""


def _within(pin: Pin, since: str, until: str | None) -> bool:
    wanted = between(since, until)
    return wanted is not None and pin.range is not None and bool(pin.range.parts) and pin.range.tightness > 0 and pin.range <= wanted
