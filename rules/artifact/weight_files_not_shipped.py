"""A model in several files, of which some are missing or damaged.

Large models are saved as `model-00001-of-00003.safetensors` and so on, with an index that says which tensor is in which file. All of them
have to lie beside it; loading stops at the first that is missing or cut short.

```graph bad path=llm/model.safetensors.index.json line=1
model safetensors
metadata kind=index
graph main
  weight embedding.weight float32[8,4] external=llm/model-1.safetensors
  weight head.weight external=llm/model-2.safetensors problem="file is missing"
```

```graph good path=llm/model.safetensors.index.json
model safetensors
metadata kind=index
graph main
  weight embedding.weight float32[8,4] external=llm/model-1.safetensors
  weight head.weight float32[8,4] external=llm/model-2.safetensors
```

Where none of them is there, the weights are fetched from somewhere else.

```graph good path=llm/model.safetensors.index.json
model safetensors
metadata kind=index
graph main
  weight embedding.weight external=llm/model-1.safetensors problem="file is missing"
  weight head.weight external=llm/model-2.safetensors problem="file is missing"
```

References: the documentation of transformers on sharded checkpoints.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule


@rule("DPL411", severity="error", leaves=["S.4.2"], see=["https://huggingface.co/docs/transformers/big_models"])
def weight_files_not_shipped(model: Model) -> Iterator[Finding]:
    if model.metadata.get("kind") != "index":
        return
    stored = [tensor.stored for tensor in model.graph.weights if tensor.stored]
    # A Git LFS pointer is reported as what it is.
    problems = {each.path: each.problem for each in stored if each.problem and "LFS" not in each.problem}
    if problems and any(not each.problem for each in stored):
        path, problem = next(iter(problems.items()))
        more = f", nor in {len(problems) - 1} more" if len(problems) > 1 else ""
        yield Finding(
            model,
            f"weights in {path} cannot be read{more}: {problem}",
            help="ship every file that the index names beside it",
            count=len(problems),
        )
