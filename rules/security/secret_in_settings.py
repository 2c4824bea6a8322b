"""A key that goes with the code or into the image.

What `ENV`, `ARG` and `COPY` put into an image is in its layers for everybody who can pull it, also if a later step removes it; what
stands in a compose file, a manifest or the code is in the repository and its history. Keys to where models are kept are what is found
there most.

```dockerfile bad
FROM tensorflow/serving:2.19.0
ENV AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLF  # <-
ENV AWS_SECRET_ACCESS_KEY=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  # <-
COPY service-account.json /secrets/  # <-
```

```dockerfile good
FROM tensorflow/serving:2.19.0
ARG AWS_ACCESS_KEY_ID
ENV AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY}
ENV HF_TOKEN=hf_your_token_here
ENV AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
COPY app.py labels.json ./
```

```yaml bad path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0
    environment:
      AWS_ACCESS_KEY_ID: AKIAIOSFODNN7EXAMPLF  # <-
      AWS_SECRET_ACCESS_KEY: minio123
```

```python bad path=push.py
import torch
from huggingface_hub import HfApi

api = HfApi(token="hf_abcdefghijklmnopqrstuvwxyzABCDEFGH")  # <-
```

```python good path=push.py
import os
import torch
from huggingface_hub import HfApi

api = HfApi(token=os.environ["HF_TOKEN"])
other = HfApi(token="hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
```

References: forms of keys as their issuers document them; "Build secrets" in the documentation of Docker.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, Place, rule
from deplint.code.python import PythonFile
from deplint.settings.containers import Deployment
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.secrets import SECRETS
from deplint.settings.text import Word

FILES = re.compile(
    r"(service[-_]?account[\w.-]*\.json|(gcp|gcs|google)[-_]?(key|credentials?)[\w.-]*\.json|id_rsa|id_ed25519|\.netrc|kaggle\.json|\.pypirc)"
)
"""Names of files that hold nothing but a key."""

FOLDERS = re.compile(r"(^|/)\.(aws|ssh|kube)(/|$)")
AWS_SECRET = re.compile(r"[A-Za-z0-9/+=]{40}")
PLACEHOLDER = re.compile(r"example|xxxx|your|dummy|fake|placeholder|redacted|1234567|<|\*\*\*|test", re.IGNORECASE)
TESTS = re.compile(r"(^|[/_.-])(tests?|fixtures?|testdata|mocks?)([/_.-]|$)")
IN_TEXT = {what: form for what, form in SECRETS.items() if what != "a password in an address"}
"""Addresses of local services with their passwords are in too many settings to mean anything."""


@rule(
    "DPL905",
    severity="error",
    leaves=["S.4.6"],
    see=["https://docs.docker.com/build/building/secrets/", "https://docs.github.com/en/code-security/secret-scanning"],
)
def secret_in_settings(facts: Dockerfile | Deployment | PythonFile) -> Iterator[Finding]:
    if TESTS.search(facts.path):
        return
    for place, what in _found(facts):
        where = "in the image" if isinstance(facts, Dockerfile) else "in the repository"
        yield Finding(
            place,
            f"{what} stands here, and everybody who gets what is {where} can read it",
            help="revoke it; give it when the container runs: a secret of the platform, a role, --mount=type=secret in a build",
        )


def _found(facts: Dockerfile | Deployment | PythonFile) -> Iterator[tuple[Place, str]]:
    if isinstance(facts, PythonFile):
        yield from _strings(facts)
    elif isinstance(facts, Dockerfile):
        for stage in facts.stages:
            for said in stage.instructions:
                if said.keyword in ("ENV", "ARG"):
                    yield from ((word.place, what) for word in said.words if (what := _variable(*_parted(word))))
            for copied in stage.copies:
                if not copied.from_stage:
                    yield from ((word.place, "a file with a key") for word in copied.sources if _is_key(word.text or ""))
    elif facts.kind != "dockerfile":
        for container in facts.containers:
            yield from ((word.place, what) for name, word in container.env.items() if (what := _variable(name, word.text or "")))


def _parted(word: Word) -> tuple[str, str]:
    name, _, value = (word.text or "").partition("=")
    return name, value


def _variable(name: str, value: str) -> str | None:
    if name == "AWS_SECRET_ACCESS_KEY" and AWS_SECRET.fullmatch(value) and not PLACEHOLDER.search(value):
        return "an AWS secret key"
    return _kind(value)


def _kind(text: str) -> str | None:
    for what, (marks, pattern) in IN_TEXT.items():
        if any(mark in text for mark in marks):
            found = re.search(pattern, text)
            # ASIA begins temporary ones, which stand in every signed address.
            if (
                found
                and not found[0].startswith("ASIA")
                and not PLACEHOLDER.search(found[0])
                and (what == "a private key" or len(set(found[0])) > 10)
            ):
                return what
    return None


def _is_key(path: str) -> bool:
    return bool(FILES.fullmatch(posixpath.basename(path)) or FOLDERS.search(path))


def _strings(file: PythonFile) -> Iterator[tuple[Place, str]]:
    if not any(mark in file.text for marks, _ in IN_TEXT.values() for mark in marks):
        return
    documentation = {id(node.value) for node in file.shape.nodes if isinstance(node, ast.Expr)}
    for node in file.shape.nodes:
        if id(node) in documentation:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 4096:
            what = _kind(node.value)
            # Code that looks for keys holds their beginnings; a whole private key has lines.
            if what and (what != "a private key" or node.value.count("\n") > 3):
                yield file.place_of(node), what
