"""The key of a paid or private inference service in code that every visitor gets.

What a browser runs, its user can read: a key in the bundle, or in a variable that the builder writes into it
(`VITE_...`, `REACT_APP_...`, `NEXT_PUBLIC_...`), is public, and others will use it.

```jsx bad path=src/App.jsx
import { HfInference } from '@huggingface/inference';
import OpenAI from 'openai';

const hf = new HfInference('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'); // <-
const openai = new OpenAI({ apiKey: import.meta.env.VITE_OPENAI_API_KEY, dangerouslyAllowBrowser: true }); // <-

export async function answer(prompt) {
  document.getElementById('asked').textContent = prompt;
  return fetch('https://api-inference.huggingface.co/models/gpt2', {
    headers: { Authorization: `Bearer ${process.env.REACT_APP_HF_TOKEN}` }, // <-
  });
}
```

```jsx good path=src/App.jsx
import { HfInference } from '@huggingface/inference';

const hf = new HfInference('hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx');
const analytics = import.meta.env.VITE_ANALYTICS_KEY;

export async function answer(prompt) {
  document.getElementById('asked').textContent = prompt;
  return fetch('/api/answer', { method: 'POST', body: prompt });
}
```

On a server it stays where it is.

```js good path=server.js
const express = require('express');
const OpenAI = require('openai');

const openai = new OpenAI({ apiKey: process.env.OPENAI_API_KEY });
```

References: https://github.com/openai/openai-node#usage (`dangerouslyAllowBrowser`);
https://huggingface.co/docs/huggingface.js/inference/README; https://vite.dev/guide/env-and-mode
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.site import platform
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Literal, Member

KEY = re.compile(
    r"(?:Bearer |Token |Key )?(?:hf_[A-Za-z0-9]{30,}|sk-(?:proj-|ant-)?[A-Za-z0-9_-]{20,}|r8_[A-Za-z0-9]{30,}|gsk_[A-Za-z0-9]{40,})"
)
"""The keys of Hugging Face, OpenAI and Anthropic, Replicate, and Groq."""

SERVICES = (
    r"api-inference\.huggingface|router\.huggingface|huggingface/inference|api\.openai\.com|['\"]openai['\"]|api\.replicate\.com"
    r"|api\.anthropic\.com|['\"]@?anthropic|generativelanguage\.googleapis|google/generative-ai|api\.groq\.com|api\.cohere|api\.mistral"
    r"|aiplatform\.googleapis|cognitiveservices\.azure|customvision|roboflow"
)
WORDS = re.compile(
    r"hf|hugging|openai|replicate|anthropic|claude|gemini|palm|google_?ai|groq|cohere|mistral|azure|vision|roboflow|gpt", re.IGNORECASE
)
PUBLIC = re.compile(r"(?:VITE|REACT_APP|NEXT_PUBLIC|VUE_APP|EXPO_PUBLIC|PUBLIC|GATSBY|NUXT_PUBLIC)_\w*(?:KEY|TOKEN|SECRET)\w*")
"""Variables that builders write into the pages' code."""


@rule(
    "DPL906",
    severity="error",
    leaves=["B.9"],
    see=["https://github.com/openai/openai-node#usage", "https://vite.dev/guide/env-and-mode"],
)
def api_key_in_client(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not (file.mentions(KEY.pattern) or (file.mentions(PUBLIC.pattern) and file.mentions(SERVICES))):
        return
    if platform(project, file) != "browser":
        return
    lines: set[int] = set()
    for node in file.meaning.nodes:
        what = ""
        if (
            isinstance(node, Literal)
            and isinstance(node.constant, str)
            and KEY.fullmatch(node.constant)
            and not _placeholder(node.constant)
        ):
            what = "a key stands in code that every visitor gets"
        elif isinstance(node, Member) and PUBLIC.fullmatch(node.attribute) and WORDS.search(node.attribute):
            what = f"{node.attribute} is written into the code that every visitor gets"
        if what and node.span.line not in lines:
            lines.add(node.span.line)
            yield Finding(
                node, f"{what}: others can use the service with it", help="ask the service from a server of your own, and revoke this key"
            )


def _placeholder(key: str) -> bool:
    return (
        len(set(key.rpartition("_")[2].rpartition("-")[2].lower())) < 6
        or re.search(r"your|example|xxxx|1234567", key, re.IGNORECASE) is not None
    )
