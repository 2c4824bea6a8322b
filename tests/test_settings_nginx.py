"""The configuration of nginx, as nginx itself reads it."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deplint.model import Unreadable
from deplint.project import File
from deplint.settings.nginx import Directive, NginxConfig, locate, modifier, nearest, read_nginx

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def read(folder: Path, text: str) -> NginxConfig:
    path = folder / "site.conf"
    path.write_text(text)
    (config,) = read_nginx(File(path))
    return config


LOCATIONS = r"""
location / { return 200 a; }
location = /one { return 200 b; }
location ^~ /static/ { return 200 c; }
location /models/ { return 200 d;
    location /models/deep/ { return 200 e; }
    location ~ \.bin$ { return 200 f; }
}
location ~ \.json$ { return 200 g; }
location ~* \.(PNG|onnx)$ { return 200 h; }
location "/with space" { return 200 i; }
location ~ "^/v\d{1,2}/models" { return 200 j; }
location ~^/tight { return 200 k; }
location =/exact { return 200 l; }
location ^~ /nested/ { return 200 m; location ~ \.json$ { return 200 n; } }
"""
PATHS = [
    "/",
    "/one",
    "/one/",
    "/static/a.json",
    "/static/x",
    "/models/a",
    "/models/a.json",
    "/models/a.bin",
    "/models/deep/a",
    "/models/deep/a.json",
    "/models/deep/a.bin",
    "/x.png",
    "/x.onnx",
    "/models/x.onnx",
    "/with%20space",
    "/v1/models/x:predict",
    "/v123/models",
    "/tight",
    "/exact",
    "/nested/a.json",
    "/nested/b",
    "/other",
]


def answered(server: Directive, path: str) -> str:
    place = locate(server, path.replace("%20", " "))
    assert place is not None
    return place.all("return")[0].texts[1]


@pytest.fixture
def port() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    yield number


def run(folder: Path, http_block: str) -> subprocess.Popen[bytes]:
    assert NGINX is not None
    (folder / "logs").mkdir(exist_ok=True)
    (folder / "run.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\nhttp {{ access_log off;\n"
        + "".join(f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        + http_block
        + "\n}\n"
    )
    return subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "run.conf")], stderr=subprocess.DEVNULL)


def ask(port: int, path: str) -> http.client.HTTPResponse:
    for _ in range(50):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            return connection.getresponse()
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise AssertionError("nginx did not start")


@needs_nginx
def test_nginx_agrees_on_locations(tmp_path: Path, port: int) -> None:
    (server,) = read(tmp_path, f"server {{ {LOCATIONS} }}").servers
    process = run(tmp_path, f"server {{ listen 127.0.0.1:{port}; {LOCATIONS} }}")
    try:
        theirs = {path: ask(port, path).read().decode() for path in PATHS}
    finally:
        process.terminate()
        process.wait()
    assert {path: answered(server, path) for path in PATHS} == theirs


def test_locations(tmp_path: Path) -> None:
    (server,) = read(tmp_path, f"server {{ {LOCATIONS} }}").servers
    assert "".join(answered(server, path) for path in PATHS) == "abaccdgfegfhhhijaklnma"


def test_tree(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        """
        # a comment { with a brace
        upstream tfs { least_conn; server serving:8501 weight=2; server "other:8501"; }
        server {
            listen 80; client_max_body_size 20m;
            add_header Content-Security-Policy "default-src 'self'; script-src 'self'" always;
            location ~* \\.(js|css)$ { expires 1y; }
            content_by_lua_block { local t = { a = "}" } -- }
            }
            location /v1/ { proxy_pass http://tfs; }
        }
        stream { server { listen 53; } }
        """,
    )
    assert config.upstreams == {"tfs": ["serving:8501", "other:8501"]}
    (server,) = config.servers
    assert [modifier(each) for each in server.all("location")] == [("~*", r"\.(js|css)$"), ("", "/v1/")]
    inner = server.all("location")[1]
    assert [each.texts for each in nearest(inner, "client_max_body_size")] == [["20m"]]
    (header,) = nearest(inner, "add_header")
    assert header.texts == ["Content-Security-Policy", "default-src 'self'; script-src 'self'", "always"]
    span = header.words[1].place.span
    assert span is not None and span.line == 6
    assert [each.name for each in inner.around] == ["location", "server", ""]


@pytest.mark.parametrize(
    "text", ["server {", "server { listen 80 }", "}", "; ;", '{ "', "server { location / { { } } }", "a 'b'c d;", "a " * 60_000]
)
def test_broken(tmp_path: Path, text: str) -> None:
    with pytest.raises(Unreadable):
        read(tmp_path, text)


def test_too_deep(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        read(tmp_path, "a { " * 40 + "} " * 40)


def test_templates_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "nginx.conf.j2"
    path.write_text("server { {% for x in y %} listen {{ x }}; {% endfor %}")
    assert read_nginx(File(path)) == []


def test_variables_of_the_environment(tmp_path: Path) -> None:
    (server,) = read(tmp_path, "server { listen ${PORT}; location / { proxy_pass http://${HOST}:8501/$request_uri; } }").servers
    assert server.all("listen")[0].texts == ["${PORT}"]
    assert server.all("location")[0].all("proxy_pass")[0].texts == ["http://${HOST}:8501/$request_uri"]
