"""A FastAPI handler whose answer lacks fields of its `response_model`.

FastAPI checks what a handler returns against the model it promises: a field that is not there is ``ResponseValidationError: ... Field
required``, and the client gets status 500, for every request.

```python bad
import joblib
from fastapi import FastAPI
from pydantic import BaseModel

class Prediction(BaseModel):
    label: str
    probability: float
    note: str = ""

app = FastAPI()
model = joblib.load("model.joblib")

@app.post("/predict", response_model=Prediction)
def predict(age: float):
    chances = model.predict_proba([[age]])[0]
    return {"label": str(chances.argmax()), "prob": float(chances.max())}  # <-

@app.post("/right")
def right(age: float) -> Prediction:
    chances = model.predict_proba([[age]])[0]
    return {"label": str(chances.argmax()), "probability": float(chances.max())}
```

Aliases, other responses, and what nobody can see are fine.

```python good
import joblib
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

class Named(BaseModel):
    label: str = Field(alias="class")

class Prediction(BaseModel):
    label: str
    probability: float

app = FastAPI()
model = joblib.load("model.joblib")

@app.post("/named", response_model=Named)
def named(age: float):
    return {"class": model.predict([[age]])[0]}

@app.post("/other", response_model=Prediction)
def other(age: float):
    if age < 0:
        return JSONResponse({"error": "age"}, status_code=400)
    return answer(age)

@app.post("/list", response_model=list[Prediction])
def several(age: float):
    return [{"label": "a", "probability": 1.0}]
```

References: checked with FastAPI 0.165 (`tests/claims/test_own_services.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.replies import replies
from deplint.code.services import fields_of, response_model, routes


@rule("DPL138", severity="error", leaves=["S.6.4"], see=["https://fastapi.tiangolo.com/tutorial/response-model/"])
def response_model_unmet(file: PythonFile, project: Project) -> Iterator[Finding]:
    for route in routes(project) if "fastapi" in file.text else ():
        model = response_model(route) if route.file is file else None
        needed = fields_of(project, model.id) if isinstance(model, ast.Name) else None
        for reply in replies(route) if needed else ():
            lacking = (needed or set()) - (reply.keys or set())
            if reply.plain and reply.keys is not None and lacking and isinstance(model, ast.Name):
                yield Finding(
                    reply.place,
                    f"{model.id} needs {', '.join(map(repr, sorted(lacking)))}, which the answer lacks: ResponseValidationError, 500",
                    help=f"return all fields of {model.id}",
                )
