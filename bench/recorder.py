"""What a recorder costs: CPU time inside its hooks, per test, beside pytest-reportlog and `--junitxml`.

Each recorder in turn runs the same tests, several rounds of each, interleaved, and the median counts. Everything that
its hooks do is counted: the start, the batches, the end. As a check, `--process` compares the CPU time of whole
processes, and of what they start, with that of pytest without any of them.

Usage: python bench/recorder.py [--tests 10000] [--rounds 5] [--hooks] [--process]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

RECORDERS: dict[str, tuple[list[str], str]] = {
    "pipeline-state": (["--pipeline-state"], "Recorder Passing"),
    "pytest-reportlog": (["--report-log=log.jsonl"], "ReportLogPlugin"),
    "--junitxml": (["--junitxml=junit.xml"], "LogXML"),
}
"""Of each its options, and the types of the plugins that do its work."""

# Runs inside pytest: replaces the functions of one plugin's hooks by timed ones. What the timing itself costs there,
# between code that has filled the processor's caches with other things, is measured on a hook that does nothing.
TIMER = """
import json
import os
import time

import pytest

clock = time.thread_time_ns
spent = {}


def timed(impl, prefix=""):
    function = impl.function
    name = prefix + function.__name__

    def add(begun):
        now = clock()
        total, calls = spent.get(name, (0, 0))
        spent[name] = (total + now - begun, calls + 1)

    def plain(*arguments):
        begun = clock()
        try:
            return function(*arguments)
        finally:
            add(begun)

    def wrapper(*arguments):
        generator = function(*arguments)
        begun = clock()
        try:
            next(generator)
        finally:
            add(begun)
        result = yield
        begun = clock()
        try:
            generator.send(result)
        except StopIteration as stop:
            return stop.value
        finally:
            add(begun)

    return wrapper if impl.wrapper else plain


class Nothing:
    def pytest_runtest_logreport(self, report):
        pass


class Watcher:
    # Times a plugin that is registered later on.

    def __init__(self, manager):
        self.manager = manager

    def pytest_plugin_registered(self, plugin):
        if type(plugin).__name__ in os.environ["BENCH_PLUGINS"].split():
            time_hooks(self.manager, plugin)


def time_hooks(manager, plugin, prefix=""):
    for caller in manager.get_hookcallers(plugin):
        for impl in caller.get_hookimpls():
            if impl.plugin is plugin:
                impl.function = timed(impl, prefix)


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    manager = config.pluginmanager
    manager.register(Watcher(manager))  # which hears of those that are there already, too
    nothing = Nothing()
    manager.register(nothing)
    time_hooks(manager, nothing, "nothing ")


def pytest_unconfigure(config):
    total, calls = spent.pop("nothing pytest_runtest_logreport")
    each = total / calls
    result = {name: total - calls * each for name, (total, calls) in spent.items()}
    result["timing"] = each
    with open(os.environ["BENCH_RESULT"], "w") as file:
        json.dump(result, file)
"""


def measure(recorder: str, folder: Path, tests: int) -> dict[str, float]:
    """Run the tests with one recorder and return the microseconds per test of each of its hooks."""
    options, plugins = RECORDERS[recorder]
    result = folder / "result.json"
    environment = {
        **os.environ,
        "BENCH_PLUGINS": plugins,
        "BENCH_RESULT": str(result),
        "PYTHONPATH": str(folder),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    loaded = ["bench_timer", "pipeline_state.pytest_plugin.plugin", "pytest_reportlog.plugin"]
    command = [sys.executable, "-m", "pytest", "-q", "-q", *(word for name in loaded for word in ("-p", name))]
    subprocess.run([*command, *options], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    spent: dict[str, float] = json.loads(result.read_text())
    result.unlink()
    spent.pop("timing")
    return {hook: nanoseconds / 1000 / tests for hook, nanoseconds in spent.items()}


def process_time(options: list[str], folder: Path) -> float:
    """Run the tests and return the CPU time of the process and of what it started, in milliseconds."""
    plugin = {
        "--pipeline-state": "pipeline_state.pytest_plugin.plugin",
        "--report-log=log.jsonl": "pytest_reportlog.plugin",
    }
    loaded = [word for option in options if option in plugin for word in ("-p", plugin[option])]
    command = [sys.executable, "-m", "pytest", "-q", "-q", *loaded, *options]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return 1000 * (used.ru_utime + used.ru_stime)


def compare_processes(folder: Path, rounds: int) -> None:
    """Print what each recorder adds to the CPU time of whole processes."""
    ways = {"pytest alone": [], **{recorder: options for recorder, (options, _) in RECORDERS.items()}}
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, options in ways.items():
            spent[name].append(process_time(options, folder))
    alone = spent.pop("pytest alone")
    # Of each round the difference: what the machine is slow at one time, it is for all of them.
    added = {name: statistics.median(a - b for a, b in zip(times, alone, strict=True)) for name, times in spent.items()}
    print(f"\nCPU of whole processes, median of {rounds} rounds; pytest alone {statistics.median(alone):.0f} ms\n")
    print("| recorder | ms more than pytest alone | ours is |")
    print("|---|---|---|")
    for name, more in added.items():
        print(f"| {name} | {more:.0f} | {added['pipeline-state'] / more:.2f} of it |")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--hooks", action="store_true", help="print the cost of each hook, too")
    parser.add_argument("--process", action="store_true", help="compare whole processes, too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bench_timer.py").write_text(TIMER)
        (folder / "test_trivial.py").write_text(
            f"import pytest\n\n@pytest.mark.parametrize('number', range({arguments.tests}))\ndef test(number): pass\n"
        )
        (folder / ".gitignore").write_text("*\n")
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        rounds: dict[str, list[dict[str, float]]] = {recorder: [] for recorder in RECORDERS}
        for _ in range(arguments.rounds):
            for recorder in RECORDERS:
                rounds[recorder].append(measure(recorder, folder, arguments.tests))
        report(rounds, arguments)
        if arguments.process:
            compare_processes(folder, arguments.rounds)


def report(rounds: dict[str, list[dict[str, float]]], arguments: argparse.Namespace) -> None:
    """Print what the hooks cost."""
    medians = {recorder: statistics.median(sum(one.values()) for one in rounds[recorder]) for recorder in RECORDERS}
    ours = medians["pipeline-state"]
    print(f"CPU inside the hooks, {arguments.tests} trivial tests, median of {arguments.rounds} rounds\n")
    if arguments.hooks:
        for recorder, runs in rounds.items():
            print(recorder, {hook: round(statistics.median(run[hook] for run in runs), 1) for hook in runs[0]}, "\n")
    print("| recorder | µs per test | of it in the hooks of each test | ours is |")
    print("|---|---|---|---|")
    for recorder, total in medians.items():
        each = statistics.median(
            sum(spent for hook, spent in one.items() if hook.startswith("pytest_runtest")) for one in rounds[recorder]
        )
        print(f"| {recorder} | {total:.1f} | {each:.1f} | {ours / total:.2f} of it |")


if __name__ == "__main__":
    main()
