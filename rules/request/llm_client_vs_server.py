"""A client that asks the project's own vLLM at another path, or for another model.

vLLM answers at ``/v1/chat/completions``, and the client puts ``/chat/completions`` behind its `base_url`: without ``/v1`` that is ``404 Not
Found``. The name of the model is what `--served-model-name` says, or else what `--model` says, letter by letter: ``The model `...` does not
exist``, 404.

```python bad path=main.py
from openai import OpenAI

client = OpenAI(base_url="http://vllm:8000", api_key="none")  # <-
right = OpenAI(base_url="http://vllm:8000/v1", api_key="none")

def chat(prompt):
    messages = [{"role": "user", "content": prompt}]
    return right.chat.completions.create(model="meta-llama/Llama-3.1-8B-Instruct", messages=messages)  # <-

def named(prompt):
    return right.chat.completions.create(model="llama3", messages=[{"role": "user", "content": prompt}])
```

```yaml + path=docker-compose.yml
services:
  vllm:
    image: vllm/vllm-openai:v0.6.3
    command: ["--model", "meta-llama/Llama-3.1-8B-Instruct", "--served-model-name", "llama3", "--max-model-len", "8192"]
    ports: ["8000:8000"]
    deploy: {resources: {reservations: {devices: [{driver: nvidia, count: 1, capabilities: [gpu]}]}}}
```

The address may come by a variable.

```python bad path=main.py
import os
from openai import OpenAI

client = OpenAI(base_url=os.environ["OPENAI_BASE_URL"], api_key="none")

def chat(prompt):
    return client.chat.completions.create(model="qwen", messages=[{"role": "user", "content": prompt}])  # <-
```

```yaml + path=docker-compose.yml
services:
  vllm:
    image: vllm/vllm-openai:v0.6.3
    command: ["--model", "Qwen/Qwen2.5-7B-Instruct"]
  api:
    build: .
    environment:
      OPENAI_BASE_URL: http://vllm:8000/v1
```

Other hosts, several servers, adapters and gateways may know more names.

```python good path=main.py
from openai import OpenAI

client = OpenAI()
local = OpenAI(base_url="http://gateway:4000", api_key="none")

def chat(prompt):
    client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": prompt}])
    return local.chat.completions.create(model="anything", messages=[{"role": "user", "content": prompt}])
```

```yaml + path=docker-compose.yml
services:
  vllm:
    image: vllm/vllm-openai:v0.6.3
    command: ["--model", "Qwen/Qwen2.5-7B-Instruct"]
```

References: "OpenAI-Compatible Server" of vLLM's documentation; `_base_client.py` of openai-python, which joins base_url and path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.settings.containers import Container, Deployment
from deplint.settings.variables import told

CLIENT = "openai.{OpenAI,AsyncOpenAI}"
CREATES = CLIENT + "().{chat.,}completions.create"
SERVER = "vllm/vllm-openai"
ADDRESS = re.compile(r"https?://(?P<host>[\w.-]+):(?P<port>\d+)(?P<path>/.*)?")
LOCAL = frozenset({"localhost", "127.0.0.1", "0.0.0.0"})


@rule(
    "DPL648",
    severity="error",
    leaves=["S.5.2", "S.5.4"],
    see=[
        "https://docs.vllm.ai/en/stable/serving/openai_compatible_server.html",
        "https://github.com/openai/openai-python/blob/v1.55.3/src/openai/_base_client.py",
    ],
)
def llm_client_vs_server(file: PythonFile, project: Project) -> Iterator[Finding]:
    clients = file.calls(CLIENT)
    servers = [c for d in project.all(Deployment) for c in d.containers if _is_vllm(c)] if clients else []
    if len(servers) != 1 or servers[0].partial & {"args", "entrypoint"}:
        return
    for call in clients:
        match = ADDRESS.fullmatch(_address(call.argument("base_url"), project))
        if match is not None and _reaches(match, servers[0]) and not (match["path"] or "").rstrip("/") and not call.guarded:
            yield Finding(
                call.argument("base_url"),
                "vLLM answers below /v1, and this address ends before it: /chat/completions is 404 Not Found",
                help=f'base_url="{match.group().rstrip("/")}/v1"',
            )
    names = _names(servers[0])
    for call in file.calls(CREATES):
        made, asked = call.receiver.origin, call.argument("model").text
        maker = made if made is not None else next((c for c in clients if call.name.startswith(c.name + "()")), None)
        match = ADDRESS.fullmatch(_address(maker.argument("base_url"), project)) if maker is not None else None
        if match is not None and asked and names and asked not in names and _reaches(match, servers[0]) and not call.guarded:
            yield Finding(
                call,
                f"the server has {' and '.join(map(repr, sorted(names)))}, and {asked!r} is asked for: the model does not exist, 404",
                help="ask for the name that is served, or name it so: --served-model-name",
            )


def _is_vllm(container: Container) -> bool:
    return container.image is not None and container.image.repository == SERVER


def _names(container: Container) -> set[str]:
    """The names that the server knows; empty if they are not all known."""
    words = [word.text for word in (*(container.entrypoint or ()), *container.args)]
    if None in words or any((word or "").startswith(("--lora-modules", "--config", "--enable-lora")) for word in words):
        return set()
    found: dict[str, list[str]] = {}
    option = ""
    for word in words:
        head, equals, value = (word or "").partition("=")
        if head.startswith("--"):
            option = head
            found.setdefault(option, []).extend([value] if equals else [])
        else:
            found.setdefault(option, []).append(word or "")
    return set(found.get("--served-model-name") or found.get("--model", [])[:1])


def _address(value: Value, project: Project) -> str:
    """The address that a value is, also by the one value that the project sets for a variable of the environment."""
    if value.text:
        return value.text
    operation = value.operation
    name = operation[2].text if operation is not None and operation[0] == "[]" and operation[1].name == "os.environ" else None
    if name is None and value.origin is not None and value.origin.name in ("os.getenv", "os.environ.get"):
        name = value.origin.argument("key", 0).text
    set_to = {v.word.text or "" for d in project.all(Deployment) for v in told(d, project) if v.name == name} if name else set()
    return set_to.pop() if len(set_to) == 1 else ""


def _reaches(match: re.Match[str], server: Container) -> bool:
    """The address is that of the server's container, or of the port that it publishes."""
    published = {port.host for port in server.ports if port.published}
    return (match["host"] == server.name and match["port"] == "8000") or (match["host"] in LOCAL and int(match["port"]) in published)
