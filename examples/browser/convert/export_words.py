"""The sentence helper: suggests the next sign after up to eight."""

from pathlib import Path

import torch
from torch import nn

TARGET = Path(__file__).resolve().parents[1] / "public" / "models" / "words.onnx"


class NextSign(nn.Module):
    def __init__(self, signs: int = 40) -> None:
        super().__init__()
        self.embed = nn.Embedding(signs, 6)
        self.head = nn.Linear(6, signs)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.head(self.embed(tokens).mean(dim=1)), dim=1)


def main() -> None:
    torch.manual_seed(0)
    model = NextSign().eval()
    torch.onnx.export(
        model,
        (torch.zeros(1, 8, dtype=torch.int64),),
        str(TARGET),
        input_names=["tokens"],
        output_names=["next"],
        dynamic_axes={"tokens": {1: "length"}},
        opset_version=17,
        dynamo=False,
    )


if __name__ == "__main__":
    main()
