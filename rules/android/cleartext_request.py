"""Requests to a model's server over plain http, which Android refuses.

An app that targets API level 28 or later may not speak http unless its manifest says so, also not to the emulator's host: ``CLEARTEXT
communication to 10.0.2.2 not permitted by network security policy`` (``Cleartext HTTP traffic to ... not permitted``).

```kotlin bad path=app/src/main/java/Api.kt
import retrofit2.Retrofit

object Api {
    private const val BASE_URL = "http://ml.example.net:8501/" // <-
    val serving = Retrofit.Builder().baseUrl(BASE_URL).build().create(TfServing::class.java)
}

interface TfServing {
    @POST("v1/models/ocr:predict")
    suspend fun predict(@Body body: Request): Response
}
```

```gradle + path=app/build.gradle
plugins { id 'com.android.application' }
android { compileSdk 34
    defaultConfig { applicationId "x.y"
        targetSdk 34 } }
```

```xml + path=app/src/main/AndroidManifest.xml
<manifest xmlns:android="http://schemas.android.com/apk/res/android"><application android:label="x" /></manifest>
```

The emulator's host is no exception.

```java bad path=app/src/main/java/Client.java
import okhttp3.OkHttpClient;
import okhttp3.Request;

class Client {
    Request request() {
        return new Request.Builder().url("http://10.0.2.2:5000/predict").build(); // <-
    }
}
```

```gradle + path=app/build.gradle
plugins { id 'com.android.application' }
android { compileSdk 34
    defaultConfig { applicationId "x.y"
        targetSdk 34 } }
```

```xml + path=app/src/main/AndroidManifest.xml
<manifest xmlns:android="http://schemas.android.com/apk/res/android"><application android:label="x" /></manifest>
```

A manifest of any variant that says more, and what is no request:

```java good path=app/src/main/java/Client.java
import okhttp3.OkHttpClient;
import okhttp3.Request;

class Client {
    Request request() {
        return new Request.Builder().url("http://10.0.2.2:5000/predict").build();
    }
}
```

```gradle + path=app/build.gradle
plugins { id 'com.android.application' }
android { compileSdk 34
    defaultConfig { applicationId "x.y"
        targetSdk 34 } }
```

```xml + path=app/src/main/AndroidManifest.xml
<manifest xmlns:android="http://schemas.android.com/apk/res/android"><application android:usesCleartextTraffic="true" /></manifest>
```

An older target:

```java good path=app/src/main/java/Client.java
import okhttp3.OkHttpClient;
import okhttp3.Request;

class Client {
    static final String NAMESPACE = "http://example.net/predict/ns";

    Request request() {
        return new Request.Builder().url("http://10.0.2.2:5000/predict").build();
    }
}
```

```gradle + path=app/build.gradle
plugins { id 'com.android.application' }
android { compileSdk 34
    defaultConfig { applicationId "x.y"
        targetSdk 27 } }
```

```xml + path=app/src/main/AndroidManifest.xml
<manifest xmlns:android="http://schemas.android.com/apk/res/android"><application android:label="x" /></manifest>
```

References: https://developer.android.com/privacy-and-security/security-config;
https://developer.android.com/about/versions/pie/android-9.0-changes-28.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import JVM, gradle, is_app, module
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Declare, Name, Node

from ..operators import mentioned

ADDRESS = re.compile(r"http://(?!localhost\b|127\.|\[)[\w.-]+(?::\d+)?(?:[/?].*)?")
CLIENTS = r"\bretrofit2\b|\bokhttp3\b|\bopenConnection\s*\(|\bcom\.android\.volley\b"
"""Clients that ask Android whether plain http is permitted."""

SERVES = r"(?i)predict|/infer\b|\binference|v[12]/models|classif|detect|segment|embedding|completions|tf_?serving|triton|torchserve"
TAKES = frozenset({"baseUrl", "url", "URL", "toHttpUrl", "parse", "get", "StringRequest", "JsonObjectRequest"})
_NAMED = re.compile(r"(?i)(?:base|server|api|model|predict\w*|infer\w*|backend)?_?(?:url|host|endpoint|address|server)\w*")


@rule(
    "DPL744",
    severity="error",
    leaves=["M.8"],
    see=[
        "https://developer.android.com/privacy-and-security/security-config",
        "https://developer.android.com/about/versions/pie/android-9.0-changes-28",
    ],
)
def cleartext_request(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or "/src/main/" not in f"/{file.path}" or not file.mentions("http://"):
        return
    if not file.mentions(CLIENTS) or not file.mentions(SERVES):
        return
    build, around = module(project, file.place), gradle(project, file.place)
    if build is None or around is None or not is_app(build) or build.android is None or (build.android.target_sdk or 0) < 28:
        return
    found = [node for node in file.strings if isinstance(node.value, str) and ADDRESS.fullmatch(node.value) and _requested(node)]
    if not found or mentioned(project, around.root, ALLOWED, ".xml", ".gradle", ".kts", ".kt", ".java"):
        return
    if mentioned(project, around.root, r"<application\b", ".xml") is None:
        return
    for node in found:
        yield Finding(
            node,
            f"the app targets API level {build.android.target_sdk}, and no manifest permits plain http: "
            "'CLEARTEXT communication ... not permitted by network security policy'",
            help="serve it over https, or name the host in a network security configuration",
        )


ALLOWED = r"usesCleartextTraffic|networkSecurityConfig|cleartextTrafficPermitted|ConnectionSpec\.CLEARTEXT"


def _requested(node: Node) -> bool:
    """Whether a string is what a client is to ask, or the value of a name that says so and is used."""
    for parent in list(node.ancestors)[:2]:
        if isinstance(parent, Call):
            return parent.method in TAKES
        if isinstance(parent, Declare):
            target = parent.target
            if not isinstance(target, Name) or not _NAMED.fullmatch(target.id):
                return False
            return len(re.findall(rf"\b{re.escape(target.id)}\b", node.file.text)) > 1
    return False
