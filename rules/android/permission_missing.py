"""Code that needs a permission which no manifest asks for.

What is not in the manifest cannot be granted: the camera stays closed (``SecurityException``, or a request that is refused without asking),
the microphone records nothing, a model is never downloaded (``Permission denied (missing INTERNET permission?)``).

```xml bad path=app/src/main/AndroidManifest.xml line=1
<manifest xmlns:android="http://schemas.android.com/apk/res/android">
    <application android:label="Birds" />
</manifest>
```

```kotlin + path=app/src/main/java/Camera.kt
import androidx.camera.lifecycle.ProcessCameraProvider

fun start(context: Context) = ProcessCameraProvider.getInstance(context)
```

```gradle + path=app/build.gradle
plugins { id 'com.android.application' }
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:2.16.1'
    implementation 'androidx.camera:camera-lifecycle:1.3.0'
}
```

```xml good path=app/src/main/AndroidManifest.xml
<manifest xmlns:android="http://schemas.android.com/apk/res/android">
    <uses-permission android:name="android.permission.CAMERA" />
    <application android:label="Birds" />
</manifest>
```

```kotlin + path=app/src/main/java/Camera.kt
import androidx.camera.lifecycle.ProcessCameraProvider

fun start(context: Context) = ProcessCameraProvider.getInstance(context)
```

```gradle + path=app/build.gradle
plugins { id 'com.android.application' }
dependencies { implementation 'org.tensorflow:tensorflow-lite:2.16.1' }
```

A library may bring it, a camera app of the phone needs none.

```xml good path=app/src/main/AndroidManifest.xml
<manifest xmlns:android="http://schemas.android.com/apk/res/android">
    <application android:label="Birds" />
</manifest>
```

```kotlin + path=app/src/main/java/Camera.kt
val intent = Intent(MediaStore.ACTION_IMAGE_CAPTURE)
```

```gradle + path=app/build.gradle
plugins { id 'com.android.application' }
dependencies { implementation 'org.tensorflow:tensorflow-lite:2.16.1' }
```

Helpers that were copied whole have methods that nothing calls.

```xml good path=app/src/main/AndroidManifest.xml
<manifest xmlns:android="http://schemas.android.com/apk/res/android">
    <application android:label="Birds" />
</manifest>
```

```java + path=app/src/main/java/FileUtils.java
import java.io.File;
import java.net.URL;

public final class FileUtils {
    public static boolean isFile(String path) {
        return new File(path).isFile();
    }

    public static long getLength(String address) throws Exception {
        return new URL(address).openConnection().getContentLength();
    }

    public static String getSize(String address) throws Exception {
        return getLength(address) + " bytes";
    }
}
```

```java + path=app/src/main/java/Birds.java
public class Birds {
    boolean found = FileUtils.isFile("birds.tflite");
}
```

```gradle + path=app/build.gradle
plugins { id 'com.android.application' }
dependencies { implementation 'org.tensorflow:tensorflow-lite:2.16.1' }
```

One of them is called:

```xml bad path=app/src/main/AndroidManifest.xml
<manifest xmlns:android="http://schemas.android.com/apk/res/android"> <!-- <- -->
    <application android:label="Birds" />
</manifest>
```

```java + path=app/src/main/java/FileUtils.java
import java.net.URL;

public final class FileUtils {
    public static long getLength(String address) throws Exception {
        return new URL(address).openConnection().getContentLength();
    }

    public static String getSize(String address) throws Exception {
        return getLength(address) + " bytes";
    }
}
```

```java + path=app/src/main/java/Birds.java
public class Birds {
    String size = FileUtils.getSize("https://example.org/birds.tflite");
}
```

```gradle + path=app/build.gradle
plugins { id 'com.android.application' }
dependencies { implementation 'org.tensorflow:tensorflow-lite:2.16.1' }
```

References: Android's documentation of `Manifest.permission` and of declaring permissions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from deplint import Finding, Project, rule
from deplint.apps.android import JVM, RUNTIMES, beside, gradle, is_app, module, packed
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Function, Node
from deplint.settings.manifest import AndroidManifest

NEEDED = {
    "android.permission.CAMERA": (
        (
            "androidx.camera.lifecycle.ProcessCameraProvider.{getInstance,configureInstance}",
            "**.openCamera",
            "android.hardware.Camera.open",
        ),
        r"ProcessCameraProvider|openCamera\(|android\.hardware\.Camera\b",
        r"camera(?!x?$)|zxing|scanner|quickbird|fotoapparat|arcore|sceneform",
    ),
    "android.permission.RECORD_AUDIO": (
        ("android.media.{AudioRecord,AudioRecord.Builder}", "org.tensorflow.lite.task.audio.**.createAudioRecord"),
        r"AudioRecord",
        r"audio|voice|record|speech",
    ),
    "android.permission.INTERNET": (
        ("**.openConnection", "**.openStream", "okhttp3.{OkHttpClient,OkHttpClient.Builder}"),
        r"openConnection\(|openStream\(|OkHttpClient",
        r"firebase|play-services|ads|okhttp|retrofit|ktor|glide|coil|picasso|volley|analytics|crash|sentry|aws|azure",
    ),
}
"""Permissions -> calls that need them, words to look for first, and words in names of libraries that may ask for them themselves."""


@rule(
    "DPL715",
    severity="error",
    leaves=["M.5", "M.8"],
    see=["https://developer.android.com/training/permissions/declaring", "https://developer.android.com/media/camera/camerax/architecture"],
)
def permission_missing(manifest: AndroidManifest, project: Project) -> Iterator[Finding]:
    build = module(project, manifest.place)
    around = gradle(project, manifest.place)
    if build is None or around is None or not is_app(build) or "/src/main/" not in f"/{manifest.path}":
        return
    dependencies = [d for each in (*around.builds, build) for d in packed(each)]
    if not any(d.name.startswith(RUNTIMES) for d in dependencies):
        return
    asked = {name for each in around.builds for other in beside(project, each, AndroidManifest) for name in other.permissions}
    sources = [file for file in beside(project, build, SourceFile) if file.language in JVM and "/src/main/" in f"/{file.path}"]
    for permission, (patterns, words, libraries) in NEEDED.items():
        own = ("androidx.camera:", *RUNTIMES)
        brought = any(re.search(libraries, d.name, re.IGNORECASE) for d in dependencies if not d.name.startswith(own))
        if permission in asked or brought or any(not d.name for d in dependencies):
            continue
        calls = (call for file in sources if file.mentions(words) for call in file.calls(*patterns))
        call = next((call for call in calls if _reached(call, sources)), None)
        if call is not None:
            line = call.place.span.line if call.place.span else "?"
            yield Finding(
                manifest.elements[0],
                f"no manifest asks for {permission}, which {call.file.path}:{line} needs ({call.method}): Android denies it",
                help=f'add <uses-permission android:name="{permission}" />',
            )


def _reached(call: Call, sources: Sequence[SourceFile]) -> bool:
    """Whether anything calls the static method around a call, perhaps by way of others of its file: collections of helpers that are
    copied whole have many that nothing does."""
    todo, seen = [_method(call)], set[str]()
    for method in todo:
        if method is None or not re.match(r"(?:@\w+\s+)*(?:\w+\s+)*static\s", method.text):
            return True
        if method.id not in seen:
            seen.add(method.id)
            if any(file is not call.file and file.mentions(rf"\b{method.id}\b") for file in sources):
                return True
            todo += [_method(other) for other in call.file.calls(method.id, f"**.{method.id}")]
            if re.search(rf"::{method.id}\b", call.file.text):
                return True
    return False


def _method(node: Node) -> Function | None:
    """The method with a name that a node is in."""
    return next((around for around in node.ancestors if isinstance(around, Function) and around.id), None)
