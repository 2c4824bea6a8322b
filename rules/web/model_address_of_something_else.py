"""An address that is not that of a model: a folder, a page about it, a scheme nobody handles.

TensorFlow.js loads the address of a `model.json`. A folder is answered with a listing or a page, sites that store files show a page at the
address in the browser's bar: ``Unexpected token < in JSON``, ``blocked by CORS policy``. Of schemes it knows `http`, `https`,
`indexeddb` and `localstorage`, in lower case; `downloads` only saves; any other is fetched: ``URL scheme "downloads" is not supported``.

```js bad
import * as tf from '@tensorflow/tfjs';

tf.loadLayersModel('/models/flowers/'); // <-
tf.loadLayersModel('web_model'); // <-
tf.loadLayersModel('https://console.cloud.google.com/storage/browser/flowers/model.json'); // <-
tf.loadGraphModel('https://github.com/me/flowers/blob/main/model.json'); // <-
tf.loadLayersModel('downloads://flowers'); // <-
tf.loadLayersModel('localStorage://flowers'); // <-
tf.loadGraphModel('https://tfhub.dev/google/tfjs-model/imagenet/mobilenet_v2_100_224/classification/3'); // <-
tf.loadGraphModel('weights_manifest.json'); // <-
tf.loadLayersModel('http://keras_model/model.json'); // <-
```

```js good
import * as tf from '@tensorflow/tfjs';

tf.loadLayersModel('/models/flowers/model.json');
tf.loadLayersModel('indexeddb://flowers');
tf.loadLayersModel('https://storage.googleapis.com/flowers/model.json');
tf.loadLayersModel('https://raw.githubusercontent.com/me/flowers/main/model.json');
tf.loadGraphModel('https://tfhub.dev/google/tfjs-model/imagenet/mobilenet_v2_100_224/classification/3', { fromTFHub: true });
tf.loadGraphModel('https://tfhub.dev/google/imagenet/classification/3/model.json?tfjs-format=file');
tf.loadLayersModel('https://example.org/api/model');
tf.loadLayersModel('http://models.internal/model.json');
tf.loadLayersModel('http://models:8080/model.json');
tf.loadLayersModel(`${base}/`);
tf.loadLayersModel('/api/models/current');
```

A folder of the project that holds one.

```js bad path=src/flowers.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('models/flowers'); // <-
```

```graph + path=public/models/flowers/model.json
model tfjs-graph
graph main
  input x float32[?,4]
  op Identity (x) -> (y)
  output y
```

References: tfjs-core/src/io, `indexed_db.ts`, `local_storage.ts`, `http.ts`, `browser_files.ts` at tfjs-v4.22.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import home
from deplint.apps.loads import Load, loads
from deplint.apps.site import files_below
from deplint.code.source import SourceFile

NO_CORS = ", which other sites may not read (no CORS)"
OWN = "a copy on your own site"
GOOGLE = "https://storage.googleapis.com/BUCKET/model.json, with CORS set for the bucket"
AMAZON = "https://BUCKET.s3.amazonaws.com/model.json, with CORS set for the bucket"

PAGES = {
    r"https?://console\.cloud\.google\.com/storage/": ("a page of Google's console", GOOGLE),
    r"https?://(?:\w+\.)?console\.aws\.amazon\.com/": ("a page of Amazon's console", AMAZON),
    r"https?://(?:www\.)?github\.com/[^/]+/[^/]+/(?:blob|tree)/": (
        "a page of GitHub",
        "https://raw.githubusercontent.com/OWNER/REPOSITORY/BRANCH/model.json",
    ),
    r"https?://github\.com/[^/]+/[^/]+/releases/": (f"a download of GitHub{NO_CORS}", OWN),
    r"https?://drive\.google\.com/": (f"a page of Google Drive{NO_CORS}", OWN),
    r"https?://(?:www\.)?dropbox\.com/(?!.*[?&](?:raw|dl)=1)": ("a page of Dropbox", OWN),
    r"https?://huggingface\.co/.+/(?:blob|tree)/": ("a page of Hugging Face", "the same with /resolve/ in place of /blob/"),
    r"https?://(?:www\.)?kaggle\.com/models/(?!.*\.json)": ("a page of Kaggle", "its model.json, or {fromTFHub: true}"),
    r"https?://tfhub\.dev/(?!.*tfjs-format=file)": ("a page of TensorFlow Hub", "the same with the option {fromTFHub: true}"),
}
"""Addresses of pages -> what is there, and what to give instead."""

SCHEMES = {"localstorage": "localstorage", "localstorge": "localstorage", "local-storage": "localstorage", "indexeddb": "indexeddb",
           "indexdb": "indexeddb", "indexed-db": "indexeddb", "idb": "indexeddb", "downloads": "", "download": "", "gs": "", "s3": "",
           "hdfs": "", "tfhub": ""}  # fmt: skip
"""Schemes in lower case that people write -> the one that is meant, in TensorFlow.js's spelling."""


@rule(
    "DPL813",
    severity="error",
    leaves=["B.4.3", "B.4.4"],
    see=[
        "https://stackoverflow.com/questions/56014057",
        "https://stackoverflow.com/questions/57118200",
        "https://stackoverflow.com/questions/50722383",
        "https://www.tensorflow.org/js/guide/save_load",
    ],
)
def model_address_of_something_else(file: SourceFile, project: Project) -> Iterator[Finding]:
    for load in loads(file, project):
        if load.retried or load.handler == "fileSystem" or load.family in ("savedmodel", "ort-node"):
            continue
        found = _page(load) or (_scheme(load) or _host(load) or _folder(load, file, project) if load.family == "tfjs" else None)
        if found:
            yield Finding(load.at, f"this is the address of {found[0]}, not of a model", help=f"give it {found[1]}")


def _page(load: Load) -> tuple[str, str] | None:
    if load.call.name.endswith("loadTFLiteModel") and "tfhub" in load.start:
        return None
    for pattern, found in PAGES.items():
        if re.match(pattern, load.start) and (load.whole or "tfhub" not in pattern):
            return None if re.search("tfhub|kaggle", pattern) and load.option("fromTFHub") else found
    return None


def _scheme(load: Load) -> tuple[str, str] | None:
    match = re.match(r"([A-Za-z][\w-]*)://", load.start)
    meant = SCHEMES.get(match[1].lower()) if match else None
    if match is None or meant is None or meant == match[1]:
        return None
    return (
        f"the scheme {match[1]}://, which TensorFlow.js does not load from",
        f"{meant}://" if meant else "an https:// address or tf.io.browserFiles",
    )


def _host(load: Load) -> tuple[str, str] | None:
    """A folder where a host is expected: one word that sounds like models or files, in a page's code."""
    match = re.match(r"https?://([\w-]*(?:model|asset|static|public|weights|tfjs|_)[\w-]*)/", load.start, re.IGNORECASE)
    if match is None or re.search(r"-node\b", load.call.name):
        return None
    return f"a host called {match[1]} (ERR_NAME_NOT_RESOLVED)", f"/{match[1]}/... without http://, where it is a folder of the site"


def _folder(load: Load, file: SourceFile, project: Project) -> tuple[str, str] | None:
    path = load.written
    if not load.whole or load.option("fromTFHub") or re.search(r"[?#]", path):
        return None
    if path.rpartition("/")[2] == "weights_manifest.json" and load.call.method != "loadFrozenModel":
        return "the list of weights", "that of model.json"
    if "://" in path or path.startswith("//"):
        return None
    if len(path) > 1 and path.endswith("/"):
        return "a folder", f"{path}model.json"
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    if re.fullmatch(r"(?:\./)?[\w-]*model[\w-]*", path, re.IGNORECASE):
        return "a folder", f"{path}/model.json"
    if parts and "." not in parts[-1]:
        for model in files_below(project, home(project, file.place), "model.json"):
            if model.path.parent.parts[-len(parts) :] == tuple(parts):
                return f"the folder of {model.shown}", f"{path}/model.json"
    return None
