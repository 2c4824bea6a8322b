"""Conversion: calls of converters that raise, or that do something else than they say."""
