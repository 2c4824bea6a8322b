"""A body for a SageMaker endpoint that boto3 does not send, or that is not what its content type says.

`invoke_endpoint` sends bytes, text or a file as they are. A dictionary, list or array is refused before anything is
sent: ``Parameter validation failed: Invalid type for parameter Body, ... type: <class 'dict'>, valid types: <class
'bytes'>, <class 'bytearray'>, file-like object``. JSON that is declared as ``text/csv`` is sent, and fails in the
endpoint's parser.

```python bad
import json
import boto3
import numpy as np

runtime = boto3.client("sagemaker-runtime")
rows = {"instances": [[1.0, 2.0]]}
runtime.invoke_endpoint(EndpointName="flowers", ContentType="application/json", Body=rows)  # <-
runtime.invoke_endpoint(EndpointName="flowers", ContentType="application/x-npy", Body=np.zeros((1, 4)))  # <-
runtime.invoke_endpoint(EndpointName="flowers", ContentType="text/csv", Body=json.dumps(rows))  # <-
```

`csv.writer` writes an array as Python prints it, with brackets and line breaks in one field.

```python bad
import csv
import io
import boto3
import numpy as np

runtime = boto3.client("sagemaker-runtime")
features = {"ids": np.zeros(20), "count": 3}
text = io.StringIO()
writer = csv.writer(text)
for name, value in features.items():
    writer.writerow([name, value])
runtime.invoke_endpoint(EndpointName="flowers", ContentType="text/csv", Body=text.getvalue())  # <-
```

```python good
import csv
import io
import boto3
import numpy as np

runtime = boto3.client("sagemaker-runtime")
text = io.StringIO()
csv.writer(text).writerows(np.zeros((2, 4)))
csv.writer(text).writerow(np.zeros(4))
runtime.invoke_endpoint(EndpointName="flowers", ContentType="text/csv", Body=text.getvalue())
```

```python good
import json
import boto3
import numpy as np

runtime = boto3.client("sagemaker-runtime")
rows = {"instances": [[1.0, 2.0]]}
runtime.invoke_endpoint(EndpointName="flowers", ContentType="application/json", Body=json.dumps(rows))
runtime.invoke_endpoint(EndpointName="flowers", ContentType="text/csv", Body="1.0,2.0")
runtime.invoke_endpoint(EndpointName="flowers", ContentType="application/x-npy", Body=np.zeros((1, 4)).tobytes())

def ask(body):
    return runtime.invoke_endpoint(EndpointName="flowers", ContentType="text/csv", Body=body)
```

What comes back is a stream, which has to be read.

```python bad path=ask.py
import json
import boto3

runtime = boto3.client("sagemaker-runtime")

def ask(rows):
    answer = runtime.invoke_endpoint(EndpointName="churn", ContentType="application/json", Body=json.dumps({"instances": rows}))
    return json.loads(answer["Body"])  # <-

def ask_well(rows):
    answer = runtime.invoke_endpoint(EndpointName="churn", ContentType="application/json", Body=json.dumps({"instances": rows}))
    return json.loads(answer["Body"].read())
```

References: checked with botocore 1.44 (`tests/claims/test_services.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.arrays import is_array
from deplint.code.facts import Call
from deplint.code.python import PythonFile

INVOKE = "{boto3,boto3.**,botocore.**}.{client,create_client}().{invoke_endpoint,invoke_endpoint_with_response_stream}"


@rule(
    "DPL611",
    severity="error",
    leaves=["S.5.2", "S.6.3"],
    see=[
        "https://docs.aws.amazon.com/boto3/latest/reference/services/sagemaker-runtime/client/invoke_endpoint.html",
        "https://stackoverflow.com/q/56365832",
        "https://stackoverflow.com/q/56467434",
    ],
)
def endpoint_body_not_serialised(file: PythonFile) -> Iterator[Finding]:
    yield from _unread(file)
    for call in file.calls(INVOKE):
        body, kind = call.argument("Body"), call.argument("ContentType").text or ""
        if call.guarded:
            continue
        if (body.certain and body.items is not None) or is_array(body):
            what = "a NumPy array" if is_array(body) else "a dictionary" if body.entries is not None else "a list"
            yield Finding(
                body,
                f"Body is {what}: invoke_endpoint raises ParamValidationError, Invalid type for parameter Body",
                help="send what the endpoint reads as text or bytes, such as json.dumps(...)",
            )
        elif body.origin is not None and body.origin.name == "json.dumps" and kind.startswith("text/csv"):
            yield Finding(
                body, "Body is JSON and ContentType says text/csv: the endpoint fails to parse it", help="ContentType='application/json'"
            )
        elif body.origin is not None and body.origin.name == "io.StringIO().getvalue" and _arrays_in_fields(body.origin):
            yield Finding(
                body,
                "Body is CSV with whole arrays in single fields, written as Python prints them: the endpoint fails to parse it",
                help="write one field for each number (writerow([*array])), or send JSON",
            )


def _unread(file: PythonFile) -> Iterator[Finding]:
    """The answer's body, a stream, that is taken for its text."""
    for call in file.calls("json.loads"):
        given = call.argument("s", 0)
        taken = given.operation
        made = taken[1].origin if taken is not None and taken[0] == "[]" and taken[2].text == "Body" else None
        if made is not None and made.name.rpartition(".")[2] == "invoke_endpoint" and not call.guarded:
            yield Finding(
                call,
                "the body of the answer is a stream, and json.loads takes text: TypeError, not StreamingBody",
                help='json.loads(answer["Body"].read())',
            )


def _arrays_in_fields(read: Call) -> bool:
    """A row that was written to the text holds an array among its fields."""
    rows = [
        call.argument("row", 0)
        for call in read.file.calls("csv.writer().writerow")
        if (made := call.receiver.origin) is not None and made.argument("csvfile", 0).identity == read.receiver.identity
    ]
    return any(is_array(field) for row in rows for field in row.items or ())
