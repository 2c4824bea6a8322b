"""A native library that CMake takes from the folder of one ABI, in a build for several.

`IMPORTED_LOCATION` is the same file for each ABI that Gradle builds. For all but one the linker stops:
``... is incompatible with armelf_linux_eabi``, or the library is skipped and its symbols are undefined.

```kts bad path=app/build.gradle.kts
plugins { id("com.android.application") }
android {
    defaultConfig { ndk { abiFilters += listOf("arm64-v8a", "armeabi-v7a") } }
    externalNativeBuild { cmake { path = file("src/main/cpp/CMakeLists.txt") } } // <-
}
```

```cmake + path=app/src/main/cpp/CMakeLists.txt
add_library(tensorflowlite SHARED IMPORTED)
set_target_properties(tensorflowlite PROPERTIES IMPORTED_LOCATION
        ${CMAKE_CURRENT_SOURCE_DIR}/../jniLibs/arm64-v8a/libtensorflowlite.so)
```

One ABI, and a path that follows it:

```gradle good path=app/build.gradle
plugins { id 'com.android.application' }
android {
    defaultConfig { ndk { abiFilters 'arm64-v8a' } }
    externalNativeBuild { cmake { path 'src/main/cpp/CMakeLists.txt' } }
}
```

```cmake + path=app/src/main/cpp/CMakeLists.txt
add_library(onnxruntime SHARED IMPORTED)
set_target_properties(onnxruntime PROPERTIES IMPORTED_LOCATION ${CMAKE_SOURCE_DIR}/libs/arm64-v8a/libonnxruntime.so)
```

Of each:

```gradle good path=app/build.gradle
plugins { id 'com.android.application' }
android {
    externalNativeBuild { cmake { path 'src/main/cpp/CMakeLists.txt' } }
}
```

```cmake + path=app/src/main/cpp/CMakeLists.txt
add_library(onnxruntime SHARED IMPORTED)
set_target_properties(onnxruntime PROPERTIES IMPORTED_LOCATION ${CMAKE_SOURCE_DIR}/libs/${ANDROID_ABI}/libonnxruntime.so)
if(ANDROID_ABI STREQUAL "arm64-v8a")
    set_target_properties(qnn PROPERTIES IMPORTED_LOCATION ${CMAKE_SOURCE_DIR}/libs/arm64-v8a/libonnxruntime_qnn.so)
endif()
```

Chosen for CMake alone:

```gradle good path=app/build.gradle
plugins { id 'com.android.application' }
android {
    defaultConfig { externalNativeBuild { cmake { abiFilters 'arm64-v8a' } } }
    externalNativeBuild { cmake { path 'src/main/cpp/CMakeLists.txt' } }
}
```

```cmake + path=app/src/main/cpp/CMakeLists.txt
add_library(onnxruntime SHARED IMPORTED)
set_target_properties(onnxruntime PROPERTIES IMPORTED_LOCATION ${CMAKE_SOURCE_DIR}/libs/arm64-v8a/libonnxruntime.so)
```

By build type:

```gradle good path=app/build.gradle
plugins { id 'com.android.application' }
android {
    buildTypes { debug { ndk { abiFilters 'arm64-v8a' } }; release { ndk { abiFilters 'arm64-v8a' } } }
    externalNativeBuild { cmake { path 'src/main/cpp/CMakeLists.txt' } }
}
```

```cmake + path=app/src/main/cpp/CMakeLists.txt
add_library(onnxruntime SHARED IMPORTED)
set_target_properties(onnxruntime PROPERTIES IMPORTED_LOCATION ${CMAKE_SOURCE_DIR}/libs/arm64-v8a/libonnxruntime.so)
```

References: ceres-solver/ceres-solver#993 (the linker's error); Android's Gradle API, `Ndk.abiFilters` (all ABIs without it).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import File, Finding, Project, rule
from deplint.settings.gradle import GradleBuild
from deplint.settings.gradle_script import Statement

_LIBRARY = re.compile(r"IMPORTED_LOCATION\s+\"?([^\s)\"]*/(arm64-v8a|armeabi-v7a|x86_64|x86)/(lib[\w+.-]+\.(?:so|a)))")
_RUNTIME = re.compile(
    r"lib(?:tensorflowlite|onnxruntime|pytorch|torch|c10|executorch|ncnn|MNN|mnn|paddle|LiteRt|litert|TensorFlow|tflite)[\w+.-]*"
)

ELSEWHERE = (("android", "buildTypes"), ("android", "defaultConfig", "externalNativeBuild"))
"""Where ABIs may be chosen too, besides the ``ndk`` of the default configuration."""


@rule(
    "DPL314",
    severity="error",
    leaves=["M.3.2", "M.3.4"],
    see=[
        "https://developer.android.com/reference/tools/gradle-api/com/android/build/api/dsl/Ndk",
        "https://github.com/ceres-solver/ceres-solver/issues/993",
    ],
)
def library_of_one_abi(build: GradleBuild, project: Project) -> Iterator[Finding]:
    build = build.resolved(project)
    if build.android is None or build.android.splits_abi:
        return
    abis = [word.text for word in build.android.abi_filters]
    if len(abis) == 1 or None in abis or any(True for _ in build.find("android", "productFlavors")):
        return
    statement = next(build.find("android", "externalNativeBuild"), None)
    if statement is None or any(_filters(each) for path in ELSEWHERE for each in build.find(*path)):
        return
    for script in _scripts(build, project):
        text = re.sub(r"#[^\n]*", lambda match: " " * len(match[0]), script.text)
        for match in _LIBRARY.finditer(text):
            before = text[: match.start()]
            if _RUNTIME.fullmatch(match[3]) and len(re.findall(r"\bendif\s*\(", before)) == len(re.findall(r"\bif\s*\(", before)):
                line = text.count("\n", 0, match.start(1)) + 1
                built = ", ".join(filter(None, abis)) or "every ABI"
                yield Finding(
                    statement,
                    f"this is built for {built}, and {script.shown}:{line} links {match[3]} of {match[2]} for all of them: it stops",
                    help="write ${ANDROID_ABI} for the folder",
                )


def _filters(statement: Statement) -> bool:
    """Whether a statement, or one within it, chooses ABIs."""
    return "abiFilter" in statement.name or any(_filters(inner) for inner in statement.block or ())


def _scripts(build: GradleBuild, project: Project) -> list[File]:
    """The CMake lists below the folder of a build."""
    folder = Path(os.path.abspath(build.path)).parent
    return [file for file in project.files if file.name == "CMakeLists.txt" and file.path.is_relative_to(folder) and file.size < 1 << 17]
