"""Requests in files of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from deplint.project import File
from deplint.settings.bodies import RequestFile, read_body, read_http


def read(tmp_path: Path, name: str, text: str) -> RequestFile:
    path = tmp_path / name
    path.write_text(text)
    return (read_http if name.endswith(".http") else read_body)(File(path, name))


def test_requests_of_a_rest_client(tmp_path):
    text = """@host = localhost:8501
POST http://{{host}}/v1/models/a:predict HTTP/1.1
Content-Type: application/json

{"instances": [1]}

### next
GET /v1/models/a
Host: localhost:8501

###
POST http://localhost:8501/v1/models/b:predict

not json
"""
    first, second, third = read(tmp_path, "ask.http", text).requests
    assert (first.url.text, first.method, first.body) == (None, "POST", {"instances": [1]})
    assert first.data is not None
    assert first.data.place.span is not None
    assert first.data.place.span.line == 5
    assert (second.url.text, second.method, second.data) == ("localhost:8501/v1/models/a", "GET", None)
    assert third.url.text == "http://localhost:8501/v1/models/b:predict"
    assert third.body is None


def test_a_body_has_no_address(tmp_path):
    (sent,) = read(tmp_path, "body.json", '\n{"signature_name": "x", "instances": [[1]]}').requests
    assert (sent.url.text, sent.method, sent.body["instances"]) == ("", "", [[1]])
    assert sent.data is not None
    assert sent.data.place.span is not None
    assert sent.data.place.span.line == 2


@pytest.mark.parametrize("text", ["", "{", "[" * 10_000, "POST \n\n###\n### POST http://x\n"])
def test_what_is_none_is_none(tmp_path, text):
    assert not read(tmp_path, "a.json", text).requests
    read(tmp_path, "a.http", text)
