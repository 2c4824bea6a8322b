"""Code for one of PyTorch's two libraries for iOS, and the pod of the other.

`LibTorch` holds all of TorchScript (`torch::jit::load`, `torch::jit::script::Module`), `LibTorch-Lite` the lite interpreter
(`torch::jit::_load_for_mobile`, `torch::jit::mobile::Module`), each under a header of its own: ``'LibTorch/LibTorch.h' file not found``, or
undefined symbols as the app is linked.

```objc bad path=App/TorchModule.mm
#import "TorchModule.h"
#import <LibTorch/LibTorch.h>  // <-

@implementation TorchModule {
    torch::jit::script::Module _impl;
}
- (void)open:(NSString *)path {
    _impl = torch::jit::load(path.UTF8String);
}
@end
```

```ruby + path=Podfile
target 'App' do
  pod 'LibTorch-Lite', '~> 1.13.0'
end
```

With the right header the loader is missing as well.

```objc bad path=App/Judge.mm
#include <Libtorch-Lite/Libtorch-Lite.h>

@implementation Judge
- (void)open:(NSString *)path {
    auto model = torch::jit::load([path UTF8String]);  // <-
}
@end
```

```ruby + path=Podfile
target 'App' do
  pod 'LibTorch-Lite', '~> 1.13.0'
end
```

And the other way round:

```objc bad path=App/Judge.mm
#import <Libtorch-Lite/Libtorch-Lite.h>  // <-

@implementation Judge
@end
```

```ruby + path=Podfile
target 'App' do
  pod 'LibTorch', '~> 1.13.0'
end
```

```objc good path=App/TorchModule.mm
#if FULL
#import <LibTorch/LibTorch.h>
#else
#import <Libtorch-Lite/Libtorch-Lite.h>
#endif

@implementation TorchModule
- (void)open:(NSString *)path {
    // torch::jit::load is of the full library
    auto model = torch::jit::_load_for_mobile(path.UTF8String);
}
@end
```

```ruby + path=Podfile
target 'App' do
  pod 'LibTorch-Lite', '~> 1.13.0'
end
```

What a target of its own has, or is added by hand:

```objc good path=App/TorchModule.mm
#import <LibTorch/LibTorch.h>

@implementation TorchModule
@end
```

```ruby + path=Podfile
target 'App' do
  pod 'LibTorch', '~> 1.13.0'
end
target 'Small' do
  pod 'LibTorch-Lite', '~> 1.13.0'
end
```

References: `ios/LibTorch-Lite.podspec.template` and `ios/LibTorch-Lite.h` of pytorch; TorchModule.mm of pytorch/ios-demo-app;
pytorch/pytorch#51419 and #109113.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.apple import places
from deplint.code.source import SourceFile
from deplint.settings.packages import Podfile

from ..operators import mentioned

LITE, FULL = "LibTorch-Lite", "LibTorch"
HEADERS = {
    LITE: r"#\s*(?:import|include)\s*<LibTorch/LibTorch\.h>",
    FULL: r"#\s*(?:import|include)\s*<Lib[tT]orch-Lite/Lib[tT]orch-Lite\.h>",
}
"""Pods -> the header of the other."""

WHOLE = r"\btorch::jit::load\s*\("


@rule(
    "DPL793",
    severity="error",
    leaves=["M.4.2"],
    see=["https://github.com/pytorch/ios-demo-app", "https://github.com/pytorch/pytorch/pull/51419"],
)
def libtorch_header_of_other_pod(file: SourceFile, project: Project) -> Iterator[Finding]:
    if (
        file.language != "objc"
        or not file.mentions(r"(?i)\blibtorch\b|\btorch::jit\b")
        or file.mentions(r"(?m)^\s*#\s*(?:if|ifdef|else)\b")
    ):
        return
    area = project.area(file)
    pins = [pin for pods in project.all(Podfile) if project.area(pods) == area for pin in pods.packages]
    found = {pin.name.partition("/")[0] for pin in pins} & {LITE, FULL}
    if len(found) != 1 or any(pin.url for pin in pins if pin.name.startswith(FULL)):
        return
    pod = found.pop()
    other = FULL if pod == LITE else LITE
    if mentioned(project, area, rf"(?i)XC\w+SwiftPackageReference|{other}(?!-)\.(?:xc)?framework", ".pbxproj", ".resolved"):
        return
    where = next(pin.place for pin in pins if pin.name.startswith(pod))
    line = where.span.line if where.span else "?"
    wrong = [place for place in places(file, HEADERS[pod]) if not _comment(file, place.span.line if place.span else 1)]
    for place in wrong:
        yield Finding(
            place,
            f"{where.path}:{line} installs {pod}, and this is the header of {other}: file not found",
            help="import <Libtorch-Lite/Libtorch-Lite.h>, and load with torch::jit::_load_for_mobile into a torch::jit::mobile::Module"
            if pod == LITE
            else f"import <LibTorch/LibTorch.h>, or install {LITE}",
        )
    for place in places(file, WHOLE) if pod == LITE and not wrong else ():
        if not _comment(file, place.span.line if place.span else 1):
            yield Finding(
                place,
                f"{where.path}:{line} installs {pod}, which has no torch::jit::load: undefined symbol as the app is linked",
                help="load a file of _save_for_lite_interpreter with torch::jit::_load_for_mobile, or install LibTorch",
            )


def _comment(file: SourceFile, line: int) -> bool:
    return re.match(r"\s*(?://|\*|/\*)", file.lines[line - 1]) is not None
