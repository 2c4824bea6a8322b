"""A model whose extension IIS does not know.

IIS, and with it App Service on Windows, answers with ``404.3`` for a file that is there, if its extension has no media type: .onnx and
.tflite have none. The page says ``failed to load external data file`` or ``Unexpected token '<'``.

```js bad path=src/model.js
import * as ort from 'onnxruntime-web';
import { MODEL } from './config.js';

export const session = ort.InferenceSession.create(MODEL); // <-
```

```js + path=src/config.js
export const MODEL = '/models/net.onnx';
```

```xml + path=public/web.config
<configuration>
  <system.webServer>
    <rewrite><rules><rule name="app"><match url=".*" /><action type="Rewrite" url="/" /></rule></rules></rewrite>
  </system.webServer>
</configuration>
```

```json + path=package.json
{ "dependencies": { "onnxruntime-web": "1.20.0", "vite": "5.0.0" } }
```

A page with scripts.

```html bad path=index.html
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@3.20.0"></script>
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs-tflite@0.0.1-alpha.9/dist/tf-tflite.min.js"></script>
<script>
tflite.loadTFLiteModel('./models/net.tflite').then(console.log); // <-
</script>
```

```xml + path=web.config
<configuration>
  <system.webServer>
    <staticContent>
      <mimeMap fileExtension=".json" mimeType="application/json" />
    </staticContent>
  </system.webServer>
</configuration>
```

A type for the extension, another server that has the file, and an application that answers itself.

```js good path=src/model.js
import * as ort from 'onnxruntime-web';

export const session = ort.InferenceSession.create('/models/net.onnx');
export const other = ort.InferenceSession.create('https://models.example.org/net.ort');
```

```xml + path=public/web.config
<configuration>
  <system.webServer>
    <staticContent>
      <remove fileExtension=".onnx" />
      <mimeMap fileExtension=".onnx" mimeType="application/octet-stream" />
    </staticContent>
  </system.webServer>
</configuration>
```

```json + path=package.json
{ "dependencies": { "onnxruntime-web": "1.20.0", "vite": "5.0.0" } }
```

And:

```js good path=src/model.js
import * as ort from 'onnxruntime-web';

export const session = ort.InferenceSession.create('/models/net.onnx');
```

```xml + path=web.config
<configuration>
  <system.webServer>
    <handlers><add name="iisnode" path="server.js" verb="*" modules="iisnode" /></handlers>
  </system.webServer>
</configuration>
```

```json + path=package.json
{ "dependencies": { "onnxruntime-web": "1.20.0", "vite": "5.0.0" } }
```

References: https://learn.microsoft.com/troubleshoot/developer/webapps/iis/health-diagnostic-performance/http-status-code;
https://learn.microsoft.com/iis/configuration/system.webserver/staticcontent/mimemap
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from deplint import File, Finding, Project, rule
from deplint.apps.follow import home
from deplint.apps.loads import loads
from deplint.apps.site import platform
from deplint.code.source import SourceFile

UNKNOWN = frozenset({".onnx", ".ort", ".tflite", ".task", ".pte", ".gguf", ".safetensors", ".data"})
"""Extensions of models that IIS 10 has no type for."""

_FOLDERS = ("", "public", "static", "wwwroot", "src", "dist", "build")
_OTHERS = re.compile(r"<\s*handlers\b|aspNetCore|iisnode|httpPlatform|ReverseProxy|url=\"https?://|fileExtension\s*=\s*\"\.?\*\"", re.I)


@rule(
    "DPL937",
    severity="error",
    leaves=["B.4.1"],
    see=[
        "https://learn.microsoft.com/troubleshoot/developer/webapps/iis/health-diagnostic-performance/http-status-code",
        "https://learn.microsoft.com/iis/configuration/system.webserver/staticcontent/mimemap",
    ],
)
def iis_unknown_extension(file: SourceFile, project: Project) -> Iterator[Finding]:
    for load in loads(file, project):
        path = re.sub(r"[?#].*", "", load.written)
        extension = Path(path).suffix.lower()
        if extension not in UNKNOWN or not load.whole or re.match(r"(?:[a-z][\w+.-]*:)?//|[a-z][\w+.-]*:", path, re.I):
            continue
        config = _config(project, home(project, file.place)) if platform(project, file) != "node" else None
        if config is not None and not _OTHERS.search(config.text) and not re.search(rf"\"{re.escape(extension)}\"", config.text, re.I):
            yield Finding(
                load.at,
                f"{config.shown} has the pages served by IIS, and gives {extension} no media type: 404.3 for {path}",
                help=f'<staticContent><mimeMap fileExtension="{extension}" mimeType="application/octet-stream" /></staticContent>',
            )


def _config(project: Project, folder: Path) -> File | None:
    """The configuration of IIS that lies with the pages of a package, if there is one."""
    names = {"web.config", "Web.config"}
    found = [each for each in project.files if each.name in names and each.path.parent in {folder / name for name in _FOLDERS}]
    return found[0] if len(found) == 1 else None
