"""A model loaded each time a React component is drawn.

The body of a component runs whenever anything on the page changes, and so does an effect without a list of what it depends on. A model
loaded there is fetched, parsed and put on the GPU again and again, until the tab runs out of memory: ``CONTEXT_LOST_WEBGL``.

```jsx bad path=src/App.jsx
import * as tf from '@tensorflow/tfjs';
import { useEffect, useState } from 'react';

export function App() {
  const [scores, setScores] = useState([]);
  const loading = tf.loadLayersModel('/model.json'); // <-
  return <Scores of={scores} by={loading} />;
}

export const Other = () => {
  const [model, setModel] = useState(null);
  useEffect(() => {
    tf.loadGraphModel('/model.json').then(setModel); // <-
  });
  const load = async () => setModel(await tf.loadGraphModel('/other.json')); // <-
  load();
  return <p>{model ? 'ready' : 'loading'}</p>;
};
```

```jsx good path=src/App.jsx
import * as tf from '@tensorflow/tfjs';
import { useEffect, useMemo, useState } from 'react';

const loading = tf.loadLayersModel('/model.json');

export function App() {
  const [model, setModel] = useState(null);
  const [other] = useState(() => tf.loadLayersModel('/other.json'));
  useEffect(() => {
    tf.loadGraphModel('/model.json').then(setModel);
  }, []);
  const again = async () => setModel(await tf.loadGraphModel('/model.json'));
  return <p onClick={again}>{model ? 'ready' : 'loading'}</p>;
}
```

References: https://react.dev/reference/react/useEffect, https://react.dev/reference/rules/components-and-hooks-must-be-pure
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.loads import LOADERS
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Choice, Class, Declare, Function, Node

MODELS = "@tensorflow-models/*.{load,create,createDetector,createSegmenter,createEstimator}"
PIPELINES = "@{xenova,huggingface}/transformers.pipeline"


@rule(
    "DPL833",
    severity="error",
    leaves=["B.4.5", "B.4.6"],
    see=["https://stackoverflow.com/questions/54148607", "https://react.dev/reference/react/useEffect"],
)
def model_loaded_in_render(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"['\"]react['\"]"):
        return
    for call in file.calls(*LOADERS, MODELS, PIPELINES):
        function = call.function
        if function is None or _conditional(call, function):
            continue
        for around in (function, _caller(function)):
            if around is None:
                continue
            if _component(around):
                yield Finding(call, "this runs each time the component is drawn: the model is loaded again and again", help=_ONCE)
                break
            effect = around.parent
            if isinstance(effect, Call) and effect.method in ("useEffect", "useLayoutEffect") and len(effect.arguments) == 1:
                yield Finding(
                    call, "this effect runs after each time the component is drawn: the model is loaded again and again", help=_ONCE
                )
                break


_ONCE = "load it in useEffect(() => {...}, []), or outside the component"


def _caller(function: Function) -> Function | None:
    """The function around that certainly calls this one: where it is written, or by its name."""
    parent, outer = function.parent, function.function
    if outer is None or (isinstance(parent, Call) and parent.callee is function):
        return outer
    name = function.id or (parent.target.text if isinstance(parent, Declare) else "")
    calls = (node for node in function.file.meaning.nodes if isinstance(node, Call) and node.method == name and node.receiver is None)
    return outer if name and any(call.function is outer and not _conditional(call, outer) for call in calls) else None


def _conditional(call: Call, within: Function) -> bool:
    """Whether a call is made only in some cases."""
    for node in call.ancestors:
        if node is within:
            return False
        if getattr(node, "kind", "") in ("if_statement", "switch_statement") or isinstance(node, Choice):
            return True
    return True


def _component(function: Function) -> bool:
    """Whether a function draws: it is named so and gives elements, or it is the `render` of a class."""
    if function.asynchronous:
        return False
    if function.id == "render" and isinstance(function.parent, Class):
        return function.parent.derived
    name = function.id
    parent = function.parent
    if not name and isinstance(parent, Declare):
        name = parent.target.text
    return name[:1].isupper() and any(_draws(result) for result in function.results)


def _draws(node: Node) -> bool:
    return getattr(node, "kind", "").startswith("jsx") or node.text.lstrip("(").lstrip().startswith("<")
