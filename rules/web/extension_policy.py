"""A browser extension whose content security policy does not let its model run.

The pages and the background of an extension run what is packed with it: a library from a content delivery network is refused
(``Refused to load the script ... because it violates the following Content Security Policy directive: "script-src 'self'"``), with
Manifest V3 whatever the policy says. WebAssembly is off there until the policy has ``'wasm-unsafe-eval'``.

```json bad path=manifest.json line=1
{"manifest_version": 3, "name": "x", "version": "1", "background": {"service_worker": "background.js", "type": "module"}}
```

```json + path=package.json
{"dependencies": {"@huggingface/transformers": "^3.0.0"}, "devDependencies": {"webpack": "5.90.0"}}
```

A policy that Manifest V3 does not take:

```json bad path=manifest.json line=2
{"manifest_version": 3, "name": "x", "version": "1", "background": {"service_worker": "background.js"},
 "content_security_policy": {"extension_pages": "script-src 'self' https://cdn.jsdelivr.net; object-src 'self'"}}
```

```js + path=background.js
self.importScripts('tf.min.js');
```

Libraries from elsewhere.

```html bad path=popup.html
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js"></script> <!-- <- -->
<script src="popup.js"></script>
```

```js bad path=background.js
importScripts('https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js'); // <-
```

```json + path=manifest.json
{"manifest_version": 3, "name": "x", "version": "1", "background": {"service_worker": "background.js"},
 "action": {"default_popup": "popup.html"}}
```

Allowed:

```json good path=manifest.json
{"manifest_version": 3, "name": "x", "version": "1", "background": {"service_worker": "background.js", "type": "module"},
 "content_security_policy": {"extension_pages": "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'"}}
```

```json + path=package.json
{"dependencies": {"@huggingface/transformers": "^3.0.0"}, "devDependencies": {"webpack": "5.90.0"}}
```

Manifest V2 may name hosts.

```json good path=manifest.json
{"manifest_version": 2, "name": "x", "version": "1", "browser_action": {"default_popup": "popup.html"},
 "content_security_policy": "script-src 'self' https://cdn.jsdelivr.net; object-src 'self'"}
```

```html + path=popup.html
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js"></script>
```

References: https://developer.chrome.com/docs/extensions/reference/manifest/content-security-policy
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.apps.site import LIBRARIES, depends
from deplint.code.source import SourceFile
from deplint.finding import Place
from deplint.settings.extension import Extension

WASM = frozenset(
    """onnxruntime-web @huggingface/transformers @xenova/transformers @tensorflow/tfjs-backend-wasm @tensorflow/tfjs-tflite @litertjs/core
    @mediapipe/tasks-vision @mediapipe/tasks-text @mediapipe/tasks-audio @mediapipe/tasks-genai @mlc-ai/web-llm""".split()  # noqa: SIM905
)
"""Packages that run WebAssembly."""

_WASM_FILE = r"\bort(?:\.[\w-]+)*\.min\.m?js|tf-backend-wasm|transformers(?:\.min)?\.js"
_REFUSED = "an extension runs what is packed with it: its content security policy refuses this script"
_PACK = "put the file into the extension and load it from there"


@rule(
    "DPL823",
    severity="error",
    leaves=["B.3.1"],
    see=[
        "https://stackoverflow.com/questions/57240141",
        "https://developer.chrome.com/docs/extensions/reference/manifest/content-security-policy",
    ],
)
def extension_policy(file: Extension | SourceFile, project: Project) -> Iterator[Finding]:
    if isinstance(file, Extension):
        yield from _manifest(file, project)
    elif file.web and file.mentions(LIBRARIES) and (file.language == "html" or file.mentions(r"\bimportScripts\s*\(")):
        manifest = _manifest_of(project, file.place)
        if manifest is not None:
            yield from _remote(file, manifest)


def _remote(file: SourceFile, manifest: Extension) -> Iterator[Finding]:
    """What an extension's pages and workers load from elsewhere."""
    names = {(word.text or "").rpartition("/")[2] for word in manifest.pages}
    names |= {(word.text or "").rpartition("/")[2] for group in manifest.groups if group.kind != "content" for word in group.scripts}
    if file.path.rpartition("/")[2] not in names:
        return
    for script in file.scripts:
        if _elsewhere(script.address) and re.search(LIBRARIES, script.address) and not _allowed(manifest, script.address):
            yield Finding(script.place, _REFUSED, help=_PACK)
    for call in file.calls("importScripts", "self.importScripts"):
        for argument in call.arguments:
            address = argument.value.value
            if isinstance(address, str) and _elsewhere(address) and not _allowed(manifest, address):
                yield Finding(call, _REFUSED, help=_PACK)
                break


def _elsewhere(address: str) -> bool:
    return bool(re.match(r"(?:https?:)?//", address))


def _allowed(manifest: Extension, address: str) -> bool:
    """Whether the policy names the host, which Manifest V2 lets it."""
    host = re.sub(r"^(?:https?:)?//([^/]+).*", r"\1", address)
    if manifest.version >= 3 or manifest.policy is None:
        return False
    policy = manifest.policy.text or ""
    return (
        host in policy
        or f"*.{host.partition('.')[2]}" in policy
        or bool(re.search(r"script-src[^;]*(?:\shttps:(?:\s|;|$)|\*(?:\s|;|$))", policy))
    )


def _manifest_of(project: Project, near: Place) -> Extension | None:
    here = Path(os.path.abspath(near.path)).parent
    for folder in (here, *here.parents):
        file = project.file(folder / "manifest.json")
        found = project.facts(file, Extension) if file is not None else []
        if found or folder == project.root:
            return found[0] if found else None
    return None


def _manifest(manifest: Extension, project: Project) -> Iterator[Finding]:
    if manifest.version < 3:
        return
    policy = manifest.policy.text or "" if manifest.policy is not None else ""
    used = _wasm(manifest, project)
    about = (
        used or any(re.match(r"@tensorflow/|face-api|ml5", name) for name in depends(project, manifest.place)) or _about(manifest, project)
    )
    if not about:
        return
    if manifest.policy_key is not None and manifest.policy is None:
        return  # a policy that nobody can read
    scripts = re.search(r"script-src([^;]*)", policy) or re.search(r"default-src([^;]*)", policy)
    bad = (
        re.search(r"https?://(?!localhost|127\.0\.0\.1)\S+|(?<!wasm-)'?unsafe-eval'|'unsafe-inline'|(?<=\s)\*|https:(?=\s|$)", scripts[1])
        if scripts
        else None
    )
    if bad and manifest.policy is not None:
        yield Finding(
            manifest.policy.place,
            f"Manifest V3 does not take {bad[0]} for script-src: Insecure CSP value, the extension is not loaded",
            help="pack the scripts with the extension; for WebAssembly write 'wasm-unsafe-eval'",
        )
    elif used and "unsafe-eval'" not in (scripts[1] if scripts else "") and not manifest.sandboxed:
        yield Finding(
            manifest.policy.place if manifest.policy is not None else manifest.place,
            f"{used} runs WebAssembly, which the policy of extensions does not allow",
            help="\"content_security_policy\": {\"extension_pages\": \"script-src 'self' 'wasm-unsafe-eval'; object-src 'self'\"}",
        )


def _wasm(manifest: Extension, project: Project) -> str:
    """What of the extension runs WebAssembly, in a page of its own or its background; empty if nothing is known to."""
    if not manifest.pages and not any(group.kind != "content" for group in manifest.groups):
        return ""
    named = sorted(WASM & depends(project, manifest.place))
    if named:
        return named[0]
    folder = Path(os.path.abspath(manifest.path)).parent
    for file in project.all(SourceFile):
        if file.web and file.mentions(_WASM_FILE) and Path(os.path.abspath(file.path)).is_relative_to(folder):
            found = re.search(_WASM_FILE, file.text)
            return found[0] if found else ""
    return ""


def _about(manifest: Extension, project: Project) -> bool:
    folder = Path(os.path.abspath(manifest.path)).parent
    return any(
        file.web and file.mentions(LIBRARIES) and Path(os.path.abspath(file.path)).is_relative_to(folder)
        for file in project.all(SourceFile)
    )
