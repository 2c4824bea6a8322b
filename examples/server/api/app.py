"""Weight and barcode estimates for parcels that come without papers."""

import io
from pathlib import Path

import numpy as np
import onnxruntime as ort
from fastapi import FastAPI, UploadFile
from PIL import Image

MODELS = Path(__file__).with_name("models")
CPU = ["CPUExecutionProvider"]

app = FastAPI(title="parcel-depot")
weight = ort.InferenceSession(str(MODELS / "weight.onnx"), providers=CPU)
barcode = ort.InferenceSession(str(MODELS / "barcode.onnx"), providers=CPU)


def crop(data: bytes, size: int) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB").resize((size, size))


@app.get("/healthz")
def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/weight")
def estimate_weight(photo: UploadFile) -> dict[str, float]:
    pixels = np.array(crop(photo.file.read(), 32)) / 255.0
    batch = pixels.transpose(2, 0, 1)[np.newaxis]
    (kilograms,) = weight.run(["kilograms"], {"image": batch})
    return {"kilograms": float(kilograms[0, 0])}


@app.post("/barcode")
def find_barcode(photo: UploadFile) -> dict[str, list[float]]:
    pixels = np.asarray(crop(photo.file.read(), 64), dtype=np.float32) / 255.0
    (box,) = barcode.run(None, {"image": pixels.transpose(2, 0, 1)[np.newaxis]})
    return {"box": box[0].tolist()}
