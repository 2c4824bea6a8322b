"""Where the configuration comes from, what each key means, and that mistakes are errors that name the way out."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
import toy

from deplint import config, plugins
from deplint.config import KEYS, Config, ConfigError, Waiver
from deplint.finding import Severity
from deplint.names import Names

NAMES = Names(toy.RULES)


def written(folder: Path, name: str, text: str) -> Config:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return config.find(folder)


def test_without_a_file_the_defaults_hold(tmp_path):
    (tmp_path / ".git").mkdir()
    found = config.find(tmp_path)
    assert (found.path, found.select, found.fail_on, found.format) == (None, None, Severity.warning, "text")


def test_the_nearest_file_wins_whole(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "deplint.toml").write_text('select = ["TOY001"]\nformat = "json"\n')
    (tmp_path / "sub" / "deep").mkdir(parents=True)
    (tmp_path / "sub" / "pyproject.toml").write_text('[tool.deplint]\nfail-on = "info"\n')
    (tmp_path / "sub" / "deep" / "pyproject.toml").write_text("[tool.other]\ndeplint = 1\n")
    (tmp_path / "sub" / "deep" / "a.py").write_text("")
    found = config.find(tmp_path / "sub" / "deep" / "a.py")
    assert found.path == tmp_path / "sub" / "pyproject.toml"
    assert (found.fail_on, found.select, found.format) == (Severity.info, None, "text")
    assert found.root == tmp_path / "sub"


def test_in_one_folder_deplint_toml_comes_first(tmp_path):
    (tmp_path / "setup.cfg").write_text("[deplint]\nformat = c\n")
    assert config.find(tmp_path).format == "c"
    (tmp_path / "pyproject.toml").write_text('[tool.deplint]\nformat = "b"\n')
    assert config.find(tmp_path).format == "b"
    (tmp_path / "deplint.toml").write_text('format = "a"\n')
    assert config.find(tmp_path).format == "a"


def test_the_search_ends_at_the_repository(tmp_path):
    (tmp_path / "deplint.toml").write_text('format = "json"\n')
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    assert config.find(tmp_path / "repository").path is None


TOML = """
select = ["TOY001", "M.2"]
ignore = ["TOY003", { rule = ["no-gray"], paths = ["old/"], reason = "later", until = 2030-01-31 }]
exclude = ["gen/"]
fail-on = "error"
severity = { no-gray = "info" }
baseline = "known.json"
[versions]
tensorflow = "2.13"
[rules.no-color]
limit = 3
"""

CFG = """
[deplint]
select = TOY001, M.2
ignore = TOY003
exclude =
    gen/
fail-on = error
baseline = known.json
[deplint:severity]
no-gray = info
[deplint:versions]
tensorflow = 2.13
[deplint:rules:no-color]
limit = 3
[deplint:ignore:gray]
rule = no-gray
paths = old/
reason = later
until = 2030-01-31
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deplint.toml", TOML),
        (
            "pyproject.toml",
            "[tool.deplint]" + TOML.replace("[versions]", "[tool.deplint.versions]").replace("[rules.", "[tool.deplint.rules."),
        ),
        ("setup.cfg", CFG),
    ],
)
def test_every_key_in_every_file(tmp_path, name, text):
    found = written(tmp_path, name, text).resolve(NAMES)
    assert found == Config(
        root=tmp_path,
        path=tmp_path / name,
        select=("TOY001", "M.2"),
        ignore=("TOY003",),
        waivers=(Waiver(("TOY002",), "later", ("old/",), datetime.date(2030, 1, 31)),),
        exclude=("gen/",),
        fail_on=Severity.error,
        severity={"TOY002": Severity.info},
        rules={"TOY001": {"limit": 3}},
        versions={"tensorflow": "2.13"},
        baseline=tmp_path / "known.json",
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('selct = ["TOY001"]', "unknown key 'selct'; did you mean 'select'?"),
        ("select = 3", "select: a list of strings is wanted, not 3"),
        ('fail-on = "never"', "fail-on: error, warning or info is wanted, not 'never'"),
        ('severity = { TOY001 = "bad" }', "severity: TOY001: error, warning or info"),
        ('ignore = [{ rule = "TOY001" }]', "says why, in `reason`"),
        ('ignore = [{ reason = "x" }]', "names a `rule`, `paths`, or both"),
        ('ignore = [{ rule = "TOY001", reason = "x", untill = 2030-01-01 }]', "did you mean 'until'?"),
        ('ignore = [{ rule = "TOY001", reason = "x", until = "soon" }]', "until: a date such as 2027-01-31 is wanted"),
        ("exclude = [", "deplint.toml: "),
        ("versions = { tensorflow = 2.13 }", "versions: tensorflow: a string is wanted, not 2.13"),
        ('versions = { tensorflow = "latest" }', "versions: tensorflow: a version such as 2.13, or a range such as >=2.13, is wanted"),
    ],
)
def test_mistakes_are_errors_that_name_file_and_key(tmp_path, text, problem):
    with pytest.raises(ConfigError) as raised:
        written(tmp_path, "deplint.toml", text)
    assert problem in str(raised.value)
    assert str(tmp_path / "deplint.toml") in str(raised.value)


def test_a_file_that_cannot_be_read_is_not_passed_over(tmp_path):
    (tmp_path / "deplint.toml").symlink_to("deplint.toml")
    with pytest.raises(ConfigError, match=r"deplint\.toml: Too many levels"):
        config.find(tmp_path)


def test_a_key_that_is_also_a_section_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match=r"setup.cfg: severity is a key and a section \[deplint:severity\]"):
        written(tmp_path, "setup.cfg", "[deplint]\nseverity = x\n[deplint:severity]\nTOY001 = info\n")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('select = ["no-colour"]', "did you mean 'no-color'?"),
        ('ignore = ["TOY0"]', "no rule, category or leaf is called 'TOY0'"),
        ("[rules.TOY001]\nlimits = 3", "TOY001 has no option 'limits'; did you mean 'limit'?"),
        ('[rules.TOY001]\nlimit = "many"', "TOY001.limit: int is wanted, not 'many'"),
        ("[rules.TOY001]\nlimit = true", "TOY001.limit: int is wanted, not True"),
        ('severity = { nothing = "info" }', "no rule is called 'nothing'"),
        ('ignore = [{ rule = "nothing", reason = "x" }]', "is called 'nothing'"),
    ],
)
def test_rules_and_options_must_exist(tmp_path, text, problem):
    with pytest.raises(ConfigError) as raised:
        written(tmp_path, "deplint.toml", text).resolve(NAMES)
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("kind", "given", "read"),
    [
        (int, 3, 3),
        (int, "3", 3),
        (float, 2, 2.0),
        (bool, "yes", True),
        (bool, False, False),
        (str, "x", "x"),
        (tuple, ["a"], ("a",)),
        (tuple, "a, b", ("a", "b")),
    ],
)
def test_options_take_the_type_of_their_default(kind, given, read):
    converted = config._convert(kind, given)
    assert (converted, type(converted)) == (read, kind)


@pytest.mark.parametrize(("kind", "given"), [(int, 2.5), (bool, 1), (str, 3), (tuple, [3]), (int, None)])
def test_options_refuse_other_types(kind, given):
    with pytest.raises(ConfigError):
        config._convert(kind, given)


@pytest.mark.parametrize("key", KEYS)
def test_every_documented_example_is_valid(tmp_path, key):
    text = KEYS[key].example
    assert text.startswith(key)
    written(tmp_path, "deplint.toml", text).resolve(Names(plugins.load().rules))


def test_a_configuration_named_on_the_command_line(deplint):
    Path("a.toy").write_text("color\n")
    Path("other.toml").write_text('ignore = ["TOY001", "TOY003"]\n')
    assert deplint("--config", "other.toml", "a.toy").code == 0


def test_severities_and_options_reach_the_rules(deplint):
    Path("a.toy").write_text("color color\n")
    Path("deplint.toml").write_text('severity = { TOY001 = "warning" }\nignore = ["TOY003"]\nrules.TOY001.limit = 1\n')
    assert deplint("a.toy").out.splitlines()[-1] == "1 warning in 1 file; 1 with a fix."
