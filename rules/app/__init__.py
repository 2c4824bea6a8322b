"""App code: what an Android, iOS or web app does with its model and its runtime, and how the app is built around them."""

from __future__ import annotations

SHIPPED = frozenset({"implementation", "api", "runtimeOnly", "compile", "runtime"})
"""Gradle's configurations whose dependencies are in every variant of an app."""
