# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of all tests above unit level, and what is done before and after each of them.

    pytest tests/test_cases.py -k 'threads and gcc-O2-pie'    some tests
    pytest --collect-only -q tests/test_cases.py              their names
    KEEP=1 pytest ...                                         their work folders stay
    pytest -n 2 --junitxml FILE ...                           two at a time, results in a file
"""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import process, session, settings
from harness.doctor import Doctor
from harness.settings import Tools

pytest_plugins = ("harness.closing",)

OUTCOME: pytest.StashKey[bool] = pytest.StashKey()
FOLDER: pytest.StashKey[Path] = pytest.StashKey()
# No test may reach for all processes of the machine: libcare-ctl refuses it with this.
os.environ["LIBCARE_TESTING"] = "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="every combination, every point: hours instead of minutes")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[FOLDER] = session.begin()
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended by it, a run cleans up, too


def pytest_unconfigure(config: pytest.Config) -> None:
    if FOLDER in config.stash:
        session.end(config.stash[FOLDER], settings.keep())


@pytest.fixture(scope="session")
def tools() -> Tools:
    """The programs under test."""
    tools = Tools(settings.build_folder() / "bin")
    if missing := tools.missing():
        pytest.fail(f"not built: {', '.join(map(str, missing))}; run make first", pytrace=False)
    return tools


@pytest.fixture(scope="session")
def once() -> Callable[[str, Callable[[Path], None]], Path]:
    """once(NAME, build): the folder that build(folder) has filled, in one worker for all."""
    return session.once


@pytest.fixture
def work(request: pytest.FixtureRequest) -> Iterator[Path]:
    """An empty folder of the test's own. It stays when the test fails, or with KEEP=1."""
    folder = session.new_work(request.node.name)
    if settings.keep():
        request.node.user_properties.append(("kept", str(folder)))
    yield folder
    if request.node.stash.get(OUTCOME, False) and not settings.keep():
        session.remove(folder)


@pytest.fixture
def run() -> Callable[..., process.Result]:
    """harness.process.run"""
    return process.run


@pytest.fixture
def doctor(tools: Tools, work: Path) -> Doctor:
    """libcare-ctl, with its logs in the work folder."""
    return Doctor(tools.libcare_ctl, work)


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    """What a test has left running ends with it."""
    yield
    while process.started:
        process.started.pop().kill()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Notes how the test ended; to a failure adds what is seen of its processes and its logs."""
    outcome: Any = yield
    report: pytest.TestReport = outcome.get_result()
    if report.when == "call":
        item.stash[OUTCOME] = not report.failed
    if not report.failed:
        return
    for thing in process.started:
        report.sections.append(("process", thing.show()))
    work: Path | None = getattr(item, "funcargs", {}).get("work")
    if work is None or not work.exists():
        return
    for log in sorted(work.glob("*.log")):
        text = log.read_bytes().decode(errors="backslashreplace")
        if text:
            report.sections.append((log.name, process.tail(text, 15)))
    report.sections.append(("work folder", f"kept: {work}"))
