"""An option of ncnn that is set when the network is there already.

``load_param`` finds the GPU, ``load_model`` makes the layers' pipelines and lays out their weights, both as `opt` says then. Set after
them, an option does nothing, or the pieces do not fit: ``use_vulkan_compute`` crashes, or runs on the CPU.

```cpp bad path=src/net.cpp
#include <ncnn/net.h>

void Net::load(const std::string& dir) {
    net_.load_param((dir + "/m.param").c_str());
    net_.load_model((dir + "/m.bin").c_str());
    net_.opt.use_vulkan_compute = true; // <-
    net_.opt.num_threads = 4;
}
```

```cpp bad path=jni/net_jni.cpp
#include "net.h"

static ncnn::Net* net;

bool init(AAssetManager* mgr, bool gpu) {
    net = new ncnn::Net();
    net->load_param(mgr, "m.param");
    net->opt.use_vulkan_compute = gpu; // <-
    net->opt.use_fp16_arithmetic = true;
    net->load_model(mgr, "m.bin");
    return true;
}
```

Before it is right; threads may be set at any time, and another network may follow.

```cpp good path=src/net.cpp
#include <ncnn/net.h>

void Net::load(const std::string& dir) {
    net_.opt.use_vulkan_compute = true;
    net_.load_param((dir + "/m.param").c_str());
    net_.load_model((dir + "/m.bin").c_str());
    net_.opt.num_threads = 4;
    second_.opt.use_fp16_storage = false;
    second_.load_param((dir + "/n.param").c_str());
}

void Net::reload(const std::string& dir) {
    net_.load_param((dir + "/m.param").c_str());
    net_.clear();
    net_.opt.use_vulkan_compute = false;
    net_.load_param((dir + "/m.param").c_str());
}
```

References: ncnn, `src/net.cpp` (`Net::load_param`, `Net::load_model`) and its FAQ of Vulkan ("before loading").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign

_OPTION = re.compile(r"(.+?)\s*(?:\.|->)\s*opt\s*\.\s*(use_(?!local_pool_allocator)\w+)")
"""An option that is read when a network is loaded; the allocators of an extractor are made later."""


@rule(
    "DPL317",
    severity="error",
    leaves=["M.7", "M.4.3"],
    see=[
        "https://github.com/Tencent/ncnn/blob/a4d2ea1d4422c9e849f166fd7a4aefb52f942f6a/src/net.cpp",
        "https://github.com/Tencent/ncnn/blob/a4d2ea1d4422c9e849f166fd7a4aefb52f942f6a/docs/how-to-use-and-FAQ/FAQ-ncnn-vulkan.md",
    ],
)
def ncnn_option_after_load(file: SourceFile) -> Iterator[Finding]:
    if (
        file.language not in ("cpp", "objc")
        or not file.mentions(r"\bopt\s*\.\s*use_")
        or not file.mentions(r"\bload_(?:param|model)\w*\s*\(")
    ):
        return
    calls = [call for call in file.calls("**.{load_param,load_param_bin,load_param_mem,load_model,clear}") if call.receiver is not None]
    for node in file.meaning.nodes:
        option = _OPTION.fullmatch(node.target.text) if isinstance(node, Assign) else None
        if option is None:
            continue
        net = option[1].strip()
        own = [call for call in calls if call.function is node.function and call.receiver is not None and call.receiver.text == net]
        at = (node.span.line, node.span.column)
        before = [call for call in own if (call.span.line, call.span.column) < at]
        after = [call for call in own if (call.span.line, call.span.column) > at]
        late = {call.method for call in before} & ({"load_model"} if option[2] != "use_vulkan_compute" else {"load_model", "load_param"})
        if late and before[-1].method != "clear" and not any(call.method.startswith("load_param") for call in after):
            yield Finding(
                node,
                f"{option[2]} is set after {before[-1].method}: ncnn looked at it when it loaded the network, and what comes later does "
                "nothing, or does not fit",
                help=f"set {net}'s options before load_param",
            )
