"""A model read from React's state in an effect that runs once.

The functions of a component see the state as it was when they were made. An effect without dependencies is made once, when the
model is not there yet, and so are the functions that it starts: in them the model stays null, and ``if (model)`` never holds,
however often a timer asks.

```jsx bad path=src/App.jsx
import { useEffect, useState } from 'react';
import * as cocoSsd from '@tensorflow-models/coco-ssd';

export default function App({ video }) {
  const [model, setModel] = useState(null);

  const detect = async () => {
    if (model) console.log(await model.detect(video)); // <-
  };

  useEffect(() => {
    cocoSsd.load().then((net) => setModel(net));
    const timer = setInterval(detect, 100);
    return () => clearInterval(timer);
  }, []);

  return <p>Looking</p>;
}
```

```tsx bad path=src/Digits.tsx
import React, { useEffect, useState } from 'react';
import * as tf from '@tensorflow/tfjs';

export const Digits = () => {
  const [model, setModel] = useState<tf.LayersModel>();

  useEffect(() => {
    const start = async () => {
      setModel(await tf.loadLayersModel('/digits/model.json'));
      model.predict(tf.zeros([1, 28, 28, 1])); // <-
    };
    start();
  }, []);

  return <p>Digits</p>;
};
```

With the model among the dependencies, in a `ref`, or handed on:

```jsx good path=src/App.jsx
import { useEffect, useRef, useState } from 'react';
import * as cocoSsd from '@tensorflow-models/coco-ssd';

export default function App({ video }) {
  const [model, setModel] = useState(null);
  const kept = useRef(null);

  const detect = async (net) => console.log(await net.detect(video));
  const click = () => model && detect(model);

  useEffect(() => {
    cocoSsd.load().then((net) => {
      kept.current = net;
      setModel(net);
      detect(net);
    });
    return () => model && model.dispose();
  }, []);

  useEffect(() => {
    if (!model) return;
    const timer = setInterval(() => detect(model), 100);
    return () => clearInterval(timer);
  }, [model]);

  return <button onClick={click}>Look</button>;
}
```

References: https://react.dev/reference/react/useState#ive-updated-the-state-but-logging-gives-me-the-old-value and
https://react.dev/learn/separating-events-from-effects
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import source, within
from deplint.apps.frames import reached, starts
from deplint.apps.web import LOADERS
from deplint.code.patterns import matcher
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Call, Declare, Function, Literal, Name, Node, Pattern
from deplint.code.source_scopes import Variable

_loads = matcher(*LOADERS)


@rule(
    "DPL361",
    severity="error",
    leaves=["B.4.5"],
    see=["https://react.dev/reference/react/useEffect", "https://react.dev/reference/react/useState"],
)
def state_of_first_drawing(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\buseState\b") or not file.mentions(r"\buseEffect\b"):
        return
    with within(project):
        models = list(_models(file))
        for effect in file.calls("react.{useEffect,useLayoutEffect}") if models else ():
            body, needs = effect.argument(None, 0), effect.argument(None, 1)
            if not isinstance(body, Function) or not isinstance(needs, Array) or not needs.exact or needs.children:
                continue
            for model in models:
                read = _read(model, body)
                if read is not None:
                    yield Finding(
                        read,
                        f"the effect of line {effect.span.line} runs once and sees {model.name} as it was then, before any model was there",
                        help=f"make it an effect of its own with [{model.name}] as its dependencies, or keep the model in a ref",
                    )


def _models(file: SourceFile) -> Iterator[Variable]:
    """The variables of `useState` that begin empty and are set to a model."""
    for node in file.meaning.nodes:
        made = node.initial if isinstance(node, Declare) else None
        if not isinstance(node, Declare) or not isinstance(made, Call) or made.name != "react.useState":
            continue
        first = made.argument(None, 0)
        empty = first is None or (isinstance(first, Literal) and first.constant is None) or first.text == "undefined"
        names = [target for target, path in node.target.bindings] if isinstance(node.target, Pattern) else []
        if empty and len(names) == 2 and all(isinstance(name, Name) for name in names) and _set(names[1]):
            variable = file.meaning.lookup(names[0]) if isinstance(names[0], Name) else None
            if variable is not None:
                yield variable


def _set(name: Node) -> bool:
    """Whether a setter is given a model."""
    meaning = name.file.meaning
    setter = meaning.lookup(name) if isinstance(name, Name) else None
    for node in meaning.nodes:
        if not isinstance(node, Call):
            continue
        given = node.argument(None, 0)
        if isinstance(node.callee, Name) and meaning.lookup(node.callee) is setter:
            made = source(given)
        elif node.method == "then" and isinstance(given, Name) and meaning.lookup(given) is setter:
            made = source(node.receiver)
        else:
            continue
        if made is not None and _loads(made.name):
            return True
    return False


def _read(model: Variable, effect: Function) -> Node | None:
    """Where the effect, or what it starts, reads the variable first; not what it leaves behind for the end."""
    meaning = effect.file.meaning
    runs = {effect, *reached(effect)}
    for call, called in starts(effect.file):
        if called is not None and any(around in runs for around in call.ancestors):
            runs |= {called, *reached(called)}
    ends = {result for result in effect.results if isinstance(result, Function)}
    for node in meaning.nodes:
        if isinstance(node, Name) and node.id == model.name and meaning.lookup(node) is model:
            around = list(node.ancestors)
            if not ends.isdisjoint(around) or isinstance(node.parent, Pattern) or "deps" in getattr(node.parent, "kind", ""):
                continue
            if any(each in runs for each in around if isinstance(each, Function)):
                return node
    return None
