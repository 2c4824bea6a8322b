"""An option of another generation of transformers.js.

Version 2 was `@xenova/transformers` and took ``{quantized: false}``; since version 3 it is `@huggingface/transformers`, with `dtype` in
its place and `device` for WebGPU. Options a version does not know are ignored without a word: the model runs on the CPU, or with the
other weights.

```js bad
import { pipeline } from '@xenova/transformers';

const embed = await pipeline('feature-extraction', 'Xenova/all-MiniLM-L6-v2', { device: 'webgpu' }); // <-
```

```js bad
import { pipeline, AutoModel } from '@huggingface/transformers';

const embed = await pipeline('feature-extraction', 'Xenova/all-MiniLM-L6-v2', { quantized: false }); // <-
const model = await AutoModel.from_pretrained('Xenova/clip-vit-base-patch16', { quantized: true, dtype: 'q8' });
```

```js good
import { pipeline } from '@huggingface/transformers';

const embed = await pipeline('feature-extraction', 'Xenova/all-MiniLM-L6-v2', { device: 'webgpu', dtype: 'fp16' });
```

```js good
import { pipeline } from '@xenova/transformers';

const embed = await pipeline('feature-extraction', 'Xenova/all-MiniLM-L6-v2', { quantized: false });
const other = await pipeline('feature-extraction', 'Xenova/all-MiniLM-L6-v2', options);
```

References: `src/pipelines.js` and `src/models.js` of @xenova/transformers 2.17.2 and @huggingface/transformers 3.0.0.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Object

CALLS = {"pipeline": 2, "*.from_pretrained": 1}
"""Function -> the position of its options."""

UNKNOWN = {
    "@xenova/transformers": ({"device", "dtype"}, "is of version 3: version 2 runs on the CPU, and knows only quantized"),
    "@huggingface/transformers": ({"quantized"}, "is of version 2: since version 3 dtype says which weights are loaded"),
}
"""Package -> the options of the other generation, and what is said of them."""

INSTEAD = {
    "device": "move to @huggingface/transformers",
    "dtype": "move to @huggingface/transformers, or write quantized",
    "quantized": "write dtype: 'fp32' for false, dtype: 'q8' for true",
}


@rule(
    "DPL827",
    severity="error",
    leaves=["B.3.2"],
    see=["https://github.com/huggingface/transformers.js/releases/tag/3.0.0", "https://huggingface.co/docs/transformers.js/guides/dtypes"],
)
def transformers_js_option(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"@(?:xenova|huggingface)/transformers"):
        return
    for package, (names, why) in UNKNOWN.items():
        for function, position in CALLS.items():
            for call in file.calls(f"{package}.{function}"):
                options = call.argument(None, position)
                if not isinstance(options, Object) or not call.resolved:
                    continue
                given = {key for key, _ in options.entries}
                for key, value in options.entries:
                    if key in names and not (key == "quantized" and "dtype" in given):
                        yield Finding(value, f"{key} {why}: it is ignored", help=INSTEAD[key])
