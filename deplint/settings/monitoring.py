"""What Prometheus is told to scrape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from deplint.finding import Place
from deplint.model import Unreadable
from deplint.project import File
from deplint.settings.text import Word, small
from deplint.settings.yamltree import documents


@dataclass
class ScrapeJob:
    """A job of Prometheus. `path` is where its targets are asked, ``/metrics`` unless written; `targets` are ``host:port``."""

    place: Place
    name: str
    path: Word
    targets: list[Word] = field(default_factory=list)


@dataclass
class Scraping:
    """A configuration of Prometheus: its jobs with fixed targets."""

    path: str
    jobs: list[ScrapeJob]

    @property
    def place(self) -> Place:
        return Place(self.path)


_TEMPLATE = re.compile(r"\{\{|\{%|%\(|\[\[|\$\{|<[a-z_ -]+>")


def read_prometheus(file: File) -> list[Scraping]:
    """``prometheus.yml``; nothing for a template of one."""
    try:
        return [Scraping(file.shown, list(_jobs(file)))]
    except Unreadable:
        if _TEMPLATE.search(file.text):
            return []
        raise


def _jobs(file: File) -> Iterator[ScrapeJob]:
    for tree in documents(file.shown, small(file)):
        for job in tree.list("scrape_configs"):
            path = job.get("metrics_path")
            targets = [target.word for static in job.list("static_configs") for target in static.list("targets")]
            relabelled = job.get("relabel_configs") is not None  # which may set the path
            written = path.word if path else Word(None if relabelled else "/metrics", job.place)
            yield ScrapeJob(job.place, job.string("job_name") or "", written, targets)
