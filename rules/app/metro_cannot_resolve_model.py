"""A model that React Native code requires, and that Metro does not take for an asset.

Metro bundles what it knows: code, pictures, sounds. A model's suffix has to be added to `resolver.assetExts` in `metro.config.js`;
otherwise the build stops with ``Unable to resolve module ../assets/leaves.tflite``.

```javascript bad path=src/judge.js
import { loadTensorflowModel } from 'react-native-fast-tflite';

export const model = loadTensorflowModel(require('../assets/leaves.tflite'));  // <-
```

```json + path=package.json
{"name": "leaves", "dependencies": {"react-native": "0.76.0", "react-native-fast-tflite": "1.5.0"}}
```

```javascript + path=metro.config.js
const { getDefaultConfig } = require('@react-native/metro-config');
module.exports = getDefaultConfig(__dirname);
```

```javascript good path=src/judge.js
import { loadTensorflowModel } from 'react-native-fast-tflite';

export const model = loadTensorflowModel(require('../assets/leaves.tflite'));
```

```json + path=package.json
{"name": "leaves", "dependencies": {"react-native": "0.76.0", "react-native-fast-tflite": "1.5.0"}}
```

```javascript + path=metro.config.js
const { getDefaultConfig } = require('@react-native/metro-config');
const config = getDefaultConfig(__dirname);
config.resolver.assetExts.push('tflite');
module.exports = config;
```

Before React Native 0.57 the file was called `rn-cli.config.js`.

```javascript good path=src/judge.js
export const model = require('../assets/inception.pb');
```

```json + path=package.json
{"name": "leaves", "dependencies": {"react-native": "0.51.0", "react-native-tensorflow": "0.1.8"}}
```

```javascript + path=rn-cli.config.js
module.exports = { getAssetExts() { return ['pb', 'txt'] } }
```

References: https://metrobundler.dev/docs/configuration/#assetexts; the defaults of metro-config 0.83.8 (`src/defaults/defaults.js`);
https://stackoverflow.com/questions/58842257.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import home
from deplint.code.source import SourceFile
from deplint.settings.packages import PackageJson

MODELS = re.compile(r"\.(tflite|onnx|ort|pte|ptl|pt|bin|task|litertlm|mlmodel|pb)$")
CONFIGS = ("metro.config.js", "metro.config.cjs", "metro.config.mjs", "metro.config.ts", "rn-cli.config.js")
"""The last one is what it was called before React Native 0.57."""


@rule(
    "DPL764",
    severity="error",
    leaves=["M.4.3"],
    see=["https://metrobundler.dev/docs/configuration/#assetexts", "https://stackoverflow.com/questions/58842257"],
)
def metro_cannot_resolve_model(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\.(?:tflite|onnx|ort|pte|ptl|pt|bin|task|litertlm|mlmodel|pb)['\"]"):
        return
    folder = home(project, file.place)
    package = project.file(folder / "package.json")
    facts = project.facts(package, PackageJson) if package else []
    if not facts or facts[0].dependency("react-native") is None or "metro" in facts[0].data:
        return
    config = next((found for name in CONFIGS for found in [project.file(folder / name)] if found), None)
    text = re.sub(r"(?m)//.*$", "", config.text) if config else ""
    if re.search(r"require\(\s*['\"]\.\.?/|from\s+['\"]\.\.?/", text):
        return  # what another file adds
    for each in file.imports:
        match = MODELS.search(each.module)
        if match and each.module.startswith((".", "/", "@/", "~")) and not re.search(rf"\b{match[1]}\b", text):
            has = f"{config.shown} does not name it" if config else f"{folder.name} has no metro.config.js"
            yield Finding(
                each.place,
                f"Metro takes no .{match[1]} for an asset ({has}): 'Unable to resolve module {each.module}'",
                help=f"add '{match[1]}' to resolver.assetExts in metro.config.js",
            )
