"""A typed array of another kind or size than the input, given to react-native-fast-tflite.

The library copies bytes, and converts nothing. A debug build stops with ``Input Buffer size (442368) does not match the Input Tensor's
expected size (110592)!``; a release build ignores it, and the model answers the same to every picture.

```ts bad path=src/shelf.ts
import { loadTensorflowModel, TensorflowModel } from 'react-native-fast-tflite';
import { SIZE } from './pixels';

let model: TensorflowModel | undefined;

async function getModel() {
  model ??= await loadTensorflowModel(require('../assets/shelf.tflite'));
  return model;
}

export async function classify(rgba: Uint8Array) {
  const net = await getModel();
  const input = new Float32Array(SIZE * SIZE * 3);
  for (let i = 0, j = 0; i < rgba.length; i += 4) input[j++] = rgba[i] / 255;
  return net.run([input]); // <-
}
```

```ts + path=src/pixels.ts
export const SIZE = 64;
```

```graph + path=assets/shelf.tflite
model tflite
graph main
  input image uint8[1,64,64,3]
  op RELU@1 (image) -> (y uint8[1,64,64,3])
  output y
```

With the hook, and frames that the resize plugin makes.

```tsx bad path=src/App.tsx
import { useTensorflowModel } from 'react-native-fast-tflite';
import { useFrameProcessor } from 'react-native-vision-camera';
import { useResizePlugin } from 'vision-camera-resize-plugin';

export default function App() {
  const plugin = useTensorflowModel(require('../assets/faces.tflite'));
  const model = plugin.state === 'loaded' ? plugin.model : undefined;
  const { resize } = useResizePlugin();
  const processor = useFrameProcessor((frame) => {
    'worklet';
    if (model == null) return;
    const small = resize(frame, { scale: { width: 64, height: 64 }, pixelFormat: 'rgb', dataType: 'uint8' });
    model.runSync([small]); // <-
  }, [model]);
  return processor;
}
```

```graph + path=assets/faces.tflite
model tflite
graph main
  input image float32[1,64,64,3]
  op RELU@1 (image) -> (y float32[1,64,64,3])
  output y
```

What fits, and arrays whose kind is chosen when it runs.

```ts good path=src/shelf.ts
import { loadTensorflowModel } from 'react-native-fast-tflite';

export class Shelf {
  private model: any;

  async load() {
    this.model = await loadTensorflowModel(require('../assets/shelf.tflite'));
  }

  classify(rgb: Uint8Array) {
    const input = new Uint8Array(64 * 64 * 3);
    input.set(rgb);
    return this.model.runSync([input]);
  }

  other(values: number[]) {
    const input = this.model.inputs[0].dataType === 'float32' ? Float32Array.from(values) : Uint8Array.from(values);
    return this.model.run([input]);
  }
}
```

```graph + path=assets/shelf.tflite
model tflite
graph main
  input image uint8[1,64,64,3]
  op RELU@1 (image) -> (y uint8[1,64,64,3])
  output y
```

References: react-native-fast-tflite, ``cpp/TensorHelpers.cpp``; https://github.com/margelo/react-native-fast-tflite/pull/17
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import follow, source, value, within
from deplint.apps.tensors import TYPED, array, entries, length
from deplint.apps.web import served_model
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Call, Member, Module, Node
from deplint.model import Model, Tensor

_LOADS = frozenset({"loadTensorflowModel", "useTensorflowModel"})
_BYTES = {"float32": 4, "float64": 8, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "int64": 8, "uint64": 8}


@rule(
    "DPL931",
    severity="error",
    leaves=["M.4.4", "M.6.3"],
    see=[
        "https://github.com/margelo/react-native-fast-tflite/pull/17",
        "https://github.com/margelo/react-native-fast-tflite/issues/24",
    ],
)
def fast_tflite_input(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\.run(?:Sync)?\s*\(\s*\["):
        return
    with within(project):
        for call in file.calls("**.{run,runSync}"):
            given = follow(call.argument(None, 0))
            model = _model(call, project) if isinstance(given, Array) and given.exact else None
            if model is None or given is None or len(given.children) != len(model.inputs):
                continue
            for node, wanted in zip(given.children, model.inputs, strict=True):
                wrong = _mismatch(node, wanted)
                if wrong:
                    target = f"the input of {model.path}, {wanted.dtype} {_listed(wanted)}"
                    yield Finding(
                        call,
                        f"this gives {wrong} for {target}: Input Buffer size does not match",
                        help="the model's inputs say which array they take: model.inputs[0].dataType and .shape",
                    )


def _model(call: Call, project: Project) -> Model | None:
    """The model that `run` is called on, bundled with the app."""
    of = follow(call.receiver)
    if isinstance(of, Member) and of.attribute == "model":
        of = of.object
    load = source(of)
    if load is None or load.method not in _LOADS or not load.name.startswith("react-native-fast-tflite"):
        return None
    asset = follow(load.argument(None, 0))
    return served_model(project, asset.children[0]) if isinstance(asset, Module) and asset.children else None


def _mismatch(node: Node, wanted: Tensor) -> str:
    """What is given, if that is not as many bytes of the kind that the input has."""
    dtype, count = _given(node)
    shape = wanted.shape
    elements = math.prod(d for d in shape if isinstance(d, int)) if shape and all(isinstance(d, int) and d > 0 for d in shape) else None
    if not dtype or wanted.dtype not in _BYTES:
        return ""
    if dtype != wanted.dtype and ("float" in dtype + wanted.dtype or _BYTES[dtype] != _BYTES[wanted.dtype]):
        return f"{dtype} values"
    return f"{count} values" if count is not None and elements is not None and count != elements else ""


def _given(node: Node) -> tuple[str, int | None]:
    """The kind and number of the elements of a typed array."""
    made = source(node)
    if made is not None and made.method == "resize" and "vision-camera-resize-plugin" in made.name:
        options = entries(made.argument(None, 1)) or {}
        scale = entries(options.get("scale")) or {}
        width, height = value(scale.get("width")), value(scale.get("height"))
        kind, pixels = value(options.get("dataType")), value(options.get("pixelFormat"))
        channels = {"rgb": 3, "bgr": 3, "rgba": 4, "bgra": 4, "argb": 4, "abgr": 4}.get(str(pixels))
        sized = isinstance(width, int) and isinstance(height, int) and channels is not None
        return kind if kind in ("uint8", "float32") else "", width * height * channels if sized else None  # type: ignore[operator]
    return TYPED.get(array(node), ""), length(node)


def _listed(tensor: Tensor) -> str:
    return "[" + ", ".join("?" if dim is None else str(dim) for dim in tensor.shape or ()) + "]"
