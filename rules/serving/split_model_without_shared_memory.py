"""A model split over several GPUs, in a container with 64 MB of shared memory.

Servers of language models run one process for each GPU, and where the GPUs cannot reach one another these exchange tensors through
``/dev/shm``, of which Docker and Kubernetes give a container 64 MB. So the server may hang, or end with ``NCCL error`` and ``Error while
creating shared memory segment /dev/shm/nccl-...``.

```yaml bad path=docker-compose.yml
services:
  llm:
    image: vllm/vllm-openai:v0.5.4  # <-
    command: --model Qwen/Qwen2-7B-Instruct --tensor-parallel-size 2
```

```yaml good path=docker-compose.yml
services:
  llm:
    image: vllm/vllm-openai:v0.5.4
    command: --model Qwen/Qwen2-7B-Instruct --tensor-parallel-size 2
    ipc: host
  alone:
    image: vllm/vllm-openai:v0.5.4
    command: --model Qwen/Qwen2-7B-Instruct --tensor-parallel-size 1
  other:
    image: ghcr.io/huggingface/text-generation-inference:2.2.0
    command: --model-id Qwen/Qwen2-7B-Instruct --num-shard 2
    shm_size: 1g
```

```bash bad path=serve.sh
docker run --gpus all -p 8080:80 ghcr.io/huggingface/text-generation-inference:2.2.0 --model-id tiiuae/falcon-40b --num-shard 4  # <-
```

```bash good path=serve.sh
docker run --gpus all --shm-size 1g ghcr.io/huggingface/text-generation-inference:2.2.0 --model-id tiiuae/falcon-40b --num-shard 4
docker run --gpus all -v /dev/shm:/dev/shm vllm/vllm-openai --model tiiuae/falcon-40b -tp 4
```

In Kubernetes it takes a volume in memory.

```yaml bad path=llm.yaml
apiVersion: v1
kind: Pod
metadata: {name: llm}
spec:
  containers:
    - name: llm
      image: vllm/vllm-openai:v0.5.4  # <-
      args: ["--model", "Qwen/Qwen2-7B-Instruct", "--tensor-parallel-size=2"]
```

```yaml good path=llm.yaml
apiVersion: v1
kind: Pod
metadata: {name: llm}
spec:
  containers:
    - name: llm
      image: vllm/vllm-openai:v0.5.4
      args: ["--model", "Qwen/Qwen2-7B-Instruct", "--tensor-parallel-size=2"]
      volumeMounts:
        - {name: shm, mountPath: /dev/shm}
  volumes:
    - {name: shm, emptyDir: {medium: Memory}}
```

References: vLLM's pull request 1125 and "Using Kubernetes" ("access the host's shared memory for tensor parallel inference"), the README of
text-generation-inference ("A note on Shared Memory", where `NCCL_SHM_DISABLE` is named too), `docker/compose.yaml` of SGLang (`ipc: host`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.containers import Container, Deployment

from .llm_server_flags import TGI, VLLM, value

SPLIT = {VLLM: ("--tensor-parallel-size", "-tp"), TGI: ("--num-shard",), "lmsysorg/sglang": ("--tp", "--tp-size", "--tensor-parallel-size")}


@rule(
    "DPL952",
    severity="warning",
    leaves=["S.3.3", "S.4.4"],
    see=[
        "https://github.com/huggingface/text-generation-inference/blob/01b82b5/README.md",
        "https://github.com/vllm-project/vllm/blob/051f9b8/docs/deployment/k8s.md",
        "https://github.com/vllm-project/vllm/pull/1125",
        "https://github.com/vllm-project/vllm/issues/1710",
        "https://github.com/sgl-project/sgl-project.github.io/issues/5",
    ],
)
def split_model_without_shared_memory(deployment: Deployment) -> Iterator[Finding]:
    for container in deployment.containers if deployment.kind != "dockerfile" else ():
        repository = (container.image.repository if container.image is not None else None) or ""
        options = next((options for name, options in SPLIT.items() if repository.endswith(name)), ())
        size = value(container, *options) if options else None
        if size is not None and size.number and size.number > 1 and not container.shared_memory and not _open(container):
            yield Finding(
                container,
                f"the model is split over {size.number} GPUs, whose processes meet in the container's 64 MB of shared memory: "
                "that may be too little, and the server hangs or ends with an NCCL error",
                help="ipc: host or shm_size: 8g (docker run --ipc=host, or --shm-size=8g; a volume in memory at /dev/shm in Kubernetes)",
            )


def _open(container: Container) -> bool:
    """What is mounted is not known, or NCCL is told to do without shared memory."""
    return "mounts" in container.partial or "env" in container.partial or "NCCL_SHM_DISABLE" in container.env
