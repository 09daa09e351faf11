# SPDX-License-Identifier: GPL-2.0-or-later
"""The harness fails where it must: each of its assertions is seen to fail, and the runners
count what they are given. Shell scripts stand in for libcare-ctl and for a GoogleTest program."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import matrix, process, session
from harness.case import Case, lacks, says
from harness.doctor import Doctor
from harness.matrix import Combination
from harness.process import Background, CommandFailed, run
from harness.settings import TESTS, Tools
from harness.target import Target


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def echo(work: Path) -> Target:
    """A target that answers what it is asked."""
    target = Target(["cat"], executable=Path("/bin/cat"), log=work / "target.log")
    target.sleeps_in_read()
    return target


# ---- commands -------------------------------------------------------------------------
def test_run_gives_status_and_output() -> None:
    result = run(["sh", "-c", "echo out; echo err >&2; exit 3"], expect=3)
    assert (result.out, result.err, result.both) == ("out\n", "err\n", "out\nerr\n")
    merged = run(["sh", "-c", "echo a >&2; echo b; echo c >&2"], merge=True)
    assert merged.out == "a\nb\nc\n"


def test_run_fails_with_another_status() -> None:
    with pytest.raises(CommandFailed, match="(?s)ends with 3 instead of 0.*words"):
        run(["sh", "-c", "echo words; exit 3"])


def test_run_ends_what_hangs() -> None:
    with pytest.raises(CommandFailed, match="does not end in 0.1 s"):
        run(["sleep", "600"], timeout=0.1)


def test_background_fails_when_it_ends_without_the_words(work: Path) -> None:
    background = Background(["echo", "other"], log=work / "log")
    with pytest.raises(CommandFailed, match="ended before it said 'words'"):
        background.wait_for("words")
    with pytest.raises(CommandFailed, match="ends with 0 instead of 1"):
        background.wait(expect=1)


# ---- targets --------------------------------------------------------------------------
def test_target_fails_with_another_answer(work: Path) -> None:
    target = echo(work)
    target.expect("a", "a")
    with pytest.raises(AssertionError, match="asked 'a', expected 'b', got 'a'"):
        target.expect("a", "b")
    target.sleeps_in_read()  # its answer comes while it is on its way there
    assert f"thread {target.pid}: State: S" in target.show()
    target.finish()


def test_target_fails_when_it_ends_before_its_request(work: Path) -> None:
    with pytest.raises(AssertionError, match="has ended with 1 before it takes a request"):
        Target(["false"]).sleeps_in_read()


def test_target_fails_with_another_exit_code(work: Path) -> None:
    target = Target(["sh", "-c", "read line; exit 3"])
    with pytest.raises(AssertionError, match="ends with 3 instead of 0"):
        target.finish()


def test_target_fails_with_writable_code(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = echo(work)
    target.no_writable_code()
    monkeypatch.setattr(target, "maps", lambda: ["1000-2000 rwxp 00000000 00:00 0"])
    with pytest.raises(AssertionError, match="writable and executable"):
        target.no_writable_code()


# ---- the doctor -----------------------------------------------------------------------
@pytest.fixture
def fake(work: Path) -> Doctor:
    """A libcare-ctl that ends with its first argument and says its second."""
    return Doctor(script(work / "fake-ctl", 'echo "$2"; exit "$1"'), work)


def test_refused_demands_code_and_words(work: Path, fake: Doctor) -> None:
    target = echo(work)
    fake.refused(6, "^no room$", target, 6, "no room")
    with pytest.raises(CommandFailed, match="ends with 0 instead of 6"):
        fake.refused(6, "no room", target, 0, "no room")
    with pytest.raises(AssertionError, match="no 'no room' in the message"):
        fake.refused(6, "no room", target, 6, "other words")


def test_refused_demands_an_untouched_target(work: Path, fake: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    target = echo(work)
    maps = iter([["before"], ["after"]])
    with monkeypatch.context() as patched, pytest.raises(AssertionError, match="mappings were left behind"):
        patched.setattr(target, "lasting_maps", lambda: next(maps))
        fake.refused(6, "", target, 6)
    with monkeypatch.context() as patched, pytest.raises(AssertionError, match="still traced"):
        patched.setattr(target, "traced", lambda: True)
        fake.refused(6, "", target, 6)


def test_refused_in_use_gives_a_busy_machine_more_time(work: Path) -> None:
    text = 'case "$*" in *"--timeout 60") echo in use ;; *) echo the machine is busy ;; esac; exit 8'
    target = echo(work)
    Doctor(script(work / "busy-ctl", text), work).refused_in_use("in use", target, "patch")
    always = Doctor(script(work / "busier-ctl", "echo the machine is busy; exit 8"), work)
    with pytest.raises(AssertionError, match="no thread comes to a stop"):
        always.refused_in_use("in use", target, "patch")


def test_says_and_lacks() -> None:
    says("one\ntwo", "^two$")
    lacks("one\ntwo", "^one two$")
    with pytest.raises(AssertionError, match="no '\\^three\\$'"):
        says("one\ntwo", "^three$")
    with pytest.raises(AssertionError, match="'two' in"):
        lacks("one\ntwo", "two")


# ---- cases ----------------------------------------------------------------------------
@pytest.fixture
def case(work: Path) -> Case:
    """The case `simple`, without tools."""
    return Case("simple", Combination("gcc", "-O2", "pie", "none", "none"), Tools(work), work)


def test_no_patch_demands_a_refusal_that_leaves_nothing(case: Case, work: Path) -> None:
    script(work / "kpatch_make", "echo words; exit 6")
    case.no_patch("words", status=6)
    with pytest.raises(AssertionError, match="no 'other'"):
        case.no_patch("other")
    with pytest.raises(AssertionError, match="ends with 6 instead of 7"):
        case.no_patch(status=7)
    case.bundle.mkdir()
    (case.bundle / "file").touch()
    with pytest.raises(AssertionError, match="there is a patch all the same"):
        case.no_patch("words")
    script(work / "kpatch_make", "exit 0")
    with pytest.raises(AssertionError, match="kpatch_make accepts it"):
        case.no_patch()


def test_patch_must_tell_of_its_stop(case: Case, work: Path) -> None:
    script(work / "libcare-ctl", "echo applied")
    case._target = echo(work)
    with pytest.raises(AssertionError, match="how long the target stood still"):
        case.patch()


def test_short_matrix_has_every_pair_of_values() -> None:
    columns = [(c.compiler, c.opt, c.model, c.debug, c.cf) for c in matrix.short() if c.opt in matrix.LEVELS]
    values = [sorted({row[n] for row in columns}) for n in range(5)]
    for a in range(5):
        for b in range(a):
            seen = {(row[a], row[b]) for row in columns}
            assert seen == {(x, y) for x in values[a] for y in values[b]}, f"columns {a}, {b}"


def test_once_builds_once_and_fails_for_all(once: Callable[[str, Callable[[Path], None]], Path]) -> None:
    def build(folder: Path) -> None:
        (folder / "file").touch(exist_ok=False)

    def fail(folder: Path) -> None:
        raise AssertionError(f"cannot build {folder.name}")

    assert (once("harness-once", build) / "file").exists()
    assert once is session.once and once("harness-once", build).name == "harness-once"
    for _ in range(2):
        with pytest.raises(AssertionError, match="cannot build harness-fails"):
            once("harness-fails", fail)


# ---- the runners' closing lines -------------------------------------------------------
SUITE = """
import pytest
def test_passes(): pass
def test_fails(): assert False
@pytest.fixture
def broken(): raise ValueError("broken")
def test_error(broken): pass
@pytest.mark.parametrize("n", range(2))
def test_skips(n): pytest.skip("no such machine")
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_last_line_counts(work: Path, workers: tuple[str, ...]) -> None:
    (work / "test_suite.py").write_text(SUITE)
    (work / "pytest.ini").write_text("[pytest]\n")
    junit = work / "junit.xml"
    result = run(
        [sys.executable, "-B", "-m", "pytest", "-p", "harness.closing", "--junitxml", junit, *workers, work],
        env={"PYTHONPATH": TESTS, "PYTEST_XDIST_WORKER": None}, cwd=work, expect=1,
    )
    assert result.out.splitlines()[-1] == "1 passed, 2 failed, 2 skipped"
    says(result.out, "^2 skipped: no such machine$")
    says(result.out, r"^  .*test_skips\[1\]$")
    assert 'skipped="2"' in junit.read_text()


def test_unit_runner_counts(work: Path) -> None:
    program = script(work / "unit_tests", f"cat <<'END'\n{GOOGLE_TEST}END\nexit 1")
    result = run([TESTS / "unit/run", program], expect=1)
    assert result.out.splitlines()[-3:] == ["1 skipped: needs root", "  A.Two", "1 passed, 1 failed, 1 skipped"]


GOOGLE_TEST = """\
[ RUN      ] A.One
[       OK ] A.One (0 ms)
[ RUN      ] A.Two
test.cc:10: Skipped
needs root

[  SKIPPED ] A.Two (0 ms)
[ RUN      ] A.Three
test.cc:20: Failure
[  FAILED  ] A.Three (3 ms)
[  PASSED  ] 1 test.
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] A.Two
"""


@pytest.mark.parametrize(
    ("suite", "expected"),
    [
        ("echo 5 passed, 0 failed, 2 skipped; echo 1 passed, 0 failed", "6 passed, 0 failed, 2 skipped"),
        ("echo 5 passed, 1 failed; exit 1", "5 passed, 1 failed, 0 skipped"),
        ("exit 1", "0 passed, 1 failed, 0 skipped"),
        ("echo 5 passed, 0 failed; exit 1", "5 passed, 1 failed, 0 skipped"),
        ("echo nothing", "0 passed, 1 failed, 0 skipped"),
    ],
)
def test_summary_adds_up(work: Path, suite: str, expected: str) -> None:
    make = script(work / "make", suite)
    result = run([TESTS / "summary", make, "check-one"], expect=(0, 1))
    assert result.out.splitlines()[-1] == expected
    assert result.status == (0 if re.search(" 0 failed", expected) else 1)


def test_what_is_left_running_ends(work: Path) -> None:
    background = Background(["sleep", "600"], log=work / "log")
    assert background in process.started
    background.kill()
    assert not background.runs()
