"""Processes that are forked after the program has used CUDA.

CUDA does not survive a fork. On Linux `multiprocessing` forks unless told otherwise (before Python 3.14), and the worker that touches the
model on the GPU gets ``RuntimeError: Cannot re-initialize CUDA in forked subprocess. To use CUDA with multiprocessing, you must use the
'spawn' start method``.

```python bad
import torch
from multiprocessing import Pool

net = torch.jit.load("net.pt").to("cuda").eval()

def score(path):
    with torch.no_grad():
        return float(net(torch.load(path).to("cuda"))[0, 0])

if __name__ == "__main__":
    with Pool(4) as pool:  # <-
        print(pool.map(score, ["a.pt", "b.pt"]))
```

```python good
import torch
from multiprocessing import get_context

net = torch.jit.load("net.pt").to("cuda").eval()

def score(path):
    return float(net(torch.load(path).to("cuda"))[0, 0])

if __name__ == "__main__":
    with get_context("spawn").Pool(4) as pool:
        print(pool.map(score, ["a.pt", "b.pt"]))
```

Who sets the method, or leaves the GPU to the workers, has no trouble.

```python good path=one.py
import torch
import multiprocessing as mp

net = torch.jit.load("net.pt").to("cuda").eval()

if __name__ == "__main__":
    mp.set_start_method("spawn")
    worker = mp.Process(target=net, args=(1,))
    worker.start()
```

```python good path=two.py
import torch
from multiprocessing import Pool

def score(path):
    net = torch.jit.load("net.pt").to("cuda").eval()
    return float(net(torch.load(path).to("cuda"))[0, 0])

if __name__ == "__main__":
    with Pool(4) as pool:
        print(pool.map(score, ["a.pt", "b.pt"]))
```

A pool for what needs no GPU is fine.

```python good path=three.py
import torch
from multiprocessing import Pool

net = torch.jit.load("net.pt").to("cuda").eval()

def prepare(path):
    return torch.load(path)

if __name__ == "__main__":
    with Pool(4) as pool:
        for row in pool.map(prepare, ["a.pt", "b.pt"]):
            print(net(row.to("cuda")))
```

Celery's workers are forked too, after they have imported the tasks.

```dockerfile bad path=Dockerfile
FROM pytorch/pytorch:2.3.1-cuda12.1-cudnn8-runtime
RUN pip install celery redis
COPY tasks.py .
CMD ["celery", "-A", "tasks", "worker", "--concurrency=2"]  # <-
```

```python + path=tasks.py
import torch
from celery import Celery

app = Celery("vision", broker="redis://redis:6379/0")
net = torch.jit.load("net.pt").cuda().eval()

@app.task
def score(row):
    return net(torch.tensor(row).cuda()).tolist()
```

```dockerfile good path=Dockerfile
FROM pytorch/pytorch:2.3.1-cuda12.1-cudnn8-runtime
RUN pip install celery redis
COPY tasks.py .
CMD ["celery", "-A", "tasks", "worker", "--pool=solo"]
```

```python + path=tasks.py
import torch
from celery import Celery

app = Celery("vision", broker="redis://redis:6379/0")
net = torch.jit.load("net.pt").cuda().eval()
```

References: "CUDA in multiprocessing" in PyTorch's notes, `torch/cuda/__init__.py` (`_lazy_init`) of torch 2.13; the wheel
celery 5.4.0 (`app/defaults.py`: the pool is ``prefork``).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from deplint import Finding, Project, rule
from deplint.code.devices import started_on_gpu
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile
from deplint.code.tensors import CUDA, named
from deplint.settings.commands import Program, started
from deplint.settings.containers import Deployment

FORKS = ("multiprocessing.{Pool,Process,pool.Pool}", "concurrent.futures.ProcessPoolExecutor", "torch.multiprocessing.{Pool,Process}")
CONSEQUENCE = "RuntimeError, Cannot re-initialize CUDA in forked subprocess"


@rule(
    "DPL953",
    severity="error",
    leaves=["S.1.1", "S.3.3"],
    see=[
        "https://docs.pytorch.org/docs/stable/notes/multiprocessing.html#cuda-in-multiprocessing",
        "https://github.com/pytorch/pytorch/blob/v2.13.0/torch/cuda/__init__.py",
        "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods",
        "https://github.com/pytorch/pytorch/issues/40403",
    ],
)
def forked_after_cuda(facts: PythonFile | Deployment, project: Project) -> Iterator[Finding]:
    if isinstance(facts, Deployment):
        for program in started(facts, project):
            moved = _celery(program, facts, project) if program.name == "celery" and program.place.path == facts.path else None
            if moved is not None:
                yield Finding(
                    program,
                    f"Celery imports {moved.place.path}, which puts its model on the GPU, and then forks its workers: {CONSEQUENCE}",
                    help="--pool=solo or --pool=threads, or load the model in the worker_process_init signal",
                )
        return
    forks = [call for call in facts.calls(*FORKS) if not call.guarded and call.argument("mp_context").missing]
    if not forks or "spawn" in facts.text or "forkserver" in facts.text or any("spawn" in one.text for one in facts.imports):
        return
    moved = started_on_gpu(facts)
    for call in forks[:1] if moved is not None and any(map(_on_gpu, _given(facts))) else ():
        line = moved.place.span.line if moved is not None and moved.place.span is not None else 1
        yield Finding(
            call,
            f"the process is forked after CUDA was used (line {line}): {CONSEQUENCE}",
            help='multiprocessing.get_context("spawn")',
        )


def _given(file: PythonFile) -> list[Value]:
    """The functions that the processes run."""
    pools = (
        "{multiprocessing,torch.multiprocessing}.{,pool.}Pool().{map,starmap,imap,imap_unordered,apply,apply_async,map_async,starmap_async}"
    )
    tasks = [call.argument("func", 0) for call in file.calls(pools, "concurrent.futures.ProcessPoolExecutor().{submit,map}")]
    return tasks + [call.argument("target", 1) for call in file.calls("{multiprocessing,torch.multiprocessing}.Process")]


def _on_gpu(function: Value) -> bool:
    """What a function runs goes to a GPU."""
    calls = function.body() if function.function is not None else []
    return any(call.name.endswith(".cuda") or (call.name.endswith(".to") and named(call.argument("device", 0)) == CUDA) for call in calls)


def _celery(program: Program, near: Deployment, project: Project) -> Call | None:
    """What puts a model on the GPU while the worker's tasks are imported, where the worker forks."""
    words = [word.text or word.written for word in program.arguments]
    if "worker" not in words or any(word.startswith(("-P", "--pool")) for word in words):
        return None
    app = next((after for word, after in pairwise(words) if word in ("-A", "--app")), "")
    app = app or next((word.partition("=")[2] for word in words if word.startswith("--app=")), "")
    path = app.partition(":")[0].replace(".", "/")
    file = (project.resolve(f"{path}.py", near) or project.resolve(f"{path.rpartition('/')[0]}.py", near)) if path else None
    found = project.facts(file, PythonFile) if file is not None else []
    return started_on_gpu(found[0]) if found and "worker_process_init" not in found[0].text else None
