"""A model file in the GGML format, for a library that reads GGUF alone.

llama.cpp left GGML in August 2023, and llama-cpp-python with its 0.1.79: a file named `ggmlv3`, of a repository whose name ends in `-GGML`,
cannot be loaded by a later release, ``invalid magic characters``, ``ValueError: Failed to load model from file``.

```python bad
from huggingface_hub import hf_hub_download
from llama_cpp import Llama

def fetch():
    return hf_hub_download("TheBloke/Llama-2-7B-Chat-GGML", "llama-2-7b-chat.ggmlv3.q4_K_M.bin", cache_dir="/models")

llm = Llama(model_path=fetch(), n_ctx=4096)  # <-
other = Llama("models/llama-2-7b-chat.ggmlv3.q4_0.bin")  # <-
```

```requirements + path=requirements.txt
llama-cpp-python==0.2.77
```

```python good
from llama_cpp import Llama

llm = Llama(model_path="models/llama-2-7b-chat.Q4_K_M.gguf", n_ctx=4096)
```

The older releases read nothing else.

```python good
from llama_cpp import Llama

llm = Llama(model_path="models/llama-2-7b-chat.ggmlv3.q4_0.bin")
```

```requirements + path=requirements.txt
llama-cpp-python==0.1.77
```

References: CHANGELOG of llama-cpp-python, 0.1.79; https://huggingface.co/TheBloke/Llama-2-7B-Chat-GGML/discussions/23
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile

GGML = re.compile(r"ggml(?:v\d|-)[\w.-]*\.bin$|-GGML(?:/|$)")


@rule(
    "DPL887",
    severity="error",
    leaves=["S.3.3", "S.4.6"],
    since={"llama-cpp-python": "0.1.79"},
    see=[
        "https://github.com/abetlen/llama-cpp-python/blob/main/CHANGELOG.md",
        "https://huggingface.co/TheBloke/Llama-2-7B-Chat-GGML/discussions/23",
    ],
)
def ggml_file_for_gguf_library(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("llama_cpp.Llama", "llama_cpp.Llama.from_pretrained"):
        path = call.argument("model_path", 0)
        fetched = path.origin if path.origin is not None and path.origin.name.endswith("hf_hub_download") else call
        given = [path, fetched.argument("repo_id", 0), fetched.argument("filename", 1)]
        named = [text for value in given if value.certain for text in [value.text] if text and GGML.search(text)]
        if named and not call.guarded:
            yield Finding(
                call,
                f"{named[-1]} is a GGML file, and llama-cpp-python 0.1.79 and later reads GGUF alone: the model cannot be loaded",
                help="take the same model in GGUF, or convert the original weights with llama.cpp's convert_hf_to_gguf.py",
            )
