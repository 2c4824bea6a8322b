"""The pixels of a picture that has not been loaded yet.

Setting `src` only starts the download. Code that goes on at once reads a picture of no size, or the one that was there
before: ``Requested texture size [0x0] is invalid``, all zeros, ``The image argument is a canvas element with a width
or height of 0``, ``The video element has not loaded data yet``.

```js bad path=src/icon.js
import * as tf from '@tensorflow/tfjs';

export async function icon(address) {
  const image = new Image();
  image.src = address;
  return tf.browser.fromPixels(image); // <-
}
```

The same by way of a canvas, of a function, and with the stream of a camera.

```js bad path=src/camera.js
import * as cocoSsd from '@tensorflow-models/coco-ssd';
import * as tf from '@tensorflow/tfjs';

const video = document.createElement('video');
const canvas = document.createElement('canvas');

export async function start() {
  const model = await cocoSsd.load();
  const stream = await navigator.mediaDevices.getUserMedia({ video: true });
  video.srcObject = stream;
  video.play();
  return frame(model);
}

function frame(model) {
  return model.detect(video); // <-
}

export function shown(file) {
  const picture = document.createElement('img');
  picture.src = URL.createObjectURL(file);
  canvas.getContext('2d').drawImage(picture, 0, 0); // <-
  return tf.browser.fromPixels(canvas);
}
```

So is what the markup shows, while the page is being read.

```html bad path=index.html
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<img id="dog" src="dog.jpg" />
<script>
tf.browser.fromPixels(document.getElementById('dog')).print(); // <-
</script>
```

```html good path=index.html
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<img id="dog" src="dog.jpg" />
<script>
const dog = document.getElementById('dog');
window.onload = () => tf.browser.fromPixels(dog).print();
</script>
```

Waiting for it is the remedy.

```js good path=src/icon.js
import * as tf from '@tensorflow/tfjs';

export async function icon(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  return tf.browser.fromPixels(image);
}

export function later(address, done) {
  const image = new Image();
  image.onload = () => done(tf.browser.fromPixels(image));
  image.src = address;
}

export function loaded(address) {
  return new Promise((resolve) => {
    const image = new Image();
    image.addEventListener('load', () => resolve(tf.browser.fromPixels(image)));
    image.src = address;
    if (image.complete) resolve(tf.browser.fromPixels(image));
  });
}

export async function frame(video, stream) {
  video.srcObject = stream;
  await video.play();
  return tf.browser.fromPixels(video);
}

const shared = new Image();

export function show(address) {
  shared.src = address;
  describe(address);
}

export function read() {
  return tf.browser.fromPixels(shared);
}
```

ml5 and face-api.js wait for the picture themselves.

```js good path=src/mask.js
const video = document.querySelector('#video');

async function setup() {
  const net = await ml5.uNet('face');
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
  net.segment(video, console.log);
}
```

Node's canvas loads a file while `src` is set.

```js good path=scripts/images.js
const tf = require('@tensorflow/tfjs');
const { Image, createCanvas } = require('canvas');

function pixels(path) {
  const image = new Image();
  image.src = path;
  return tf.browser.fromPixels(image);
}
```

References: https://html.spec.whatwg.org/multipage/embedded-content.html#update-the-image-data;
https://stackoverflow.com/questions/58482902; messages of `webgl_util.ts` of TensorFlow.js 4.22 and of `fromPixels` before 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import called, source, within
from deplint.apps.page import LIBRARIES, READS, element, reads
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Await, Block, Call, Choice, Function, Member, Node, Other

NODE_CANVAS = r"(?:require\(\s*|from\s+)['\"](?:@napi-rs/)?canvas['\"]"
"""Images of Node's canvas are loaded when `src` has been set to a file."""

DEPTH = 4
"""Functions that call one another."""


@rule(
    "DPL846",
    severity="error",
    leaves=["B.6.1", "B.6.2"],
    see=["https://stackoverflow.com/questions/58482902", "https://stackoverflow.com/questions/57080655"],
)
def pixels_before_load(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(READS) or not file.mentions(LIBRARIES):
        return
    reported: set[Call] = set()
    for call in _at_once(file):
        shown = element(reads(call), project)
        if shown is not None and shown.place is not None and shown.tag in ("img", "video"):
            reported.add(call)
            yield Finding(
                call,
                "the pixels are read while the page is being read, before anything is loaded",
                help="do it in window.onload, or in the element's load or loadeddata event",
            )
    if not file.mentions(r"\.src(?:Object)?\s*=[^=]") or file.mentions(NODE_CANVAS):
        return
    for node in file.meaning.nodes:
        if not isinstance(node, Assign) or not isinstance(node.target, Member) or node.target.attribute not in ("src", "srcObject"):
            continue
        of = source(node.target.object)
        if of is None or node.assigned is None or not (of.new or of.name.startswith("document.")):
            continue
        with within(project):
            used = _first(node, of, DEPTH)
        if used is not None and used not in reported:
            reported.add(used)
            yield Finding(
                used,
                f"the pixels are read right after {node.target.attribute} is set, before anything is loaded",
                help="wait for it: await image.decode(), an onload handler, or for a video await video.play()",
            )


def _at_once(file: SourceFile) -> Iterator[Call]:
    """The calls that read pixels as soon as a script runs: outside of functions, before anything is awaited."""
    waits = [node.span.line for node in file.meaning.nodes if isinstance(node, Await) and node.function is None]
    for call in file.calls("**.{fromPixels,fromImage,classify,detect,infer,estimateSinglePose,segmentPerson}"):
        if call.function is None and not any(line <= call.span.line for line in waits):
            yield call


def _first(start: Assign, of: Call, depth: int) -> Call | None:
    """The call that reads the pixels of `of` in the statements after `start`, without anything awaited between."""
    block = next((around for around in start.ancestors if isinstance(around, (Block, Function))), None)
    after = [child for child in block.children if _after(child, start)] if isinstance(block, Block) else []
    return _reading(after, of, depth)


def _after(node: Node, start: Node) -> bool:
    return (node.span.line, node.span.column) > (start.span.end_line, start.span.end_column)


def _reading(nodes: list[Node], of: Call, depth: int) -> Call | None:
    """The first call that reads the pixels, of those that certainly run at once."""
    for statement in nodes:
        for call in (inner for inner in _inside(statement, _NOT_NOW) if isinstance(inner, Call)):
            given = reads(call)
            if given is not None and source(given) is of:
                return call
            function = called(call) or _tidied(call)
            if function is not None and depth and not call.new:
                last = function.children[-1]
                found = _reading(list(last.children) if isinstance(last, Block) else [last], of, depth - 1)
                if found is not None:
                    return found if found.file is call.file else call
        if any(isinstance(inner, Await) or inner.kind in _LEAVES for inner in _inside(statement) if isinstance(inner, (Await, Other))):
            return None
    return None


def _tidied(call: Call) -> Function | None:
    """The function that ``tf.tidy`` runs at once."""
    given = call.arguments[-1].value if call.arguments and re.fullmatch(r"@tensorflow/tfjs[\w-]*\.tidy", call.name) else None
    return given if isinstance(given, Function) and given.children else None


def _inside(node: Node, without: tuple[type[Node], ...] = (Function,)) -> Iterator[Node]:
    """The nodes in a statement, none of its functions; without blocks and conditions, those that certainly run before it awaits."""
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, without):
            continue
        if Block in without and isinstance(node, Other) and node.kind in _BRANCHES:
            if node.kind == "try_statement" and isinstance(node.children[0], Block):
                stack += reversed(node.children[0].children)
            continue
        yield node
        stack += reversed(node.children)


_NOT_NOW = (Function, Block, Choice)
_BRANCHES = frozenset({"if_statement", "switch_statement", "try_statement"})
_LEAVES = frozenset({"throw_statement", "yield_expression"})
