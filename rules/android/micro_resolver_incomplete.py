"""A microcontroller's resolver that lacks an operator of the model, or room for those it registers.

TensorFlow Lite Micro links only the kernels that an app registers. One that is missing stops the interpreter: ``Didn't find op for
builtin opcode 'SOFTMAX'``. The resolver has room for as many as its template says; the next is refused: ``Couldn't register builtin op
#25, resolver size is too small (2).``

```cpp bad path=src/main.cpp
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"

static tflite::MicroMutableOpResolver<2> resolver;  // <- room for two

void setup() {
  resolver.AddConv2D();
  resolver.AddFullyConnected();
  resolver.AddSoftmax();
}
```

The same, written otherwise.

```cpp bad path=src/main.cpp
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"

void setup() {
  static tflite::MicroMutableOpResolver<5> resolver;  // <- no Softmax
  resolver.AddConv2D();
  resolver.AddFullyConnected();
}
```

```graph + path=models/net.tflite
model tflite
graph main
  input x int8[1,8,8,1]
  op CONV_2D@3 (x) -> (c int8[1,8,8,4])
  op FULLY_CONNECTED@4 (c) -> (f int8[1,4])
  op SOFTMAX@2 (f) -> (y int8[1,4])
  output y
```

Registered elsewhere, in part of the builds, or all of them; or for which of several models, is not known.

```cpp good path=src/main.cpp
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"

constexpr int kOps = 3;
using Ops = tflite::MicroMutableOpResolver<kOps>;

TfLiteStatus RegisterOps(Ops& resolver) {
  TF_LITE_ENSURE_STATUS(resolver.AddConv2D());
  TF_LITE_ENSURE_STATUS(resolver.AddFullyConnected());
  // resolver.AddReshape();
  TF_LITE_ENSURE_STATUS(resolver.AddSoftmax());
  return kTfLiteOk;
}
```

```graph + path=models/net.tflite
model tflite
graph main
  input x int8[1,8,8,1]
  op CONV_2D@3 (x) -> (c int8[1,8,8,4])
  op FULLY_CONNECTED@4 (c) -> (f int8[1,4])
  op SOFTMAX@2 (f) -> (y int8[1,4])
  output y
```

References: tensorflow/tflite-micro, `micro_mutable_op_resolver.h`, `micro_interpreter.cc`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Model, Project, rule
from deplint.settings.micro import MicroApp, Resolver

CUSTOM = {"detectionpostprocess": "TFLite_Detection_PostProcess", "ethosu": "ethos-u", "circularbuffer": "CIRCULAR_BUFFER"}
"""Methods of their own for custom operators."""


@rule(
    "DPL734",
    severity="error",
    leaves=["M.3.3"],
    see=["https://github.com/tensorflow/tflite-micro/blob/main/tensorflow/lite/micro/micro_mutable_op_resolver.h"],
)
def micro_resolver_incomplete(app: MicroApp, project: Project) -> Iterator[Finding]:
    if any("test" in part.lower() for part in app.path.split("/")):
        return
    for resolver in app.resolvers:
        count = len(resolver.added) - ("EthosU" in resolver.added)  # nothing where there is no such processor
        if resolver.room is not None and count > resolver.room and not resolver.conditional:
            yield Finding(
                resolver.place,
                f"{count} operators are registered with a resolver for {resolver.room}: Couldn't register builtin op, resolver size is too "
                f"small",
                help=f"MicroMutableOpResolver<{count}>",
            )
    models = _models(app, project) if len(app.resolvers) == 1 else []
    for model in models if len(models) == 1 else ():
        lacking = _lacking(app.resolvers[0], model)
        if lacking and not app.resolvers[0].conditional:
            yield Finding(
                app.resolvers[0].place,
                f"{model.path} needs {', '.join(lacking)}, which {'is' if len(lacking) == 1 else 'are'} not registered: Didn't find op for "
                f"builtin opcode",
                help="register " + ", ".join(f"Add{''.join(p.capitalize() for p in name.split('_'))}()" for name in lacking),
            )


def _models(app: MicroApp, project: Project) -> list[Model]:
    """The TensorFlow Lite models of what the app is part of."""
    area = project.area(app)
    return [m for m in project.all(Model) if m.format == "tflite" and Path(os.path.abspath(m.path)).is_relative_to(area)]


def _lacking(resolver: Resolver, model: Model) -> list[str]:
    added = {name.replace("_", "").lower() for name in resolver.added}
    custom = {CUSTOM[name] for name in added if name in CUSTOM} | set(resolver.added)
    found: dict[str, None] = {}
    for _, op in model.ops():
        known = op.type in custom if op.domain == "custom" else op.type.replace("_", "").lower() in added
        if not known:
            found[op.type] = None
    return list(found)
