"""One place for names, sizes and folders."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
FRUITS = ["apple", "pear", "plum", "quince"]
SIZE = 48


@dataclass(frozen=True)
class Calibration:
    """Pictures for choosing quantization ranges. The market's own photos are used where they are available."""

    count: int = 16
    folder: Path = ROOT / "training" / "photos"

    def pictures(self) -> list[np.ndarray]:
        files = sorted(self.folder.glob("*.npy"))[: self.count]
        if files:
            return [np.load(file).astype(np.float32) for file in files]
        rng = np.random.default_rng(11)
        coarse = rng.integers(0, 256, (self.count, 4, 4, 3)).astype(np.float32)
        return list(coarse.repeat(SIZE // 4, axis=1).repeat(SIZE // 4, axis=2))

    def samples(self):
        for picture in self.pictures():
            yield [picture[np.newaxis]]


@dataclass(frozen=True)
class Settings:
    version: int = 3
    served: Path = ROOT / "serving" / "models"
    triton: Path = ROOT / "triton" / "model_repository"
    api: Path = ROOT / "api" / "models"
    assets: Path = ROOT / "android" / "app" / "src" / "main" / "assets"
    ios: Path = ROOT / "ios" / "FruitStand"
    web: Path = ROOT / "web" / "public" / "models"
    calibration: Calibration = field(default_factory=Calibration)
