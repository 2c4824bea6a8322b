"""Flags of a server of language models that cannot work together, or not with the GPUs it is given.

vLLM splits a model over as many GPUs as `--tensor-parallel-size` says, and does not start with fewer: ``ValueError: The number of required
GPUs exceeds the total number of available GPUs``. Text Generation Inference counts what it writes in `--max-total-tokens` too, so that has
to be more than `--max-input-tokens`: ``max_input_tokens must be < max_total_tokens``.

```yaml bad path=docker-compose.yml
services:
  vllm:
    image: vllm/vllm-openai:v0.6.3
    command: ["--model", "Qwen/Qwen2.5-32B-Instruct", "--tensor-parallel-size", "2"]  # <-
    ipc: host
    deploy:
      resources:
        reservations:
          devices:
            - driver: nvidia
              count: 1
              capabilities: [gpu]
  tgi:
    image: ghcr.io/huggingface/text-generation-inference:2.3.0
    command: ["--model-id", "mistralai/Mistral-7B-Instruct-v0.3", "--max-input-tokens", "4096", "--max-total-tokens", "4096"]  # <-
    deploy: {resources: {reservations: {devices: [{driver: nvidia, count: all, capabilities: [gpu]}]}}}
```

```yaml good path=docker-compose.yml
services:
  vllm:
    image: vllm/vllm-openai:v0.6.3
    command: ["--model", "Qwen/Qwen2.5-32B-Instruct", "--tensor-parallel-size", "2"]
    ipc: host
    deploy:
      resources:
        reservations:
          devices:
            - driver: nvidia
              count: all
              capabilities: [gpu]
  tgi:
    image: ghcr.io/huggingface/text-generation-inference:2.3.0
    command: ["--model-id", "mistralai/Mistral-7B-Instruct-v0.3", "--max-input-tokens", "4096", "--max-total-tokens", "6144"]
    deploy: {resources: {reservations: {devices: [{driver: nvidia, count: all, capabilities: [gpu]}]}}}
```

References: `initialize_ray_cluster` and `mp_distributed_executor` of vLLM 0.6.3; `launcher/src/main.rs` of Text Generation Inference 2.3.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.containers import Container, Deployment
from deplint.settings.text import Word
from deplint.settings.yamltree import Node

VLLM, TGI = "vllm/vllm-openai", "huggingface/text-generation-inference"


@rule(
    "DPL879",
    severity="error",
    leaves=["S.3.3", "S.4.4"],
    see=[
        "https://docs.vllm.ai/en/stable/serving/distributed_serving.html",
        "https://github.com/huggingface/text-generation-inference/blob/v2.3.0/launcher/src/main.rs",
    ],
)
def llm_server_flags(deployment: Deployment, project: Project) -> Iterator[Finding]:
    for container in deployment.containers:
        repository = (container.image.repository if container.image is not None else None) or ""
        if repository == VLLM:
            size = value(container, "--tensor-parallel-size", "-tp")
            gpus = _gpus(container, deployment)
            if size is not None and size.number and gpus is not None and gpus < size.number:
                yield Finding(
                    size.place,
                    f"the model is split over {size.number} GPUs, and the container is given {gpus}: vLLM does not start",
                    help=f"--tensor-parallel-size {gpus}, or count: {size.number}",
                )
        if repository.endswith(TGI):
            given = value(container, "--max-input-tokens") or value(container, "--max-input-length")
            total = value(container, "--max-total-tokens")
            if given is not None and total is not None and given.number and total.number and total.number <= given.number:
                yield Finding(
                    total.place,
                    f"--max-total-tokens {total.number} is not more than the input's {given.number}: the server does not start, "
                    "max_input_tokens must be < max_total_tokens",
                    help="let it be the input and what is written together",
                )


def value(container: Container, *options: str) -> Word | None:
    """The value of a flag, as ``--flag value`` or ``--flag=value``."""
    words = [*(container.entrypoint or ()), *container.args]
    for word, after in zip(words, [*words[1:], None], strict=False):  # there may be none
        head, equals, value = (word.text or "").partition("=")
        if head in options:
            return Word(value, word.place, word.written) if equals else after
    return None


def _gpus(container: Container, deployment: Deployment) -> int | None:
    """How many GPUs compose or Kubernetes gives the container; None if that is not told in a number."""
    for document in deployment.documents:
        service = document.get("services", container.name) if deployment.kind == "compose" else None
        devices = service.list("deploy", "resources", "reservations", "devices") if service is not None else []
        counts = [_count(device) for device in devices]
        if len(counts) == 1:
            return counts[0]
        if deployment.kind == "kubernetes":
            for one in document.list("spec", "template", "spec", "containers"):
                limit = one.get("resources", "limits", "nvidia.com/gpu") if one.string("name") == container.name else None
                if limit is not None and (limit.text or "").isdigit():
                    return int(limit.text or "0")
    return None


def _count(device: Node) -> int | None:
    ids = device.list("device_ids")
    if ids:
        return len(ids)
    text = device.string("count") or ""
    return int(text) if text.isdigit() else None
