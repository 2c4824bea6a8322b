"""A library of native code in a route of Next.js that runs at the edge.

The edge runtime loads no native code, and the build ends in ``Node.js binary module ... is not supported in the browser`` or
``Module parse failed``. Routes and middleware that run models with `onnxruntime-node` or
`@tensorflow/tfjs-node` need the runtime `nodejs`.

```ts bad path=app/api/score/route.ts
import * as ort from 'onnxruntime-node';

export const runtime = 'edge'; // <-

export async function POST(request: Request) {
  const session = await ort.InferenceSession.create('./model.onnx');
  return Response.json(session.inputNames);
}
```

```ts bad path=pages/api/score.ts
import * as tf from '@tensorflow/tfjs-node';

export const config = { runtime: 'edge' }; // <-
export default (request: Request) => new Response(tf.version.tfjs);
```

```ts good path=app/api/score/route.ts
import * as ort from 'onnxruntime-node';

export const runtime = 'nodejs';

export async function POST(request: Request) {
  const session = await ort.InferenceSession.create('./model.onnx');
  return Response.json(session.inputNames);
}
```

```ts good path=app/api/time/route.ts
export const runtime = 'edge';

export const GET = () => Response.json(Date.now());
```

References: https://nextjs.org/docs/app/api-reference/edge; executed with Next.js 15.5.29.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.site import NATIVE_CODE
from deplint.apps.tensors import entries
from deplint.code.source import SourceFile

EDGE = frozenset({"edge", "experimental-edge"})
_ROUTE = re.compile(r"(?:.*/)?(?:app/.*(?:route|page|layout)|pages/(?:api/)?.*|middleware)\.[jt]sx?")


@rule("DPL368", severity="error", leaves=["B.3.1"], see=["https://nextjs.org/docs/app/api-reference/edge"])
def native_code_at_the_edge(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"['\"](?:experimental-)?edge['\"]") or not _ROUTE.fullmatch(file.path):
        return
    native = file.imported(*NATIVE_CODE)
    for variable in file.variables if native is not None else ():
        source = variable.sources[0].source if len(variable.sources) == 1 else None
        if source is None or native is None or variable.name not in ("runtime", "config"):
            continue
        said = (entries(source) or {}).get("runtime") if variable.name == "config" else source
        if said is not None and said.value in EDGE:
            yield Finding(
                said,
                f"the edge runtime loads no native code, and {native.package} is some: the build fails",
                help="export const runtime = 'nodejs', or use onnxruntime-web or @tensorflow/tfjs there",
            )
