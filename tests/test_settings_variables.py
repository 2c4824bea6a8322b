"""Whether something in a project switches a variable of the environment on."""

from __future__ import annotations

from pathlib import Path

import pytest
from settings_help import project

from deplint.project import File, Project
from deplint.settings.variables import switched_on

WRITTEN = {
    "Dockerfile": "FROM a\nENV A=1 \\\n    SWITCH=1\n",
    "docker/Dockerfile.gpu": "FROM a\nENV SWITCH 1\n",
    "compose.yaml": "services:\n  a:\n    environment:\n      - SWITCH=1\n",
    "docker-compose.yml": 'services:\n  a:\n    environment:\n      SWITCH: "1"\n',
    "deployment.yaml": 'env:\n- name: SWITCH\n  value: "1"\n',
    ".env.production": "SWITCH=1\n",
    "run.sh": 'export SWITCH="1"\n',
    "deploy/app.service": '[Service]\nEnvironment="SWITCH=1"\n',
    "supervisord.conf": '[program:a]\nenvironment=A="b",SWITCH="1"\n',
    "app.py": "os.environ.setdefault('SWITCH', '1')\n",
    "main.py": 'os.environ["SWITCH"] = "1"\n',
    "gunicorn.conf.py": "raw_env = ['SWITCH=1']\n",
    "task.json": '{"environment": [{"name": "SWITCH", "value": "1"}]}',
    "net.ipynb": '{"cells": [{"source": ["os.environ[\\"SWITCH\\"] = \\"1\\"\\n"]}]}',
    "main.tf": 'name  = "SWITCH"\nvalue = "1"\n',
    "Procfile": "web: SWITCH=1 gunicorn app:app\n",
}


def _on(of: Project) -> bool:
    return switched_on("SWITCH", of, File(of.root / "service.py"))


@pytest.mark.parametrize("name", WRITTEN)
def test_where_a_variable_is_set(tmp_path: Path, name: str) -> None:
    assert _on(project(tmp_path, {name: WRITTEN[name]}))


@pytest.mark.parametrize("name", WRITTEN)
def test_a_variable_that_is_set_to_no_is_off(tmp_path: Path, name: str) -> None:
    head, _, tail = WRITTEN[name].rpartition("1")
    assert not _on(project(tmp_path, {name: f"{head}0{tail}"}))


def test_what_is_computed_counts_and_other_names_do_not(tmp_path: Path) -> None:
    assert _on(project(tmp_path / "a", {"app.py": "os.environ['SWITCH'] = legacy\n"}))
    assert not _on(project(tmp_path / "b", {"a.env": "SWITCH_OFF=1\nMY_SWITCH=1\n", "net.bin": "SWITCH=1"}))
