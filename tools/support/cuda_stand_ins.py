"""Libraries that do nothing, in place of NVIDIA's, so that the CUDA kernels of ONNX Runtime can be listed where there is no GPU.

A provider is a library that is loaded before its registry can be read, and loading it asks for CUDA's libraries by name and for the
symbols in them. Here each of those symbols is a function that returns 0. Wants a C compiler and GNU binutils.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

OF_THE_SYSTEM = re.compile(r"lib(?:c|m|dl|rt|pthread|gcc_s|stdc\+\+)\.so|ld-linux|libonnxruntime")
SYMBOL = re.compile(r"(?:cu|nv|__cuda|cudnn|create\w+_INTERNAL|getInfer|getPlugin|initLib|setInternal|getLogger|getBuilderPlugin)\w*")


def write(folder: Path, providers: Iterable[Path]) -> None:
    """Write the libraries that `providers` need into `folder`."""
    needed: dict[str, None] = {}
    symbols: dict[str, set[str]] = {}
    for provider in providers:
        needed.update(dict.fromkeys(n for n in re.findall(r"NEEDED.*\[(.*)\]", _read(provider, "-d")) if not OF_THE_SYSTEM.match(n)))
        for line in _read(provider, "--dyn-syms").splitlines():
            fields = line.split()  # number, value, size, type, binding, visibility, index, name@version
            name, _, version = fields[7].partition("@") if len(fields) > 7 else ("", "", "")
            if name and fields[6] == "UND" and SYMBOL.fullmatch(name):
                symbols.setdefault(version.strip("@"), set()).add(name)
    runtime = next((name for name in needed if name.startswith("libcudart")), "")
    for library in needed:
        # A symbol without a version may be in any of them; a version is called like its library.
        versions = {version: names for version, names in symbols.items() if (version if version in needed else runtime) == library}
        _compile(folder, library, versions)


def _read(library: Path, what: str) -> str:
    return subprocess.run(["readelf", "-W", what, str(library)], check=True, capture_output=True, text=True).stdout


def _compile(folder: Path, library: str, versions: dict[str, set[str]]) -> None:
    source, script = folder / f"{library}.c", folder / f"{library}.map"
    source.write_text("".join(f"long {name}(void) {{ return 0; }}\n" for names in versions.values() for name in sorted(names)) or "int x;")
    script.write_text("".join(f"{version} {{ global: {'; '.join(sorted(names))}; }};\n" for version, names in versions.items() if version))
    command = ["gcc", "-w", "-shared", "-fPIC", "-o", str(folder / library), str(source), f"-Wl,-soname,{library}"]
    subprocess.run([*command, f"-Wl,--version-script={script}"] if any(versions) else command, check=True)
