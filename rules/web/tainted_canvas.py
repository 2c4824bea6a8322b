"""The pixels of a picture from another site that was not asked for with CORS.

A browser shows such a picture but does not let scripts read it: ``SecurityError: Failed to execute 'texImage2D' on
'WebGLRenderingContext': The image element contains cross-origin data, and may not be loaded``, ``The canvas has been
tainted by cross-origin data``. `crossOrigin` has to be set before `src`, and the other site has to allow it.

```js bad path=src/cat.js
import * as mobilenet from '@tensorflow-models/mobilenet';

export async function cat() {
  const model = await mobilenet.load();
  const image = new Image();
  image.src = 'https://upload.wikimedia.org/cat.jpg';
  await image.decode();
  return model.classify(image); // <-
}
```

In the markup it is an attribute.

```html bad path=index.html
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<img id="dog" src="https://i.imgur.com/JlUvsxa.jpg" />
<script>
window.onload = () => {
  const dog = document.getElementById('dog');
  tf.browser.fromPixels(dog).print(); // <-
};
</script>
```

```js good path=src/cat.js
import * as mobilenet from '@tensorflow-models/mobilenet';

export async function cat(address) {
  const model = await mobilenet.load();
  const image = new Image();
  image.crossOrigin = 'anonymous';
  image.src = 'https://upload.wikimedia.org/cat.jpg';
  await image.decode();
  const own = new Image();
  own.src = '/cat.jpg';
  await own.decode();
  await model.classify(own);
  const any = new Image();
  any.src = address;
  await any.decode();
  await model.classify(any);
  return model.classify(image);
}
```

With it, all is well.

```html good path=index.html
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<img id="dog" crossorigin src="https://i.imgur.com/JlUvsxa.jpg" />
<script>
window.onload = () => {
  const dog = document.getElementById('dog');
  tf.browser.fromPixels(dog).print();
};
</script>
```

References: https://html.spec.whatwg.org/multipage/canvas.html#security-with-canvas-elements;
https://developer.mozilla.org/en-US/docs/Web/HTML/How_to/CORS_enabled_image; https://stackoverflow.com/questions/50992948
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import value, within
from deplint.apps.page import LIBRARIES, READS, Element, element, reads
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Node, Text

_WORDS = {"img": "picture", "video": "video"}
OTHER_SITE = re.compile(r"(?:https?:)?//(?!localhost\b|127\.|\[::1\]|0\.0\.0\.0)[\w.-]+\.[a-z]{2,}(?:[:/]|$)", re.IGNORECASE)


@rule(
    "DPL847",
    severity="error",
    leaves=["B.6.2"],
    see=["https://developer.mozilla.org/en-US/docs/Web/HTML/How_to/CORS_enabled_image", "https://stackoverflow.com/questions/50992948"],
)
def tainted_canvas(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(READS) or not file.mentions(LIBRARIES):
        return
    with within(project):
        yield from _tainted(file, project)


def _tainted(file: SourceFile, project: Project) -> Iterator[Finding]:
    reported: set[str] = set()
    for call in file.calls():
        given = reads(call)
        if given is None:
            continue
        if call.method == "drawImage" and not file.mentions(r"fromPixels|getImageData|fromImage"):
            continue
        of = element(given, project)
        if of is None or of.tag not in ("img", "video") or of.made.text in reported:
            continue
        address = _foreign(of)
        if address:
            reported.add(of.made.text)
            site = re.sub(r"^(?:https?:)?//|/.*", "", address)
            made = f" ({of.made.file.path}:{of.made.span.line})" if of.made.file is not file else ""
            yield Finding(
                call,
                f"the {_WORDS[of.tag]}{made} comes from {site} without CORS: reading its pixels is a SecurityError",
                help="set crossOrigin = 'anonymous' before src, and see that the site allows it",
            )


def _foreign(of: Element) -> str:
    """The address of another site that the element certainly loads from, without having asked for CORS."""
    attributes = of.attributes or {}
    if "crossorigin" in attributes or of.settings("crossOrigin") or any(use.method == "setAttribute" for use in of.made.uses):
        return ""
    addresses = [_start(assign.assigned) for assign in of.settings("src")]
    if "src" in attributes and not addresses:
        addresses.append(attributes["src"])
    if not addresses or of.settings("srcObject"):
        return ""
    texts = [address for address in addresses if OTHER_SITE.match(address)]
    return texts[0] if len(texts) == len(addresses) else ""


def _start(node: Node | None) -> str:
    """The known beginning of an address."""
    known = value(node)
    return known if isinstance(known, str) else known.prefix if isinstance(known, Text) else ""
