"""The address of a ready-made model's files, in a form that its library does not take.

Teachable Machine's `load` takes the addresses of `model.json` and `metadata.json`, not of their folder; the speech commands fetch
their metadata by a whole address: ``Unsupported URL scheme in metadata URL: ./my_model/metadata.json``. Models of AutoML read
`dict.txt` beside `model.json`.

```html bad path=index.html
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@1.3.1/dist/tf.min.js"></script>
<script src="https://cdn.jsdelivr.net/npm/@teachablemachine/image@0.8.5/dist/teachablemachine-image.min.js"></script>
<script>
const URL = './my_model/';

async function init() {
  const model = await tmImage.load(URL); // <-
}
</script>
```

Speech:

```html bad path=index.html
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@1.3.1/dist/tf.min.js"></script>
<script src="https://cdn.jsdelivr.net/npm/@tensorflow-models/speech-commands@0.4.0/dist/speech-commands.min.js"></script>
<script>
const folder = './my_model/';
const recognizer = speechCommands.create('BROWSER_FFT', undefined, folder + 'model.json', folder + 'metadata.json'); // <-
</script>
```

The classes of AutoML:

```js bad path=classify.js
import * as automl from '@tensorflow/tfjs-automl';

export const loading = automl.loadImageClassification('flowers/model.json'); // <-
```

```graph + path=flowers/model.json
model tfjs-graph
graph main
  input x float32[?,4]
  op Identity (x) -> (y)
  output y
```

As it should be:

```html good path=index.html
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@1.3.1/dist/tf.min.js"></script>
<script src="https://cdn.jsdelivr.net/npm/@teachablemachine/image@0.8.5/dist/teachablemachine-image.min.js"></script>
<script>
const URL = 'https://teachablemachine.withgoogle.com/models/abc/';

async function init(base) {
  const model = await tmImage.load(URL + 'model.json', URL + 'metadata.json');
  const local = await tmImage.load('my_model/model.json', 'my_model/metadata.json');
  const own = speechCommands.create('BROWSER_FFT', undefined, base + 'model.json', base + 'metadata.json');
  const whole = speechCommands.create('BROWSER_FFT', undefined, `${location.origin}/m.json`, `${location.origin}/metadata.json`);
  const plain = speechCommands.create('BROWSER_FFT');
}
</script>
```

References: `custom-mobilenet.ts` of @teachablemachine/image 0.8.5, `browser_fft_utils.ts` of @tensorflow-models/speech-commands
0.5.4, `util.ts` of @tensorflow/tfjs-automl 1.3.0; https://github.com/googlecreativelab/teachablemachine-community/issues/312
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import value, within
from deplint.apps.web import served
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Node, Text


@rule(
    "DPL352",
    severity="error",
    leaves=["B.4.3", "B.4.4"],
    see=[
        "https://github.com/googlecreativelab/teachablemachine-community/issues/312",
        "https://github.com/googlecreativelab/teachablemachine-community/tree/master/libraries/image",
    ],
)
def ready_made_address(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\btm(?:Image|Pose)\b|@teachablemachine/|speechCommands|speech-commands|automl"):
        return
    with within(project):
        for call in file.calls("{tmImage,tmPose,@teachablemachine/image,@teachablemachine/pose}.load"):
            start = _start(call.argument(None, 0))
            if start.endswith("/") or (
                len(call.arguments) == 1 and re.search(r"teachablemachine\.withgoogle\.com/models/[\w-]+/?$", start)
            ):
                yield Finding(
                    call,
                    "this is the address of a folder: the model and its metadata are two files",
                    help="load(URL + 'model.json', URL + 'metadata.json')",
                )
        for call in file.calls("@tensorflow-models/speech-commands.create"):
            for position in (2, 3):
                start = _start(call.argument(None, position))
                if re.match(r"\.{0,2}/|[\w-]+/|[\w-]+\.json", start) and not re.match(r"[\w+.-]+:|//", start):
                    yield Finding(
                        call,
                        f"the address {start!r} has no scheme: the speech commands take http://, https:// and, in Node, file://",
                        help="put location.origin, or the whole address, before it",
                    )
                    break
        for call in file.calls("@tensorflow/tfjs**.{loadImageClassification,loadObjectDetection}"):
            model = served(project, call.argument(None, 0))
            if model is not None and project.file(model.path.parent / "dict.txt") is None:
                yield Finding(
                    call,
                    f"the names of the classes are read from dict.txt beside {model.shown}: there is none",
                    help="put the dict.txt that AutoML exported beside model.json",
                )


def _start(node: Node | None) -> str:
    """The known beginning of an address, the whole of it if all is known."""
    known = value(node) if node is not None and not isinstance(node, Call) else None
    return known if isinstance(known, str) else known.prefix if isinstance(known, Text) and known.parts[0] else ""
