# SPDX-License-Identifier: GPL-2.0-or-later
"""The folder of one run of pytest, which all workers of xdist share.

The process that the person has started makes it, and tells the workers through the
environment. Below it are the work folders of the tests, and what is built once for many.
"""

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

VARIABLE = "LIBCARE_TESTS_FOLDER"


def begin() -> Path:
    """Makes the folder; programs of other users can look into it."""
    folder = Path(tempfile.mkdtemp(prefix="libcare-tests."))
    folder.chmod(0o755)
    os.environ[VARIABLE] = str(folder)
    return folder


def end(folder: Path, keep: bool) -> None:
    """Removes what is shared, and the folder when no test has left its own in it."""
    if keep:
        return
    for path in [*folder.glob("shared/*"), folder / "shared"]:
        remove(path)
    try:
        folder.rmdir()
    except OSError:
        pass  # a failed test's work folder stays, for who looks into it


def remove(path: Path) -> None:
    """Removes a file or a tree, also one with folders that are not writable."""
    if not path.is_dir() or path.is_symlink():
        path.unlink(missing_ok=True)
        return
    for root, _, _ in os.walk(path):
        if not os.path.islink(root):
            os.chmod(root, 0o700)
    shutil.rmtree(path, ignore_errors=True)


def new_work(test: str) -> Path:
    """An empty folder for the test of this name."""
    name = re.sub(r"[^A-Za-z0-9_.]+", "-", test).strip("-")[:60]
    work = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=os.environ[VARIABLE]))
    work.chmod(0o755)
    return work


def once(name: str, build: Callable[[Path], None]) -> Path:
    """What `build` puts into the folder that it is given, built once in the whole run.

    The first test that needs it builds it, in whichever worker that is, and the others wait.
    When that fails all tests that need it fail, with the same words.
    """
    __tracebackhide__ = True
    shared = Path(os.environ[VARIABLE]) / "shared"
    shared.mkdir(exist_ok=True)
    folder, done, failed = shared / name, shared / f"{name}.done", shared / f"{name}.failed"
    with open(shared / f"{name}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists():
            return folder
        if failed.exists():
            raise AssertionError(f"{name} could not be built: {failed.read_text()}")
        folder.mkdir()
        try:
            build(folder)
        except BaseException as e:
            failed.write_text(str(e))
            raise
        done.touch()
    return folder
