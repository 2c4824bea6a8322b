"""Where the app expects its models."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ASSETS = ROOT / "android" / "app" / "src" / "main" / "assets"
IOS_MODELS = ROOT / "ios" / "LeafDoctor" / "Models"
