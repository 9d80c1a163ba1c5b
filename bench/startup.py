"""What the installed but inactive plugin costs pytest at its start: CPU time with it and without it, interleaved.

Usage: python bench/startup.py [--rounds 40]
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile

# Compiling what is never kept would be measured each time.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
VARIANTS = {"without": ["-p", "no:pipeline_state"], "with": []}


def measure(options: list[str], folder: str) -> float:
    """Run one trivial test and return the CPU time of the process, in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "pytest", "-q", "-q", "-p", "no:cacheprovider", *options]
    subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def imports() -> float:
    """Return what the imports of the plugin's modules cost within pytest, in milliseconds."""
    program = (
        "import time, pytest\n"
        "begun = time.perf_counter()\n"
        "import pipeline_state.pytest_plugin.plugin\n"
        "print(1000 * (time.perf_counter() - begun))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], env=ENVIRONMENT, check=True, capture_output=True)
    return float(done.stdout)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "test_one.py"), "w", encoding="utf-8") as file:
            file.write("def test_one(): pass\n")
        found: dict[str, list[float]] = {name: [] for name in VARIANTS}
        for options in VARIANTS.values():  # compile what is to be compiled
            measure(options, folder)
        for _ in range(rounds):
            for name, options in VARIANTS.items():
                found[name].append(measure(options, folder))
    differences = [one - other for one, other in zip(found["with"], found["without"], strict=True)]
    print(f"pytest start-up, the plugin inactive, {rounds} interleaved rounds\n")
    print("| | ms |")
    print("|---|---|")
    print(f"| CPU of a pytest run without the plugin, median | {statistics.median(found['without']):.1f} |")
    print(f"| CPU of a pytest run with it, median | {statistics.median(found['with']):.1f} |")
    print(f"| median of the differences | {statistics.median(differences):.2f} |")
    print(f"| difference of the fastest | {min(found['with']) - min(found['without']):.2f} |")
    print(f"| importing its modules, median | {statistics.median(imports() for _ in range(rounds)):.2f} |")


if __name__ == "__main__":
    main()
