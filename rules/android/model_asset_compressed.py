"""A model opened as a file descriptor that the build compresses.

`AssetManager.openFd`, and with it `FileUtil.loadMappedFile` and the Task library, can only open assets that the app
package stores as they are. Packing leaves `.tflite` alone since version 4.1 of the Android Gradle plugin, and
compresses models with any other suffix unless `noCompress` names it: ``java.io.FileNotFoundException: This file can
not be opened as a file descriptor; it is probably compressed``.

```kotlin bad path=app/src/main/java/Watering.kt
import android.content.Context
import java.nio.MappedByteBuffer
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Watering(context: Context) {
    private val interpreter = Interpreter(FileUtil.loadMappedFile(context, "watering.lite"))  // <-
}
```

```gradle + path=app/build.gradle
plugins { id 'com.android.application' version '8.5.2' }
android { compileSdk 34 }
```

The name may pass through functions of the project.

```kotlin bad path=app/src/main/java/Files.kt
import android.content.res.AssetManager
import java.io.FileInputStream
import java.nio.MappedByteBuffer
import java.nio.channels.FileChannel

fun map(assets: AssetManager, name: String): MappedByteBuffer {
    val file = assets.openFd(name)
    return FileInputStream(file.fileDescriptor).channel.map(FileChannel.MapMode.READ_ONLY, file.startOffset, file.declaredLength)
}
```

```java + path=app/src/main/java/Plants.java
class Plants {
    private static final String MODEL = "plants.tflite";
    Interpreter interpreter = new Interpreter(FilesKt.map(assets, MODEL)); // <- packed by a plugin older than 4.1
}
```

```gradle + path=app/build.gradle
buildscript { dependencies { classpath 'com.android.tools.build:gradle:3.5.0' } }
apply plugin: 'com.android.application'
android { compileSdkVersion 28 }
```

What `noCompress` names is the end of the file's name, so `lite` is enough for both.

```kotlin good path=app/src/main/java/Watering.kt
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.support.common.FileUtil

class Watering(context: Context) {
    private val rain = Interpreter(FileUtil.loadMappedFile(context, "rain.tflite"))
    private val watering = Interpreter(FileUtil.loadMappedFile(context, "watering.lite"))
}
```

```gradle + path=app/build.gradle.kts
plugins { id("com.android.application") version "8.5.2" }
android {
    androidResources { noCompress += "lite" }
}
```

Reading the bytes needs no file descriptor.

```kotlin good path=app/src/main/java/Words.kt
class Words(context: Context) {
    private val session = environment.createSession(context.assets.open("words.onnx").readBytes())
}
```

```gradle + path=app/build.gradle
plugins { id 'com.android.application' version '8.5.2' }
android { compileSdk 34 }
```

References: https://stackoverflow.com/questions/49896692; the exemption of `.tflite` is documented with the Task library.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import gradle, opened
from deplint.code.source import SourceFile
from deplint.settings.gradle import AGP


@rule(
    "DPL701",
    severity="error",
    leaves=["M.4.2"],
    see=[
        "https://stackoverflow.com/questions/49896692",
        "https://www.tensorflow.org/lite/inference_with_metadata/task_library/object_detector",
    ],
)
def model_asset_compressed(file: SourceFile, project: Project) -> Iterator[Finding]:
    for each in opened(file, project):
        suffix = each.asset.rpartition(".")[2]
        build = gradle(project, file.place)
        if build is None or not build.android or not build.compresses(each.asset):
            continue
        if suffix.lower() != "tflite":
            why = f"the build compresses .{suffix} assets"
        elif project.versions.allows(AGP, file, until="4.1") is True:
            why = "the Android Gradle plugin compresses .tflite assets before version 4.1"
        else:
            continue
        yield Finding(
            each.call,
            f"{each.asset} cannot be opened as a file descriptor: {why}",
            help=f'add androidResources {{ noCompress += "{suffix}" }} to the android block of the app (aaptOptions before version 7)'
            + ("" if suffix == "tflite" else ", or call the file .tflite if it is a TensorFlow Lite model"),
        )
