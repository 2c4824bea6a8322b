"""Project files: what is pinned, what is run in containers, what model servers are told, how an app is built. One reader a kind of file.

Facts, by module: `pins` (`Requirements`, `Pin`, and `Versions`, which rules know as ``project.versions``), `packages` (`PackageJson`,
`Podfile`, `Pubspec`), `gradle` (`GradleBuild`, `VersionCatalog`, `GradleProperties`), `manifest` (`AndroidManifest`), `proguard`
(`ProguardRules`), `micro` (`MicroApp`), `native` (`NativeCode`), `dockerfile` (`Dockerfile`), `containers` (`Deployment`), `apple`
(`DeploymentTarget`, `XcodeProject`), `extension` (`Extension`), `scripts` (`Script`), `bodies` (`RequestFile`), `functions` (`Functions`,
`AppEngine`, `Bento`), `triton` (`TritonConfig`, `ServingModels`), `nginx` (`NginxConfig`), `hosting` (`Hosting`). All follow the two
conventions of `deplint.settings.text`: None is unknown, empty is not written.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from deplint.model import Unreadable
from deplint.project import TEXT_LIMIT, File, Reader


def _head(*patterns: str) -> Callable[[File], bool]:
    """Claims files whose first bytes hold all of these patterns."""
    return lambda file: all(re.search(pattern.encode(), file.head) for pattern in patterns)


def _text(pattern: str, limit: int = TEXT_LIMIT) -> Callable[[File], bool]:
    """Claims text files of at most `limit` bytes that hold a pattern anywhere."""

    def claims(file: File) -> bool:
        try:
            return file.size <= limit and re.search(pattern, file.text) is not None
        except (Unreadable, OSError):
            return False

    return claims


def _native(pattern: str) -> Callable[[File], bool]:
    """Claims C++ that begins with something of TensorFlow and holds a pattern anywhere."""
    holds = _text(pattern, 1 << 19)
    return lambda file: re.search(rb"(?i)tensorflow|tflite", file.head) is not None and holds(file)


def _not_huge(file: File) -> bool:
    """Locks are written by machines: a huge one is no fault, and is passed over."""
    return file.size <= TEXT_LIMIT


def _requirements(file: File) -> bool:
    """By its name, or a text file or pip-tools input in a folder of requirements."""
    return bool(re.search(r"requirement|constraint|(?<![a-z])reqs?(?![a-z])", file.name.lower())) or file.path.parent.name.lower() in (
        "requirements",
        "reqs",
    )


def _dockerfile(file: File) -> bool:
    """Not the source code, documentation or template of something called dockerfile, and not an empty file that only keeps a place."""
    other = (".py", ".pyi", ".pyc", ".md", ".rst", ".txt", ".html", ".js", ".ts", ".go", ".java", ".rb", ".sh", ".json", ".yml", ".yaml")
    template = (".j2", ".jinja", ".jinja2", ".tpl", ".tmpl", ".template", ".in", ".erb", ".mustache", ".dockerignore")
    return file.suffix not in other + template and not file.name.lower().endswith(".dockerignore") and bool(file.head.strip())


def _body(file: File) -> bool:
    """A body for TensorFlow Serving that a person may have written: pictures as numbers are passed over."""
    return re.match(rb'\s*\{\s*"(?:signature_name|instances)"', file.head) is not None and file.size <= 1 << 18


_DOCKERFILE = ("dockerfile", "dockerfile.*", "*.dockerfile", "containerfile", "containerfile.*")
_YAML = ("*.yaml", "*.yml")
_PROTOTEXT = ("*.config", "*.conf", "*.cfg", "*.pbtxt", "*.prototxt", "*.textproto")
_NGINX = ("*.conf", "*.conf.template", "*.conf.tmpl", "*.conf.tpl", "*.conf.j2", "*.nginx")
_SERVER = r"(?m)^[ \t]*(?:server|http|upstream[ \t]+[\w.-]+|location[ \t]+[^;{}\n]+?)\s*\{"
_TORCHSERVE = (
    r"(?m)^[ \t]*(?:(?:inference|management|metrics)_address|model_store|load_models|enable_envvars_config|models|"
    r"default_workers_per_model|default_response_timeout|job_queue_size|install_py_dep_per_model|disable_token_authorization)[ \t]*="
)
_BATCHING = r"(?m)^[ \t]*(?:num_batch_threads|batch_timeout_micros|max_enqueued_batches|allowed_batch_sizes)\b[ \t]*[:{]"
_CONVERTERS = (
    r"trtexec|\btoco\b|\btflite_convert\b|\btensorflowjs_converter\b|\btensorflowjs\.converters\.converter\b|\bllama\.cpp\b|"
    r"\bedgetpu_compiler\b|\bmodel\.tar\.gz\b|\boptimum-cli\b|\bmo(?:\.py)?\s+--|\bovc\s|\btf2onnx\.convert\b"
)
_BUILDS = r"//tensorflow/|tensorflow/(?:contrib|lite)/"
_DOCKER = r"\b(?:docker|podman)\s+(?:container\s+)?run\b"
_CURL = r"\bcurl\b[^\n]*(?:\\\n[^\n]*)*/(?:v\d/models?/|invocations)"
_SERVERS = (
    r"\b(?:tensorflow_model_server|tritonserver|torchserve|torch-model-archiver|gunicorn|uvicorn|hypercorn|mlflow|bentoml|"
    r"gcloud|serve[ \t]+run)\b"
)
_TRITON = r"(?m)^[ \t]*(?:platform|backend|max_batch_size|input|output|instance_group|dynamic_batching|ensemble_scheduling)\b[ \t]*[:{\[]"


def _reader(name: str, names: tuple[str, ...], load: str, sniff: Callable[[File], bool] | None = None) -> Reader:
    return Reader(name, names, f"deplint.settings.{load}", sniff)


READERS: tuple[Reader, ...] = (
    _reader(
        "requirements",
        ("*.txt", "*.in"),
        "requirements:read_requirements",
        _requirements,
    ),
    _reader("notebook-installs", ("*.ipynb",), "requirements:read_notebook"),
    _reader("pyproject", ("pyproject.toml",), "requirements:read_pyproject"),
    _reader("setup.cfg", ("setup.cfg",), "requirements:read_setup_cfg"),
    _reader("setup.py", ("setup.py",), "requirements:read_setup_py"),
    _reader("pipfile", ("pipfile",), "requirements:read_pipfile"),
    _reader(
        "conda",
        ("*env*.yml", "*env*.yaml", "*conda*.yml", "*conda*.yaml"),
        "requirements:read_conda",
        _head(r"(?m)^dependencies[ \t]*:"),
    ),
    _reader("python-version", (".python-version", "runtime.txt"), "requirements:read_python"),
    _reader("toml-lock", ("poetry.lock", "uv.lock", "pylock.toml", "pylock.*.toml"), "requirements:read_toml_lock", _not_huge),
    _reader("pipfile.lock", ("pipfile.lock",), "requirements:read_pipfile_lock", _not_huge),
    _reader("conda-lock", ("*conda-lock.yml", "*conda-lock.yaml"), "requirements:read_conda_lock", _not_huge),
    _reader("package.json", ("package.json",), "packages:read_package_json"),
    _reader("extension", ("manifest.json", "manifest.*.json"), "extension:read_extension", _head(r"\"manifest_version\"")),
    _reader("package-lock", ("package-lock.json", "npm-shrinkwrap.json"), "packages:read_package_lock", _not_huge),
    _reader("yarn.lock", ("yarn.lock",), "packages:read_yarn_lock", _not_huge),
    _reader("pnpm-lock", ("pnpm-lock.yaml",), "packages:read_pnpm_lock", _not_huge),
    _reader("podfile", ("podfile",), "packages:read_podfile"),
    _reader("podfile.lock", ("podfile.lock",), "packages:read_podfile_lock", _not_huge),
    _reader("pubspec", ("pubspec.yaml", "pubspec.yml"), "packages:read_pubspec"),
    _reader("pubspec.lock", ("pubspec.lock",), "packages:read_pubspec_lock", _not_huge),
    _reader("package.swift", ("package.swift",), "packages:read_package_swift"),
    _reader("package.swift-platforms", ("package.swift",), "apple:read_package"),
    _reader("xcode", ("project.pbxproj",), "apple:read_xcode", _not_huge),
    _reader("xcode-targets", ("project.pbxproj",), "apple:read_targets", _not_huge),
    _reader("package.resolved", ("package.resolved",), "packages:read_package_resolved", _not_huge),
    _reader("gradle", ("*.gradle", "*.gradle.kts"), "gradle:read_build"),
    _reader("gradle-catalog", ("*.versions.toml",), "gradle:read_catalog"),
    _reader("gradle-properties", ("gradle.properties", "gradle-wrapper.properties"), "gradle:read_properties"),
    _reader("manifest", ("androidmanifest*.xml",), "manifest:read", _head(r"<manifest\b")),
    _reader("proguard", ("*.pro", "proguard*.txt", "proguard*.cfg"), "proguard:read", _head(r"(?m)^[ \t]*-[a-z]+")),
    _reader("native", ("*.cc", "*.cpp", "*.cxx", "*.mm", "*.h"), "native:read", _native(r"\btyped_(?:input_|output_)?tensor\s*<")),
    _reader("micro", ("*.cc", "*.cpp", "*.cxx", "*.ino", "*.h", "*.hpp"), "micro:read", _native(r"\bMicroMutableOpResolver\s*<")),
    _reader("dockerfile", _DOCKERFILE, "dockerfile:read", _dockerfile),
    _reader("dockerfile-run", _DOCKERFILE, "containers:read_dockerfile", _dockerfile),
    _reader(
        "compose",
        ("compose*.yaml", "compose*.yml", "*docker-compose*.yaml", "*docker-compose*.yml"),
        "containers:read_compose",
    ),
    _reader("kubernetes", _YAML, "containers:read_kubernetes", _head(r"(?m)^apiVersion[ \t]*:", r"(?m)^kind[ \t]*:")),
    _reader(
        "docker-run",
        ("*.sh", "*.bash", "makefile", "gnumakefile", "*.mk"),
        "containers:read_script",
        _text(_DOCKER),
    ),
    _reader(
        "conversion-script",
        ("*.sh", "*.bash", "makefile", "gnumakefile", "*.mk"),
        "scripts:read_script",
        _text(f"{_CONVERTERS}|{_SERVERS}|{_CURL}|{_DOCKER}|{_BUILDS}", 1 << 18),
    ),
    _reader("notebook-commands", ("*.ipynb",), "scripts:read_notebook", _text(f"{_CONVERTERS}|{_SERVERS}|{_CURL}|{_DOCKER}")),
    _reader("triton", ("config.pbtxt", "*.config.pbtxt", "config*.pbtxt"), "triton:read_triton", _head(_TRITON)),
    _reader("tf-serving-batching", (*_PROTOTEXT, "*.txt"), "triton:read_batching", _head(_BATCHING)),
    _reader(
        "tf-serving-monitoring", (*_PROTOTEXT, "*.txt"), "triton:read_monitoring", _head(r"(?m)^[ \t]*prometheus_config\b[ \t]*:?[ \t]*\{")
    ),
    _reader("torchserve", ("*.properties",), "torchserve:read_config", _head(_TORCHSERVE)),
    _reader("requests", ("*.http", "*.rest"), "bodies:read_http", _head(r"/v\d/models?/|/invocations")),
    _reader("request-body", ("*.json",), "bodies:read_body", _body),
    _reader("serverless", ("serverless.yml", "serverless.yaml"), "functions:read_serverless"),
    _reader("app-engine", ("app.yaml", "app.yml", "app-*.yaml", "app.*.yaml"), "functions:read_app_engine", _head(r"(?m)^runtime[ \t]*:")),
    _reader("mlmodel", ("mlmodel",), "mlmodel:read_mlmodel", _head(r"(?m)^flavors[ \t]*:")),
    _reader("bentoml", ("bentofile.yaml", "bentofile.yml"), "functions:read_bento", _head(r"(?m)^service[ \t]*:")),
    _reader("nginx", _NGINX, "nginx:read_nginx", _text(_SERVER, 1 << 18)),
    _reader("vercel", ("vercel.json", "now.json"), "hosting:read_vercel"),
    _reader("netlify", ("netlify.toml",), "hosting:read_netlify"),
    _reader("headers", ("_headers",), "hosting:read_headers", _head(r"(?m)^(?:/|https?:)")),
    _reader("redirects", ("_redirects",), "hosting:read_redirects", _head(r"(?m)^(?:/|https?:)")),
    _reader("firebase", ("firebase.json",), "hosting:read_firebase", _text(r"\"hosting\"")),
    _reader("static-web-app", ("staticwebapp.config.json",), "hosting:read_azure"),
    _reader("htaccess", (".htaccess",), "hosting:read_htaccess"),
    _reader("web-config", ("web.config",), "hosting:read_web_config"),
    _reader("caddy", ("caddyfile", "caddyfile.*", "*.caddy", "*.caddyfile"), "hosting:read_caddy"),
    _reader("azureml", _YAML, "azureml:read", _head(r"(?m)^[ \t]+scoring_script[ \t]*:")),
    _reader("sam", _YAML, "functions:read_sam", _head(r"AWS::Serverless-")),
    _reader("prometheus", _YAML, "monitoring:read_prometheus", _head(r"(?m)^scrape_configs[ \t]*:")),
    _reader("tf-serving", _PROTOTEXT, "triton:read_serving", _head(r"(?m)^[ \t]*model_config_list\b")),
)
