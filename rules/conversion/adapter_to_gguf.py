"""A LoRA adapter, given to the script that converts whole models to GGUF.

`save_pretrained` of a model of PEFT writes `adapter_config.json` and the adapter's few weights. `convert_hf_to_gguf.py` wants the whole
model: ``Can't find model in directory``, ``FileNotFoundError: config.json``. The adapter is merged into the model before, or converted by
`convert_lora_to_gguf.py`.

```sh bad path=to_gguf.sh
#!/bin/bash
python llama.cpp/convert_hf_to_gguf.py out/llama-support --outfile support-f16.gguf --outtype f16  # <-
```

```python + path=finetune.py
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

OUT = "out/llama-support"
model = get_peft_model(AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B"), LoraConfig(r=16))
model.save_pretrained(OUT)
```

Merged, or converted as what it is:

```sh good path=to_gguf.sh
#!/bin/bash
python llama.cpp/convert_hf_to_gguf.py out/merged --outfile support-f16.gguf
python llama.cpp/convert_lora_to_gguf.py out/adapter --outfile adapter.gguf
python llama.cpp/convert_hf_to_gguf.py out/both --outfile both.gguf
```

```python + path=finetune.py
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

model = get_peft_model(AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B"), LoraConfig(r=16))
model.save_pretrained("out/adapter")
model.save_pretrained("out/both")
model.merge_and_unload().save_pretrained("out/merged")
model.merge_and_unload().save_pretrained("out/both")
```

References: `PeftModel.save_pretrained` in `peft_model.py` of peft; https://github.com/ggml-org/llama.cpp/issues/6058 (closed: an
adapter's folder).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.pipelines import files_with
from deplint.settings.commands import programs
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.scripts import Script

ADAPTED = "peft.{get_peft_model,PeftModel.from_pretrained,AutoPeftModel*.from_pretrained}().save_pretrained"
CONVERTERS = frozenset(("convert_hf_to_gguf.py", "convert-hf-to-gguf.py", "convert.py"))
_SAVES = re.compile(r"save_pretrained|save_model\(")


@rule(
    "DPL987",
    severity="error",
    leaves=["S.2.4", "S.2.2"],
    see=["https://github.com/ggml-org/llama.cpp/issues/6058", "https://huggingface.co/docs/peft/developer_guides/checkpoint"],
)
def adapter_to_gguf(facts: Script | Dockerfile, project: Project) -> Iterator[Finding]:
    for program in programs(facts):
        words = [word.text or "" for word in program.arguments]
        script = posixpath.basename(words[0]) if program.name == "python" and words else program.name
        if script not in CONVERTERS or (script == "convert.py" and "llama" not in " ".join(words)):
            continue
        adapters = _adapters(project, project.area(program))
        folder = next((word for word in words if posixpath.normpath(word) in adapters), None)
        if folder:
            yield Finding(
                program,
                f"{folder} holds an adapter of PEFT and no whole model: {script} finds no config.json there",
                help="save model.merge_and_unload(), or use convert_lora_to_gguf.py",
            )


@lru_cache(maxsize=4)
def _adapters(project: Project, area: Path) -> frozenset[str]:
    """Folders into which code saves adapters and, for all that is known, nothing else."""
    found: dict[str, set[bool]] = {}
    for file in files_with(project, _SAVES, area):
        adapted = {id(call.node) for call in file.calls(ADAPTED)}
        for call in file.calls("**.save_pretrained", "**.save_model"):
            path = call.argument("save_directory", 0).text
            tokenizer = "Tokenizer" in call.name or "Processor" in call.name
            if path and not tokenizer:
                found.setdefault(posixpath.normpath(path), set()).add(id(call.node) in adapted)
    return frozenset(folder for folder, kinds in found.items() if kinds == {True})
