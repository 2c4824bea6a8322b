"""Which files a walk finds: what git would keep, without other people's folders, each once, and nothing silently."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deplint.discover import Found, Patterns, discover, project_root


def tree(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x")


def names(found: Found, root: Path) -> list[str]:
    return [file.path.relative_to(root).as_posix() for file in found.files]


def test_a_folder_gives_its_files_sorted_without_other_peoples(tmp_path):
    tree(tmp_path, "b.py", "a.py", "sub/c.py", "node_modules/x/y.js", ".git/config", "env/pyvenv.cfg", "env/lib/z.py", "__pycache__/a.pyc")
    assert names(discover([tmp_path]), tmp_path) == ["a.py", "b.py", "sub/c.py"]


def test_copies_of_frameworks_and_what_macos_leaves_are_passed_over(tmp_path):
    tree(tmp_path, "jni/include/tensorflow/core/a.py", "jni/include/tensorflow/python/b.py", "src/tensorflow/core/own.py", "._app.py")
    tree(tmp_path, "__MACOSX/app/._app.py", "third_party/gflags/g.py", "app/third_party.py", "app/yolov5/models/own.py")
    tree(tmp_path, "tensorflow/core/c.py", "tensorflow/python/d.py", "server/yolov5/models/common.py", "server/yolov5/utils/plots.py")
    kept = [
        "app/third_party.py",
        "app/yolov5/models/own.py",
        "src/tensorflow/core/own.py",
        "tensorflow/core/c.py",
        "tensorflow/python/d.py",
    ]
    assert names(discover([tmp_path]), tmp_path) == kept


def test_each_file_once(tmp_path):
    tree(tmp_path, "a.py", "sub/b.py")
    paths = [tmp_path, tmp_path / "a.py", tmp_path / "sub", tmp_path / "sub" / ".." / "a.py"]
    assert names(discover(paths), tmp_path) == ["a.py", "sub/b.py"]


@pytest.mark.skipif(not shutil.which("git"), reason="git says what git ignores")
def test_it_finds_what_git_would_track(tmp_path):
    tree(
        tmp_path,
        "a.py",
        "build/x.py",
        "sub/keep.log",
        "sub/b.log",
        "sub/deep/c.log",
        "sub/build/y.py",
        "top.txt",
        "sub/top.txt",
        "dir/top.txt/z.py",
    )
    (tmp_path / ".gitignore").write_text("/build/\n*.log\n!sub/keep.log\ntop.txt\n# comment\n\n")
    (tmp_path / "sub" / ".gitignore").write_text("!deep/*.log\n/build\n")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    listed = subprocess.run(
        ["git", "-C", tmp_path, "ls-files", "--cached", "--others", "--exclude-standard"], capture_output=True, text=True, check=True
    )
    assert names(discover([tmp_path]), tmp_path) == sorted(listed.stdout.split())
    assert names(discover([tmp_path / "sub"]), tmp_path) == sorted(n for n in listed.stdout.split() if n.startswith("sub/"))


@pytest.mark.skipif(not shutil.which("git"), reason="git says what git ignores")
@pytest.mark.parametrize("again", ["!*/", "!/**/", "!**/"])
def test_a_list_of_what_git_keeps_is_read_as_git_does(tmp_path, again):
    tree(tmp_path, "a.py", "Makefile", "sub/b.py", "sub/noext", "sub/deep/c.py", "node_modules/x.js", "out/d.py", "out/in/e.py")
    (tmp_path / ".gitignore").write_text(f"*\n{again}\n!*.*\n\nout/\n!out/in/\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    git = subprocess.run(["git", "ls-files", "-o", "--exclude-standard"], cwd=tmp_path, check=True, capture_output=True, text=True)
    kept = sorted(path for path in git.stdout.split() if not path.startswith("node_modules/"))
    assert names(discover([tmp_path]), tmp_path) == kept


def test_a_file_named_by_its_path_is_taken_even_if_git_ignores_it(tmp_path):
    tree(tmp_path, "a.log")
    (tmp_path / ".gitignore").write_text("*.log\n")
    assert names(discover([tmp_path / "a.log"]), tmp_path) == ["a.log"]
    assert names(discover([tmp_path]), tmp_path) == [".gitignore"]


def test_a_folder_named_by_its_path_is_taken_even_if_git_ignores_it(tmp_path):
    tree(tmp_path, ".git/config", "build/a.py", "build/deep/b.py", "build/deep/c.log")
    (tmp_path / ".gitignore").write_text("/build/\n")
    (tmp_path / "build" / ".gitignore").write_text("*.log\n.gitignore\n")
    assert names(discover([tmp_path]), tmp_path) == [".gitignore"]
    assert names(discover([tmp_path / "build"]), tmp_path) == ["build/a.py", "build/deep/b.py"]
    assert names(discover([tmp_path / "build" / "deep"]), tmp_path) == ["build/deep/b.py"]


def test_exclude_holds_for_folders_files_and_named_files(tmp_path):
    tree(tmp_path, "gen/a.py", "src/gen/b.py", "src/c.py", "src/d.ipynb")
    left_out = [Patterns(tmp_path, ["/gen/", "*.ipynb"])]
    assert names(discover([tmp_path], left_out), tmp_path) == ["src/c.py", "src/gen/b.py"]
    found = discover([tmp_path / "gen" / "a.py"], left_out)
    assert (found.files, found.excluded) == ([], [str(tmp_path / "gen" / "a.py")])
    assert discover([tmp_path / "gen"], left_out).files == []


def test_patterns_hold_below_their_folder_only(tmp_path):
    patterns = Patterns(tmp_path / "sub", ["*.py"])
    assert patterns.match(str(tmp_path / "sub" / "x" / "a.py"))
    assert not patterns.match(str(tmp_path / "a.py"))
    assert not Patterns(tmp_path, []).match(str(tmp_path / "a.py"))


def test_what_is_missing_is_said(tmp_path):
    assert discover([tmp_path / "none"]).missing == [str(tmp_path / "none")]


def test_links_are_not_followed_into_folders(tmp_path):
    tree(tmp_path, "real/a.py")
    os.symlink(tmp_path / "real", tmp_path / "link")
    os.symlink(tmp_path, tmp_path / "real" / "loop")
    assert names(discover([tmp_path]), tmp_path) == ["real/a.py"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_said(tmp_path):
    tree(tmp_path, "closed/a.py")
    (tmp_path / "closed").chmod(0)
    try:
        found = discover([tmp_path])
    finally:
        (tmp_path / "closed").chmod(0o755)
    assert found.skipped[0][1] == "Permission denied"


def test_a_deep_tree_is_walked_to_its_end(tmp_path):
    folder = tmp_path
    for _ in range(1500):
        folder = folder / "d"
        os.mkdir(folder)
    (folder / "a.py").write_text("x")
    found = discover([tmp_path]).files
    # pytest's own clean-up recurses, and would not come to that depth.
    (folder / "a.py").unlink()
    while folder != tmp_path:
        folder.rmdir()
        folder = folder.parent
    assert len(found) == 1


def test_a_fifo_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    assert discover([tmp_path]).files == []
    assert discover([tmp_path / "pipe.py"]).files == []


def test_a_walk_that_finds_too_much_ends_and_says_so(tmp_path):
    tree(tmp_path, *(f"{n}.py" for n in range(5)))
    found = discover([tmp_path], limit=3)
    assert len(found.files) == 3
    assert found.skipped[0][1] == "more than 3 files"


def test_the_root_is_the_repository_or_what_the_paths_share(tmp_path):
    tree(tmp_path, "repo/.git/config", "repo/a/x.py", "repo/b/y.py")
    paths = [tmp_path / "repo" / "a" / "x.py", tmp_path / "repo" / "b"]
    assert project_root(paths) == tmp_path / "repo"
    shutil.rmtree(tmp_path / "repo" / ".git")
    assert project_root(paths) == tmp_path / "repo"
    assert project_root(paths[:1]) == tmp_path / "repo" / "a"
