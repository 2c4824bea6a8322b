"""A model saved to an address that nothing handles.

`save` takes an address with a scheme that the library knows here: ``Cannot find any save handlers for URL './my-model'``. Pages have
`downloads://`, `indexeddb://`, `localstorage://` and `http(s)://`, `@tensorflow/tfjs-node` has `file://` and `http(s)://`.

```js bad path=train.js
const tf = require('@tensorflow/tfjs-node');

const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [10], units: 1 })] });

async function train(xs, ys) {
  await model.fit(xs, ys);
  await model.save('./my-model'); // <-
  await model.save('localstorage://my-model'); // <-
}
```

```html bad
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<script>
const model = tf.sequential();
document.getElementById('save').onclick = () => model.save('file://my-model'); // <-
</script>
```

```js good path=train.js
const tf = require('@tensorflow/tfjs-node');

const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [10], units: 1 })] });

async function train(folder) {
  await model.save('file://./my-model');
  await model.save(`file://${folder}`);
  await model.save(folder);
  await model.save(tf.io.withSaveHandler(async (artifacts) => artifacts));
}
```

```js good path=src/save.js
import * as tf from '@tensorflow/tfjs';
import { createRoot } from 'react-dom/client';

const model = tf.sequential();
export const save = () => model.save('downloads://my-model');
export const keep = () => model.save('indexeddb://my-model');
```

With a handler of one's own:

```js good path=src/save.js
import * as tf from '@tensorflow/tfjs';

tf.io.registerSaveRouter((url) => (url.startsWith('db') ? handler : null));
const model = tf.sequential();
export const save = () => model.save('db/my-model');
```

References: run in Node with TensorFlow.js 4.22; the handlers of `tfjs-core/src/io` and `tfjs-node/src/io`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import source, value, within
from deplint.apps.site import code_of, depends, platform
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Text

PAGE = frozenset({"downloads", "indexeddb", "localstorage"})
_MODEL = re.compile(r"@tensorflow/tfjs[\w-]*\.(?:sequential|model|loadLayersModel|loadGraphModel|loadModel)")


@rule("DPL347", severity="error", leaves=["B.4.3"], see=["https://www.tensorflow.org/js/guide/save_load"])
def saved_nowhere(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\.save\s*\(") or not file.mentions(r"@tensorflow/tfjs|\btf\b"):
        return
    with within(project):
        for call in file.calls("**.save"):
            made, given = source(call.receiver), call.argument(None, 0)
            address = value(given) if given is not None else None
            start = address if isinstance(address, str) else address.prefix if isinstance(address, Text) else ""
            if made is None or given is None or not start or not _MODEL.fullmatch(made.name):
                continue
            what = _unknown(start, isinstance(address, str), project, file)
            if what and not any(other.mentions("registerSaveRouter|[Ss]aveRouter") for other in code_of(project, file)):
                yield Finding(call, f"nothing saves to {what}: no save handler is found, and save() fails", help=_HELP)


_HELP = "in a page write downloads://, indexeddb:// or localstorage:// before the name; in Node, with @tensorflow/tfjs-node, file://"


def _unknown(start: str, whole: bool, project: Project, file: SourceFile) -> str:
    match = re.match(r"([A-Za-z][\w+.-]*)://", start)
    if match is None:
        return f"{start!r}, which has no scheme" if whole or start[0] in "./~" else ""
    where = platform(project, file)
    native = any(re.search("electron|react-native", name) for name in depends(project, file.place))
    if where == "node" and match[1] in PAGE and not native:
        return f"{match[1]}:// in Node"
    if where == "browser" and match[1] == "file" and not native and not file.mentions("tfjs-node"):
        return "file:// in a page"
    return ""
