"""A page whose content security policy does not let WebAssembly be compiled.

A policy with `script-src` (or `default-src` without it) allows WebAssembly only with ``'wasm-unsafe-eval'`` or ``'unsafe-eval'``. Without,
the model never starts: ``CompileError: WebAssembly.instantiate(): Refused to compile or instantiate WebAssembly module because neither
'wasm-eval' nor 'unsafe-eval' is an allowed source of script``.

```html bad path=index.html
<!doctype html>
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; script-src 'self'; connect-src 'self'"> <!-- <- -->
<script src="vendor/ort.min.js"></script>
<script>
const loading = ort.InferenceSession.create('net.onnx', { executionProviders: ['wasm'] });
</script>
```

Where `default-src` speaks for it, and with the backend of TensorFlow.js:

```html bad path=index.html
<!doctype html>
<meta content="default-src 'self' https://cdn.jsdelivr.net" http-equiv="content-security-policy"> <!-- <- -->
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js"></script>
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs-backend-wasm@4.22.0/dist/tf-backend-wasm.js"></script>
<script src="app.js"></script>
```

```js + path=app.js
tf.setBackend('wasm').then(() => tf.loadGraphModel('model.json'));
```

Allowed:

```html good path=index.html
<!doctype html>
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; script-src 'self' 'wasm-unsafe-eval'">
<script src="vendor/ort.min.js"></script>
<script>
const loading = ort.InferenceSession.create('net.onnx', { executionProviders: ['wasm'] });
</script>
```

A policy about something else:

```html good path=index.html
<!doctype html>
<meta http-equiv="Content-Security-Policy" content="upgrade-insecure-requests; img-src 'self'">
<script src="vendor/ort.min.js"></script>
<script>
const loading = ort.InferenceSession.create('net.onnx', { executionProviders: ['wasm'] });
</script>
```

WebGL needs none of it:

```html good path=index.html
<!doctype html>
<meta http-equiv="Content-Security-Policy" content="script-src 'self' https://cdn.jsdelivr.net">
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js"></script>
<script>
tf.loadGraphModel('model.json');
</script>
```

References: https://www.w3.org/TR/CSP3/#can-compile-wasm-bytes; the tests of content-security-policy/wasm-unsafe-eval of web-platform-tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.site import local
from deplint.code.source import SourceFile
from deplint.finding import Place, Span

_META = re.compile(r"<meta\b((?:[^>\"']|\"[^\"]*\"|'[^']*'){0,4000})>", re.IGNORECASE)
_CONTENT = re.compile(r"\bcontent\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_RUNS = (
    "{onnxruntime-web,ort}.InferenceSession.create",
    "@mediapipe/tasks-*.FilesetResolver.for*Tasks",
    "@tensorflow/tfjs-tflite.loadTFLiteModel",
    "tflite.loadTFLiteModel",
    "{@huggingface,@xenova}/transformers.pipeline",
)
"""Calls of libraries that compile WebAssembly whatever they are told."""

_BACKEND = "{@tensorflow/tfjs,@tensorflow/tfjs-core,tf}.setBackend"


@rule(
    "DPL871",
    severity="error",
    leaves=["B.3.1"],
    see=[
        "https://www.w3.org/TR/CSP3/#can-compile-wasm-bytes",
        "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy/script-src",
    ],
)
def page_policy_blocks_wasm(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language != "html" or not file.mentions(r"(?i)content-security-policy"):
        return
    text = re.sub(r"<!--.*?(?:-->|\Z)", lambda match: re.sub(r"[^\n]", " ", match[0]), file.text, flags=re.S)
    for match in _META.finditer(text):
        content = _CONTENT.search(match[1])
        if content is None or not re.search(r"http-equiv\s*=\s*[\"']?content-security-policy[\"'\s>]", match[0], re.IGNORECASE):
            continue
        if not _blocks(content[1] or content[2] or ""):
            continue
        what = _compiles(file, project)
        if what:
            line = text.count("\n", 0, match.start()) + 1
            column = match.start() - text.rfind("\n", 0, match.start())
            yield Finding(
                Place(file.path, Span(line, column, line, column + 5)),
                f"this policy does not let {what} compile WebAssembly: Refused to compile or instantiate WebAssembly module",
                help="add 'wasm-unsafe-eval' to script-src",
            )


def _blocks(policy: str) -> bool:
    """Whether a policy restricts scripts and does not allow WebAssembly."""
    directives: dict[str, str] = {}
    for part in policy.split(";"):
        name, _, sources = part.strip().partition(" ")
        directives.setdefault(name.lower(), sources.lower())
    sources = directives.get("script-src", directives.get("default-src", ""))
    return ("script-src" in directives or "default-src" in directives) and not re.search(r"unsafe-eval'|[{%<$]", sources)


def _compiles(page: SourceFile, project: Project) -> str:
    """What compiles WebAssembly in the page: a call in its scripts, those it loads included; empty if nothing certainly does."""
    paths = [local(project, page.place, script.address) for script in page.scripts if script.address]
    found = [project.file(path) for path in paths if path is not None]
    files = [page, *(facts for f in found if f is not None for facts in project.facts(f, SourceFile) if isinstance(facts, SourceFile))]
    for file in files:
        if not file.mentions(r"InferenceSession|FilesetResolver|loadTFLiteModel|setBackend|transformers"):
            continue
        for call in file.calls(*_RUNS):
            if not file.mentions(r"['\"]webgl['\"]"):  # that provider alone compiles nothing
                return call.name.rpartition(".")[0].rpartition(".")[0] or call.method
        for call in file.calls(_BACKEND):
            name = call.argument(None, 0)
            if name is not None and name.value == "wasm":
                return "the wasm backend of TensorFlow.js"
    return ""
