"""A pinned package whose requirements let in a release of another that it cannot work with.

A package says what it needs as it knows it on its day. Where it names no upper bound, pip takes the newest release of the other package,
and that may have lost what the old one imports: ``ImportError: cannot import name 'url_quote' from 'werkzeug.urls'``. The image that was
built last year runs; the one built today does not.

```text bad path=requirements.txt
Flask==2.2.2  # <-
torch==2.1.0
openai==1.35.0  # <-
sentence-transformers==2.2.2  # <-
```

```text good path=requirements.txt
Flask==2.2.2
Werkzeug==2.2.3
openai==1.35.0
httpx<0.28
sentence-transformers==2.2.2
huggingface-hub==0.25.2
```

Newer ones, and those whose release nobody fixes, are fine.

```text good path=requirements.txt
Flask==3.0.3
openai>=1.35
sentence-transformers
```

TensorFlow up to 2.8.0 takes any protobuf, and its generated code works with protobuf 3 alone: ``TypeError: Descriptors cannot be created
directly``.

```text bad path=requirements.txt
tensorflow==2.8.0  # <-
protobuf==4.21.12
```

A constraints file, or a lock, may name the other one.

```text good path=requirements.txt
-c constraints.txt
Flask==2.2.2
```

References: the packages themselves, and their metadata: what ``flask/app.py`` 2.0.3 to 2.2.2 imports and Werkzeug 3.0.0 lacks,
``openai/_base_client.py`` 1.55.0, ``sentence_transformers/util.py`` 2.2.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from deplint import Finding, Project, rule
from deplint.settings.pins import Requirements, canonical
from deplint.settings.ranges import between
from deplint.settings.serving import mentioned


class Row(NamedTuple):
    """From `since` on and before `until` a package works with `other` only before `limit`; `error` is what is raised."""

    package: str
    since: str
    until: str
    other: str
    limit: str
    error: str


ROWS = (
    Row("flask", "2.0", "2.2.5", "werkzeug", "3.0", "ImportError: cannot import name 'url_quote' from 'werkzeug.urls'"),
    Row("openai", "1.0", "1.55.3", "httpx", "0.28", "TypeError: Client.__init__() got an unexpected keyword argument 'proxies'"),
    Row("sentence-transformers", "0.4", "2.3", "huggingface-hub", "0.26", "ImportError: cannot import name 'cached_download'"),
    Row("tensorflow", "2.2", "2.8.1", "protobuf", "4.0", "TypeError: Descriptors cannot be created directly"),
    Row("tensorflow-cpu", "2.2", "2.8.1", "protobuf", "4.0", "TypeError: Descriptors cannot be created directly"),
)


@rule(
    "DPL583",
    severity="error",
    leaves=["S.3.1", "S.3.2"],
    see=[
        "https://stackoverflow.com/q/77213053",
        "https://github.com/openai/openai-python/issues/1902",
        "https://github.com/UKPLab/sentence-transformers/issues/1762",
        "https://github.com/tensorflow/tensorflow/issues/56077",
    ],
)
def partner_too_new(requirements: Requirements, project: Project) -> Iterator[Finding]:
    if requirements.kind not in ("requirements", "pipfile", "pyproject", "setup.py") or requirements.includes:
        return
    pins = [pin for pin in requirements.packages if pin.ecosystem == "pypi"]
    named = {canonical(pin.name): pin for pin in pins if not pin.marker and not pin.url}
    for row in ROWS:
        pin, other = named.get(row.package), named.get(row.other)
        old, fits = between(row.since, row.until), between(None, row.limit)
        if pin is None or pin.range is None or old is None or fits is None or not pin.range.tightness or not pin.range <= old:
            continue
        if other is not None and (other.range is None or ((other.range & fits).parts and other.range.tightness)):
            continue
        if other is None and (any(canonical(p.name) == row.other for p in pins) or mentioned(project, rf"(?i)\b{row.other}\b *[=<~]")):
            continue
        yield Finding(
            pin.place,
            f"{pin.name}{pin.specifier} works with {row.other} before {row.limit} alone, and "
            + (f"{other.name}{other.specifier} is asked for" if other is not None and other.specifier else "pip installs the newest")
            + f": {row.error}",
            help=f"add {row.other}<{row.limit}, or move {pin.name} to {row.until} or later",
        )
