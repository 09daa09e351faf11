# SPDX-License-Identifier: GPL-2.0-or-later
"""A pytest plugin: each skip with its reason, and the closing line of all our runners.

The last line of the output is `N passed, N failed, N skipped`; errors outside of a test (in
its fixtures, while a file is collected) count as failed. With xdist the controller prints it.
"""

from collections.abc import Iterator

import pytest
from _pytest.terminal import TerminalReporter


def reporter_of(config: pytest.Config) -> TerminalReporter | None:
    """The terminal of this run; none in a worker of xdist."""
    if hasattr(config, "workerinput"):
        return None
    reporter: TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    return reporter


def reason_of(report: pytest.TestReport) -> str:
    """What the test said when it skipped itself."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    show_kept(terminalreporter)
    show_left_out(terminalreporter)
    show_skips(terminalreporter)


def show_kept(terminalreporter: TerminalReporter) -> None:
    """The work folders that stay with KEEP=1. (Those of failed tests stand at the failures.)"""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "kept":
                terminalreporter.line(f"kept: {value}")


def show_left_out(terminalreporter: TerminalReporter) -> None:
    """Parts of tests that passed, for which the machine lacks something."""
    count: dict[str, int] = {}
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "left out":
                count[value] = count.get(value, 0) + 1
    for what, tests in sorted(count.items()):
        terminalreporter.line(f"left out in {tests} tests: {what}")


def show_skips(terminalreporter: TerminalReporter) -> None:
    by_reason: dict[str, list[str]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        by_reason.setdefault(reason_of(report), []).append(report.nodeid)
    if not by_reason:
        return
    terminalreporter.section("skipped")
    for reason, tests in sorted(by_reason.items()):
        terminalreporter.line(f"{len(tests)} skipped: {reason}")
        for test in tests:
            terminalreporter.line(f"  {test}")


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    yield  # everything that pytest prints comes before
    reporter = reporter_of(session.config)
    if reporter is None or session.config.option.collectonly:
        return
    count = {kind: len(reporter.stats.get(kind, [])) for kind in ("passed", "failed", "error", "skipped")}
    failed = count["failed"] + count["error"]
    # A run that breaks off (an error of pytest, an interrupt) has failed, too.
    if session.exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) and not failed:
        failed = 1
    reporter.line(f"{count['passed']} passed, {failed} failed, {count['skipped']} skipped")
