"""Probes of the claims the rules make: each makes the real library fail, and shows that the fixed variant works."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

ROOT = str(Path(__file__).parent.parent.parent)
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)  # the probes of tools/ execute the rows of the shipped tables
