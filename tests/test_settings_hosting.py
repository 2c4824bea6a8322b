"""What hosts of static sites are told. The patterns were compared with @vercel/routing-utils 5, superstatic 10 and Netlify's documents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deplint.model import Unreadable
from deplint.project import File
from deplint.settings.hosting import (
    Hosting,
    _glob,
    _netlify,
    path_to_regexp,
    read_azure,
    read_caddy,
    read_firebase,
    read_headers,
    read_htaccess,
    read_netlify,
    read_redirects,
    read_vercel,
    read_web_config,
)
from deplint.settings.text import expression


def write(folder: Path, name: str, text: str | dict[str, object]) -> File:
    path = folder / name
    path.write_text(text if isinstance(text, str) else json.dumps(text, indent=2))
    return File(path)


def named(hosting: Hosting, path: str) -> dict[str, str | None]:
    return {header.name: header.value for header in hosting.sent(path)}


PATHS = ["/", "/index.html", "/models/a.bin", "/models/a/b.bin", "/models/net.onnx", "/a/x/c", "/ort-simd.wasm", "/dist/ort.wasm", "/api/x"]


@pytest.mark.parametrize(
    ("source", "matched"),
    [
        ("/(.*)", PATHS),
        ("/models/:file(.+\\.bin)", ["/models/a.bin", "/models/a/b.bin"]),
        ("/models/:file*", ["/models/a.bin", "/models/a/b.bin", "/models/net.onnx"]),
        ("/a/:b/c", ["/a/x/c"]),
        ("/(.*).wasm", ["/ort-simd.wasm", "/dist/ort.wasm"]),
        ("/ort-:name.wasm", ["/ort-simd.wasm"]),
        ("/((?!api/).*)", PATHS[:-1]),
        ("/(.*\\.onnx)", ["/models/net.onnx"]),
        ("/index.html", ["/index.html"]),
    ],
)
def test_path_to_regexp(source: str, matched: list[str]) -> None:
    pattern = path_to_regexp(source)
    assert pattern is not None and [path for path in PATHS if pattern.fullmatch(path)] == matched


@pytest.mark.parametrize("source", ["/{a}/b", "/((a+)+)+$", "/(.*)(.*)(.*)(.*)(.*)(.*)x", "/(["])
def test_what_is_not_understood(source: str) -> None:
    assert path_to_regexp(source) is None


@pytest.mark.parametrize(
    ("glob", "matched"),
    [
        ("**", PATHS),
        ("/models/**", ["/models/a.bin", "/models/a/b.bin", "/models/net.onnx"]),
        ("**/*.@(wasm|onnx)", ["/models/net.onnx", "/ort-simd.wasm", "/dist/ort.wasm"]),
        ("**/*.{bin,json}", ["/models/a.bin", "/models/a/b.bin"]),
        ("models/*", ["/models/a.bin", "/models/net.onnx"]),
    ],
)
def test_globs(glob: str, matched: list[str]) -> None:
    pattern = _glob(glob)
    assert pattern is not None and [path for path in PATHS if pattern.fullmatch(path)] == matched


@pytest.mark.parametrize(
    ("path", "matched"),
    [
        ("/*", PATHS),
        ("/models/*", ["/models/a.bin", "/models/a/b.bin", "/models/net.onnx"]),
        ("/a/:b/c", ["/a/x/c"]),
        ("/*.wasm", ["/ort-simd.wasm", "/dist/ort.wasm"]),
    ],
)
def test_netlify_paths(path: str, matched: list[str]) -> None:
    pattern = _netlify(path)
    assert pattern is not None and [each for each in PATHS if pattern.fullmatch(each)] == matched


def test_vercel(tmp_path: Path) -> None:
    found = read_vercel(
        write(
            tmp_path,
            "vercel.json",
            {
                "headers": [
                    {"source": "/(.*)", "headers": [{"key": "Cross-Origin-Opener-Policy", "value": "same-origin"}]},
                    {"source": "/(.*)", "has": [{"type": "host", "value": "x"}], "headers": [{"key": "Other", "value": "y"}]},
                ],
                "routes": [
                    {"src": "/static/(.*)", "dest": "/static/$1"},
                    {"src": "/(.*)", "dest": "/index.html"},
                ],
            },
        )
    )
    assert named(found, "/x") == {"cross-origin-opener-policy": "same-origin"}
    assert found.maybe("other") and not found.maybe("cross-origin-opener-policy")
    route = found.answer("/models/model.json")
    assert route is not None and route.target == "/index.html" and route.place.span is not None


def test_vercel_files_first(tmp_path: Path) -> None:
    routes = [{"handle": "filesystem"}, {"src": "/(.*)", "dest": "/index.html"}]
    assert read_vercel(write(tmp_path, "vercel.json", {"routes": routes})).answer("/models/model.json") is None


def test_netlify(tmp_path: Path) -> None:
    found = read_netlify(
        write(
            tmp_path,
            "netlify.toml",
            '[build]\npublish = "dist"\n[[redirects]]\nfrom = "/*"\nto = "/index.html"\nstatus = 200\n'
            '[[headers]]\nfor = "/*"\n[headers.values]\nX-A = "b"\n[[headers]]\nfor = "/models/*"\n[headers.values]\nX-B = "c"\n',
        )
    )
    assert (found.public, found.answer("/models/model.json")) == ("dist", None)
    assert named(found, "/models/x") == {"x-a": "b", "x-b": "c"} and named(found, "/") == {"x-a": "b"}
    forced = read_netlify(write(tmp_path, "netlify.toml", '[[redirects]]\nfrom = "/*"\nto = "/index.html"\nstatus = 200\nforce = true\n'))
    assert forced.answer("/models/model.json") is not None


def test_headers_and_redirects(tmp_path: Path) -> None:
    found = read_headers(write(tmp_path, "_headers", "# all\n/*\n  X-A: b: c\n\n/models/*\n  X-B: d\n  ! X-A\n"))
    assert named(found, "/") == {"x-a": "b: c"} and named(found, "/models/x") == {"x-a": "", "x-b": "d"}
    (header,) = found.sent("/")
    assert header.place.span is not None and header.place.span.line == 3
    routes = read_redirects(write(tmp_path, "_redirects", "/api/* https://x.org/:splat 200\n/* /index.html 200!\n"))
    assert routes.answer("/api/x") is None
    assert routes.answer("/models/model.json") is not None
    assert read_redirects(write(tmp_path, "_redirects", "/* /index.html 200\n")).answer("/a") is None


def test_firebase(tmp_path: Path) -> None:
    one: dict[str, object] = {
        "public": "build",
        "headers": [{"source": "**", "headers": [{"key": "A", "value": "b"}]}],
        "redirects": [{"source": "/models/**", "destination": "/", "type": 301}],
        "rewrites": [{"source": "**", "destination": "/index.html"}],
    }
    (found,) = read_firebase(write(tmp_path, "firebase.json", {"hosting": one}))
    assert (found.public, named(found, "/x")) == ("build", {"a": "b"})
    assert found.answer("/models/x") is not None and found.answer("/x") is None
    assert len(read_firebase(write(tmp_path, "firebase.json", {"hosting": [one, one]}))) == 2


def test_azure(tmp_path: Path) -> None:
    found = read_azure(
        write(tmp_path, "staticwebapp.config.json", {"globalHeaders": {"A": "b"}, "routes": [{"route": "/m/*", "headers": {"C": "d"}}]})
    )
    assert named(found, "/m/x/y") == {"a": "b", "c": "d"} and named(found, "/") == {"a": "b"}


def test_htaccess(tmp_path: Path) -> None:
    found = read_htaccess(
        write(
            tmp_path,
            ".htaccess",
            '<IfModule mod_headers.c>\n  Header always set A "b; c"\n  <FilesMatch "\\.(wasm|onnx)$">\n  Header set D e\n  </FilesMatch>\n'
            "</IfModule>\nRewriteEngine On\nRewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule . /index.html [L]\n",
        )
    )
    assert named(found, "/index.html") == {"a": "b; c"} and named(found, "/models/net.onnx") == {"a": "b; c", "d": "e"}
    assert found.answer("/models/net.onnx") is None
    bare = read_htaccess(write(tmp_path, ".htaccess", "RewriteEngine On\nRewriteRule ^(.*)$ /index.html [L]\n"))
    assert bare.answer("/models/net.onnx") is not None


def test_broken(tmp_path: Path) -> None:
    for text in ("{", "[]", '{"a": }'):
        with pytest.raises(Unreadable):
            read_vercel(write(tmp_path, "vercel.json", text))
    assert read_vercel(write(tmp_path, "vercel.json", '{\n  // a comment\n  "headers": []\n}')).partial
    assert read_firebase(write(tmp_path, "firebase.json", '{"hosting": "x"}')) == []
    odd: dict[str, object] = {"headers": [1, {"headers": [2, {"key": 3}]}, {"source": 4, "headers": 5}], "routes": {"src": 1}}
    assert read_vercel(write(tmp_path, "vercel.json", odd)).routes == []


@pytest.mark.parametrize("pattern", ["a*a*a*a*b", "(a|a)*b", "(a?){50}b", "a{1,60}a{1,60}a{1,60}a{1,60}b", "(a+)+b", "(", "a" * 501])
def test_expressions_that_may_take_long_are_not_held_against_paths(pattern: str) -> None:
    assert expression(pattern) is None
    assert expression(r"^/v\d{1,2}/models/.*\.(bin|json)$") is not None


def test_web_config(tmp_path: Path) -> None:
    text = """<configuration>
      <!-- <customHeaders><add name="X-Old" value="1" /></customHeaders> -->
      <system.webServer><httpProtocol><customHeaders>
        <remove name="X-Powered-By" />
        <add name="Cross-Origin-Opener-Policy" value='same-origin' />
      </customHeaders></httpProtocol>
      <staticContent><mimeMap fileExtension=".onnx" mimeType="application/octet-stream" /></staticContent></system.webServer>
      <location path="models"><system.webServer><httpProtocol><customHeaders>
        <add name="Cache-Control" value="no-store" />
      </customHeaders></httpProtocol></system.webServer></location>
    </configuration>"""
    found = read_web_config(write(tmp_path, "web.config", text))
    assert named(found, "/index.html") == {"x-powered-by": "", "cross-origin-opener-policy": "same-origin"}
    assert named(found, "/models/a.bin")["cache-control"] == "no-store"
    assert "cache-control" not in named(found, "/modelsx/a.bin") and not found.partial
    handled = '<handlers><add name="a" path="*" modules="AspNetCoreModuleV2" /></handlers>'
    assert read_web_config(write(tmp_path, "web.config", handled)).maybe("x")


def test_caddy(tmp_path: Path) -> None:
    text = """{
  email a@b.c
}
app.example.org {
  root * /srv
  header Cross-Origin-Opener-Policy "same-origin"  # isolated
  header /models/* Cache-Control `max-age=60`
  header {
    Cross-Origin-Embedder-Policy require-corp
    -Server
    X-Build {$BUILD}
  }
  handle /api/* {
    header X-Api yes
  }
  reverse_proxy /ws/* back:8000
  file_server
}
"""
    found = read_caddy(write(tmp_path, "Caddyfile", text))
    assert named(found, "/index.html") == {
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp",
        "server": "",
        "x-build": None,
    }
    assert named(found, "/models/a.bin")["cache-control"] == "max-age=60"
    assert found.maybe("x-api") and not found.maybe("server")
    assert read_caddy(write(tmp_path, "Caddyfile", "a.example {\n  reverse_proxy web:3000\n}\n")).partial
    assert read_caddy(write(tmp_path, "Caddyfile", "a.example {\n  import shared\n}\n")).partial
    assert read_caddy(write(tmp_path, "Caddyfile", "a.example {\n file_server\n}\nb.example {\n header A b\n}\n")).partial
