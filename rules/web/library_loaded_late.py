"""A script that needs a library which is loaded after it, or not at all.

Scripts run in the order they are written (`async` ones whenever they arrive): what uses `tf` before TensorFlow.js is there stops with
``ReferenceError: tf is not defined``; the models of `@tensorflow-models` and further backends look for it when they are loaded:
``Cannot read properties of undefined (reading 'util')``.

```html bad
<script src="https://cdn.jsdelivr.net/npm/@tensorflow-models/coco-ssd@2.2.3"></script> <!-- <- -->
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<script>cocoSsd.load().then(run);</script>
```

```html bad
<script>
const model = tf.loadLayersModel('model.json'); // <-
</script>
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
```

```html bad
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<script>
mobilenet.load().then(run); // <-
</script>
```

```html bad
<script async src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<script>
tf.ready().then(run); // <-
</script>
```

In an extension.

```json bad path=manifest.json line=1
{"manifest_version": 2, "name": "x", "version": "1", "background": {"scripts": ["background.js", "tf.min.js"]}}
```

```js + path=background.js
tf.loadLayersModel('model.json').then(run);
```

What runs later may be above, and other scripts may bring the library.

```html good
<script>
window.onload = () => tf.loadLayersModel('model.json');
async function classify(image) { return (await cocoSsd.load()).detect(image); }
</script>
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0"></script>
<script src="https://cdn.jsdelivr.net/npm/@tensorflow-models/coco-ssd@2.2.3"></script>
```

```html good
<script src="bundle.js"></script>
<script>
tf.ready().then(run);
mobilenet.load().then(run);
</script>
```

References: run with TensorFlow.js 4.22's `tf.min.js`; https://stackoverflow.com/questions/57242599
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.apps.site import local
from deplint.code.source import Script, SourceFile
from deplint.code.source_nodes import Call, Function, Name, Node
from deplint.code.source_packages import GLOBALS, package, provides
from deplint.finding import Place
from deplint.settings.extension import Extension

NEEDS_TF = re.compile(r"@tensorflow-models/[\w-]+|@tensorflow/tfjs-(?:backend-(?:wasm|webgpu)|tflite|automl)")
"""Packages whose scripts take TensorFlow.js from the page."""

_PLAIN = re.compile(
    r"(?:react|react-dom|vue|jquery|bootstrap|popper\.js|@popperjs/core|p5|chart\.js|three|axios|lodash|d3|tailwindcss|stats\.js|dat\.gui|"
    r"webrtc-adapter|font-awesome|@mediapipe/[\w-]+)"
)
"""Packages that bring no library of ours."""


@rule(
    "DPL822",
    severity="error",
    leaves=["B.3.1"],
    see=[
        "https://stackoverflow.com/questions/57242599",
        "https://stackoverflow.com/questions/56618633",
        "https://www.tensorflow.org/js/tutorials/setup",
    ],
)
def library_loaded_late(file: SourceFile | Extension, project: Project) -> Iterator[Finding]:
    if isinstance(file, Extension):
        yield from _extension(file, project)
    elif file.language == "html" and file.scripts:
        yield from _page(file, project)


def _page(page: SourceFile, project: Project) -> Iterator[Finding]:
    loaded = {index: provides(package(script.address)[0]) for index, script in enumerate(page.scripts) if script.address}
    later = {index for index, script in enumerate(page.scripts) if {"async", "defer"} & set(script.attributes) or script.module}
    where = {name: [i for i, given in loaded.items() if given == name] for name in set(loaded.values()) - {""}}
    unknown = [i for i, script in enumerate(page.scripts) if script.address and not loaded[i] and not _plain(page, script, project)]
    for index, script in enumerate(page.scripts):
        name = package(script.address)[0] if script.address else ""
        own = [i for i in where.get("tf", ()) if not NEEDS_TF.fullmatch(package(page.scripts[i].address)[0])]
        if NEEDS_TF.fullmatch(name) and index not in later and not any(i < index for i in [*own, *unknown]) and not page.mapped:
            if own:
                yield Finding(
                    script.place,
                    f"{name} is loaded before TensorFlow.js, which it needs when it is loaded",
                    help="load @tensorflow/tfjs first",
                )
            elif not unknown:
                yield Finding(
                    script.place, f"{name} needs TensorFlow.js, which the page does not load", help="load @tensorflow/tfjs before it"
                )
        if index in later:
            continue
        used = _used(page, script) if not script.address else _used_in(project, page, script)
        for node, name in used:
            first = [i for i in where.get(name, ()) if name != "tf" or i in own]
            if any(i < index and i not in later for i in first) or any(i < index or (i not in later and not first) for i in unknown):
                continue
            if first:
                late = "async or deferred" if any(i in later for i in first) else "loaded after it"
                yield Finding(
                    node if not script.address else script.place,
                    f"{name} is used where {GLOBALS[name]} is {late}: {name} is not defined",
                    help=_FIRST,
                )
            elif _complete(page) and not script.address and not _names(page, name):
                yield Finding(
                    node, f"the page does not load {GLOBALS[name]}: {name} is not defined", help="load it with a script tag before this"
                )
            break


def _complete(page: SourceFile) -> bool:
    """Whether this is all of a page, and no part or template of one."""
    whole = page.mentions(r"(?i)<!doctype|<html|<head|<body") or any(script.address for script in page.scripts)
    return whole and not page.text.startswith("---") and not page.mentions(r"\{%|\{\{|<%|<\?php|\bth:\w+=")


_FIRST = "load the library first, and without async"


def _names(page: SourceFile, name: str) -> bool:
    """Whether the page names it in another way."""
    return page.mentions(
        rf"\b(?:window|self|globalThis)\.{name}\b|\bimport\b|document\.write|createElement\(\s*['\"]script|\$\.getScript|\bvar\s+{name}\b"
    )


def _plain(page: SourceFile, script: Script, project: Project) -> bool:
    """Whether a script certainly brings none of our libraries."""
    name = package(script.address)[0]
    if _PLAIN.fullmatch(name) or re.search(r"jquery|bootstrap|popper|fontawesome|googletagmanager|analytics", script.address):
        return True
    target = _read(project, local(project, page.place, script.address))
    return target is not None and not target.mentions(
        r"(?:window|self|globalThis|root|global)\.\w+\s*=|\bvar\s+tf\b|exports|createElement\(\s*['\"]script"
    )


def _read(project: Project, path: Path | None) -> SourceFile | None:
    file = project.file(path) if path is not None else None
    found = project.facts(file, SourceFile) if file is not None else []
    return found[0] if found else None


def _used(file: SourceFile, script: Script | None) -> Iterator[tuple[Node, str]]:
    """The global names of our libraries that are called while the script is loaded, in the order they are written."""
    for node in file.meaning.nodes:
        if isinstance(node, Call) and (script is None or script.code.line <= node.span.line <= script.code.end_line) and _at_once(node):
            root: Node = node.callee
            while root.children and not isinstance(root, Name):
                root = root.children[0]
            if isinstance(root, Name) and root.id in GLOBALS and file.meaning.lookup(root) is None:
                yield node, root.id


def _at_once(node: Node) -> bool:
    """Whether code runs when it is loaded: in no function, or in one that is called where it stands."""
    for around in node.ancestors:
        if isinstance(around, Function):
            parent = around.parent
            if not (isinstance(parent, Call) and parent.callee is around) or around.generator:
                return False
        elif getattr(around, "kind", "") in ("try_statement", "if_statement"):
            return False
    return True


def _used_in(project: Project, page: SourceFile, script: Script) -> list[tuple[Node, str]]:
    target = _read(project, local(project, page.place, script.address))
    return list(_used(target, None)) if target is not None else []


def _extension(manifest: Extension, project: Project) -> Iterator[Finding]:
    for group in manifest.groups:
        names = [word.text or "" for word in group.scripts]
        for index, word in enumerate(group.scripts):
            path = local(project, Place(manifest.path), names[index].lstrip("/"))
            if package(names[index])[0] in GLOBALS.values():
                continue
            target = _read(project, path)
            # Of a script that is not there no more is known than that a library comes after the last that could need it.
            last = provides(package(names[-1])[0]) if project.fragments and index == len(names) - 2 else ""
            needed = next((name for _, name in _used(target, None)), "") if target is not None else last
            places = [i for i, other in enumerate(names) if provides(package(other)[0]) == needed] if needed else []
            if places and min(places) > index:
                yield Finding(
                    word.place,
                    f"{names[index]} is loaded before {names[places[0]]}, so {needed} is not defined where it runs",
                    help=_FIRST,
                )
