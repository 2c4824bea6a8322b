"""ml5.js called as its other generation is.

Version 0 calls back with ``(error, results)``, version 1 with ``(results, error)``: a function of the old kind takes the results
for an error, and sees none. In version 0 a model made without a callback is the promise of one: ``classifier.classify is not a
function``.

```html bad path=index.html
<!DOCTYPE html>
<html>
  <body>
    <script src="https://unpkg.com/ml5@1.2.1/dist/ml5.min.js"></script>
    <script>
      const classifier = ml5.imageClassifier('MobileNet');
      classifier.classify(document.getElementById('bird'), gotResult); // <-

      function gotResult(error, results) {
        if (error) console.error(error);
        else console.log(results[0].label);
      }
    </script>
  </body>
</html>
```

A promise:

```html bad path=index.html
<!DOCTYPE html>
<html>
  <body>
    <script src="https://unpkg.com/ml5@0.12.2/dist/ml5.min.js"></script>
    <script>
      const classifier = ml5.imageClassifier('MobileNet');
      button.onclick = () => classifier.classify(image, (error, results) => console.log(results)); // <-
    </script>
  </body>
</html>
```

```html good path=index.html
<!DOCTYPE html>
<html>
  <body>
    <script src="https://unpkg.com/ml5@1.2.1/dist/ml5.min.js"></script>
    <script>
      const classifier = ml5.imageClassifier('MobileNet');
      classifier.classify(document.getElementById('bird'), (results, error) => console.log(error || results[0].label));
      classifier.classify(document.getElementById('bird'), (results) => console.log(results[0].label));
    </script>
  </body>
</html>
```

In version 0:

```html good path=index.html
<!DOCTYPE html>
<html>
  <body>
    <script src="https://unpkg.com/ml5@0.12.2/dist/ml5.min.js"></script>
    <script>
      const classifier = ml5.imageClassifier('MobileNet', ready);
      function ready() {
        classifier.classify(image, (error, results) => console.log(results));
      }
      ml5.imageClassifier('MobileNet').then((other) => other.classify(image)).then(console.log);
      const loading = ml5.imageClassifier('DoodleNet');
      button.onclick = async () => (await loading).classify(image);
    </script>
  </body>
</html>
```

p5.js waits in `preload`:

```html good path=index.html
<!DOCTYPE html>
<html>
  <head>
    <script src="https://cdnjs.cloudflare.com/ajax/libs/p5.js/1.9.4/p5.min.js"></script>
    <script src="https://unpkg.com/ml5@0.12.2/dist/ml5.min.js"></script>
    <script>
      let classifier;
      function preload() {
        classifier = ml5.imageClassifier('MobileNet');
      }
      function setup() {
        classifier.classify(img, (error, results) => console.log(results));
      }
    </script>
  </head>
</html>
```

References: `utils/callcallback.js` of ml5-library 0.12.2 and ml5-next-gen 1.0; https://github.com/ml5js/ml5-next-gen/issues/198
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.site import release, tags
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Function, Name
from deplint.settings.ranges import between

MADE = "ml5.{imageClassifier,soundClassifier,styleTransfer,facemesh,handpose,faceApi,bodyPix,DCGAN,pix2pix,universalSentenceEncoder}"
"""What gives the promise of a model in version 0, where it is not given a callback."""

_ASKS = frozenset(
    {"classify", "detect", "predict", "predictMultiple", "classifyMultiple", "classifyStart", "detectStart", "estimate", "segment"}
)
_PROMISE = frozenset({"then", "catch", "finally"})


@rule(
    "DPL351",
    severity="error",
    leaves=["B.3.2", "B.4.5"],
    see=["https://github.com/ml5js/ml5-next-gen/issues/198", "https://github.com/ml5js/ml5-library/issues/799"],
)
def ml5_generation(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\bml5\b"):
        return
    used, new, old = release(project, file, "ml5"), between("1", None), between(None, "1")
    if used is None or new is None or old is None:
        return
    if used <= new:
        for call in file.calls("ml5.*().*"):
            callback = _callback(call) if call.method in _ASKS else None
            if callback is not None and len(callback.parameters) == 2 and re.match(r"(?i)_?err", callback.parameters[0].target.text):
                yield Finding(
                    call,
                    f"version 1 of ml5.js calls back with the results first: {callback.parameters[0].target.text} is the results",
                    help="take (results) or (results, error)",
                )
    elif used <= old and not _p5(file, project):
        reported: set[Call] = set()
        for call in file.calls(f"{MADE}().*"):
            promise = call.receiver
            made = promise.origin if promise is not None else None
            if made is None or promise is None or made in reported or call.method in _PROMISE or promise.settled is not False:
                continue
            if any(not isinstance(argument.value.value, str) for argument in made.arguments):
                continue
            reported.add(made)
            yield Finding(
                call,
                f"{made.callee.text} without a callback gives the promise of a model: {call.method} is not a function",
                help="await it, or use the model in the callback that it is given",
            )


def _callback(call: Call) -> Function | None:
    """The function that a method is told to call back."""
    last = call.arguments[-1].value if call.arguments else None
    return call.file.meaning.local(last) if isinstance(last, (Name, Function)) else None


def _p5(file: SourceFile, project: Project) -> bool:
    """Whether p5.js is there, which waits for what `preload` makes."""
    if file.mentions(r"\bp5\b|function\s+(?:preload|setup)\b"):
        return True
    return any(re.search(r"\bp5\b", tag.module) for tag in tags(project, file) or ())
