"""A delegate of react-native-fast-tflite that the iOS build leaves out.

``'core-ml'`` works only where the Podfile says ``$EnableCoreMLDelegate = true`` before the pods are installed: the library is built without
it otherwise, and loading the model fails: ``CoreML Delegate is not enabled! Set $EnableCoreMLDelegate to true in Podfile and rebuild.``

```ts bad path=src/model.ts
import { loadTensorflowModel } from 'react-native-fast-tflite';

export const model = loadTensorflowModel(require('../assets/leaf.tflite'), 'core-ml'); // <-
```

```ruby + path=ios/Podfile
platform :ios, '15.0'
target 'App' do
  use_react_native!
end
```

```json + path=package.json
{ "name": "app", "dependencies": { "react-native-fast-tflite": "1.4.0" } }
```

On one platform only, as a hook:

```tsx bad path=src/Live.tsx
import { Platform } from 'react-native';
import { useTensorflowModel } from 'react-native-fast-tflite';

export function useLeaf() {
  return useTensorflowModel(require('../assets/leaf.tflite'), Platform.OS === 'ios' ? 'core-ml' : 'default'); // <-
}
```

```ruby + path=ios/Podfile
target 'App' do
end
```

```json + path=package.json
{ "name": "app", "dependencies": { "react-native-fast-tflite": "1.4.0" } }
```

Switched on, or made by Expo:

```ts good path=src/model.ts
import { loadTensorflowModel } from 'react-native-fast-tflite';

export const model = loadTensorflowModel(require('../assets/leaf.tflite'), 'core-ml');
export const other = loadTensorflowModel(require('../assets/leaf.tflite'), 'android-gpu');
```

```ruby + path=ios/Podfile
$EnableCoreMLDelegate = true
target 'App' do
end
```

```json + path=package.json
{ "name": "app", "dependencies": { "react-native-fast-tflite": "1.4.0" } }
```

By Expo:

```ts good path=src/model.ts
import { loadTensorflowModel } from 'react-native-fast-tflite';

export const model = loadTensorflowModel(require('../assets/leaf.tflite'), 'core-ml');
```

```json + path=package.json
{ "name": "app", "dependencies": { "react-native-fast-tflite": "1.4.0", "expo": "51.0.0" } }
```

References: the readme of react-native-fast-tflite, its podspec and `TensorflowPlugin.cpp` (1.0 to 2.0), `TfliteHelpers.cpp` (3.0.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.source import SourceFile


@rule(
    "DPL329",
    severity="error",
    leaves=["M.7", "M.4.2"],
    see=[
        "https://github.com/mrousavy/react-native-fast-tflite/blob/v1.4.0/README.md",
        "https://github.com/mrousavy/react-native-fast-tflite/blob/v1.4.0/cpp/TensorflowPlugin.cpp",
    ],
)
def delegate_not_built_in(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"react-native-fast-tflite") or not file.mentions(r"['\"]core-ml['\"]"):
        return
    podfile = project.file(project.area(file) / "ios" / "Podfile")
    if podfile is None or re.search(r"EnableCoreMLDelegate|EXPO|expo", podfile.text):
        return
    for call in file.calls("react-native-fast-tflite.{loadTensorflowModel,useTensorflowModel}"):
        delegate = call.argument(None, 1)
        if delegate is not None and re.search(r"['\"]core-ml['\"]", delegate.text):
            yield Finding(
                call,
                f"{podfile.shown} does not set $EnableCoreMLDelegate, so the library is built without Core ML: this fails on iOS",
                help="$EnableCoreMLDelegate = true at the top of the Podfile, then pod install",
            )
