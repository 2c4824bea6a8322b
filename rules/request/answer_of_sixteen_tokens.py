"""Answers of a language model that end after 16 tokens.

vLLM's `SamplingParams` and the completions that its server answers with stop after 16 tokens unless told otherwise: the texts break
off in the middle of a sentence. (Chats, and other servers, have ends of their own.)

```python bad
from vllm import LLM, SamplingParams

llm = LLM(model="facebook/opt-6.7b")
params = SamplingParams(temperature=0.2, top_p=0.95)  # <-
print(llm.generate(["Summarize: ..."], params)[0].outputs[0].text)
```

```python bad path=client.py
from openai import OpenAI

client = OpenAI(base_url="http://vllm:8000/v1", api_key="none")
answer = client.completions.create(model="facebook/opt-6.7b", prompt="Summarize: ...")  # <-
```

```python good
from openai import OpenAI
from vllm import LLM, SamplingParams

llm = LLM(model="facebook/opt-6.7b")
one = SamplingParams(temperature=0.2, max_tokens=512)
two = SamplingParams(**settings)
three = SamplingParams(temperature=0)
three.max_tokens = 400
chat = OpenAI(base_url="http://vllm:8000/v1").chat.completions.create(model="m", messages=[])
text = OpenAI(base_url="http://vllm:8000/v1").completions.create(model="m", prompt="a", max_tokens=300)
hosted = OpenAI().completions.create(model="gpt-3.5-turbo-instruct", prompt="a")
fields = set(SamplingParams().__struct_fields__)
```

References: `vllm/sampling_params.py` and `vllm/entrypoints/openai/completion/protocol.py` (CompletionRequest):
``max_tokens: int | None = 16``.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile

SAMPLING = {"temperature", "top_p", "top_k", "min_p", "seed", "repetition_penalty", "presence_penalty", "frequency_penalty"}
"""Arguments of who wants texts; others (`logprobs`, choices to take one of) may want a word."""


@rule(
    "DPL968",
    severity="warning",
    leaves=["S.6.4", "S.5.2"],
    see=[
        "https://github.com/vllm-project/vllm/blob/00388f6/vllm/sampling_params.py",
        "https://github.com/vllm-project/vllm/blob/002032e/vllm/entrypoints/openai/completion/protocol.py",
    ],
)
def answer_of_sixteen_tokens(file: PythonFile) -> Iterator[Finding]:
    if ".max_tokens" in file.text:
        return
    for call in file.calls("vllm.{,sampling_params.}SamplingParams"):
        if not call.open and not call.guarded and not call.arguments and call.keywords and call.keywords.keys() <= SAMPLING:
            yield Finding(call, "nobody says how long the answer may be: vLLM ends it after 16 tokens", help="max_tokens=512, say")
    for call in file.calls("openai.{OpenAI,AsyncOpenAI}().completions.create"):
        made = call.receiver.origin or next((one for one in file.calls("openai.{OpenAI,AsyncOpenAI}")), None)
        # Other servers of this protocol have no such end: llama.cpp's goes on.
        own = made is not None and not made.argument("base_url").missing and file.mentions("(?i)vllm")
        if own and call.argument("max_tokens").missing and not call.open and not call.guarded:
            yield Finding(call, "nobody says how long the answer may be: vLLM ends it after 16 tokens", help="max_tokens=512, say")
