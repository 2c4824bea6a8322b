"""What keys, tokens and passwords look like, as those who issue them document it."""

from __future__ import annotations

from collections.abc import Mapping

SECRETS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "an AWS access key": (("AKIA", "ASIA"), r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
    "a GitHub token": (("gh", "github_pat_"), r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b"),
    "a GitLab token": (("glpat-",), r"\bglpat-[A-Za-z0-9_-]{20}\b"),
    "a Hugging Face token": (("hf_",), r"\bhf_[A-Za-z]{34}\b"),
    "a Google API key": (("AIza",), r"\bAIza[A-Za-z0-9_-]{35}\b"),
    "an OpenAI key": (("T3BlbkFJ",), r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}\b"),
    "an Anthropic key": (("sk-ant-",), r"\bsk-ant-[a-z0-9]+-[A-Za-z0-9_-]{80,}"),
    "a Slack token": (("xox",), r"\bxox[abprs]-[0-9]{10,}-[A-Za-z0-9-]{20,}"),
    "a private key": (("PRIVATE KEY",), r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
    "a password in an address": (("://",), r"://[^\s/:@\"'<>]+:[^\s/:@\"'<>{}$*]{4,}@[\w.-]+"),
}
"""What it is -> what a text with it holds for certain (quicker to look for), and what it looks like."""
