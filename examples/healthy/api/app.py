"""Tells bruised fruit from sound fruit."""

from __future__ import annotations

import io
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import onnxruntime as ort
from fastapi import FastAPI, UploadFile
from PIL import Image

MODEL = Path(__file__).with_name("models") / "bruise.onnx"
SIDE = 32


class Judge:
    """The model with its names, as the file itself states them."""

    def __init__(self, path: Path) -> None:
        self.session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        self.entry = self.session.get_inputs()[0].name

    def bruised(self, crops: np.ndarray) -> np.ndarray:
        return self.session.run(["bruised"], {self.entry: crops})[0][:, 1]


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.judge = Judge(MODEL)
    yield


app = FastAPI(title="fruit-stand", lifespan=lifespan)


def pixels(data: bytes) -> np.ndarray:
    """Decode a photo to float32 [1, 3, 32, 32] with values 0..1."""
    picture = Image.open(io.BytesIO(data)).convert("RGB").resize((SIDE, SIDE))
    values = np.asarray(picture) / 255.0
    return as_batch(values)


def as_batch(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values.transpose(2, 0, 1)[np.newaxis], dtype=np.float32)


@app.get("/healthz")
def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/bruised")
async def bruised(photo: UploadFile) -> dict[str, float]:
    crops = pixels(await photo.read())
    return {"bruised": float(app.state.judge.bruised(crops)[0])}
