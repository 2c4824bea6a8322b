"""A local model for transformers.js whose ONNX file lies elsewhere or under another name.

The files of a model are looked for in its folder below `localModelPath`: the weights in `onnx/`, named after the `dtype`
(`model_quantized.onnx` for `q8`, `model_fp16.onnx`, `model.onnx` for `fp32`): ``Could not locate file:
"/models/all-MiniLM-L6-v2/onnx/model_fp16.onnx"``, or `local_files_only` or `allowRemoteModels` forbids to look elsewhere.

```js bad path=server.js
import { pipeline, env } from '@huggingface/transformers';

env.localModelPath = './models';
env.allowRemoteModels = false;

const embed = await pipeline('feature-extraction', 'all-MiniLM-L6-v2', { dtype: 'fp16' }); // <-
```

```json + path=models/all-MiniLM-L6-v2/config.json
{"model_type": "bert"}
```

```graph + path=models/all-MiniLM-L6-v2/onnx/model_quantized.onnx
model onnx
graph main
  input x float32[1]
  op Identity (x) -> (y)
  output y
```

```json + path=package.json
{"dependencies": {"@huggingface/transformers": "^3.5.0"}}
```

In the folder itself:

```js bad path=src/main.js
import { pipeline, env } from '@huggingface/transformers';

env.allowRemoteModels = false;
env.localModelPath = '/models/';
const classify = await pipeline('text-classification', 'sst2', { dtype: 'q8' }); // <-
```

```json + path=public/models/sst2/config.json
{"model_type": "bert"}
```

```graph + path=public/models/sst2/model_quantized.onnx
model onnx
graph main
  input x float32[1]
  op Identity (x) -> (y)
  output y
```

Where they are looked for, of a type that is not said, or with the hub to turn to:

```js good path=server.js
import { pipeline, env } from '@huggingface/transformers';

env.localModelPath = './models';
env.allowRemoteModels = false;

const embed = await pipeline('feature-extraction', 'all-MiniLM-L6-v2', { dtype: 'q8' });
const other = await pipeline('feature-extraction', 'another/model', { dtype: 'q8' });
```

```json + path=models/all-MiniLM-L6-v2/config.json
{"model_type": "bert"}
```

```graph + path=models/all-MiniLM-L6-v2/onnx/model_quantized.onnx
model onnx
graph main
  input x float32[1]
  op Identity (x) -> (y)
  output y
```

References: `hub.js` and `models.js` of @huggingface/transformers 3.5 and @xenova/transformers 2.17 (`subfolder` is `onnx`,
`DEFAULT_DTYPE_SUFFIX_MAPPING`); https://huggingface.co/docs/transformers.js/custom_usage
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import home, value, within
from deplint.apps.site import code_of
from deplint.apps.tensors import entries
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call
from deplint.project import File

SUFFIXES = {
    "fp32": "",
    "fp16": "_fp16",
    "int8": "_int8",
    "uint8": "_uint8",
    "q8": "_quantized",
    "q4": "_q4",
    "q4f16": "_q4f16",
    "bnb4": "_bnb4",
}
"""dtype -> what the names of its files end in. Source: `DEFAULT_DTYPE_SUFFIX_MAPPING` in `utils/dtypes.js`."""

LIBRARIES = "@{huggingface,xenova}/transformers"


@rule(
    "DPL356",
    severity="error",
    leaves=["B.4.1", "B.4.3"],
    see=["https://huggingface.co/docs/transformers.js/custom_usage", "https://github.com/huggingface/transformers.js/issues/1226"],
)
def local_pipeline_files(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"/transformers\b") or not file.mentions(r"\b(?:pipeline|from_pretrained)\s*\("):
        return
    if not any(other.mentions(r"allowRemoteModels\s*=\s*false|local_files_only\s*:\s*true") for other in code_of(project, file)):
        return
    with within(project):
        for call in file.calls(f"{LIBRARIES}.pipeline", f"{LIBRARIES}.*Model*.from_pretrained"):
            at = 1 if call.method == "pipeline" else 0
            named = value(call.argument(None, at)) if len(call.arguments) > at else None
            folder = _folder(project, call, named) if isinstance(named, str) else None
            if folder:
                what = _missing(call, at + 1, folder)
                if what:
                    yield Finding(call, what[0], help=what[1])


def _folder(project: Project, call: Call, named: str) -> list[File]:
    """The files of the one folder of the package that holds the model: that with its configuration."""
    parts = tuple(part for part in named.split("/") if part not in ("", ".", ".."))
    base = home(project, call.place)
    found = [
        each.path.parent
        for each in project.files
        if each.name == "config.json" and each.path.is_relative_to(base) and parts and each.path.parent.parts[-len(parts) :] == parts
    ]
    return [each for each in project.files if each.path.is_relative_to(found[0])] if len(found) == 1 else []


def _missing(call: Call, at: int, files: list[File]) -> tuple[str, str] | None:
    models = [each for each in files if each.suffix == ".onnx"]
    config = next(each for each in files if each.name == "config.json" and len(each.path.parts) == min(len(f.path.parts) for f in files))
    inside = [each for each in models if each.path.parent == config.path.parent / "onnx"]
    given = call.argument(None, at)
    options = entries(given) if given is not None else {}
    if not models or options is None or {"subfolder", "model_file_name", "use_external_data_format"} & set(options):
        return None
    if not inside:
        return (
            f"the weights are looked for in {config.shown.rpartition('/')[0]}/onnx: {models[0].shown} lies elsewhere",
            "move the .onnx files to a folder onnx beside config.json",
        )
    dtype = value(options["dtype"]) if "dtype" in options else None
    suffix = SUFFIXES.get(dtype) if isinstance(dtype, str) else None
    stems = [each.name.removesuffix(".onnx") for each in inside]
    others = tuple(other for other in SUFFIXES.values() if other)
    if suffix is None or any(stem.endswith(suffix) and (suffix or not stem.endswith(others)) for stem in stems):
        return None
    have = ", ".join(sorted(each.name for each in inside)[:3])
    return (
        f"the files of dtype {dtype!r} end in {suffix or 'no suffix'} (model{suffix}.onnx): there are only {have}",
        "name the dtype of the files that are there",
    )
