"""Export the conveyor model; it replaces the OpenCV script on the belt computers."""

import torch
from torch_models import ConveyorNet


def main() -> None:
    model = ConveyorNet().eval()
    clip = torch.rand(2, 5, 32, 32)
    torch.onnx.export(
        model,
        (clip,),
        "conveyor.onnx",
        input_names=["clip"],
        output_names=["mask"],
        dynamic_shapes={"clip": {0: torch.export.Dim("batch", min=1, max=8)}},
        dynamo=True,
    )


if __name__ == "__main__":
    main()
