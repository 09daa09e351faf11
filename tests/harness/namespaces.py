# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions and commands in a PID namespace of their own.

There `-p all`, a daemon or a sweep over all processes reaches what the test has started and
nothing else. With the first process of the namespace everything in it ends.
"""

import functools
import importlib.util
import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import ModuleType

from .process import Command, Result, Word, run
from .settings import TESTS

ENTER = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


@functools.cache
def why_not() -> str | None:
    """Why no PID namespace can be made here; None when it can."""
    if os.geteuid() != 0:
        return "needs root for a PID namespace"
    try:
        tried = subprocess.run([*ENTER, "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except FileNotFoundError:
        return "needs unshare"
    return None if tried.returncode == 0 else "may not make a PID namespace here"


def run_inside(
    command: Command,
    *,
    cwd: Path | None = None,
    env: Mapping[str, Word | None] | None = None,
    timeout: float = 300,
    expect: int | Collection[int] | None = 0,
    log: Path | None = None,
) -> Result:
    """A command, which is the second process of a namespace of its own."""
    __tracebackhide__ = True
    # `timeout` is its first process: so the command is not, and has the usual signals.
    return run(
        [*ENTER, "timeout", "--kill-after", 10, int(timeout), *command],
        cwd=cwd, env=env, timeout=timeout + 30, expect=expect, merge=True, log=log,
    )


def call_inside(
    function: Callable[..., object],
    *arguments: str | int,
    cwd: Path | None = None,
    timeout: float = 300,
    log: Path | None = None,
) -> Result:
    """A function of a module's top level, in an interpreter of its own in such a namespace.

    Its module is loaded anew there. An exception in it fails the test, with its traceback.
    """
    __tracebackhide__ = True
    file = inspect.getsourcefile(function)
    assert file is not None
    return run_inside(
        [sys.executable, "-B", "-m", "harness.namespaces", Path(file).resolve(), function.__name__,
         json.dumps(arguments)],
        cwd=cwd, env={"PYTHONPATH": TESTS}, timeout=timeout, log=log,
    )


def load(file: Path, name: str) -> ModuleType:
    """A Python file as a module."""
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None, file
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def main(file: str, function: str, arguments: str) -> None:
    getattr(load(Path(file), "inside"), function)(*json.loads(arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
