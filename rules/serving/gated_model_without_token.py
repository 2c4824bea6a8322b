"""A model whose owner wants a token, for a server that is given none.

Some repositories of the Hugging Face hub answer only to who has accepted their terms: ``401 Client Error``, ``You are trying to access a
gated repo``. A container knows nothing of the login of the
machine it runs on: it needs ``HF_TOKEN`` (or the older ``HUGGING_FACE_HUB_TOKEN``).

```yaml bad path=docker-compose.yml
services:
  llm:
    image: vllm/vllm-openai:v0.5.4
    command: --model meta-llama/Meta-Llama-3-8B-Instruct --max-model-len 4096  # <-
```

```yaml good path=docker-compose.yml
services:
  llm:
    image: vllm/vllm-openai:v0.5.4
    command: --model meta-llama/Meta-Llama-3-8B-Instruct --max-model-len 4096
    environment:
      HF_TOKEN: ${HF_TOKEN}
  open:
    image: vllm/vllm-openai:v0.5.4
    command: --model Qwen/Qwen2-7B-Instruct
```

```bash bad path=run.sh
docker run --gpus all --shm-size 1g -p 8080:80 ghcr.io/huggingface/text-generation-inference:2.2.0 --model-id google/gemma-3-4b-it  # <-
```

The environment may come from elsewhere, the cache may hold the model already, and a mirror may be asked.

```bash good path=run.sh
docker run --gpus all --env-file .env ghcr.io/huggingface/text-generation-inference:2.2.0 --model-id google/gemma-3-4b-it
docker run --gpus all -v $PWD/data:/data ghcr.io/huggingface/text-generation-inference:2.2.0 --model-id google/gemma-3-4b-it
docker run --gpus all vllm/vllm-openai --model google/codegemma-7b
docker run --gpus all vllm/vllm-openai --model meta-llama/Llama-2-7b-chat-hf --hf-token $TOKEN
docker run --gpus all -v ~/.cache/huggingface:/root/.cache/huggingface vllm/vllm-openai --model meta-llama/Llama-2-7b-chat-hf
docker run --gpus all -e HF_ENDPOINT=https://mirror.example.org vllm/vllm-openai --model meta-llama/Llama-2-7b-chat-hf
docker run --gpus all -e HUGGING_FACE_HUB_TOKEN=$token vllm/vllm-openai --model meta-llama/Llama-2-7b-chat-hf
```

```yaml good path=llm.yaml
apiVersion: v1
kind: Pod
metadata: {name: llm}
spec:
  containers:
    - name: llm
      image: vllm/vllm-openai:v0.5.4
      args: ["--model", "meta-llama/Llama-2-7b-chat-hf"]
      envFrom: [{secretRef: {name: hub}}]
```

References: the README of text-generation-inference ("Using a private or gated model"), and the issues named: Llama 2, Gemma 3, StarCoder,
Llama 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.containers import Container, Deployment

from .llm_server_flags import TGI, VLLM, value

GATED = re.compile(
    r"meta-llama/(?:Llama-2-\d+b(?:-chat)?(?:-hf)?|Meta-Llama-3-8B(?:-Instruct)?|Meta-Llama-3\.1-8B(?:-Instruct)?)|google/gemma-3-\d+b-(?:it|pt)"
    r"|bigcode/starcoder"
)
"""Repositories that an issue or a README shown under `see` names as gated, with those of the same release."""

TOKENS = (
    "HF_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "HUGGINGFACE_HUB_TOKEN",
    "HUGGINGFACE_TOKEN",
    "HF_ENDPOINT",
    "HF_HUB_OFFLINE",
    "HF_TOKEN_PATH",
)
MODEL = {VLLM: "--model", TGI: "--model-id", "lmsysorg/sglang": "--model-path"}


@rule(
    "DPL963",
    severity="warning",
    leaves=["S.3.3", "S.4.6"],
    see=[
        "https://github.com/huggingface/text-generation-inference/blob/01b82b5/README.md",
        "https://github.com/huggingface/text-generation-inference/issues/827",
        "https://github.com/ariG23498/gemma3-object-detection/issues/5",
        "https://github.com/data-prep-kit/data-prep-kit/pull/1504",
        "https://github.com/LLaVA-VL/LLaVA-NeXT/issues/140",
    ],
)
def gated_model_without_token(deployment: Deployment) -> Iterator[Finding]:
    for container in deployment.containers if deployment.kind != "dockerfile" else ():
        repository = (container.image.repository if container.image is not None else None) or ""
        option = next((option for name, option in MODEL.items() if repository.endswith(name)), "")
        asked = value(container, option) if option else None
        if asked is not None and GATED.fullmatch(asked.text or "") and not _may_know(container):
            yield Finding(
                asked.place,
                f"{asked.text} is a gated repository, and the container is given no token: 401, access to the model is restricted",
                help="environment: HF_TOKEN, of an account that has accepted the model's terms",
            )


def _may_know(container: Container) -> bool:
    """A token or the model itself may get into the container: by its environment, or by a folder of the machine."""
    told = "env" in container.partial or "mounts" in container.partial or any(name in container.env for name in TOKENS)
    kept = any(
        ("cache" in f"{mount.source}{mount.target}" and mount.kind in ("bind", "hostPath", "persistentVolumeClaim"))
        or mount.target == "/data"
        for mount in container.mounts
    )
    return told or kept or any("HF_" in word.written or word.written.startswith("--hf-token") for word in container.args)
