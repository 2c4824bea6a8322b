"""Export the embedder to the Triton repository."""

from pathlib import Path

import torch
from torch_models import Embedder

TARGET = Path(__file__).resolve().parents[1] / "triton" / "model_repository" / "embedder" / "1" / "model.onnx"


def main() -> None:
    torch.manual_seed(0)
    model = Embedder()
    batch = torch.export.Dim("batch", min=1, max=32)
    torch.onnx.export(
        model,
        (torch.zeros(2, 3, 32, 32),),
        str(TARGET),
        input_names=["image"],
        output_names=["embedding"],
        dynamic_shapes={"image": {0: batch}},
        dynamo=True,
    )


if __name__ == "__main__":
    main()
