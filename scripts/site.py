"""Build the site of the docs into build/site/html, strictly: a dead link or anchor is a failure.

--serve shows it on this machine. --add-to adds it to a folder of released sites, as the version that it is of: there
the selector on each page leads from version to version, and the start page to the newest release. --publish does so on
a branch of the forge, which that publishes.

Exit status: 0 done, 1 the site has faults.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from packaging.version import Version

from scripts.codegen.command_pages import command_pages
from scripts.lib.layout import PACKAGE, PROJECT
from scripts.lib.process import git, run, tool
from scripts.lib.report import Failed, show_error
from scripts.lib.verb import Arguments

PAGES = ["README.md", "api.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "docs", "examples"]
"""What the site is made of, and what its pages link to."""

COMMANDS = "docs/commands"

ALONE = {"docs/decisions", "docs/reference"}
"""Folders whose first page leads to the others."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = Arguments("python -m scripts.site", __doc__)
    parser.add_argument("--serve", action="store_true", help="show it on this machine, until Ctrl-C")
    parser.add_argument("--add-to", type=Path, metavar="DIR", help="add it to these released sites")
    parser.add_argument("--publish", metavar="BRANCH", help="add it to the released sites on this branch of `origin`")
    options = parser.parse_args(arguments)
    work = PROJECT.root / "build" / "site"
    try:
        html = build(PROJECT.root, work, commands=command_pages(), released=bool(options.add_to or options.publish))
        if options.add_to:
            add_release(html, options.add_to, version(PROJECT.root))
        if options.publish:
            publish(PROJECT.root, html, options.publish, version(PROJECT.root))
        if options.serve:
            return subprocess.call(tool("zensical", "serve", "--config-file", work / "zensical.toml"), cwd=work)
    except Failed as error:
        return show_error(error, as_json=options.json)
    print(options.publish or options.add_to or html)
    return 0


def build(root: Path, work: Path, *, commands: Mapping[str, str] | None = None, released: bool = False) -> Path:
    """Build the site of the project `root` in the folder `work`; returns the folder of its pages.

    The pages of the command line are added to it; a `released` one looks for other versions next to it.

    Raises:
        Failed: a link or an anchor leads nowhere, or the site cannot be built.
    """
    shutil.rmtree(work, ignore_errors=True)
    source = work / "source"
    for name in PAGES:
        path = root / name
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(path, target) if path.is_dir() else shutil.copyfile(path, target)
    for name, text in (commands or {}).items():
        page = source / COMMANDS / name
        page.parent.mkdir(exist_ok=True)
        page.write_text(text, encoding="utf-8")
    settings = tomllib.loads((root / "zensical.toml").read_text("utf-8"))["project"]
    if released:
        settings["extra"] = {"version": {"provider": "mike"}}
    settings |= {"docs_dir": "source", "site_dir": "html", "nav": navigation(source, settings["nav"])}
    (work / "zensical.toml").write_text(f"project = {_toml(settings)}\n", encoding="utf-8")
    command = tool("zensical", "build", "--strict", "--config-file", work / "zensical.toml")
    run("site", "the site has faults", command, folder=work)
    return work / "html"


def navigation(source: Path, nav: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The navigation: what `nav` names and is there, the reference, and under `More` what is nowhere else."""

    def pages_in(folder: str) -> list[str]:
        found = sorted(path for path in (source / folder).glob("*.md") if path.name != "README.md")
        return [path.relative_to(source).as_posix() for path in found]

    sections = {title: pages for section in nav for title, pages in section.items()}
    sections["Reference"] = [{"Overview": "docs/reference/README.md"}, {"On one page": "api.md"}]
    reference = {Path(page).stem: page for page in pages_in("docs/reference")}
    own_first = sorted(reference, key=lambda name: (not name.startswith(PACKAGE), name))
    sections["Reference"] += [{name: reference[name]} for name in own_first]
    for title, folder in (("Cookbook", "docs/cookbook"), ("Commands", COMMANDS)):
        sections[title] = [f"{folder}/README.md", *pages_in(folder)]
    for title, pages in sections.items():
        if isinstance(pages, list):
            sections[title] = [each for each in pages if not isinstance(each, str) or (source / each).exists()]
    named = set(re.findall(r"[\w/.-]+\.md", json.dumps(sections)))
    everything = (path.relative_to(source) for path in sorted(source.rglob("*.md")))
    sections["More"] = [
        path.as_posix() for path in everything if path.as_posix() not in named and path.parent.as_posix() not in ALONE
    ]
    return [{title: pages} for title, pages in sections.items() if pages]


def add_release(html: Path, folder: Path, release: str) -> None:
    """Add a site to the released ones in `folder`, or put it in the place of an earlier build of its version."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / release, ignore_errors=True)
    shutil.copytree(html, folder / release)
    found = [each.name for each in folder.iterdir() if re.match(r"\d+\.", each.name)]
    releases = sorted(found, key=Version, reverse=True)
    versions = [
        {"version": each, "title": each, "aliases": ["latest"] if each == releases[0] else []} for each in releases
    ]
    (folder / "versions.json").write_text(json.dumps(versions, indent=2) + "\n", encoding="utf-8")
    forward = f'<meta http-equiv="refresh" content="0; url={releases[0]}/">'
    start = f"<!doctype html>\n<title>instantly-client</title>\n{forward}\n"
    (folder / "index.html").write_text(start, encoding="utf-8")
    (folder / ".nojekyll").touch()


def publish(root: Path, html: Path, branch: str, release: str) -> None:
    """Add a site to the released ones on a branch of `origin`, as a commit; nothing happens if it is there already.

    Raises:
        Failed: the branch cannot be fetched or pushed.
    """
    who = ("-c", "user.name=site", "-c", "user.email=site@localhost")
    if git("site", root, "ls-remote", "--heads", "origin", branch):
        git("site", root, "fetch", "--quiet", "origin", branch)
        start = "FETCH_HEAD"
    else:
        nothing = git("site", root, "hash-object", "-t", "tree", "-w", os.devnull).strip()
        start = git("site", root, *who, "commit-tree", nothing, "-m", "Begin the sites of releases").strip()
    with tempfile.TemporaryDirectory(prefix="site-") as folder:
        released = Path(folder) / "released"
        git("site", root, "worktree", "add", "--quiet", "--detach", str(released), start)
        try:
            add_release(html, released, release)
            git("site", released, "add", "--all", "--force")
            if git("site", released, "status", "--porcelain"):
                git("site", released, *who, "commit", "--quiet", "--message", f"Add the site of {release}")
                git("site", released, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
        finally:
            git("site", root, "worktree", "remove", "--force", str(released))


def version(root: Path) -> str:
    """The version of the project."""
    text = (root / "core" / "instantly_core" / "version.py").read_text("utf-8")
    return str(re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)[0])


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
