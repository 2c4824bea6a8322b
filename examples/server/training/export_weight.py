"""Export the weight model for the FastAPI service."""

from pathlib import Path

import torch
from torch_models import WeightNet

TARGET = Path(__file__).resolve().parents[1] / "api" / "models" / "weight.onnx"


def main() -> None:
    torch.manual_seed(0)
    model = WeightNet().eval()
    batch = torch.export.Dim("batch", min=1, max=64)
    torch.onnx.export(
        model,
        (torch.zeros(2, 3, 32, 32),),
        str(TARGET),
        input_names=["image"],
        output_names=["kilograms"],
        dynamic_shapes={"image": {0: batch}},
        external_data=False,
        dynamo=True,
    )


if __name__ == "__main__":
    main()
