"""The name of an input or output of ONNX Runtime that is freed before it is used.

``GetInputNameAllocated`` gives a smart pointer. ``.get()`` of a temporary one leaves a pointer to memory that is freed at the end of the
statement: `Run` throws ``Invalid input name: ��veSU``, or works by chance.

```cpp bad path=src/net.cpp
#include <onnxruntime_cxx_api.h>

struct Net {
    Ort::Session session;
    std::vector<const char*> names;

    void look(Ort::AllocatorWithDefaultOptions& alloc) {
        for (size_t i = 0; i < session.GetInputCount(); ++i)
            names.push_back(session.GetInputNameAllocated(i, alloc).get()); // <-
    }
};
```

```cpp bad path=src/main.cpp
#include <onnxruntime_cxx_api.h>

int main() {
    Ort::Env env;
    Ort::Session session(env, "net.onnx", Ort::SessionOptions{});
    Ort::AllocatorWithDefaultOptions alloc;
    const char* in = session.GetInputNameAllocated(0, alloc).get(); // <-
    auto out = session.GetOutputNameAllocated(0, alloc).get(); // <-
    session.Run(Ort::RunOptions{}, &in, &value, 1, &out, 1);
}
```

A copy, or a pointer that is kept, is right.

```cpp good path=src/net.cpp
#include <onnxruntime_cxx_api.h>

struct Net {
    Ort::Session session;
    std::vector<std::string> copies;
    std::vector<Ort::AllocatedStringPtr> kept;
    std::vector<const char*> names;

    void look(Ort::AllocatorWithDefaultOptions& alloc) {
        copies.emplace_back(session.GetInputNameAllocated(0, alloc).get());
        std::string first = session.GetInputNameAllocated(0, alloc).get();
        kept.push_back(session.GetInputNameAllocated(0, alloc));
        names.push_back(kept.back().get());
        names.push_back(strdup(session.GetOutputNameAllocated(0, alloc).get()));
        std::cout << session.GetInputNameAllocated(0, alloc).get();
    }
};
```

References: microsoft/onnxruntime#14157, #20568 and #20339 (its maintainers: keep the `AllocatedStringPtr`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Call, Declare, Index, Member, Node

NAMES = "**.{GetInputNameAllocated,GetOutputNameAllocated,GetOverridableInitializerNameAllocated}"
_POINTER = r"(?:const\s+)?char\s*(?:const\s*)?\*\s*(?:const\s*)?"


@rule(
    "DPL318",
    severity="error",
    leaves=["M.4.4"],
    see=[
        "https://github.com/microsoft/onnxruntime/issues/14157",
        "https://github.com/microsoft/onnxruntime/issues/20568",
        "https://github.com/microsoft/onnxruntime/issues/20339",
    ],
)
def name_of_freed_string(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in ("cpp", "objc") or not file.mentions(r"NameAllocated\s*\("):
        return
    for call in file.calls(NAMES):
        got = call.parent.parent if isinstance(call.parent, Member) and call.parent.attribute == "get" else None
        if isinstance(got, Call) and _kept(got, project):
            yield Finding(
                call,
                f"the string that {call.method} gives is freed at the end of this statement, and its address is kept: 'Invalid input name'",
                help="keep the Ort::AllocatedStringPtr as long as the name is used, or copy it into a std::string",
            )


def _kept(got: Call, project: Project) -> bool:
    """Whether a pointer is stored as what it is."""
    around = got.parent
    if isinstance(around, Declare):
        return re.match(rf"\s*(?:const\s+)?auto\s*\*?\s*(?:const\s+)?\w+\s*=|\s*{_POINTER}\w+\s*=", _statement(around)) is not None
    if isinstance(around, Assign):
        target = around.target.children[0] if isinstance(around.target, Index) and around.target.children else around.target
        return _declared(target, project)
    if isinstance(around, Call) and around.method in ("push_back", "emplace_back") and around.receiver is not None:
        return len(around.arguments) == 1 and _declared(around.receiver, project)
    return False


def _statement(node: Node) -> str:
    """The line from which a declaration starts: its type stands before it."""
    line = node.file.lines[node.span.line - 1]
    return line if node.text.strip() in line else node.text


def _declared(holder: Node, project: Project) -> bool:
    """Whether a variable or field is declared to hold pointers to characters, in the file or a header of the project."""
    name = re.escape(re.split(r"\.|->", holder.text)[-1].strip())
    kind = re.compile(rf"(?:(?:vector|array)\s*<\s*{_POINTER}(?:,[^>]*)?>\s*[&\w,\s]*\b{name}\b|{_POINTER}\s*{name}\b)")
    other = re.compile(rf"(?:vector|array)\s*<\s*(?:std::)?string\s*>\s*[&\w,\s]*\b{name}\b|(?:std::)?string\s+{name}\b")
    texts = [holder.file.text]
    area = project.area(holder.file)
    headers = (each for each in project.files if each.suffix in (".h", ".hpp") and each.path.is_relative_to(area) and each.size < 1 << 18)
    texts += [each.text for each, _ in zip(headers, range(60), strict=False)]
    return any(kind.search(text) for text in texts) and not any(other.search(text) for text in texts)
