"""A build of TensorFlow Lite by a way that is gone, or without optimization.

The Makefiles of TensorFlow Mobile and of TensorFlow Lite are removed from TensorFlow; what is left is CMake and Bazel. Bazel builds
without optimization unless told ``-c opt``: kernels run many times slower than they can, and the library is several times as large.

```shell bad path=build.sh
git clone https://github.com/tensorflow/tensorflow
./tensorflow/tensorflow/lite/tools/make/download_dependencies.sh # <-
./tensorflow/tensorflow/lite/tools/make/build_rpi_lib.sh # <-
```

The same, written otherwise.

```shell bad path=build.sh
cd tensorflow
bazel build --config=android_arm64 //tensorflow/lite/java:tensorflow-lite # <-
```

A version of its time has the scripts; a configuration may say how to build.

```shell good path=build.sh
git clone -b v2.4.0 https://github.com/tensorflow/tensorflow
./tensorflow/tensorflow/lite/tools/make/build_rpi_lib.sh
```

Nor here.

```shell good path=build.sh
bazel build -c opt --config=android_arm64 //tensorflow/lite/java:tensorflow-lite
bazel build --compilation_mode=opt //tensorflow/lite:libtensorflowlite.so
bazel build --config=opt //tensorflow/lite:libtensorflowlite.so
bazel test //tensorflow/lite/kernels:all
bazel build $FLAGS //tensorflow/lite:libtensorflowlite.so
cmake ../tensorflow_src/tensorflow/lite
```

References: nnstreamer/api#77 has the commit by which TensorFlow gave up its Makefile, at the end of July 2021; TensorFlow Lite's
documentation of building for ARM and Android; Bazel's of ``--compilation_mode`` (``fastbuild`` is the default);
https://stackoverflow.com/questions/37971426
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.scripts import Script
from deplint.settings.shell import Command

_GONE = re.compile(r"tensorflow/(?:contrib/makefile|contrib/lite/tools/make|lite/tools/make|contrib/lite/(?:build|download)\w*\.sh)\b")
_OLD = re.compile(r"\bv?(?:0\.\d+|1\.\d+|2\.[0-6])(?:\.\d+)?\b|\br(?:1\.\d+|2\.[0-6])\b|git (?:checkout|reset)|--branch")
_TARGET = re.compile(r"//tensorflow/(?:lite|contrib/lite|contrib/android|core:android)")


@rule(
    "DPL733",
    severity="warning",
    leaves=["M.3.1", "M.3.2"],
    see=[
        "https://ai.google.dev/edge/litert/build/cmake",
        "https://bazel.build/docs/user-manual#compilation-mode",
        "https://stackoverflow.com/questions/37971426",
        "https://github.com/nnstreamer/api/issues/77",
    ],
)
def runtime_build_command(script: Script, project: Project) -> Iterator[Finding]:
    texts = [(command, " ".join(str(word) for word in command.words)) for command in script.commands if command.words]
    old = any(_OLD.search(text) for _, text in texts)
    configured = any(f.name in (".bazelrc", ".tf_configure.bazelrc") for f in project.files)
    for command, text in texts:
        if _GONE.search(text) and not old and not text.startswith(("rm ", "echo ", "#")):
            yield Finding(
                command.words[0].place,
                f"{_GONE.findall(text)[0]} is no longer part of TensorFlow: the Makefiles were removed",
                help="build with CMake (tensorflow/lite/CMakeLists.txt) or Bazel, or take a prebuilt library",
            )
        elif _unoptimized(command, text) and not configured:
            yield Finding(
                command.words[0].place,
                "Bazel builds without optimization unless told otherwise: the kernels run many times slower",
                help="add -c opt",
            )


def _unoptimized(command: Command, text: str) -> bool:
    words = [word.text or "" for word in command.words]
    if "" in words or not words[0].endswith(("bazel", "bazelisk")) or "build" not in words or not _TARGET.search(text):
        return False
    return not re.search(r"(?:-c|--compilation_mode)[ =]|--config[ =]\S*opt|-O[123]", text)
