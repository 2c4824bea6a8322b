"""A loop that starts another one with each turn.

A function that asks for its own next frame goes on by itself. Where an interval starts it as well, or it asks twice,
there are two loops after the first turn, then four: ``requestAnimationFrame`` runs ever more often, predictions pile
up, and the page stands still.

```js bad path=src/pose.js
import * as posenet from '@tensorflow-models/posenet';

async function frame(net, video) {
  draw(await net.estimateSinglePose(video));
  requestAnimationFrame(() => frame(net, video));
}

async function start(video) {
  const net = await posenet.load();
  setInterval(() => frame(net, video), 100); // <-
}
```

The same where each frame adds a listener, or an interval.

```js bad path=src/hands.js
import * as tf from '@tensorflow/tfjs';

function loop(video, button) {
  tf.tidy(() => tf.browser.fromPixels(video));
  button.addEventListener('click', () => save(video)); // <-
  requestAnimationFrame(() => loop(video, button));
  requestAnimationFrame(() => loop(video, button)); // <-
}

loop(document.querySelector('#a'), document.querySelector('#b'));
```

```js good path=src/pose.js
import * as posenet from '@tensorflow-models/posenet';

async function frame(net, video) {
  draw(await net.estimateSinglePose(video));
  if (video.paused) {
    requestAnimationFrame(() => frame(net, video));
    return;
  }
  if (video.ended) return setTimeout(() => frame(net, video));
  requestAnimationFrame(() => frame(net, video));
}

async function start(video, button) {
  const net = await posenet.load();
  button.addEventListener('click', () => frame(net, video), { once: true });
  const timer = setInterval(() => watch(video), 100);
}
```

References: https://stackoverflow.com/questions/56921796
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.frames import again, each_turn, frames, starts
from deplint.apps.page import LIBRARIES
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Function, Object

LISTENS = "**.{addEventListener,setInterval}"


@rule("DPL856", severity="error", leaves=["B.5", "B.7"], see=["https://stackoverflow.com/questions/56921796"])
def loops_pile_up(file: SourceFile) -> Iterator[Finding]:
    if not frames(file) or not file.mentions(LIBRARIES):
        return
    selves = again(file)
    for call, called in starts(file):
        if call.method == "setInterval" and called is not None:
            straight = {called, *(inner for inner in _straight(called))}
            always = {function for function, asked in selves.items() if any(map(each_turn, asked))}
            if straight & always and not file.mentions(r"cancelAnimationFrame|clearInterval"):
                yield Finding(call, "the interval starts a loop that goes on by itself: one more with each tick", help="start it once")
    for function, asked in selves.items():
        if sum(map(each_turn, asked)) > 1:
            yield Finding(asked[-1], "the loop asks for two next frames: twice as many run with each turn", help="ask once")
        for call in file.calls(LISTENS):
            once = isinstance(call.argument(None, 2), Object) or (call.method != "setInterval" and file.mentions("removeEventListener"))
            if call.function is function and each_turn(call) and not once:
                yield Finding(
                    call, f"each turn of the loop calls {call.method} once more: they pile up", help="do it once, before the loop"
                )


def _straight(function: Function) -> Iterator[Function]:
    """The functions that a function calls each time."""
    for call in function.file.calls("**"):
        called = call.file.meaning.local(call.callee) if call.function is function else None
        if called is not None and each_turn(call):
            yield called
