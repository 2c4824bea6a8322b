"""TensorFlow.js with one of its backends, kept running: Node for ``cpu`` and ``wasm``, headless Chromium for ``webgl`` and ``webgpu``.

A graphics card is not needed: Chromium's SwiftShader computes in software what WebGL and WebGPU ask for. Standard library only, so that an
oracle can use it and so can `tools.support`.
"""

from __future__ import annotations

import base64
import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ANSWER = """
const decoded = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
const filled = (tf, input, value) => {
  const shape = (input.shape || []).map((size) => (size > 0 ? size : 1));
  const size = shape.reduce((a, b) => a * b, 1);
  if (input.dtype === 'string') return tf.tensor(Array(size).fill('a'), shape, 'string');
  if (input.dtype === 'bool') return tf.tensor(Array(size).fill(!!value), shape, 'bool');
  const numbers = (dtype) => tf.tensor(Array(size).fill(value), shape, dtype);
  return input.dtype === 'complex64' ? tf.complex(numbers('float32'), numbers('float32')) : numbers(input.dtype || 'float32');
};
const ran = async (tf, model, value) => {
  const fed = {};
  for (const input of model.inputs) fed[input.name] = filled(tf, input, value);
  let given = await model.executeAsync(fed);
  given = Array.isArray(given) ? given : [given];
  for (const tensor of given) await tensor.data();
  return given.map((tensor) => tensor.dtype);
};
const answered = async (tf, question) => {
  tf.engine().startScope();
  try {
    if (question.kind === 'classes') {
      const known = Object.entries(tf.serialization.SerializationMap.getMap().classNameMap);
      return { error: '', names: known.filter(([, made]) => made[0].prototype instanceof tf.layers.Layer).map(([name]) => name) };
    }
    const weightData = question.weights === undefined ? undefined : decoded(question.weights);
    const handler = { load: async () => ({ ...question.top, weightData }) };
    if (question.kind === 'layers') {
      await tf.loadLayersModel(handler);
      return { error: '' };
    }
    const model = await tf.loadGraphModel(handler);
    let dtypes;
    for (const value of [0, 1]) {
      try {
        dtypes = await ran(tf, model, value);
        break;
      } catch (error) {
        if (value) throw error;
      }
    }
    return { error: '', dtypes };
  } catch (error) {
    return { error: String((error && error.message) || error) || 'an error without words' };
  } finally {
    tf.engine().endScope();
    tf.disposeVariables();
  }
};
"""

NODE = """
const [modules, backend] = process.argv.slice(1);
const fs = require('fs'), path = require('path'), lines = require('readline');
const own = require('module').createRequire(path.join(modules, 'x.js'));
console.log = console.warn = console.error = () => {};
process.on('unhandledRejection', () => {});
globalThis.fetch = undefined;  // releases older than it take a file for an address if it is there
const tf = own('@tensorflow/tfjs');
if (backend === 'wasm') {
  const wasm = own('@tensorflow/tfjs-backend-wasm'), folder = path.join(modules, '@tensorflow/tfjs-backend-wasm/dist/');
  if (fs.existsSync(folder + 'tfjs-backend-wasm-simd.wasm')) wasm.setWasmPaths(folder);
  else wasm.setWasmPath(folder + 'tfjs-backend-wasm.wasm');
  if (wasm.setThreadsCount) wasm.setThreadsCount(1);
}
(async () => {
  await tf.setBackend(backend);
  await tf.ready();
  for await (const line of lines.createInterface({ input: process.stdin })) {
    fs.writeSync(1, JSON.stringify(await answered(tf, JSON.parse(line))) + '\\n');
  }
})();
"""

PAGE = """<html><body>%s<script>
%s
const send = (what) => fetch('/next', { method: 'POST', body: JSON.stringify(what) }).then((response) => response.json());
(async () => {
  await tf.setBackend('%s');
  await tf.ready();
  let question = await send(null);
  while (question) question = await send(await answered(tf, question));
})();
</script></body></html>"""

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")

SOFTWARE = (
    *("--headless=new", "--no-sandbox", "--disable-extensions", "--no-first-run", "--disable-background-networking"),
    *("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
    *("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"),
)

DEAD = ("abort", "Abort", "unreachable", "memory access", "null function", "out of memory", "table index", "context lost", "Device is lost")
"""Words of errors after which a backend answers nothing more."""

SECONDS = 60
"""Time an answer may take."""


def question(main: Path) -> dict[str, Any]:
    """What is asked about a ``model.json``: its JSON, and the shards its manifest names as one stretch of bytes in base64.

    Raises:
        OSError, ValueError, KeyError: the JSON is damaged, or a shard is not there.
    """
    top = json.loads(main.read_text("utf-8"))
    groups = top.get("weightsManifest") or []
    weights = b"".join((main.parent / name).read_bytes() for group in groups for name in group["paths"])
    told = {key: value for key, value in top.items() if key != "weightsManifest"}
    told["weightSpecs"] = [weight for group in groups for weight in group["weights"]]
    return {"top": told, "weights": base64.b64encode(weights).decode()}


class Runtime:
    """`ask` puts questions to it; it is started when it is needed. `modules` is a ``node_modules`` folder."""

    def __init__(self, modules: str, backend: str) -> None:
        self.modules, self.backend = modules, backend
        self._host: _Node | _Page | None = None

    def ask(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """``{"error": "", "dtypes": [...]}``: what the backend says to a model, and the dtypes of its outputs.

        What takes it down is asked a second time: the fault may have been what was asked before.
        """
        told: Mapping[str, Any] = {}
        for _ in range(2):
            self._host = self._host or (_Node if self.backend in ("cpu", "wasm") else _Page)(self.modules, self.backend)
            told = self._host.ask(asked) or {"error": f"the {self.backend} backend ended, or gave no answer"}
            if not any(word in told["error"] for word in (*DEAD, "backend ended")):
                break
            self.close()
        return told

    def close(self) -> None:
        if self._host is not None:
            self._host.close()
            self._host = None


class _Node:
    def __init__(self, modules: str, backend: str) -> None:
        command = ["node", "-e", ANSWER + NODE, modules, backend]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def ask(self, asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
        assert self._process.stdin and self._process.stdout
        late = threading.Timer(SECONDS, self._process.kill)
        late.start()
        try:
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError:
            line = ""
        finally:
            late.cancel()
        told: Mapping[str, Any] | None = json.loads(line) if line else None
        return told

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


class _Page:
    """A page that asks this process for its next question, and tells the answer with it."""

    def __init__(self, modules: str, backend: str) -> None:
        browser = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
        if browser is None:
            raise FileNotFoundError("no Chromium is installed")
        self._questions: queue.Queue[Mapping[str, Any] | None] = queue.Queue()
        self._answers: queue.Queue[Mapping[str, Any]] = queue.Queue()
        packages = ["tfjs/dist/tf.min.js", *(["tfjs-backend-webgpu/dist/tf-backend-webgpu.min.js"] if backend == "webgpu" else ())]
        scripts = "".join(f'<script src="/{name}"></script>' for name in packages)
        served = {f"/{name}": (Path(modules) / "@tensorflow" / name).read_bytes() for name in packages}
        served["/"] = (PAGE % (scripts, ANSWER, backend)).encode()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(served, self._questions, self._answers))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        options = [*SOFTWARE, f"--user-data-dir={self._profile.name}", f"http://127.0.0.1:{self._server.server_port}/"]
        # Chromium ends when its third file does, and that is a pipe from here: it does not outlive this process, however that ends.
        command = ["sh", "-c", 'exec "$@" 3<&0 4>/dev/null', "sh", browser, "--remote-debugging-pipe", *options]
        nowhere = subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere, start_new_session=True)

    def ask(self, asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
        self._questions.put(asked)
        try:
            return self._answers.get(timeout=SECONDS)
        except queue.Empty:
            return None

    def close(self) -> None:
        self._questions.put(None)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
        self._server.shutdown()
        self._server.server_close()
        self._profile.cleanup()


def _handler(
    served: Mapping[str, bytes], questions: queue.Queue[Mapping[str, Any] | None], answers: queue.Queue[Mapping[str, Any]]
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(served.get(self.path, b""), "text/html" if self.path == "/" else "text/javascript")

        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if told is not None:
                answers.put(told)
            self._send(json.dumps(questions.get()).encode(), "application/json")

        def _send(self, content: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: Any) -> None:
            return

    return Handler
