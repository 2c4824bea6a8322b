"""A model in 8 bits that is moved to a device it does not run on, or may not be moved to.

bitsandbytes puts an 8-bit model on its device while it is loaded. `cuda()` of it raises in every release of transformers, `to(device)`
unless bitsandbytes is 0.48 or later: ``ValueError: .to is not supported for 8-bit bitsandbytes models``.

```python bad
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

class LLM:
    def __init__(self, device="cuda:0"):
        config = BitsAndBytesConfig(load_in_8bit=True)
        self.net = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1", quantization_config=config)
        self.net.to(device)  # <-

old = AutoModelForCausalLM.from_pretrained("facebook/opt-1.3b", load_in_8bit=True).cuda()  # <-
```

```requirements + path=requirements.txt
transformers==4.41.2
bitsandbytes==0.43.1
```

```python good
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

config = BitsAndBytesConfig(load_in_8bit=True)
net = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1", quantization_config=config, device_map={"": "cuda:0"})
plain = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1").to("cuda")
fewer = BitsAndBytesConfig(load_in_4bit=True)
four = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1", quantization_config=fewer).to("cuda")
ids = AutoTokenizer.from_pretrained("mistralai/Mistral-7B-v0.1")("hello", return_tensors="pt").to(net.device)
```

What PyTorch quantizes dynamically runs on the CPU alone: ``Could not run 'quantized::linear_dynamic' with arguments from the 'CUDA'
backend``.

```python bad path=service.py
import torch
from torch import nn
from compress import compress

model = compress(nn.Sequential(nn.Linear(8, 2)).eval())
model.to("cuda")  # <-
other = torch.quantization.quantize_dynamic(nn.Sequential(nn.Linear(8, 2)), {nn.Linear}, dtype=torch.qint8).cuda()  # <-
```

```python + path=compress.py
import torch
from torch import nn

def compress(model):
    return torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)
```

```python good
import torch
from torch import nn

net = nn.Sequential(nn.Linear(8, 2)).to("cuda")
small = torch.ao.quantization.quantize_dynamic(net.cpu(), {nn.Linear}, dtype=torch.qint8)
small.to("cpu")
small.to(device)
net.cuda()
```

The newer bitsandbytes moves it.

```python good
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

config = BitsAndBytesConfig(load_in_8bit=True)
net = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1", quantization_config=config).to("cuda")
```

```requirements + path=requirements.txt
transformers==5.2.0
bitsandbytes==0.48.1
```

References: `PreTrainedModel.to` and `cuda` in `modeling_utils.py` of transformers 4.40.0, 4.57.1 and 5.23.0; the introduction
to quantization of PyTorch (its table of backends).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.python import PythonFile

DYNAMIC = "torch.{ao.,}quantization.quantize_dynamic()"
LOADED = "transformers.**.from_pretrained()"


@rule(
    "DPL885",
    severity="error",
    leaves=["S.2.3", "S.3.3"],
    see=[
        "https://github.com/huggingface/transformers/blob/v4.57.1/src/transformers/modeling_utils.py",
        "https://huggingface.co/docs/transformers/quantization/bitsandbytes",
        "https://docs.pytorch.org/docs/stable/quantization.html#backend-hardware-support",
    ],
)
def quantized_model_moved(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls(DYNAMIC + ".{to,cuda}"):
        to = call.argument("device", 0).text or ""
        if call.file is file and not call.guarded and not call.chosen and (call.name.endswith(".cuda") or to.startswith("cuda")):
            yield Finding(
                call,
                "the model is quantized dynamically, and its layers have no kernels for CUDA: the first request raises NotImplementedError",
                help="run it on the CPU, or quantize with torchao or bitsandbytes for the GPU",
            )
    for call in file.calls(LOADED + ".{to,cuda}"):
        made = call.receiver.origin
        if call.file is not file or call.guarded or made is None or not call.receiver.certain or not _in_8_bits(made):
            continue
        moves = call.name.endswith(".to")
        if moves and not project.versions.holds({}, {"bitsandbytes": "0.48"}, call):
            continue
        until = " with bitsandbytes before 0.48" if moves and project.versions.allows("bitsandbytes", call, until="0.48") is None else ""
        yield Finding(
            call,
            f"the model is loaded in 8 bits, and {'to' if moves else 'cuda'}() of such a model raises ValueError{until}: it is on its "
            "device already",
            help='say the device when it is loaded: device_map={"": device}',
        )


def _in_8_bits(made: Call) -> bool:
    given = made.argument("quantization_config").origin
    asked = given if given is not None and given.name == "transformers.BitsAndBytesConfig" else made
    return asked.argument("load_in_8bit", 0 if asked is given else None).python() is True
