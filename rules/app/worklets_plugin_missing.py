"""A frame processor of VisionCamera in an app whose Babel does not make worklets.

`useFrameProcessor` runs its function on another thread. For that, ``react-native-worklets-core/plugin`` has to be among the plugins of
``babel.config.js``: without it ``Failed to create Worklet, the provided code is empty ... Is the babel plugin correctly installed?``.

```tsx bad path=src/Live.tsx
import { Camera, useFrameProcessor } from 'react-native-vision-camera';

export function Live({ model }) {
  const processor = useFrameProcessor((frame) => { // <-
    'worklet';
    model.runSync([resize(frame)]);
  }, [model]);
  return <Camera frameProcessor={processor} />;
}
```

```js + path=babel.config.js
module.exports = {
  presets: ['module:@react-native/babel-preset'],
};
```

```json + path=package.json
{ "name": "app", "dependencies": { "react-native-vision-camera": "4.5.3", "react-native-worklets-core": "1.3.3" } }
```

With the plugin, with what an older or newer VisionCamera takes, and where Babel's settings are not seen:

```tsx good path=src/Live.tsx
import { useFrameProcessor } from 'react-native-vision-camera';

const make = (model) => useFrameProcessor((frame) => { 'worklet'; model.runSync([frame]); }, [model]);
```

```js + path=babel.config.js
module.exports = (api) => ({ presets: ['babel-preset-expo'], plugins: [['react-native-worklets-core/plugin']] });
```

```json + path=package.json
{ "name": "app", "dependencies": { "react-native": "0.75.4", "react-native-vision-camera": "4.5.3" } }
```

Not seen:

```tsx good path=src/Live.tsx
import { useFrameProcessor } from 'react-native-vision-camera';

const make = (model) => useFrameProcessor((frame) => { 'worklet'; model.runSync([frame]); }, [model]);
```

```js + path=babel.config.js
module.exports = require('../../babel.base');
```

```json + path=package.json
{ "name": "app", "dependencies": { "react-native": "0.75.4", "react-native-vision-camera": "4.5.3" } }
```

References: VisionCamera 3.9.2, 4.0.0, 4.5.3 and 4.7.0, "Frame Processors"; `WKTJsiWorklet.h` of react-native-worklets-core.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.source import SourceFile
from deplint.settings.packages import PackageJson
from deplint.settings.ranges import between

CAMERA = "react-native-vision-camera"
VERSIONS = between("3.0.0", "5.0.0")
NAMES = ("babel.config.js", "babel.config.cjs", ".babelrc", ".babelrc.js", "babel.config.json", "babel.config.ts", "babel.config.mjs")
_PLUGIN = re.compile(r"worklets|reanimated")
_OPAQUE = re.compile(r"require\(\s*['\"]\.|\bimport\b|\bextends\b|\.\.\.")


@rule(
    "DPL328",
    severity="error",
    leaves=["M.4.2"],
    see=[
        "https://github.com/mrousavy/react-native-vision-camera/blob/v4.5.3/docs/docs/guides/FRAME_PROCESSORS.mdx",
        "https://github.com/margelo/react-native-worklets-core/blob/b54028be4643d22ee6735da2c656170eec72a771/cpp/WKTJsiWorklet.h",
    ],
)
def worklets_plugin_missing(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\buse(?:Skia)?FrameProcessor\s*\(") or not file.mentions(r"react-native-vision-camera"):
        return
    area = project.area(file)
    packages = [each for each in project.all(PackageJson) if Path(each.place.path).resolve().parent == area]
    pins = [pin for each in packages for pin in each.pins if pin.name == CAMERA]
    if len(packages) != 1 or not pins or VERSIONS is None or not all(pin.range and pin.range <= VERSIONS for pin in pins):
        return
    settings = [found for name in NAMES if (found := project.file(area / name)) is not None]
    if len(settings) != 1 or "babel" in packages[0].data:
        return
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", settings[0].text, flags=re.DOTALL)
    if _PLUGIN.search(text) or _OPAQUE.search(text):
        return
    for call in file.calls("**.useFrameProcessor", "useFrameProcessor"):
        yield Finding(
            call,
            f"{settings[0].shown} has no react-native-worklets-core/plugin, so this does not become a worklet: 'Failed to create Worklet'",
            help="add ['react-native-worklets-core/plugin'] to the plugins, and start Metro with --reset-cache",
        )
