"""A `tf.tidy` whose function returns nothing, used as if it gave a tensor.

What the function makes and does not return is freed, and `tidy` gives back what it returns. Without `return` that is nothing: ``Cannot read
properties of undefined (reading 'dataSync')``.

```js bad path=src/guess.js
import * as tf from '@tensorflow/tfjs';

export function guess(model, canvas) {
  const scores = tf.tidy(() => {
    const x = tf.browser.fromPixels(canvas, 1).expandDims(0);
    model.predict(x);
  });
  return scores.dataSync(); // <-
}

export async function best(model, x) {
  const index = await tf.tidy(() => { model.predict(x).argMax(-1); }).data(); // <-
  return index;
}
```

```js good path=src/guess.js
import * as tf from '@tensorflow/tfjs';

export function guess(model, canvas) {
  const scores = tf.tidy(() => {
    const x = tf.browser.fromPixels(canvas, 1).expandDims(0);
    return model.predict(x);
  });
  let kept;
  tf.tidy(() => { kept = tf.keep(scores.add(1)); });
  const none = tf.tidy(() => { model.predict(scores); });
  const own = tf.tidy(named);
  return [scores.dataSync(), kept.dataSync(), own.dataSync(), tf.tidy(() => model.predict(scores)).dataSync(), none];
}

function named() {
  return tf.zeros([1]);
}
```

References: run with TensorFlow.js 4.22.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Index, Member


@rule("DPL344", severity="error", leaves=["B.6.4"], see=["https://js.tensorflow.org/api/4.22.0/#tidy"])
def tidy_gives_nothing(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\btidy\s*\("):
        return
    empty = {call for call in file.calls("@tensorflow/tfjs*.tidy", "@tensorflow/tfjs*.engine().tidy") if _empty(call)}
    reported: set[Call] = set()
    for node in file.meaning.nodes if empty else ():
        if not isinstance(node, (Member, Index)) or not node.children:
            continue
        made = node.children[0].origin
        if made in empty and made not in reported:
            reported.add(made)
            yield Finding(
                node.parent if isinstance(node.parent, Call) and node.parent.callee is node else node,
                "the function given to tidy() returns nothing, and so does tidy(): this is undefined",
                help="return the tensor at the end of that function",
            )


def _empty(call: Call) -> bool:
    body = call.arguments[-1].value if call.arguments else None
    function = call.file.meaning.local(body) if body is not None else None
    return function is not None and not function.results and not function.asynchronous
