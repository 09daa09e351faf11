# SPDX-License-Identifier: GPL-2.0-or-later
"""One case of tests/cases in one configuration: what a scenario.py works with.

A case is a folder: code.c (or code.cc with its own build.mk), fix.patch and case.toml, and
what else its build needs. main.c, case.h and build.mk are in tests/cases for all of them.
Keys of case.toml, none of which is required:

models, compilers, opts, cf   of the matrix, those that the case makes sense for
request, before, after        sent once a line, and the answers without and with the patch
course                        other steps than the usual ones: "patch", "unpatch", or a list
                              of a request and its answer
patch                         the fix's file, instead of fix.patch
extra_cflags                  more flags for its build

The usual course: patch changes the answer, unpatch brings it back. Where that is not all,
scenario.py beside it has `def scenario(case: Case) -> None`.
"""

import re
import shlex
import shutil
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NoReturn

import pytest

from . import build, matrix, process
from .doctor import Doctor
from .matrix import Combination
from .process import Background, Command, Result, Word
from .settings import TESTS, Tools
from .target import Target

CASES = TESTS / "cases"
COMMON = ("case.h", "main.c", "build.mk")
Step = str | list[str]


@dataclass(frozen=True)
class Spec:
    """What case.toml says."""

    models: tuple[str, ...] = matrix.MODELS
    compilers: tuple[str, ...] = matrix.COMPILERS
    opts: tuple[str, ...] = matrix.OPTIMISATIONS
    cf: tuple[str, ...] = ("full", "none")
    request: str = "ask"
    before: str = "before"
    after: str = "after"
    course: tuple[Step, ...] = ()
    patch: str = "fix.patch"
    extra_cflags: str = ""

    def takes(self, combination: Combination) -> bool:
        """Does the case make sense in this combination?"""
        return (
            combination.model in self.models and combination.compiler in self.compilers
            and combination.opt in self.opts and combination.cf in self.cf
        )

    def steps(self) -> tuple[Step, ...]:
        old, new = [self.request, self.before], [self.request, self.after]
        return self.course or (old, "patch", new, "unpatch", old)


def read_spec(name: str) -> Spec:
    """The case.toml of a case; a key that it does not know is an error."""
    data = tomllib.loads((CASES / name / "case.toml").read_text())
    known = {field.name for field in fields(Spec)}
    if wrong := set(data) - known:
        raise ValueError(f"{name}/case.toml: unknown keys {sorted(wrong)}")
    return Spec(**{key: tuple(value) if isinstance(value, list) else value for key, value in data.items()})


def names() -> list[str]:
    """All cases, sorted."""
    return sorted(path.parent.name for path in CASES.glob("*/case.toml"))


def says(text: str, regex: str, why: str = "") -> None:
    """A line of the text matches."""
    __tracebackhide__ = True
    assert re.search(regex, text, re.MULTILINE), f"{why or 'wrong words'}: no '{regex}' in:\n{process.tail(text)}"


def lacks(text: str, regex: str, why: str = "") -> None:
    """No line of the text matches."""
    __tracebackhide__ = True
    assert not re.search(regex, text, re.MULTILINE), f"{why or 'wrong words'}: '{regex}' in:\n{process.tail(text)}"


def count(text: str, regex: str) -> int:
    """Lines that match."""
    return sum(1 for line in text.splitlines() if re.search(regex, line))


class Case:
    """A case at work: its tree, its bundle, and its target when start() has started it."""

    def __init__(
        self, name: str, combination: Combination, tools: Tools, work: Path, more_cflags: str = ""
    ) -> None:
        self.name = name
        self.folder = CASES / name
        self.spec = read_spec(name)
        self.compiler, self.opt = combination.compiler, combination.opt
        self.model, self.debug, self.cf = combination.model, combination.debug, combination.cf
        self.flags = combination.flags
        self.extra_cflags = f"{self.spec.extra_cflags} {more_cflags}".strip()
        self.fix = self.spec.patch
        self.tools, self.work = tools, work
        self.tree, self.bundle = work / "tree", work / "bundle"
        self.doctor = Doctor(tools.libcare_ctl, work)
        self.left_out: list[str] = []
        self._target: Target | None = None
        self._copy_sources()

    def _copy_sources(self) -> None:
        self.tree.mkdir()
        own = [path for path in self.folder.iterdir() if path.is_file()]
        for path in [*(CASES / name for name in COMMON), *own]:
            if path.suffix not in (".patch", ".toml", ".py"):
                shutil.copy(path, self.tree)

    def usual_course(self) -> None:
        """The steps of case.toml."""
        __tracebackhide__ = True
        self.build()
        self.start()
        for step in self.spec.steps():
            match step:
                case "patch":
                    self.patch()
                case "unpatch":
                    self.unpatch()
                case [request, answer]:
                    self.expect(request, answer)
                case _:
                    raise ValueError(f"{self.name}/case.toml: {step} is no step of a course")
        self.finish()

    # ---- building ---------------------------------------------------------------------
    def make_command(self) -> list[str]:
        return ["make", "-s", "-B", "-f", "build.mk", f"CC={self.compiler}", f"MODEL={self.model}"]

    def build_environment(self) -> dict[str, Word | None]:
        return {"CFLAGS": self.flags, "EXTRA_CFLAGS": self.extra_cflags}

    def compile_words(self) -> list[str]:
        """Compiler and flags, for a program beside the case's own."""
        return [self.compiler, *shlex.split(self.flags)]

    def build_plain(self, *words: Word, tree: Path | None = None) -> None:
        """The case's own make, in the tree."""
        __tracebackhide__ = True
        process.run(
            [*self.make_command(), *words], cwd=tree or self.tree, env=self.build_environment(),
            merge=True, log=self.work / "build.log",
        )

    def kpatch_make(
        self, *options: Word, fix: str | None = None, bundle: Path | None = None,
        expect: int | Collection[int] | None = 0,
    ) -> Result:
        """kpatch_make [OPTION...] over the same tree."""
        __tracebackhide__ = True
        return build.run_kpatch_make(
            self.tools, *options, tree=self.tree, fix=self.folder / (fix or self.fix), bundle=bundle or self.bundle,
            make=self.make_command(), env=self.build_environment(), expect=expect, log=self.work / "kpatch_make.log",
        )

    def build(self, *options: Word) -> None:
        """The program, and its bundle, without what an earlier one has left there."""
        __tracebackhide__ = True
        self.build_plain()
        if self.bundle.exists():
            shutil.rmtree(self.bundle)
        self.kpatch_make(*options)

    def another_bundle(self, name: str, fix: str, *options: Word) -> Path:
        """One more bundle, from another fix."""
        __tracebackhide__ = True
        self.kpatch_make(*options, fix=fix, bundle=self.work / name)
        return self.work / name

    def no_patch(
        self, *regexes: str, fix: str | None = None, bundle: Path | None = None, status: int | None = None
    ) -> Result:
        """kpatch_make refuses (with this exit code), says each of these, and leaves no patch."""
        __tracebackhide__ = True
        result = self.kpatch_make(fix=fix, bundle=bundle, expect=None)
        assert result.status != 0, f"kpatch_make accepts it\n{result}"
        assert status in (None, result.status), f"ends with {result.status} instead of {status}\n{result}"
        for regex in regexes:
            says(result.out, regex, "the refusal")
        folder = bundle or self.bundle
        left = list(folder.iterdir()) if folder.exists() else []
        assert not left, f"there is a patch all the same: {left}"
        return result

    @property
    def one_patch(self) -> Path:
        """The only .kpatch file of the bundle."""
        every = build.kpatch_files(self.bundle)
        assert len(every) == 1, f"expected one .kpatch file: {every}"
        return every[0]

    def show(self, *options: Word) -> str:
        """What kpatch_tool show says of it."""
        __tracebackhide__ = True
        return process.run([self.tools.kpatch_tool, "show", *options, self.one_patch], log=self.work / "show.log").out

    # ---- the target -------------------------------------------------------------------
    def start(self, *, env: Mapping[str, Word | None] | None = None, command: Command = ("./prog",)) -> Target:
        """Starts the program, and waits until it sleeps in the read of its first request."""
        __tracebackhide__ = True
        self._target = Target(
            command, name="the program", cwd=self.tree, env=env, log=self.work / "target.log",
            executable=self.tree / "prog",
        )
        self._target.sleeps_in_read()
        return self._target

    @property
    def target(self) -> Target:
        assert self._target is not None, "no program was started"
        return self._target

    @property
    def pid(self) -> int:
        return self.target.pid

    def ask(self, request: str) -> str:
        __tracebackhide__ = True
        return self.target.ask(request)

    def expect(self, request: str | int, answer: str | int) -> None:
        """Asks; this is the answer."""
        __tracebackhide__ = True
        self.target.expect(str(request), str(answer))

    def finish(self) -> None:
        """The end of its input ends the program."""
        __tracebackhide__ = True
        self.target.finish()

    def lasting_maps(self) -> list[str]:
        """Its mappings but those that may grow by themselves."""
        return self.target.lasting_maps()

    def mapped(self) -> list[str]:
        """The same without the guard pages of threads' stacks and the limits of their heaps."""
        return [line for line in self.lasting_maps() if "---p" not in line]

    # ---- the doctor -------------------------------------------------------------------
    def patch(self, *options: Word, bundle: Word | None = None) -> Result:
        """The patched code must not be an accident: every test sees the state change."""
        __tracebackhide__ = True
        result = self.doctor.patch(self.target, bundle or self.bundle, *options)
        says(result.out, "stopped", "patch does not say how long the target stood still")
        self.target.no_writable_code()
        return result

    def unpatch(self, *options: Word) -> Result:
        __tracebackhide__ = True
        return self.doctor.unpatch(self.target, *options)

    def ctl(self, *arguments: Word, expect: int | Collection[int] | None = 0, log: str = "ctl") -> Result:
        """libcare-ctl with these arguments; its output, stderr included, is in `out`."""
        __tracebackhide__ = True
        return self.doctor.ctl(*arguments, expect=expect, log=log)

    def info(self, *arguments: Word, expect: int | Collection[int] | None = 0) -> Result:
        """libcare-ctl info of the target."""
        __tracebackhide__ = True
        return self.doctor.info(self.target, *arguments, expect=expect)

    def refused(self, code: int, regex: str, *arguments: Word) -> Result:
        """libcare-ctl with these arguments is refused, and the target left as it was."""
        __tracebackhide__ = True
        return self.doctor.refused(code, regex, self.target, *arguments)

    def refuses_patch(self, code: int, regex: str, *options: Word, bundle: Word | None = None) -> Result:
        """`patch` of the target is refused, and the target left as it was."""
        __tracebackhide__ = True
        return self.refused(code, regex, "patch", *options, "-p", self.pid, bundle or self.bundle)

    def refused_in_use(self, regex: str, *arguments: Word) -> Result:
        """Refused with 8, for the one who is in the way."""
        __tracebackhide__ = True
        return self.doctor.refused_in_use(regex, self.target, *arguments)

    def in_background(self, log: str, *arguments: Word) -> Background:
        """libcare-ctl beside the test, with its output in LOG.log."""
        return self.doctor.in_background(self.work / f"{log}.log", *arguments)

    # ---- what the machine lacks -------------------------------------------------------
    def skip(self, reason: str) -> NoReturn:
        """The machine cannot do what the case is about."""
        pytest.skip(reason)

    def leaves_out(self, what: str) -> None:
        """A part of the case that the machine cannot do: the rest goes on, and the end of the
        run tells of it."""
        self.left_out.append(what)
