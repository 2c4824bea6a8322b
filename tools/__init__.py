"""Maintainers' generators: they ask the released libraries and write what ``deplint/data`` and ``docs`` ship."""
