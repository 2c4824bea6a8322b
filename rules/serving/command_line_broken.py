"""A command whose option begins with a dash that is no hyphen, or whose line is not continued.

Text processors and web pages make ``–`` of ``--``. For a program that is no option: it takes the word for an argument, or docker for
the name of the image (``invalid reference format``). A backslash continues a line if it is the last character of it: with a
blank behind it, the command ends there, and the next line is a command of its own.

```bash bad path=serve.sh
tensorflow_model_server --port=8500 –rest_api_port=8501 --model_name=m --model_base_path=/models/m  # <-
docker run –p 8501:8501 -e MODEL_NAME=m tensorflow/serving  # <-
```

```dockerfile bad
FROM tensorflow/serving:2.19.0
COPY export /models/m
CMD ["—model_name=m"]  # <-
```

```bash good path=serve.sh
echo "– starting"
echo –rest_api_port
tensorflow_model_server --port=8500 --rest_api_port=8501 \\
  --model_name=m --model_base_path=/models/m
docker run -e GREETING=–hello -e MODEL_NAME=m tensorflow/serving
```

References: https://docs.docker.com/reference/cli/docker/container/run/; bash's manual, 3.1.2.1
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.commands import programs
from deplint.settings.containers import Deployment
from deplint.settings.scripts import Script
from deplint.settings.text import Word

DASH = re.compile(r"[\u2012-\u2015\u2212]{1,2}[A-Za-z][\w-]*(?:=.*)?", re.S)
SPEAKING = frozenset(("echo", "printf", "cat", "git", "say", "logger", "read", "help"))


@rule(
    "DPL656",
    severity="error",
    leaves=["S.3.3", "S.4.5"],
    see=[
        "https://www.gnu.org/software/bash/manual/html_node/Escape-Character.html",
        "https://docs.docker.com/reference/cli/docker/container/run/",
    ],
)
def command_line_broken(facts: Deployment | Script) -> Iterator[Finding]:
    for words in _commands(facts):
        for word in words[1:]:
            text = word.text if word.text is not None else word.written
            if DASH.fullmatch(text) and not word.written.startswith(("'", '"')):
                yield Finding(
                    word,
                    f"{text.partition('=')[0]} begins with a dash that is no hyphen: the program takes it for an argument, not an option",
                    help="write it with the hyphen of the keyboard: " + ("--" if len(text.lstrip(DASHES).partition("=")[0]) > 1 else "-"),
                )
                break
            if word.written and text.isspace() and word.written.startswith("\\"):
                yield Finding(
                    word,
                    "a blank stands behind the backslash: the command ends here, and the next line is another one",
                    help="end the line with the backslash",
                )
                break


DASHES = "\u2012\u2013\u2014\u2015\u2212"


def _commands(facts: Deployment | Script) -> Iterator[list[Word]]:
    if isinstance(facts, Script):
        yield from (command.words for command in facts.commands if command.words and command.words[0].text not in SPEAKING)
    elif facts.kind in ("dockerfile", "compose", "kubernetes"):
        for program in programs(facts):
            if program.name not in SPEAKING:
                yield [Word(program.name, program.place), *program.arguments]
