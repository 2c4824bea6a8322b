"""A file of a model that is larger than what Cloudflare takes as an asset.

Pages, and Workers with static assets, take no file above 25 MiB: ``Pages only supports files up to 25 MiB in size``, ``Asset too large``.
The deployment stops there.

```graph bad path=public/models/net.onnx limit-megabytes=0
model onnx ir=8 opset=17  <-
graph main
  input x float32[4]
  op Identity (x) -> (y)
  output y float32[4]
```

```toml + path=wrangler.toml
name = "net"
pages_build_output_dir = "./dist"
```

Workers with assets.

```graph bad path=site/net.tflite limit-megabytes=0
model tflite  <-
graph main
  input x float32[4]
  op RELU@1 (x) -> (y float32[4])
  output y
```

```json + path=wrangler.json
{ "name": "net", "assets": { "directory": "./site" } }
```

By a script.

```graph bad path=app/static/net.onnx limit-megabytes=0
model onnx ir=8 opset=17  <-
graph main
  input x float32[4]
  op Identity (x) -> (y)
  output y float32[4]
```

```json + path=app/package.json
{ "name": "app", "scripts": { "deploy": "npm run build && wrangler pages deploy build" } }
```

Smaller files, models that are not published, and Workers without assets.

```graph good path=public/models/net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[4]
  op Identity (x) -> (y)
  output y float32[4]
```

```toml + path=wrangler.toml
name = "net"
pages_build_output_dir = "./dist"
```

And:

```graph good path=training/net.onnx limit-megabytes=0
model onnx ir=8 opset=17
graph main
  input x float32[4]
  op Identity (x) -> (y)
  output y float32[4]
```

```toml + path=wrangler.toml
name = "net"
pages_build_output_dir = "./dist"
```

And:

```graph good path=public/net.onnx limit-megabytes=0
model onnx ir=8 opset=17
graph main
  input x float32[4]
  op Identity (x) -> (y)
  output y float32[4]
```

```toml + path=wrangler.toml
name = "api"
main = "src/worker.ts"
```

References: https://developers.cloudflare.com/pages/platform/limits/;
https://developers.cloudflare.com/workers/platform/limits/#static-assets
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from deplint import Finding, Model, Project, rule
from deplint.apps.follow import home
from deplint.project import File
from deplint.settings.serving import said

PUBLISHED = ("public", "static")
"""Folders that builders copy as they are."""

_DEPLOYS = re.compile(r"\bwrangler\s+pages\s+(?:deploy|publish)\s+(?:(?!-)([\w./-]+))?")
_OUTPUT = re.compile(r"\bpages_build_output_dir\b[\"']?\s*[:=]\s*[\"']([^\"']+)[\"']")
_ASSETS = re.compile(r"\[assets\][^\[]*?\bdirectory\s*=\s*\"([^\"]+)\"|\"assets\"\s*:\s*\{[^}]*?\"directory\"\s*:\s*\"([^\"]+)\"", re.S)


@rule(
    "DPL936",
    severity="error",
    leaves=["B.4.1"],
    see=["https://developers.cloudflare.com/pages/platform/limits/", "https://developers.cloudflare.com/workers/platform/limits/"],
)
def cloudflare_asset_too_large(model: Model, project: Project, *, limit_megabytes: int = 25) -> Iterator[Finding]:
    for path in (model.path, *model.files):
        file = project.file(Path(os.path.abspath(path)))
        if file is not None and file.size > limit_megabytes << 20 and (by := _published(project, file, home(project, model.place))):
            yield Finding(
                model,
                f"{file.shown} has {file.size / (1 << 20):.1f} MiB, and {by} sends it to Cloudflare, which takes no file above "
                f"{limit_megabytes} MiB",
                help="serve it from R2 or another host, split it (TensorFlow.js: weightShardSizeBytes), or make it smaller",
            )
            return


def _published(project: Project, file: File, folder: Path) -> str:
    """What deploys the folder that a file lies in; empty if nothing is known to."""
    return next((by for by, root in _deployed(project, folder) if file.path.is_relative_to(root)), "")


@lru_cache(maxsize=32)
def _deployed(project: Project, folder: Path) -> tuple[tuple[str, Path], ...]:
    """The folders of a package that are deployed, each with the file that says so."""
    found: list[tuple[str, Path]] = []
    for each in project.files:
        if each.path.parent != folder or not re.fullmatch(r"wrangler\.(?:toml|jsonc?)|package\.json", each.name):
            continue
        text = said(each).decode("utf-8", "replace")
        matches = [*_DEPLOYS.finditer(text), *_OUTPUT.finditer(text), *_ASSETS.finditer(text)]
        named = [next((group for group in match.groups() if group), "") for match in matches]
        found += [(each.shown, Path(os.path.normpath(folder / name))) for name in named if name]
        found += [(each.shown, folder / name) for name in PUBLISHED if matches]
    return tuple(found)
