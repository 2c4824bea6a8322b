"""A deployment of Ray Serve that uses a GPU it has not asked for.

Ray gives a replica the GPUs it asks for with ``ray_actor_options={"num_gpus": 1}``, and hides all others: `CUDA_VISIBLE_DEVICES` is
empty. Code that goes to the GPU all the same fails when the replica starts, ``RuntimeError: No CUDA GPUs are available``, on a machine
that has some.

```python bad path=app.py
import torch
from ray import serve

@serve.deployment  # <-
class Classify:
    def __init__(self):
        self.model = torch.jit.load("net.pt").to("cuda")

    async def __call__(self, request):
        return self.model(await request.json())

app = Classify.bind()
```

```python good path=app.py
import torch
from ray import serve

@serve.deployment(ray_actor_options={"num_gpus": 1})
class Classify:
    def __init__(self):
        self.model = torch.jit.load("net.pt").to("cuda")

app = Classify.bind()
```

The device may be given to what does the work.

```python bad path=app.py
from ray import serve
from engine import Engine

@serve.deployment(num_replicas=2)  # <-
class Summarize:
    def __init__(self):
        self.engine = Engine("cuda")

app = Summarize.bind()
```

```python + path=engine.py
import torch
from transformers import AutoModelForSeq2SeqLM

class Engine:
    def __init__(self, device):
        self.device = torch.device(device)
        self.net = AutoModelForSeq2SeqLM.from_pretrained("facebook/bart-large-cnn").to(self.device)
```

What is asked for elsewhere counts, and so does looking first.

```python good path=app.py
import torch
from ray import serve

@serve.deployment
class Classify:
    def __init__(self):
        self.model = torch.jit.load("net.pt").to("cuda")

app = Classify.bind()
```

```yaml + path=serve.yaml
applications:
  - name: app
    import_path: app:app
    deployments: [{name: Classify, ray_actor_options: {num_gpus: 1}}]
```

```python good path=other.py
import torch
from ray import serve

@serve.deployment(num_replicas=2)
class Classify:
    def __init__(self):
        self.model = torch.jit.load("net.pt")
        if torch.cuda.is_available():
            self.model = self.model.to("cuda")
```

References: ray-project/ray#50180 and #51193: an actor without `num_gpus` sees an empty CUDA_VISIBLE_DEVICES.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.devices import gpu_calls
from deplint.code.python import PythonFile
from deplint.settings.serving import mentioned

ELSEWHERE = r"num_gpus|ray_actor_options|placement_group|RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO|RAY_EXPERIMENTAL_NOSET_CUDA_VISIBLE_DEVICES"


@rule(
    "DPL577",
    severity="error",
    leaves=["S.3.3"],
    see=[
        "https://docs.ray.io/en/latest/serve/resource-allocation.html",
        "https://github.com/ray-project/ray/issues/51193",
        "https://github.com/ray-project/ray/issues/50180",
    ],
)
def ray_gpu_not_requested(file: PythonFile, project: Project) -> Iterator[Finding]:
    if "serve.deployment" not in file.text or not _ray(file.shape.tree):
        return
    starting = _begins_with_cuda(file)
    classes = [node for node in file.shape.tree.body if isinstance(node, ast.ClassDef) and node in starting]
    for cls in classes if classes and not mentioned(project, ELSEWHERE, inside=project.area(file)) else ():
        for decorator in cls.decorator_list:
            plain = ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator) == "serve.deployment"
            given = {keyword.arg for keyword in decorator.keywords} if isinstance(decorator, ast.Call) else set()
            if plain and None not in given:
                yield Finding(
                    file.place_of(decorator),
                    f"{cls.name} uses CUDA and asks for no GPU: Ray hides them from it, No CUDA GPUs are available",
                    help='@serve.deployment(ray_actor_options={"num_gpus": 1})',
                )


def _ray(tree: ast.Module) -> bool:
    """The name ``serve`` is Ray Serve."""
    return any(
        isinstance(node, ast.ImportFrom) and node.module == "ray" and any(a.name == "serve" for a in node.names) for node in tree.body
    )


def _begins_with_cuda(file: PythonFile) -> set[ast.ClassDef]:
    """The classes whose ``__init__`` certainly goes to the GPU, in functions too that it calls."""
    starts = [call.functions[0] for call in gpu_calls(file) if call.functions and call.functions[0].name == "__init__"]
    return {start.owner.node for start in starts if start.owner is not None}
