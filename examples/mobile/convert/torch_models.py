"""The PyTorch models of the iOS app."""

import torch
from torch import nn


class LeafSegmenter(nn.Module):
    """A mask of the leaf, from a photo with values 0..1."""

    def __init__(self) -> None:
        super().__init__()
        self.encode = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.decode = nn.ConvTranspose2d(8, 1, 2, stride=2)

    def forward(self, photo: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.decode(torch.relu(self.encode(photo))))


class TextureNet(nn.Module):
    """Tells fungal from mineral spots by the texture's spectrum."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(2, 2)

    def forward(self, patch: torch.Tensor) -> torch.Tensor:
        flat = patch.flatten(1)
        spread = torch.stack([torch.quantile(flat, 0.1, dim=1), torch.quantile(flat, 0.9, dim=1)], dim=1)
        return torch.softmax(self.head(spread), dim=1)
