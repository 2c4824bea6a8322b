"""A script of llama.cpp under a name that it no longer has.

Between May and July 2024 `convert.py` went to ``examples/``, `convert-hf-to-gguf.py` became `convert_hf_to_gguf.py`, and the programs got a
prefix: `quantize` is `llama-quantize`, `main` is `llama-cli`, `server` is `llama-server`. What clones the repository as it is today finds
none of the old ones: ``can't open file``, ``No such file or directory``.

```bash bad path=convert.sh
git clone https://github.com/ggerganov/llama.cpp
python llama.cpp/convert.py models/mine --outtype f16  # <-
python3 llama.cpp/convert-hf-to-gguf.py models/mine  # <-
make -C llama.cpp && ./llama.cpp/quantize mine.gguf mine-q4.gguf q4_0  # <-
```

```bash good path=convert.sh
git clone https://github.com/ggml-org/llama.cpp
python llama.cpp/convert_hf_to_gguf.py models/mine
./llama.cpp/build/bin/llama-quantize mine.gguf mine-q4.gguf q4_0
python tools/convert.py
```

A release from before is another matter.

```bash good path=convert.sh
git clone --branch b2900 https://github.com/ggerganov/llama.cpp
python llama.cpp/convert.py models/mine
```

```bash good path=old.sh
git clone https://github.com/ggerganov/llama.cpp
cd llama.cpp && git checkout b2900
python convert.py ../models/mine
```

```dockerfile bad
FROM python:3.11
RUN git clone https://github.com/ggerganov/llama.cpp && pip install -r llama.cpp/requirements.txt
RUN python llama.cpp/convert.py /models/mine  # <-
```

References: https://github.com/ggml-org/llama.cpp/pull/7430, https://github.com/ggml-org/llama.cpp/pull/7809 and
https://github.com/ggml-org/llama.cpp/pull/8304
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.commands import programs
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.scripts import Script
from deplint.settings.text import Word

CLONED = re.compile(
    r"https?://github\.com/gg(?:erganov|ml-org)/llama\.cpp(?:\.git)?/?|git@github\.com:gg(?:erganov|ml-org)/llama\.cpp(?:\.git)?"
)
SCRIPTS = {
    "convert.py": "convert_hf_to_gguf.py",
    "convert-hf-to-gguf.py": "convert_hf_to_gguf.py",
    "convert-lora-to-ggml.py": "convert_lora_to_gguf.py",
    "convert-llama-ggml-to-gguf.py": "convert_llama_ggml_to_gguf.py",
}
PROGRAMS = {
    "quantize": "llama-quantize",
    "main": "llama-cli",
    "server": "llama-server",
    "perplexity": "llama-perplexity",
    "imatrix": "llama-imatrix",
}


@rule(
    "DPL639",
    severity="error",
    leaves=["S.2.4", "S.3.2"],
    see=["https://github.com/ggml-org/llama.cpp/pull/7430", "https://github.com/ggml-org/llama.cpp/pull/7809"],
)
def llama_cpp_old_names(facts: Script | Dockerfile) -> Iterator[Finding]:
    commands = list(_commands(facts))
    if not _cloned_as_it_is(commands):
        return
    inside = False
    for words in commands:
        texts = [word.text or "" for word in words]
        if texts[0] == "cd" and len(texts) > 1:
            inside = "llama.cpp" in texts[1]
        at = next((word for word in words[:3] if _old(word.text or "", inside)), None)
        if at is not None:
            name = posixpath.basename(at.text or "")
            yield Finding(
                at,
                f"{name} of llama.cpp is gone since 2024: No such file or directory",
                help=f"it is called {SCRIPTS.get(name) or PROGRAMS[name]} now; or check out a release from before",
            )


def _commands(facts: Script | Dockerfile) -> Iterator[list[Word]]:
    if isinstance(facts, Script):
        yield from (command.words for command in facts.commands if command.words)
    else:
        yield from ([Word(program.name, program.place), *program.arguments] for program in programs(facts))


def _cloned_as_it_is(commands: list[list[Word]]) -> bool:
    """llama.cpp is cloned, and neither then nor later is a certain release asked for."""
    clones = [words for words in commands if any(CLONED.fullmatch(word.text or "") for word in words)]
    texts = [word.text or "" for words in clones for word in words]
    moved = any(words[0].text == "git" and any(word.text in ("checkout", "reset", "switch") for word in words[1:4]) for words in commands)
    return bool(clones) and not moved and not any(text.startswith(("-b", "--branch")) for text in texts)


def _old(text: str, inside: bool) -> bool:
    """A path in the clone that is there no longer."""
    folder, _, name = text.rpartition("/")
    known = name in SCRIPTS or (name in PROGRAMS and text.startswith(("./", "/", "llama.cpp/", "../")))
    return known and ("llama.cpp" in folder.split("/") or (inside and folder in ("", ".")))
