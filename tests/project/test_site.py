"""The site of the docs is built without a fault, and a browser shows it whole, on a desktop and on a phone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from scripts.codegen.command_pages import command_pages
from scripts.lib.layout import PROJECT
from scripts.lib.report import Failed
from scripts.site import add_release, build, navigation, publish

SHOTS = PROJECT.root / "build" / "screenshots"
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def small_project(root: Path, page: str) -> Path:
    """A project with a page, a decision and a reference."""
    for name in ("api.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"):
        (root / name).write_text(f"# {name}\n", "utf-8")
    for name in ("docs/errors.md", "docs/reference/README.md", "docs/reference/robots.md", "docs/decisions/README.md"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("# A page\n\n## A heading\n", "utf-8")
    (root / "examples").mkdir()
    (root / "README.md").write_text(page, "utf-8")
    shutil.copyfile(PROJECT.root / "zensical.toml", root / "zensical.toml")
    return root


@pytest.mark.slow
def test_links_that_lead_somewhere_are_built(tmp_path: Path) -> None:
    project = small_project(
        tmp_path, "# Robots\n\n[Errors](docs/errors.md#a-heading), [robots](docs/reference/robots.md)\n"
    )
    html = build(project, tmp_path / "work")
    assert "Robots" in (html / "index.html").read_text("utf-8")
    assert (html / "docs" / "reference" / "robots" / "index.html").exists()


@pytest.mark.slow
@pytest.mark.parametrize("target", ["docs/nowhere.md", "docs/errors.md#nowhere", "#nowhere"])
def test_a_dead_link_or_anchor_is_a_failure_that_names_it(target: str, tmp_path: Path) -> None:
    project = small_project(tmp_path, f"# Robots\n\n[There]({target})\n")
    with pytest.raises(Failed, match=r"README\.md"):
        build(project, tmp_path / "work")


def test_a_page_that_the_navigation_does_not_name_is_under_more(tmp_path: Path) -> None:
    small_project(tmp_path, "# Robots\n")
    (tmp_path / "docs" / "new.md").write_text("# New\n", "utf-8")
    found = navigation(tmp_path, [{"Start": "README.md"}, {"Guides": ["docs/errors.md", "docs/not-yet.md"]}])
    assert found == [
        {"Start": "README.md"},
        {"Guides": ["docs/errors.md"]},
        {
            "Reference": [
                {"Overview": "docs/reference/README.md"},
                {"On one page": "api.md"},
                {"robots": "docs/reference/robots.md"},
            ]
        },
        {"More": ["CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs/new.md"]},
    ]


def test_the_releases_are_listed_newest_first_and_the_start_page_leads_to_the_newest(tmp_path: Path) -> None:
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "index.html").write_text("A site.", "utf-8")
    for release in ("0.9.0", "0.10.0", "0.9.0"):
        add_release(tmp_path / "html", tmp_path / "released", release)
    versions = json.loads((tmp_path / "released" / "versions.json").read_text("utf-8"))
    assert [(each["version"], each["aliases"]) for each in versions] == [("0.10.0", ["latest"]), ("0.9.0", [])]
    assert "url=0.10.0/" in (tmp_path / "released" / "index.html").read_text("utf-8")
    assert (tmp_path / "released" / "0.9.0" / "index.html").exists()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with a commit, whose origin has no released sites."""

    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], check=True, capture_output=True)

    git("init", "--bare", str(tmp_path / "origin"))
    git("clone", str(tmp_path / "origin"), str(tmp_path / "clone"))
    who = ("-c", "user.name=a", "-c", "user.email=a@a.example")
    git("-C", str(tmp_path / "clone"), *who, "commit", "--allow-empty", "-m", "Begin")
    return tmp_path / "clone"


@pytest.mark.slow
def test_each_release_is_a_commit_on_the_branch_that_keeps_the_others(clone: Path, tmp_path: Path) -> None:
    html = tmp_path / "html"
    html.mkdir()
    (html / "index.html").write_text("A site.", "utf-8")
    (html / "assets.egg-info").write_text("What some ignore.", "utf-8")
    for release in ("0.9.0", "0.10.0", "0.10.0"):
        publish(clone, html, "gh-pages", release)
    found = tmp_path / "found"
    subprocess.run(
        ["git", "clone", "--quiet", "--branch", "gh-pages", str(tmp_path / "origin"), str(found)], check=True
    )
    assert {path.name for path in found.iterdir()} - {".git", ".nojekyll"} == {
        *("0.9.0", "0.10.0", "index.html", "versions.json")
    }
    command = ["git", "-C", str(found), "log", "--format=%s"]
    log = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert log == ["Add the site of 0.10.0", "Add the site of 0.9.0", "Begin the sites of releases"]
    assert not list(clone.parent.glob("site-*"))


@pytest.mark.slow
def test_a_branch_that_cannot_be_pushed_is_a_failure_that_says_so(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "html").mkdir()
    shutil.rmtree(tmp_path / "origin")
    with pytest.raises(Failed, match="git ls-remote"):
        publish(clone, tmp_path / "html", "gh-pages", "1.0.0")


def test_the_workflow_publishes_by_the_command_that_is_tested_here() -> None:
    workflow = (PROJECT.root / ".github" / "workflows" / "site.yml").read_text("utf-8")
    assert re.findall(r"^ +(?:- )?run: (.*)$", workflow, re.MULTILINE) == [
        "python3 scripts/dev.py nox -s docs -- --publish gh-pages"
    ]


# In a browser


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site of this project as a release, and its address."""
    folder = tmp_path_factory.mktemp("site")
    html = build(PROJECT.root, folder / "work", commands=command_pages(), released=True)
    for release in ("0.9.0", "1.0.0"):
        add_release(html, folder / "released", release)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder / "released"))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        reason = "there is no Chromium here; on Debian: apt-get install chromium"
        # Where long tests are asked for, one that did not run must not look like one that passed.
        (pytest.fail if os.environ.get("NEED_CHROMIUM") else pytest.skip)(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # In containers it runs as root, and has little shared memory.
        options = ["--no-sandbox", "--disable-dev-shm-usage"]
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield started
        started.close()


def opened(browser: Any, size: str, address: str, faults: list[str], **more: Any) -> Any:
    """A page of the site; what fails to load, or comes from elsewhere, is added to `faults`."""
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height}, **more)
    host = re.findall(r"^http://[^/]+/", address)[0]
    page.on("response", lambda response: faults.append(response.url) if response.status >= 400 else None)
    page.on(
        "request",
        lambda request: None if request.url.startswith((host, "data:", "blob:")) else faults.append(request.url),
    )
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address, wait_until="networkidle")
    return page


def shot(page: Any, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


@pytest.mark.long
@pytest.mark.representative
@pytest.mark.parametrize("size", SIZES)
def test_pages_are_shown_whole_and_the_search_leads_to_a_method(browser: Any, site: str, size: str) -> None:
    faults: list[str] = []
    pages = {
        path: re.findall(r"^## `(.+)`$", path.read_text("utf-8"), re.MULTILINE) for path in PROJECT.reference.iterdir()
    }
    largest = max(pages, key=lambda path: len(pages[path]))
    method = pages[largest][0]
    reference = f"docs/reference/{largest.stem}/"
    for name, place in (("start", ""), ("reference", f"1.0.0/{reference}"), ("guide", "1.0.0/docs/errors/")):
        page = opened(browser, size, site + place, faults)
        page.wait_for_selector("h1")
        shot(page, f"{name}-{size}")
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        # Of the headless browser's own scroll bar, nothing is to be seen on the page.
        assert page.evaluate(wide) <= 0, f"{name} overflows"
        page.close()
    page = opened(browser, size, f"{site}1.0.0/", faults)
    page.keyboard.press("/")
    page.keyboard.type(method)
    link = page.locator(f"a[href*='{reference}']").first
    link.wait_for()
    shot(page, f"search-{size}")
    link.click()
    page.wait_for_url(f"**/{reference}**")
    assert faults == []


@pytest.mark.long
def test_the_site_is_dark_where_the_reader_prefers_that_and_leads_to_other_versions(browser: Any, site: str) -> None:
    faults: list[str] = []
    colours = []
    for scheme in ("light", "dark"):
        page = opened(browser, "desktop", f"{site}1.0.0/", faults, color_scheme=scheme)
        colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        shot(page, f"start-{scheme}")
    # The selector of versions leads to another one; without an address of the site, to its start.
    page = opened(browser, "desktop", f"{site}1.0.0/docs/errors/", faults)
    page.locator(".md-version__link").filter(has_text="0.9.0").dispatch_event("click")
    page.wait_for_url("**/0.9.0/")
    light, dark = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours)
    assert dark < 200 < 600 < light
    assert faults == []
