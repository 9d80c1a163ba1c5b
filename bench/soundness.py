"""Edit real source trees at random for long, and compare each warm check with one that uses and stores nothing.

    python bench/soundness.py --edits 2000

Trees are made of source distributions from PyPI. Edits, trees and detectors are drawn from seeds, one for each sequence
of edits, so that any difference can be had again: `--seed N --sequences 1`. Prints Markdown; exit code 1 says that
there was a difference. What a tool answers otherwise from one run to the next, without us, is told apart: several
checks that use nothing then differ among themselves, in the findings of the same detectors.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

sys.path.append(os.fspath(Path(__file__).resolve().parents[1] / "tests/integration/checks"))

from conftest import GIT_CONFIG, Answer, Project
from corpus import download, unpack
from random_configurations import RULES
from random_edits import ENDINGS, Editor

REQUIREMENTS = ("flask==3.1.*", "attrs==25.*", "black==25.1.*", "yamllint==1.37.*", "iniconfig==2.1.*", "bandit==1.8.*")
ALWAYS = ("built-in", "ruff", "ruff-format")
QUICK = ("flake8", "black", "isort", "codespell", "yamllint", "bandit", "shellcheck")
SLOW = ("mypy", "pylint")
"""They judge the whole project in one run, at any edit of a source: so every third sequence alone has one of them."""

PYTHON_FILES = 10
OTHER_FILES = 6
LARGEST = 8_000
"""Bytes of a file: what is small is judged often."""

ROUNDS = 40

REPEATED = 4
"""So many checks that use nothing tell whether it is the tool that answers differently."""


class Sequel(NamedTuple):
    """What came of one sequence of edits."""

    seed: int
    detectors: tuple[str, ...]
    edits: list[str]
    rounds: int
    shortcuts: int
    reused: dict[str, int]
    checked: dict[str, int]
    difference: str | None
    unsteady: list[str]
    """Where a tool answered otherwise from one run to the next, or came to no end."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=2000, help="at least so many, in all (default: 2000)")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the first sequence (default: 1)")
    parser.add_argument("--sequences", type=int, default=100_000, help="at most so many sequences of edits")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"comparisons of one sequence (default: {ROUNDS})")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="sequences at once (default: one per core)")
    parser.add_argument(
        "--detectors", help="these in each sequence, with commas between (default: drawn from the seed)"
    )
    parser.add_argument("--sources", type=Path, help="where the distributions are kept (default: a temporary folder)")
    parser.add_argument("--requirement", action="append", help=f"what to take from PyPI: {', '.join(REQUIREMENTS)}")
    arguments = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="pipeline-state-soundness-") as scratch:
        sources = fetched(arguments.requirement or REQUIREMENTS, arguments.sources or Path(scratch, "sources"))
        done = run(arguments, sources, Path(scratch))
    print(table(done, time.monotonic() - start))
    return 1 if any(one.difference for one in done) else 0


def fetched(requirements: Sequence[str], folder: Path) -> list[Path]:
    """Return the unpacked source distributions; those that are there are not fetched again."""
    found = []
    for requirement in requirements:
        place = folder / requirement.partition("=")[0]
        if not place.exists():
            archive = download(requirement, place.with_suffix(".download"))
            unpack(archive, place)
        found.append(place)
    return found


def run(arguments: argparse.Namespace, sources: Sequence[Path], scratch: Path) -> list[Sequel]:
    """Run one sequence after another, several at once, until there were enough edits."""
    done: list[Sequel] = []
    chosen = tuple(arguments.detectors.split(",")) if arguments.detectors else ()
    seeds = iter(range(arguments.seed, arguments.seed + arguments.sequences))
    with ProcessPoolExecutor(arguments.jobs) as pool:
        running = {
            pool.submit(sequence, seed, arguments.rounds, sources, scratch, chosen)
            for seed, _ in zip(seeds, range(arguments.jobs), strict=False)
        }
        while running:
            finished = next(as_completed(running))
            running.discard(finished)
            done.append(finished.result())
            edits = sum(len(one.edits) for one in done)
            print(f"{edits} edits; {said(done[-1])}", file=sys.stderr, flush=True)
            seed = next(seeds, None)
            if edits < arguments.edits and seed is not None:
                running.add(pool.submit(sequence, seed, arguments.rounds, sources, scratch, chosen))
    return sorted(done)


def sequence(seed: int, rounds: int, sources: Sequence[Path], scratch: Path, chosen: tuple[str, ...]) -> Sequel:
    """Edit one tree, and compare after each handful of edits, until there is a difference."""
    choice = random.Random(seed)  # noqa: S311 - the choice of a tree is no secret
    drawn = [SLOW[seed // 3 % 2]] if seed % 3 == 0 else choice.sample(QUICK, 2)
    detectors = chosen or (*ALWAYS, *drawn)
    place = Path(tempfile.mkdtemp(prefix=f"{seed}-", dir=scratch))
    project = plant(choice.choice(sources), place, choice)
    editor = Editor(project, seed, detectors)
    shortcuts, reused, checked = 0, Counter[str](), Counter[str]()
    difference, unsteady = None, []
    number = 0
    for number in range(1, rounds + 1):
        if number % 4 == 1:
            shortcuts += project.rest()
        before = len(editor.done)
        editor.edit()
        try:
            warm, cold = project.check(), project.check("--no-cache")
        except subprocess.TimeoutExpired:  # a tool is lost in the code that the edits have made
            unsteady.append(f"round {number}, after {', '.join(editor.done[before:])}: a tool came to no end")
            break
        for one in warm.report.get("detectors", ()):
            reused[one["id"]] += one["reused"]
            checked[one["id"]] += one["checked"]
        if warm.judgement != cold.judgement:
            difference = f"round {number}, after {', '.join(editor.done[before:])}: {between(warm, cold)}"
            others = [project.check("--no-cache") for _ in range(REPEATED)]
            if differing(warm, cold) <= {name for other in others for name in differing(cold, other)}:
                unsteady.append(difference)
                difference = None
                continue
            kept = Path(tempfile.mkdtemp(prefix=f"pipeline-state-difference-{seed}-"))
            shutil.copytree(place, kept / "above", symlinks=True)
            difference += f"; kept in {kept}"
            break
    shutil.rmtree(place)
    return Sequel(seed, detectors, editor.done, number, shortcuts, dict(reused), dict(checked), difference, unsteady)


def differing(here: Answer, there: Answer) -> set[str]:
    """Return the detectors whose findings differ; anything else that differs is of no detector, and stands as ''."""
    answers = [[comparable(one) for one in answer.report.get("findings", ())] for answer in (here, there)]
    pairs = (answers, answers[::-1])
    return {one["detector"] for those, others in pairs for one in those if one not in others} or {""}


def plant(source: Path, place: Path, choice: random.Random) -> Project:
    """Return a repository of some files of a distribution, with a home folder beside it."""
    home = place / "home"
    home.mkdir()
    (home / "gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    project = Project(place / "above" / "project", environ)
    project.root.mkdir(parents=True)
    project.git("init", "--quiet")
    files = [path for path in sorted(source.rglob("*")) if path.suffix in ENDINGS and path.stat().st_size < LARGEST]
    base = next(path for path in source.iterdir()) if len(list(source.iterdir())) == 1 else source
    python = [path for path in files if path.suffix == ".py"]
    others = [path for path in files if path.suffix != ".py"]
    for path in choice.sample(python, min(len(python), PYTHON_FILES)) + choice.sample(
        others, min(len(others), OTHER_FILES)
    ):
        project.write(path.relative_to(base).as_posix(), path.read_bytes())
    project.write("ruff.toml", RULES)
    project.write("lib/data.yaml", "a: [1,2]\n")
    project.write("lib/script.sh", "#!/bin/sh\necho $1\n")
    project.write(".gitignore", "ignored/\n/attr*\n/yaml*\n")
    project.commit()
    project.git("commit", "-q", "--allow-empty", "-m", "more")
    return project


def between(warm: Answer, cold: Answer) -> str:
    """Say where two answers differ."""
    parts = [f"exit code {warm.code}, cold {cold.code}"] if warm.code != cold.code else []
    for what in ("findings", "detectors", "errors"):
        here, there = ([comparable(one) for one in answer.report.get(what, ())] for answer in (warm, cold))
        parts += [f"warm alone: {one}" for one in here if one not in there][:3]
        parts += [f"cold alone: {one}" for one in there if one not in here][:3]
    return "; ".join(parts)


def comparable(one: dict) -> dict:
    return {name: value for name, value in one.items() if name not in ("checked", "reused", "duration_s")}


def said(one: Sequel) -> str:
    return f"seed {one.seed} ({', '.join(one.detectors)}): {one.difference or 'no difference'}"


def table(done: Sequence[Sequel], took_s: float) -> str:
    edits = Counter(edit for one in done for edit in one.edits)
    reused, checked, under = Counter[str](), Counter[str](), Counter[str]()
    for one in done:
        reused.update(one.reused)
        checked.update(one.checked)
        for name in one.checked:
            under[name] += len(one.edits)
    differences = [f"- {said(one)}" for one in done if one.difference]
    unsteady = [f"- seed {one.seed}, {what}" for one in done for what in one.unsteady]
    return "\n".join(
        [
            (
                f"{edits.total()} edits, {sum(one.rounds for one in done)} comparisons, seeds {done[0].seed} to "
                f"{done[-1].seed}, {sum(one.shortcuts for one in done)} times with the shortcut open, "
                f"{took_s / 60:.0f} minutes: {len(differences)} differences."
            ),
            *differences,
            f"{len(unsteady)} times a tool answered otherwise from one run to the next, or not at all, without us.",
            *unsteady,
            "",
            "| detector | edits | verdicts reused | judged |",
            "|---|---:|---:|---:|",
            *(f"| {name} | {under[name]} | {reused[name]} | {checked[name]} |" for name in sorted(under)),
            "",
            "| edit | times |",
            "|---|---:|",
            *(f"| {name.replace('_', ' ')} | {times} |" for name, times in sorted(edits.items())),
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
