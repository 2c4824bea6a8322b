"""Programs that are started, and the settings of servers around them."""

from __future__ import annotations

from pathlib import Path

import pytest
from settings_help import one, project, read

from deplint.settings.commands import programs, started
from deplint.settings.containers import Deployment
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.functions import Functions
from deplint.settings.monitoring import Scraping
from deplint.settings.repository import loads, subfolders, versions
from deplint.settings.scripts import Script
from deplint.settings.torchserve import TorchServeConfig
from deplint.settings.triton import BatchingParameters, Monitoring, ServingModels, TritonConfig


@pytest.mark.parametrize(
    ("command", "name", "words"),
    [
        ("uvicorn app:app --port 80", "uvicorn", ["app:app", "--port", "80"]),
        ("exec /usr/local/bin/uvicorn app:app", "uvicorn", ["app:app"]),
        ("env A=1 B=2 nohup uvicorn app:app", "uvicorn", ["app:app"]),
        ("A=1 uvicorn app:app", "uvicorn", ["app:app"]),
        ("python3.11 -u -W ignore -m uvicorn app:app", "uvicorn", ["app:app"]),
        ("poetry run uvicorn app:app", "uvicorn", ["app:app"]),
        ("conda run -n base uvicorn app:app", "uvicorn", ["app:app"]),
        ("tini -- uvicorn app:app", "uvicorn", ["app:app"]),
        ("python -u app.py --port 80", "python", ["app.py", "--port", "80"]),
    ],
)
def test_what_stands_in_front_of_a_program(tmp_path: Path, command: str, name: str, words: list[str]) -> None:
    for text, kind in ((f"FROM python\nCMD {command}\n", Deployment), (f"FROM python\nRUN {command}\n", Dockerfile)):
        facts = one(tmp_path, "Dockerfile", text, kind)
        (program,) = programs(facts)
        assert (program.name, [word.text for word in program.arguments]) == (name, words)
    script = one(tmp_path, "run.sh", f"{command}\n# uvicorn\n", Script)
    assert [program.name for program in programs(script)] == [name]


def test_the_image_starts_its_own_program(tmp_path: Path) -> None:
    (program,) = programs(one(tmp_path, "Dockerfile", 'FROM tensorflow/serving\nCMD ["--model_name=a", "--b", "c"]\n', Deployment))
    assert program.stock and program.name == "tensorflow_model_server"
    assert {name: word.text for name, word in program.flags.items()} == {"model_name": "a", "b": "c"}
    (program,) = programs(one(tmp_path, "Dockerfile", 'FROM tensorflow/serving\nENTRYPOINT ["/bin/other"]\nCMD ["a"]\n', Deployment))
    assert not program.stock and program.name == "other"


def test_a_script_stands_for_what_it_starts(tmp_path: Path) -> None:
    files = {"Dockerfile": 'FROM python\nEXPOSE 80\nCMD ["./start.sh"]\n', "start.sh": "set -e\nexec gunicorn -b 127.0.0.1:80 app:app\n"}
    made = project(tmp_path, files)
    (deployment,) = made.all(Deployment)
    assert [program.name for program in started(deployment, made)] == ["set", "gunicorn"]
    assert all(program.container is deployment.containers[0] for program in started(deployment, made))


def test_batching_and_monitoring(tmp_path: Path) -> None:
    batching = one(tmp_path, "batching.txt", "max_batch_size { value: 4 }\nnum_batch_threads { value: 2 }\n", BatchingParameters)
    assert batching.message.get("max_batch_size").integer("value") == 4
    assert not [f for f in read(tmp_path, "config.pbtxt", 'platform: "a"\nmax_batch_size: 4\n') if isinstance(f, BatchingParameters)]
    for text, metrics in (
        ("prometheus_config { enable: true }", "/monitoring/prometheus/metrics"),
        ('prometheus_config: {\n  enable: true,\n  path: "/m"\n}', "/m"),
        ('prometheus_config { enable: false path: "/m" }', ""),
    ):
        assert one(tmp_path, "monitoring.config", text, Monitoring).metrics == metrics


def test_how_many_versions_are_kept(tmp_path: Path) -> None:
    text = 'model_config_list { config { name: "a" model_type: TENSORFLOW model_version_policy { latest { num_versions: 3 } } } }'
    (model,) = one(tmp_path, "models.config", text, ServingModels).models
    assert (model.policy, model.kept, model.platform) == ("latest", 3, "tensorflow")


def test_templates_are_nothing_yet(tmp_path: Path) -> None:
    assert not [f for f in read(tmp_path, "config.pbtxt", 'name: "a"\nmax_batch_size: ${b}\n') if isinstance(f, TritonConfig)]
    assert not [f for f in read(tmp_path, "prometheus.yml", "scrape_configs:\n- job_name: %(a)s\n") if isinstance(f, Scraping)]


def test_prometheus(tmp_path: Path) -> None:
    text = "scrape_configs:\n- job_name: a\n  static_configs: [{targets: [b:1, c:2]}]\n- job_name: d\n  relabel_configs: []\n"
    first, second = one(tmp_path, "prometheus.yml", text, Scraping).jobs
    assert (first.path.text, [target.text for target in first.targets]) == ("/metrics", ["b:1", "c:2"])
    assert second.path.text is None


def test_torchserve(tmp_path: Path) -> None:
    text = "inference_address = http://0.0.0.0:8080\nmodels={\\\n  a}\ndisable_token_authorization=TRUE\nmodel_store=${STORE}\n"
    config = one(tmp_path, "config.properties", text, TorchServeConfig)
    assert config.on("disable_token_authorization") and not config.on("enable_model_api")
    assert {name: word.text for name, word in config.values.items()} == {
        "inference_address": "http://0.0.0.0:8080", "models": "{a}", "disable_token_authorization": "TRUE", "model_store": None,
    }  # fmt: skip


def test_functions(tmp_path: Path) -> None:
    text = (
        "provider: {name: aws, runtime: python3.11}\nplugins: [serverless-python-requirements]\nfunctions: {a: {handler: b, module: c}}\n"
    )
    (function,) = one(tmp_path, "serverless.yml", text, Functions).functions
    assert (function.name, function.runtime, function.requirements) == ("a", "python3.11", "c/requirements.txt")
    assert not one(tmp_path, "serverless.yml", text + "custom: {pythonRequirements: {zip: true}}\n", Functions).functions
    sam = "Transform: AWS::Serverless-1\nResources: {A: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: b, Runtime: python3}}}\n"
    assert [f.requirements for f in one(tmp_path, "template.yaml", sam, Functions).functions] == ["b/requirements.txt"]


def test_versions_of_a_triton_model(tmp_path: Path) -> None:
    files = {"m/config.pbtxt": 'backend: "python"\n', "m/1/model.py": "", "m/10/model.py": "", "m/02/model.py": "", "m/warmup/x": ""}
    made = project(tmp_path, files)
    (config,) = made.all(TritonConfig)
    assert list(versions(config, made)) == [10, 1]
    assert [path.name for path in subfolders(config, made)] == ["02", "1", "10"]
    assert loads(config) == "model.py"
