"""Test suites of well-known projects, by plain pytest and recorded: the same outcomes, the same as in pytest's report.

Each suite comes from PyPI as its source distribution and runs twice: with `--junitxml` alone, and with
`--pipeline-state` too. Exit codes and outcomes have to be the same; what the database says of each test has to be what
pytest's report says; and the JUnit XML that is exported has to be pytest's own, except for times.
The exit code is 1 if anything differs. Usage: python bench/suites.py [NAME ...] [--here] [--workers N]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]


class Suite(NamedTuple):
    """A project whose tests are run: what pip calls it, and what its tests need beside it."""

    requirement: str
    needs: tuple[str, ...] = ()


SUITES = {
    "iniconfig": Suite("iniconfig==2.3.1"),
    "pluggy": Suite("pluggy==1.7.0", ("pytest-benchmark",)),
    "attrs": Suite("attrs==26.1.0", ("cloudpickle", "hypothesis", "pympler")),
    "jinja2": Suite("jinja2==3.1.6", ("trio",)),
    "click": Suite("click==8.5.1"),
}


class Figures(NamedTuple):
    """What came of a suite; `recorded` counts tests by outcome, times are in seconds."""

    name: str
    exit_code: int
    recorded: dict[str, int]
    plain_s: float
    recorded_s: float
    differences: list[str]


def main() -> int:
    """Run the suites and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(SUITES), choices=list(SUITES), metavar="NAME")
    parser.add_argument("--here", action="store_true", help="in this environment, where the project is installed")
    parser.add_argument("--workers", type=int, default=0, help="run them with this many workers of pytest-xdist")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = sys.executable if arguments.here else environment(folder / "environment", arguments.names)
        found = []
        for each in arguments.names:
            sources = unpacked(each, folder, here=arguments.here)
            found.append(compare(each, sources, python, folder, arguments.workers))
    print("| suite | tests by recorded outcome | exit code | plain | recorded | differences |")
    print("|---|---|---|---|---|---|")
    for one in found:
        counts = ", ".join(f"{number} {outcome}" for outcome, number in sorted(one.recorded.items()))
        times = f"{one.plain_s:.1f} s | {one.recorded_s:.1f} s"
        print(f"| {one.name} | {counts} | {one.exit_code} | {times} | {len(one.differences)} |")
    for one in found:
        for difference in one.differences:
            print(f"{one.name}: {difference}", file=sys.stderr)
    return int(any(one.differences for one in found))


def environment(folder: Path, names: list[str]) -> str:
    """Make an environment with this package, and with what the tests of these suites need; return its Python."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = str(next(path for path in (folder / "bin" / "python", folder / "Scripts" / "python.exe") if path.exists()))
    needs = {need for name in names for need in (SUITES[name].requirement, *SUITES[name].needs)}
    subprocess.run([python, "-m", "pip", "install", "-q", str(ROOT), "pytest-xdist", *sorted(needs)], check=True)
    return python


def unpacked(name: str, folder: Path, *, here: bool) -> Path:
    """Fetch the sources of a project and unpack them."""
    requirement = f"{name}=={version(name)}" if here else SUITES[name].requirement
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", name]
    subprocess.run([*command, "-d", folder / "downloads" / name, requirement], check=True, stderr=subprocess.DEVNULL)
    (archive,) = (folder / "downloads" / name).iterdir()
    with tarfile.open(archive) as file:
        file.extractall(folder / name, filter="data")
    (sources,) = (folder / name).iterdir()
    return sources


def compare(name: str, sources: Path, python: str, folder: Path, workers: int) -> Figures:
    """Run a suite both ways and return what came of it."""
    plain, own = folder / f"{name}.plain.xml", folder / f"{name}.own.xml"
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *([f"-n{workers}"] if workers else [])]
    plain_code, plain_s = timed([*command, f"--junitxml={plain}"], sources)
    code, recorded_s = timed([*command, f"--junitxml={own}", "--pipeline-state"], sources)
    exported = {form: export(python, sources, form) for form in ("junit", "json")}
    tests = json.loads(exported["json"])["session"]["tests"]
    plain_says, own_says = (outcomes(path.read_text(encoding="utf-8")) for path in (plain, own))
    ours = recorded_outcomes(tests)
    differences = [f"exit code {plain_code} without, {code} with recording"] * (plain_code != code)
    differences += differing("without and with recording", plain_says, own_says)
    differences += differing("pytest's report and the record", own_says, ours)
    if canonical(own.read_text(encoding="utf-8")) != canonical(exported["junit"]):
        differences.append("the exported JUnit XML is not pytest's")
    if not tests:
        differences.append("nothing was recorded")
    return Figures(name, code, Counter(test["outcome"] for test in tests), plain_s, recorded_s, differences)


def timed(command: list[str], folder: Path) -> tuple[int, float]:
    """Run a command and return its exit code and how long it took, in seconds."""
    begun = time.monotonic()
    done = subprocess.run(command, cwd=folder, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode, time.monotonic() - begun


def export(python: str, folder: Path, form: str) -> str:
    """Return the latest session that was recorded in a folder."""
    database = folder / ".worktrees" / "pipeline_state.db"
    command = [python, "-m", "pipeline_state", "runs", "export", "latest", "--format", form, "--db", str(database)]
    return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE).stdout.decode("utf-8")


def differing(between: str, one: Counter[Any], other: Counter[Any]) -> list[str]:
    """Return the tests of which the two do not say the same."""
    return [f"{between}: {each}" for each in sorted(((one - other) + (other - one)).elements(), key=repr)]


def outcomes(text: str) -> Counter[tuple[str, str]]:
    """Return what a JUnit XML says: names, each with an outcome."""
    (suite,) = ET.fromstring(text)  # noqa: S314 - a report that pytest made here
    found: Counter[tuple[str, str]] = Counter()
    for case in suite.iter("testcase"):
        tags = [child.get("type", "").removeprefix("pytest.") or child.tag for child in case if "prop" not in child.tag]
        found[case.get("name", ""), tags[0] if tags else "passed"] += 1
    return found


def recorded_outcomes(tests: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """Return the same of what was recorded."""
    words = {"failed": "failure", "skipped": "skip", "xfailed": "xfail", "xpassed": "passed", "crashed": "error"}
    found: Counter[tuple[str, str]] = Counter()
    for test in tests:
        if test["phase"] == "collect":
            found[test["node_id"].removesuffix(".py").replace("/", "."), test["outcome"]] += 1
            continue
        name, bracket, rest = test["node_id"].partition("::")[2].partition("[")
        if test["outcome"] != "not run":
            outcome = words.get(test["outcome"], test["outcome"])
            found[name.rpartition("::")[2] + bracket + rest, outcome] += 1
            if test["outcome"] == "failed" and test["phases"].get("teardown", {}).get("outcome") == "failed":
                found[name.rpartition("::")[2] + bracket + rest, "error"] += 1  # pytest writes a case for each
    return found


def canonical(text: str) -> list[object]:
    """Return what a JUnit XML says, without its times, and without the order that workers came in."""

    def plain(node: ET.Element) -> object:
        attributes = {name: value for name, value in node.attrib.items() if name not in ("time", "timestamp")}
        return (node.tag, sorted(attributes.items()), node.text or "", [plain(child) for child in node])

    (suite,) = ET.fromstring(text)  # noqa: S314 - a report that pytest made here
    for properties in suite.findall("properties"):  # Hypothesis tells its statistics to the writer of the file alone
        for each in properties.findall("property"):
            if each.get("name", "").startswith("hypothesis-statistics-"):
                properties.remove(each)
        if not len(properties):
            suite.remove(properties)
    counts = sorted((name, value) for name, value in suite.attrib.items() if "time" not in name)
    return [counts, *sorted((plain(child) for child in suite), key=repr)]


if __name__ == "__main__":
    sys.exit(main())
