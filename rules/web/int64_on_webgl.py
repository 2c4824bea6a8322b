"""A tensor of int64 for ONNX Runtime's WebGL backend.

WebGL computes with textures, and this backend of onnxruntime-web has no whole numbers of 64 bits: ``int64 is not supported``,
``unspecified error``. Tokens and masks are int64 in nearly every model of language; those run with `wasm` or `webgpu`.

```js bad
import * as ort from 'onnxruntime-web';

export async function score(ids) {
  const session = await ort.InferenceSession.create('/bert.onnx', { executionProviders: ['webgl'] });
  const input = new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
  return session.run({ input_ids: input }); // <-
}
```

```js good
import * as ort from 'onnxruntime-web';

export async function score(ids, pixels, options) {
  const wasm = await ort.InferenceSession.create('/bert.onnx', { executionProviders: ['wasm'] });
  const input = new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
  const webgl = await ort.InferenceSession.create('/net.onnx', { executionProviders: ['webgl'] });
  const open = await ort.InferenceSession.create('/bert.onnx', options);
  const image = new ort.Tensor('float32', pixels, [1, 3, 224, 224]);
  return [wasm.run({ input_ids: input }), webgl.run({ image }), open.run({ input_ids: input })];
}
```

References: `js/web/lib/onnxjs/tensor.ts` of ONNX Runtime has no array for int64; https://github.com/microsoft/onnxruntime/issues/9724
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import follow, source, value, within
from deplint.apps.tensors import entries, tensor
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array


@rule("DPL366", severity="error", leaves=["B.2.5", "B.6.4"], see=["https://github.com/microsoft/onnxruntime/issues/9724"])
def int64_on_webgl(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\.run\s*\(") or not file.mentions(r"onnxruntime-web|\bort\b"):
        return
    with within(project):
        for call in file.calls("onnxruntime-web{,/*}.InferenceSession.create().run"):
            load = source(call.receiver)
            options = entries(load.argument(None, 1)) if load is not None and len(load.arguments) > 1 else None
            providers = follow(options.get("executionProviders")) if options else None
            first = value(providers.children[0]) if isinstance(providers, Array) and providers.children else None
            given = entries(call.argument(None, 0)) if first == "webgl" else None
            wide = next((name for name, node in (given or {}).items() if tensor(node).dtype in ("int64", "uint64")), None)
            if wide is not None:
                yield Finding(
                    call,
                    f"{wide} is a tensor of int64, which the WebGL backend does not have: it throws",
                    help="run the model with the provider wasm or webgpu, or export it with inputs of int32",
                )
