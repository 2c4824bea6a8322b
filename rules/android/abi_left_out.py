"""An app for fewer processors than there are phones, or than its runtime has libraries for.

`abiFilters` decides which native libraries are packed. Without `arm64-v8a` Google Play refuses the app, and phones that run
64-bit code only cannot install it; where 64-bit libraries of other dependencies are left, the runtime's are missing:
``UnsatisfiedLinkError: couldn't find "libtensorflowlite_jni.so"``. And where a runtime has no
library for an ABI that is packed, it is missing there.

```gradle bad path=app/build.gradle
plugins { id 'com.android.application' }
android {
    defaultConfig {
        ndk { abiFilters 'armeabi-v7a', 'x86' } // <-
    }
}
dependencies { implementation 'org.tensorflow:tensorflow-lite:2.16.1' }
```

The same, written otherwise.

```kotlin bad path=app/build.gradle.kts
plugins { id("com.android.application") }
android {
    defaultConfig {
        ndk { abiFilters += listOf("armeabi-v7a", "arm64-v8a") } // <-
    }
}
dependencies { implementation("org.pytorch:executorch-android:1.0.0") }
```

```gradle good path=app/build.gradle
plugins { id 'com.android.application' }
android {
    defaultConfig {
        ndk { abiFilters 'armeabi-v7a', 'arm64-v8a' }
    }
}
dependencies { implementation 'org.tensorflow:tensorflow-lite:2.16.1' }
```

No runtime has libraries for `armeabi` or `mips`, which the NDK gave up in 2018: where the app is built for nothing else, it has none.

```gradle bad path=app/build.gradle
plugins { id 'com.android.application' }
android {
    defaultConfig {
        ndk { abiFilters 'armeabi' } // <-
    }
}
dependencies { implementation 'com.microsoft.onnxruntime:onnxruntime-android:1.18.0' }
```

Beside others they do no harm.

```kotlin good path=app/build.gradle.kts
plugins { id("com.android.application") }
android {
    defaultConfig {
        ndk { abiFilters.addAll(listOf("armeabi", "armeabi-v7a", "arm64-v8a")) }
    }
}
dependencies { implementation("org.tensorflow:tensorflow-lite:2.16.1") }
```

Filters that are computed, of an app without such a runtime, or for an emulator alone, say nothing.

```gradle good path=app/build.gradle
plugins { id 'com.android.application' }
android {
    defaultConfig {
        ndk { abiFilters(*abis) }
    }
}
dependencies { implementation 'org.tensorflow:tensorflow-lite:2.16.1' }
```

Nor here.

```gradle good path=app/build.gradle
plugins { id 'com.android.application' }
android { defaultConfig { ndk { abiFilters 'x86_64' } } }
dependencies { implementation 'org.tensorflow:tensorflow-lite:2.16.1' }
```

References: https://stackoverflow.com/questions/56692875; Google Play asks for 64-bit code since August 2019; ExecuTorch's
documentation lists the ABIs of its library; https://developer.android.com/ndk/guides/abis ("formerly supported ARMv5 (armeabi), and 32-bit
and 64-bit MIPS, but support for these ABIs was removed in NDK r17").
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import RUNTIMES, is_app, packed
from deplint.settings.gradle import GradleBuild

ONLY = {"org.pytorch:executorch-android": ("arm64-v8a", "x86_64")}
"""Artifacts with libraries for these ABIs alone."""

GONE = {"armeabi", "mips", "mips64"}
"""ABIs without a library of any runtime: removed from the NDK in r17."""


@rule(
    "DPL713",
    severity="error",
    leaves=["M.3.2", "M.4.2"],
    see=[
        "https://stackoverflow.com/questions/56692875",
        "https://developer.android.com/google/play/requirements/64-bit",
        "https://docs.pytorch.org/executorch/stable/using-executorch-android.html",
    ],
)
def abi_left_out(build: GradleBuild, project: Project) -> Iterator[Finding]:
    build = build.resolved(project)
    android = build.android
    if android is None or not android.abi_filters or not is_app(build) or any(word.text is None for word in android.abi_filters):
        return
    filters = {abi.strip() for word in android.abi_filters for abi in (word.text or "").split(",")}
    runtime = next((d for d in packed(build) if d.name.startswith(RUNTIMES)), None)
    place = android.places["abiFilters"]
    if runtime is not None and "armeabi-v7a" in filters and "arm64-v8a" not in filters:
        yield Finding(
            place,
            f"abiFilters leaves out arm64-v8a: on 64-bit phones the native library of {runtime.name} is missing or the app cannot be "
            f"installed, and Google Play refuses it",
            help="add 'arm64-v8a'",
        )
    if runtime is not None and filters <= GONE:
        yield Finding(
            place,
            f"the app is built for {', '.join(sorted(filters))} alone, and {runtime.name} has no native library for that: "
            f"UnsatisfiedLinkError on every phone",
            help="abiFilters 'armeabi-v7a', 'arm64-v8a'",
        )
        return
    for dependency in packed(build):
        lacking = sorted(filters - set(ONLY.get(dependency.name, filters)))
        if lacking:
            yield Finding(
                place,
                f"the app is built for {', '.join(lacking)}, and {dependency.name} has libraries for {' and '.join(ONLY[dependency.name])} "
                f"only: UnsatisfiedLinkError on such phones",
                help=f"leave {', '.join(lacking)} out of abiFilters",
            )
