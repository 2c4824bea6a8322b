"""transformers.js 2 asks the page's own server first, where Vite answers with the page.

`@xenova/transformers` looks for `/models/NAME/tokenizer.json` before it asks the Hub, and takes whatever is answered with status 200.
Vite's server, in development and in preview, answers an unknown address with `index.html`: ``Unexpected token '<', "<!DOCTYPE "... is not
valid JSON``.

```javascript bad path=src/worker.js
import { pipeline } from '@xenova/transformers';

const classify = await pipeline('sentiment-analysis', 'Xenova/distilbert-base-uncased-finetuned-sst-2-english'); // <-
```

```json + path=package.json
{"name": "notes", "scripts": {"dev": "vite"}, "dependencies": {"@xenova/transformers": "2.17.2"}, "devDependencies": {"vite": "5.2.11"}}
```

```javascript good path=src/worker.js
import { env, pipeline } from '@xenova/transformers';

env.allowLocalModels = false;
const classify = await pipeline('sentiment-analysis', 'Xenova/distilbert-base-uncased-finetuned-sst-2-english');
```

```json + path=package.json
{"name": "notes", "scripts": {"dev": "vite"}, "dependencies": {"@xenova/transformers": "2.17.2"}, "devDependencies": {"vite": "5.2.11"}}
```

Other servers answer 404, version 3 does not ask in a browser, and in Node the model is looked for in files.

```javascript good path=src/worker.js
import { pipeline } from '@xenova/transformers';

const classify = await pipeline('sentiment-analysis', 'Xenova/distilbert-base-uncased-finetuned-sst-2-english');
```

```json + path=package.json
{"name": "notes", "dependencies": {"@xenova/transformers": "2.17.2"}, "devDependencies": {"webpack": "5.90.0"}}
```

References: `src/env.js` and `getModelFile` in `src/utils/hub.js` of @xenova/transformers 2.17.2;
https://github.com/huggingface/transformers.js/issues/142
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.site import package_of, platform
from deplint.code.source import SourceFile

CALLS = {"pipeline": 1, "*.from_pretrained": 0}
"""Function -> the position of the model's name."""

SAID = r"\ballowLocalModels\b|\blocalModelPath\b|\bremoteHost\b"


@rule(
    "DPL889",
    severity="error",
    leaves=["B.4.5", "B.4.3"],
    see=[
        "https://github.com/huggingface/transformers.js/issues/142",
        "https://github.com/huggingface/transformers.js/blob/2.17.2/src/utils/hub.js",
    ],
)
def local_model_first(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"@xenova/transformers") or platform(project, file) == "node":
        return
    packages = package_of(project, file.place)
    vite = packages.dependency("vite") if packages is not None else None
    if vite is None or any(other.web and other.mentions(SAID) for other in project.all(SourceFile)) or _held(project):
        return
    for function, position in CALLS.items():
        for call in file.calls(f"@xenova/transformers.{function}"):
            name = call.argument(None, position)
            model = name.value if name is not None else None
            if isinstance(model, str) and re.fullmatch(r"[\w.-]+/[\w.-]+", model):
                yield Finding(
                    call,
                    f"/models/{model} is asked of the page's own server first, and Vite answers with index.html: "
                    "Unexpected token '<', it is not valid JSON",
                    help="set env.allowLocalModels = false, or move to @huggingface/transformers",
                )
                return


def _held(project: Project) -> bool:
    """The project holds models where they are asked for."""
    return any("/models/" in file.shown and file.name == "tokenizer.json" for file in project.files)
