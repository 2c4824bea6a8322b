"""Data of NLTK or spaCy that an image does not hold.

``pip install nltk spacy`` installs the code; word lists, tokenizers' tables and spaCy's models are downloads of their own.
In a container without them the first request ends in ``LookupError: Resource punkt not found`` or ``OSError: [E050] Can't
find model 'en_core_web_sm'``.

```python bad path=app.py
import nltk
import spacy

nlp = spacy.load("en_core_web_sm")  # <-

def tokens(text):
    return nltk.word_tokenize(text), nlp(text)  # <-
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
CMD ["python", "app.py"]
```

```text + path=requirements.txt
nltk==3.9
spacy==3.7
```

```python good path=app.py
import nltk
import spacy

nlp = spacy.load("en_core_web_sm")

def tokens(text):
    return nltk.word_tokenize(text), nlp(text)
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
COPY requirements.txt .
RUN pip install -r requirements.txt && python -m nltk.downloader punkt_tab && python -m spacy download en_core_web_sm
COPY . .
CMD ["python", "app.py"]
```

```text + path=requirements.txt
nltk==3.9
spacy==3.7
```

The stock containers of clouds hold none either.

```python bad path=inference.py
import nltk

def model_fn(model_dir):
    return load(model_dir)

def input_fn(request_body, content_type):
    return nltk.word_tokenize(request_body)  # <-
```

The program may fetch it when it starts, or it lies in the project.

```python good path=app.py
import nltk
from nltk.corpus import stopwords

nltk.download("stopwords")
words = stopwords.words("english")
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
RUN pip install nltk
COPY . .
CMD ["python", "app.py"]
```

References: https://www.nltk.org/data.html; https://spacy.io/usage/models; checked with nltk 3.9 (`tests/claims/test_services.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.sagemaker import hooks
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.serving import mentioned

NLTK = "nltk.{,tokenize.}{word_tokenize,sent_tokenize,pos_tag,corpus.stopwords.words,corpus.wordnet.synsets}"


@rule(
    "DPL621",
    severity="error",
    leaves=["S.4.7"],
    see=["https://www.nltk.org/data.html", "https://spacy.io/usage/models", "https://stackoverflow.com/q/56604407"],
)
def nlp_data_not_in_image(file: PythonFile, project: Project) -> Iterator[Finding]:
    found = [(call, "NLTK's data", "nltk") for call in file.calls(NLTK)]
    found += [(call, f"the model {call.argument('name', 0).text}", "spacy") for call in file.calls("spacy.load")]
    if not found or not (_managed(file) or _built_here(project)):
        return
    for call, what, library in found:
        name = call.argument("name", 0).text or ""
        if call.guarded or call.file is not file or (library == "spacy" and (not name or "/" in name)):
            continue
        if library == "nltk":
            there = r"nltk\.download|nltk_data|NLTK_DATA|nltk\.downloader|nltk_utils"
        else:
            there = rf"spacy download|spacy\.cli|{name.replace('_', '[-_]')}.{{0,60}}(?:whl|tar\.gz|==|@)|^{name.replace('_', '[-_]')}\s*$"
        if not mentioned(project, f"(?m){there}"):
            yield Finding(
                call,
                f"nothing brings {what} to where this is served: the first request ends in "
                + ("LookupError, Resource not found" if library == "nltk" else "OSError, [E050] Can't find model"),
                help="download it when the image is built: "
                + ("RUN python -m nltk.downloader ..." if library == "nltk" else f"RUN python -m spacy download {name}"),
            )


def _managed(file: PythonFile) -> bool:
    """A script for a stock container of SageMaker, or a predictor class of Vertex AI or AI Platform."""
    methods = {node.name: node for node in file.shape.nodes if isinstance(node, ast.FunctionDef)}
    predictor = "from_path" in methods and "predict" in methods and any(a.arg == "instances" for a in methods["predict"].args.args)
    return predictor or bool(hooks(file))


def _built_here(project: Project) -> bool:
    """The project has one Dockerfile, that copies the code and starts from an image without such data."""
    roots = [dockerfile.final.root for dockerfile in project.all(Dockerfile) if dockerfile.stages]
    return len(roots) == 1 and roots[0] is not None and str(roots[0]).startswith("python")
