"""A blob that ncnn is asked for and the network does not have.

Names of inputs and outputs are those of the ``.param`` file, which converters choose (``in0`` and ``out0`` of pnnx). With another name
`input` and `extract` fail: ``find_blob_index_by_name images failed``; the output stays empty, and reading it crashes.

```cpp bad path=app/src/main/cpp/net.cpp
#include "net.h"

static ncnn::Net net;

bool load(AAssetManager* mgr) {
    return net.load_param(mgr, "nano.param") == 0 && net.load_model(mgr, "nano.bin") == 0;
}

void run(const ncnn::Mat& in) {
    ncnn::Extractor ex = net.create_extractor();
    ex.input("images", in); // <-
    ncnn::Mat out;
    ex.extract("out0", out);
}
```

```text + path=app/src/main/assets/nano.param
7767517
2 2
Input        in0   0 1 in0
InnerProduct fc    1 1 in0 out0 0=7 1=1 2=112
```

The names it has; several networks, and names that are not written out:

```cpp good path=src/net.cpp
#include <ncnn/net.h>

void run(ncnn::Net& net, ncnn::Net& other, const char* name) {
    net.load_param("models/nano.param");
    other.load_param("models/other.param");
    ncnn::Extractor ex = net.create_extractor();
    ex.input("images", in);
    ex.extract(name, out);
}
```

```text + path=models/nano.param
7767517
2 2
Input        in0   0 1 in0
InnerProduct fc    1 1 in0 out0 0=7 1=1 2=112
```

References: ncnn, `src/net.cpp` (`Net::find_blob_index_by_name`, `Extractor::input`) and its guide to the format of ``.param``.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import File, Finding, Project, rule
from deplint.code.source import SourceFile
from deplint.model import Unreadable

MAGIC = "7767517"
LIMIT = 4 << 20


@rule(
    "DPL330",
    severity="error",
    leaves=["M.4.4", "M.2.4"],
    see=[
        "https://github.com/Tencent/ncnn/blob/a4d2ea1d4422c9e849f166fd7a4aefb52f942f6a/src/net.cpp",
        "https://github.com/Tencent/ncnn/blob/a4d2ea1d4422c9e849f166fd7a4aefb52f942f6a/docs/developer-guide/param-and-model-file-structure.md",
    ],
)
def ncnn_blob_unknown(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in ("cpp", "objc") or not file.mentions(r"\bload_param\s*\(") or not file.mentions(r"\bcreate_extractor\s*\("):
        return
    given = [[a.value.value for a in call.arguments] for call in file.calls("**.load_param")]
    names = {next((value for value in values if isinstance(value, str)), "") for values in given}
    name = names.pop() if len(names) == 1 else ""
    base = name.rpartition("/")[2]
    found = [each for each in project.files if each.name == base] if base.endswith(".param") else []
    blobs = _blobs(found[0]) if len(found) == 1 else None
    if blobs is None:
        return
    for call in file.calls("**.create_extractor().{input,extract}"):
        asked = call.argument(None, 0)
        if asked is not None and isinstance(asked.value, str) and asked.value not in blobs:
            yield Finding(
                call,
                f"{found[0].shown} has no blob {asked.value}: 'find_blob_index_by_name {asked.value} failed'",
                help=f"its input is {blobs[0]}, its last blob {blobs[-1]}",
            )


def _blobs(file: File) -> list[str] | None:
    """The names of the blobs of a text ``.param`` in the order they are made; None if it is none."""
    if file.size > LIMIT:
        return None
    try:
        lines = file.text.splitlines()
    except Unreadable:
        return None
    if len(lines) < 3 or lines[0].strip() != MAGIC:
        return None
    blobs: list[str] = []
    for line in lines[2:]:
        words = line.split()
        if not words:
            continue
        if len(words) < 4 or not words[2].isdigit() or not words[3].isdigit():
            return None
        start = 4 + int(words[2])
        blobs += words[start : start + int(words[3])]
    return blobs or None
