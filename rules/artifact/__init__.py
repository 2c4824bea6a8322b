"""Artefacts: files with a model's name that are not that model, or lack a part of it."""
