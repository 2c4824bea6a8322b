"""A native library that lies where Gradle does not look.

What `System.loadLibrary` loads has to be packed: Gradle takes `.so` files from `src/main/jniLibs/<abi>/`. In `libs/`, among the assets,
or not in a folder named after an ABI it stays behind, and the app stops: ``UnsatisfiedLinkError: couldn't find
"libtensorflow_inference.so"``.

```java bad path=app/src/main/java/Net.java
class Net {
    static {
        System.loadLibrary("tensorflow_inference"); // <-
    }
}
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
dependencies { implementation fileTree(dir: 'libs', include: ['*.jar']) }
```

```hex + path=app/libs/arm64-v8a/libtensorflow_inference.so
7f454c46
```

```java good path=app/src/main/java/Net.java
class Net {
    static {
        System.loadLibrary("tensorflow_inference");
    }
}
```

```gradle + path=app/build.gradle
android {
    compileSdk 35
    sourceSets { main { jniLibs.srcDirs = ['libs'] } }
}
```

```hex + path=app/libs/arm64-v8a/libtensorflow_inference.so
7f454c46
```

In its place, built by the app, or part of a dependency, it is packed.

```java good path=app/src/main/java/Net.java
class Net {
    static {
        System.loadLibrary("tensorflow_inference");
        System.loadLibrary("own");
        System.loadLibrary("tensorflowlite_jni");
    }
}
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
```

```hex + path=app/src/main/jniLibs/arm64-v8a/libtensorflow_inference.so
7f454c46
```

References: https://stackoverflow.com/questions/50526032; Android, "Link Gradle to your native library".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import File, Finding, Project, rule
from deplint.apps.android import JVM, gradle, written
from deplint.code.source import SourceFile

_ABIS = r"(?:armeabi(?:-v7a)?|arm64-v8a|x86|x86_64|mips(?:64)?|riscv64)"
_PACKED = re.compile(rf"/jniLibs/{_ABIS}/|/(?:build|\.cxx|obj|prefab|node_modules)/")


@rule(
    "DPL732",
    severity="error",
    leaves=["M.3.4"],
    see=["https://stackoverflow.com/questions/50526032", "https://developer.android.com/studio/projects/gradle-external-native-builds"],
)
def native_library_not_packed(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\bloadLibrary\("):
        return
    build = gradle(project, file.place)
    if build is None or not build.android:
        return
    for call in file.calls("**.System.loadLibrary", "System.loadLibrary"):
        node = call.argument(None, 0)
        name = written(node, project) if node is not None else None
        found = [f for f in project.files if f.name == f"lib{name}.so" and f.path.is_relative_to(build.root)] if name else []
        if not found or any(_PACKED.search(f.path.as_posix()) for f in found) or _taken(project, build.root.as_posix(), name or ""):
            continue
        yield Finding(
            call,
            f"{found[0].shown} is not packed into the app, and lib{name}.so not found: Gradle takes libraries from src/main/jniLibs/<abi>/ "
            f"alone",
            help="move it to src/main/jniLibs/<abi>/, or name its folder in sourceSets.main.jniLibs.srcDirs",
        )


def _taken(project: Project, root: str, name: str) -> bool:
    """A build script names another folder of libraries, or builds one of that name."""

    def says(file: File) -> bool:
        if file.suffix in (".gradle", ".kts"):
            return "jniLibs" in file.text or ".so" in file.text
        return file.name in ("CMakeLists.txt", "Android.mk") and name in file.text

    return any(says(f) for f in project.files if f.path.as_posix().startswith(f"{root}/") and f.size < 1 << 20)
