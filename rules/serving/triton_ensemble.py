"""An ensemble in Triton whose steps do not fit the models they name.

Triton compares each step's maps with the configuration of the step's model: names that do not exist (``ensemble tensor image is mapping
to non-existing input pixels in model classify``), inputs nothing is led to (``is not mapped to any ensemble tensors``), types and
shapes of the same tensor at both its ends (``inconsistent data type: TYPE_UINT8 is inferred from model prepare while TYPE_FP32 is
inferred from model classify``), a smaller `max_batch_size`. An ensemble that does not fit is not loaded.

```pbtxt bad path=models/pipeline/config.pbtxt
platform: "ensemble"
max_batch_size: 8
input [ { name: "raw" data_type: TYPE_UINT8 dims: [ -1 ] } ]
output [ { name: "scores" data_type: TYPE_FP32 dims: [ 10 ] } ]
ensemble_scheduling {
  step [
    {
      model_name: "prepare"
      input_map { key: "raw" value: "raw" }
      output_map { key: "image" value: "image" }
    },
    {  # <- the model's input is called pixels, and it is float
      model_name: "classify"
      input_map { key: "input" value: "image" }
      output_map { key: "scores" value: "scores" }
    }
  ]
}
```

```pbtxt + path=models/prepare/config.pbtxt
backend: "python"
max_batch_size: 8
input [ { name: "raw" data_type: TYPE_UINT8 dims: [ -1 ] } ]
output [ { name: "image" data_type: TYPE_UINT8 dims: [ 3, 32, 32 ] } ]
```

```pbtxt + path=models/classify/config.pbtxt
platform: "onnxruntime_onnx"
max_batch_size: 8
input [ { name: "pixels" data_type: TYPE_FP32 dims: [ 3, 32, 32 ] } ]
output [ { name: "scores" data_type: TYPE_FP32 dims: [ 10 ] } ]
```

With the right name the type is next.

```pbtxt bad path=models/pipeline/config.pbtxt
platform: "ensemble"
max_batch_size: 8
input [ { name: "raw" data_type: TYPE_UINT8 dims: [ 3, 32, 32 ] } ]
output [ { name: "scores" data_type: TYPE_FP32 dims: [ 10 ] } ]
ensemble_scheduling {
  step [
    {  # <-
      model_name: "classify"
      input_map { key: "pixels" value: "raw" }
      output_map { key: "scores" value: "scores" }
    }
  ]
}
```

```pbtxt + path=models/classify/config.pbtxt
platform: "onnxruntime_onnx"
max_batch_size: 8
input [ { name: "pixels" data_type: TYPE_FP32 dims: [ 3, 32, 32 ] } ]
output [ { name: "scores" data_type: TYPE_FP32 dims: [ 10 ] } ]
```

Before it looks at the models Triton follows the ensemble's own tensors: each is written by a step or is an input, and leads on to the
outputs: ``ensemble tensor 'image' is unused in ensemble 'pipeline'``, ``output 'scores' for ensemble 'pipeline' is not written``.

```pbtxt bad path=models/pipeline/config.pbtxt
platform: "ensemble"
input [ { name: "raw" data_type: TYPE_UINT8 dims: [ -1 ] } ]
output [ { name: "scores" data_type: TYPE_FP32 dims: [ 10 ] } ]
ensemble_scheduling {
  step [
    { model_name: "prepare" input_map { key: "raw" value: "raw" } output_map { key: "image" value: "image" } },
    { model_name: "classify" input_map { key: "pixels" value: "pixels" } output_map { key: "scores" value: "scores" } }  # <-
  ]
}
```

and

```pbtxt bad path=models/pipeline/config.pbtxt
platform: "ensemble"
input [ { name: "raw" data_type: TYPE_UINT8 dims: [ -1 ] } ]
output [ { name: "scores" data_type: TYPE_FP32 dims: [ 10 ] } ]
ensemble_scheduling {
  step [
    {  # <- nobody takes the sizes
      model_name: "prepare"
      input_map { key: "raw" value: "raw" }
      output_map { key: "image" value: "image" }
      output_map { key: "sizes" value: "sizes" }
    },
    { model_name: "classify" input_map { key: "pixels" value: "image" } output_map { key: "scores" value: "scores" } }
  ]
}
```

A file that lists no inputs is a part of a configuration.

```pbtxt good path=models/pipeline/1/config.pbtxt
ensemble_scheduling {
  step [
    { model_name: "classify" input_map { key: "pixels" value: "pixels" } output_map { key: "scores" value: "scores" } }
  ]
}
```

An open size fits any; a model without batching may name the batch itself; a model that is not in the project, or lists no tensors, is
not judged.

```pbtxt good path=models/pipeline/config.pbtxt
platform: "ensemble"
max_batch_size: 8
input [ { name: "raw" data_type: TYPE_UINT8 dims: [ -1 ] } ]
output [ { name: "scores" data_type: TYPE_FP32 dims: [ 10 ] } ]
ensemble_scheduling {
  step [
    { model_name: "elsewhere" input_map { key: "a" value: "raw" } output_map { key: "b" value: "image" } },
    { model_name: "classify" input_map { key: "pixels" value: "image" } output_map { key: "scores" value: "inner" } },
    { model_name: "finish" input_map { key: "x" value: "inner" } output_map { key: "y" value: "scores" } }
  ]
}
```

```pbtxt + path=models/classify/config.pbtxt
platform: "onnxruntime_onnx"
max_batch_size: 8
input [ { name: "pixels" data_type: TYPE_FP32 dims: [ 3, -1, -1 ] }, { name: "extra" data_type: TYPE_FP32 dims: [ 1 ] optional: true } ]
output [ { name: "scores" data_type: TYPE_FP32 dims: [ 10 ] } ]
```

```pbtxt + path=models/finish/config.pbtxt
backend: "python"
input [ { name: "x" data_type: TYPE_FP32 dims: [ -1, 10 ] } ]
output [ { name: "y" data_type: TYPE_FP32 dims: [ -1, 10 ] } ]
```

References: `ValidateEnsembleConfig` in `src/ensemble_scheduler/ensemble_utils.cc` and `ValidateEnsembleSchedulingConfig` in
`src/model_config_utils.cc` of Triton's core.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from deplint import Finding, Project, rule
from deplint.settings.repository import folder
from deplint.settings.triton import EnsembleStep, TritonConfig, TritonTensor


@rule(
    "DPL524",
    severity="error",
    leaves=["S.4.4"],
    see=[
        "https://github.com/triton-inference-server/core/blob/73aad7c3348d040c7087d57837d75822c488495e/src/ensemble_scheduler/ensemble_utils.cc",
        "https://github.com/triton-inference-server/core/blob/73aad7c3348d040c7087d57837d75822c488495e/src/model_config_utils.cc",
        "https://github.com/triton-inference-server/server/blob/v2.71.0/docs/user_guide/ensemble_models.md",
    ],
)
def triton_ensemble(config: TritonConfig, project: Project) -> Iterator[Finding]:
    tensors = {t.name: _End(config.name or folder(config).name, t, bool(config.max_batch_size)) for t in (*config.inputs, *config.outputs)}
    loose = next(_loose_ends(config), None) if config.inputs and config.outputs else None
    if loose:
        yield Finding(loose[0], f"{loose[1]}: Triton does not load the ensemble", help=loose[2])
        return
    for step in config.steps:
        model = _model(step, config, project)
        fault = _fault(step, model, config, tensors) if model is not None else None
        if fault:
            yield Finding(step, f"{fault[0]}: Triton does not load the ensemble", help=fault[1])
            return


def _loose_ends(config: TritonConfig) -> Iterator[tuple[EnsembleStep, str, str]]:
    """The tensors of the ensemble that a step takes and nothing writes, and those that it writes and nothing takes."""
    written = {tensor.name for tensor in config.inputs}.union(*(step.outputs.values() for step in config.steps))
    taken = {tensor.name for tensor in config.outputs}.union(*(step.inputs.values() for step in config.steps))
    for step in config.steps:
        for name in step.inputs.values():
            if name not in written:
                yield step, f'nothing writes the tensor "{name}" that {step.model} is given', f"written are: {', '.join(sorted(written))}"
    for step in config.steps:
        for name in step.outputs.values():
            if name not in taken:
                yield (
                    step,
                    f'nothing takes the tensor "{name}" that {step.model} writes',
                    "leave it out of output_map, or lead it to a step",
                )


@dataclass(frozen=True)
class _End:
    """What one model says of a tensor of the ensemble."""

    model: str
    tensor: TritonTensor
    batched: bool

    def differs(self, other: _End) -> str | None:
        one, two = self.tensor, other.tensor
        if one.dtype and two.dtype and one.dtype != two.dtype:
            return f"is {one.data_type} for {self.model} and {two.data_type} for {other.model}"
        if one.dims and two.dims and not _fit(one.dims, two.dims) and not _fit(self.full, other.full):
            return f"is {_sizes(self.full)} for {self.model} and {_sizes(other.full)} for {other.model}"
        return None

    @property
    def full(self) -> list[int]:
        return [-1] * self.batched + self.tensor.dims


def _fit(one: list[int], two: list[int]) -> bool:
    return len(one) == len(two) and all(a == b or -1 in (a, b) for a, b in zip(one, two, strict=True))


def _sizes(dims: list[int]) -> str:
    return "x".join("?" if size == -1 else str(size) for size in dims)


def _model(step: EnsembleStep, config: TritonConfig, project: Project) -> TritonConfig | None:
    """The configuration of a step's model, in the same repository. One that Python completes when it is loaded says too little."""
    home = folder(config).parent / step.model
    file = project.file(home / "config.pbtxt")
    found = project.facts(file, TritonConfig) if file else []
    completed = any("auto_complete_config" in f.text for f in project.files if f.name == "model.py" and f.path.parent.parent == home)
    return found[0] if found and not completed else None


def _fault(step: EnsembleStep, model: TritonConfig, config: TritonConfig, tensors: dict[str, _End]) -> tuple[str, str] | None:
    most, asked = model.max_batch_size, config.max_batch_size
    if most and asked and most < asked:
        return f"the ensemble takes batches of {asked}, and {step.model} takes {most}", f"max_batch_size: {most}"
    missing = [tensor.name for tensor in model.inputs if tensor.name not in step.inputs and not tensor.optional]
    for mapped, listed, kind in ((step.inputs, model.inputs, "input"), (step.outputs, model.outputs, "output")):
        known = {tensor.name: tensor for tensor in listed}
        for name, ensemble in mapped.items() if known else ():
            if name not in known:
                return f'{step.model} has no {kind} "{name}"', f"its {kind}s are: {', '.join(known)}"
            end = _End(step.model, known[name], bool(most))
            differs = _agree(tensors, ensemble, end)
            if differs:
                return f'the tensor "{ensemble}" {differs}', "let both models agree, with a step between them if need be"
        if kind == "input" and missing:
            return f'nothing is led to the input "{missing[0]}" of {step.model}', f'input_map {{ key: "{missing[0]}" value: ... }}'
    return None


def _agree(tensors: dict[str, _End], name: str, end: _End) -> str | None:
    """What another model says of the tensor that differs; the first one to say something is remembered."""
    return tensors.setdefault(name, end).differs(end)
