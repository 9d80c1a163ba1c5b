"""Built-in detectors in their worker processes: what one file does, no other file feels."""

from __future__ import annotations

import hashlib
import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pipeline_state.checks import worker
from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.registry import shipped_detectors
from pipeline_state.checks.worker_pool import judge
from pipeline_state.errors import DetectorError

BUILT_IN = {name: detector for name, detector in shipped_detectors().items() if isinstance(detector.how, BuiltIn)}

PLUGIN = '''
"""A plugin's detectors, each of which misbehaves where the file's name says so."""

import ctypes
import os
import signal
import sys
import time

from pipeline_state.checks.findings import Problem


def good(path, content):
    yield Problem("seen", path, 1)


def dies(path, content):
    if "die" in path:
        os.kill(os.getpid(), signal.SIGKILL)
    return []


def segfaults(path, content):
    if "die" in path:
        ctypes.string_at(0)
    return []


def leaves(path, content):
    if "die" in path:
        os._exit(7)
    return []


def exits(path, content):
    sys.exit("gone")


def hangs(path, content):
    while "hang" in path:
        time.sleep(0.01)
    return []


def slow(path, content):
    time.sleep(0.05)
    return []


def raises(path, content):
    yield Problem("first", "before it fails", 1)
    if "raise" in path:
        raise ZeroDivisionError("oh")


def prints(path, content):
    print("to stdout", flush=True)
    os.write(1, b"[1,2,3]\\n")
    sys.stderr.write("to stderr")
    return []


def babbles(path, content):
    if "babble" in path:
        for descriptor in range(3, 30):
            try:
                if os.readlink(f"/proc/self/fd/{descriptor}").startswith("pipe:"):
                    os.write(descriptor, b"{nonsense\\n")
            except OSError:
                pass
    return []


def wrong(path, content):
    return {"text": ["a"], "line": [Problem("r", "m", 0)], "kind": [Problem("r", "m", severity="fatal")]}[path]


def imported(path, content):
    import json, pluggy
    for module in (json, pluggy):
        yield Problem("from", module.__file__)
    yield Problem("cwd", os.getcwd())
    yield Problem("environment", " ".join(sorted(os.environ)))
    yield Problem("path", os.pathsep.join(sys.path))


def modules(path, content):
    yield Problem("loaded", " ".join(sorted(sys.modules)))


class Inner:
    @staticmethod
    def nested(path, content):
        yield Problem("nested", path)
'''


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """A module of a third party, on the import path of this process."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "misbehaving.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(folder)
    yield importlib.import_module("misbehaving")
    del sys.modules["misbehaving"]


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


def detector(function, **further):
    return Detector(function.__name__, 1, "", frozenset({"text"}), BuiltIn(function, **further))


def run(root, requests, *detectors, jobs=2, timeout_s=30.0):
    """Return the result of each request by path; each must come exactly once."""
    known = {**BUILT_IN, **{one.id: one for one in detectors}}
    results = []
    judge(root, requests, detectors=known, jobs=jobs, timeout_s=timeout_s, on_result=results.append)
    assert sorted(result.path for result in results) == sorted(path for path, _ in requests)
    for result, ids in ((result, dict(requests)[result.path]) for result in results):
        assert {*result.problems, *result.errors} == set(ids)
        assert not set(result.problems) & set(result.errors)
    return {result.path: result for result in results}


def write(root, *names, content=b"x\n"):
    for name in names:
        path = os.path.join(os.fsencode(root), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)


def test_problems_come_back_as_they_were_found_with_the_digest_of_what_was_read(root):
    write(root, "a.json", content=b'{"a": 1,\n "a": 2}\n')
    (result,) = run(root, [("a.json", ["json", "toml"])]).values()
    (problem,) = result.problems["json"]
    assert (problem.rule, problem.line, problem.column, problem.severity) == ("duplicate-key", 2, 2, "error")
    assert result.problems["toml"]
    assert result.digest == hashlib.blake2b(b'{"a": 1,\n "a": 2}\n', digest_size=16).digest()


def test_nothing_asked_is_nothing_started(root):
    assert run(root, []) == {}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize(
    "name", ["a\nb.txt", " a ", "-n", "@x", "q\"'", "\udcff\udc80.txt", "é/ü.txt", "a\\b", "\x01\x7f", "tab\t", "😀"]
)
def test_any_name_is_a_name(root, name, plugin):
    write(root, name)
    result = run(root, [(name, ["good", "end-of-file"])], detector(plugin.good))[name]
    assert [problem.message for problem in result.problems["good"]] == [name]


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("name", ["dies", "segfaults", "leaves"])
@pytest.mark.parametrize("jobs", [1, 3])
def test_a_worker_that_dies_costs_exactly_the_pair_in_hand(root, plugin, name, jobs):
    names = [f"{n}.txt" for n in range(100)] + ["die-1.txt", "die-2.txt"] + [f"{n}.txt" for n in range(100, 200)]
    write(root, *names)
    requests = [(path, ["good", name, "end-of-file"]) for path in names]
    results = run(root, requests, detector(plugin.good), detector(getattr(plugin, name)), jobs=jobs)
    failed = {(path, which) for path, result in results.items() for which in result.errors}
    assert failed == {("die-1.txt", name), ("die-2.txt", name)}
    expected = {"dies": "SIGKILL", "segfaults": "SIGSEGV", "leaves": "exit code 7"}[name]
    assert expected in results["die-1.txt"].errors[name]
    assert results["die-1.txt"].problems["good"][0].message == "die-1.txt"
    assert results["die-1.txt"].digest == results["0.txt"].digest


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_detector_that_ends_worker_after_worker_is_given_up_and_the_others_go_on(root, plugin):
    names = [f"die-{n}.txt" for n in range(100)]
    write(root, *names)
    results = run(root, [(path, ["dies", "good"]) for path in names], detector(plugin.dies), detector(plugin.good))
    assert all("good" in result.problems and "dies" in result.errors for result in results.values())
    assert sum("not tried" in result.errors["dies"] for result in results.values()) > 80


def test_a_file_that_takes_too_long_is_an_error_and_the_others_go_on(root, plugin):
    names = [*(f"{n}.txt" for n in range(40)), "hang.txt"]
    write(root, *names)
    requests = [(path, ["good", "hangs"]) for path in names]
    started = time.monotonic()
    results = run(root, requests, detector(plugin.good), detector(plugin.hangs), timeout_s=0.5)
    assert time.monotonic() - started < 15
    assert {path for path, result in results.items() if result.errors} == {"hang.txt"}
    assert results["hang.txt"].errors == {"hangs": "the detector did not finish within 0.5 s"}


def test_the_time_limit_is_for_a_pair_not_for_the_run(root, plugin):
    names = [f"{n}.txt" for n in range(30)]
    write(root, *names)
    results = run(root, [(path, ["slow"]) for path in names], detector(plugin.slow), jobs=1, timeout_s=0.7)
    assert not any(result.errors for result in results.values())


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="finds the pipe through /proc")
def test_a_worker_that_answers_nonsense_is_an_error(root, plugin):
    names = [*(f"{n}.txt" for n in range(10)), "babble.txt"]
    write(root, *names)
    requests = [(path, ["babbles"]) for path in names]
    results = run(root, requests, detector(plugin.babbles), jobs=1)
    failed = {path for path, result in results.items() if result.errors}
    assert len(failed) == 1, "one pair is blamed; what came before it was flushed with it"
    assert "nonsense" in results[failed.pop()].errors["babbles"]


def test_an_exception_is_an_error_of_that_pair_and_says_where(root, plugin):
    write(root, "raise.txt", "ok.txt")
    requests = [("raise.txt", ["raises", "good"]), ("ok.txt", ["raises", "exits"])]
    results = run(root, requests, detector(plugin.raises), detector(plugin.good), detector(plugin.exits))
    assert (
        results["raise.txt"]
        .errors["raises"]
        .startswith("the detector failed: ZeroDivisionError: oh (misbehaving.py, line")
    )
    assert "good" in results["raise.txt"].problems
    assert len(results["ok.txt"].problems["raises"]) == 1
    assert "SystemExit: gone" in results["ok.txt"].errors["exits"]


def test_what_a_detector_prints_stays_out_of_the_answers(root, plugin):
    write(root, "a.txt")
    assert run(root, [("a.txt", ["prints"])], detector(plugin.prints))["a.txt"].problems == {"prints": ()}


@pytest.mark.parametrize("name", ["text", "line", "kind"])
def test_an_answer_that_is_no_problem_is_an_error(root, plugin, name):
    write(root, name)
    assert "the detector failed" in run(root, [(name, ["wrong"])], detector(plugin.wrong))[name].errors["wrong"]


def test_a_function_that_cannot_be_imported_is_an_error(root, plugin):
    write(root, "a.txt")
    plugin.good.__qualname__ = "gone"
    result = run(root, [("a.txt", ["good", "end-of-file"])], detector(plugin.good))["a.txt"]
    assert "AttributeError" in result.errors["good"]
    assert result.problems["end-of-file"] == ()


def test_a_function_within_a_class_is_reached(root, plugin):
    write(root, "a.txt")
    assert run(root, [("a.txt", ["nested"])], detector(plugin.Inner.nested))["a.txt"].problems["nested"]


def test_nothing_of_the_checked_tree_is_imported_and_the_environment_is_built(root, plugin, monkeypatch):
    for name in ("json.py", "pluggy.py", "sitecustomize.py", "usercustomize.py", "hashlib.py", "pipeline_state.py"):
        write(root, name, content=b"raise SystemExit('imported')\n")
    monkeypatch.chdir(root)
    monkeypatch.syspath_prepend(root)
    monkeypatch.syspath_prepend("")
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.setenv("SECRET", "x")
    result = run(root, [("json.py", ["imported", "python-syntax"])], detector(plugin.imported))["json.py"]
    assert result.errors == {}
    said = {}
    for problem in result.problems["imported"]:
        said.setdefault(problem.rule, []).append(problem.message)
    assert not any(Path(file).is_relative_to(root) for file in said["from"])
    assert str(root) not in said["path"][0].split(os.pathsep)
    assert "" not in said["path"][0].split(os.pathsep)
    assert said["cwd"][0] != str(root)
    assert "SECRET" not in said["environment"][0].split()
    assert "PYTHONPATH" not in said["environment"][0].split()


def test_a_worker_loads_only_what_the_asked_detectors_need(root, plugin):
    write(root, "a.txt")
    requests = [("a.txt", ["trailing-whitespace", "modules"])]
    (problem,) = run(root, requests, detector(plugin.modules))["a.txt"].problems["modules"]
    unwanted = {"sqlite3", "yaml", "tomllib", "pluggy", "identify", "subprocess", "pyexpat", "git", "threading"}
    assert not unwanted & set(problem.message.split())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in the file system")
def test_what_is_no_regular_file_is_an_error(root):
    write(root, "real.txt")
    (root / "link.txt").symlink_to("real.txt")
    (root / "folder").mkdir()
    os.mkfifo(root / "pipe")
    names = ["link.txt", "folder", "pipe", "missing.txt", "nul\0.txt", "real.txt"]
    results = run(root, [(name, ["end-of-file", "json"]) for name in names])
    assert "symbolic link" in results["link.txt"].errors["json"]
    assert "not a regular file" in results["pipe"].errors["json"]
    assert "No such file" in results["missing.txt"].errors["end-of-file"]
    assert results["folder"].errors
    assert results["nul\0.txt"].errors
    assert results["missing.txt"].digest is None
    assert results["real.txt"].problems["end-of-file"] == ()


@pytest.mark.skipif(os.name == "nt", reason="a sparse file")
def test_a_file_that_is_too_large_is_not_read_and_never_clean(root):
    with open(root / "huge.json", "wb") as file:
        file.truncate(worker.LARGEST_BYTES + 1)
    result = run(root, [("huge.json", ["json", "large-file"])])["huge.json"]
    assert "exclude it" in result.errors["json"]
    assert [problem.rule for problem in result.problems["large-file"]] == ["large-file"]
    assert result.digest is None


def children_of(process_id):
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process_id)], capture_output=True, text=True, check=False
    )
    return {int(line) for line in listed.stdout.split()}


def test_what_on_result_raises_ends_the_workers(root, plugin):
    write(root, *(f"{n}.txt" for n in range(200)))
    before = threading.active_count()

    def stop(_result):
        raise KeyboardInterrupt

    requests = [(f"{n}.txt", ["good"]) for n in range(200)]
    with pytest.raises(KeyboardInterrupt):
        judge(root, requests, detectors={"good": detector(plugin.good)}, jobs=3, timeout_s=30, on_result=stop)
    assert threading.active_count() == before


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks at /proc")
def test_ctrl_c_ends_workers_that_hang(root, tmp_path, plugin):
    write(root, *(f"hang-{n}.txt" for n in range(4)))
    program = tmp_path / "program.py"
    program.write_text(
        f"import sys; sys.path.insert(0, {str(Path(plugin.__file__).parent)!r})\n"
        "import misbehaving, pathlib\n"
        "from pipeline_state.checks.declaration import BuiltIn, Detector\n"
        "from pipeline_state.checks.worker_pool import judge\n"
        "one = Detector('hangs', 1, '', frozenset(), BuiltIn(misbehaving.hangs))\n"
        f"judge(pathlib.Path({str(root)!r}), [(f'hang-{{n}}.txt', ['hangs']) for n in range(4)],\n"
        "      detectors={'hangs': one}, jobs=1, timeout_s=60, on_result=print)\n"
    )
    process = subprocess.Popen([sys.executable, str(program)], stderr=subprocess.PIPE, start_new_session=True)
    deadline = time.monotonic() + 20
    while not (workers := children_of(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert workers
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=20)
    assert b"KeyboardInterrupt" in stderr
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_workers_leave_nothing_behind(root, tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    write(root, "a.txt")
    run(root, [("a.txt", ["json"])])
    assert list(temporary.iterdir()) == []


def test_an_interpreter_that_does_not_start_is_said_once(root, monkeypatch, tmp_path):
    write(root, *(f"{n}.txt" for n in range(100)))
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho it is broken >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(DetectorError, match=r"exit code 3 \(it is broken\)"):
        run(root, [(f"{n}.txt", ["json"]) for n in range(100)])
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    with pytest.raises(FileNotFoundError):
        run(root, [("0.txt", ["json"])])


def test_the_same_results_whatever_the_number_of_workers(root):
    for number in range(150):
        write(root, f"{number}.json", content=b"[1," * (number % 3) + b"1" + b"]" * (number % 2) + b"\n")
    requests = [(f"{number}.json", list(BUILT_IN)) for number in range(150)]
    assert run(root, requests, jobs=1) == run(root, requests, jobs=4)
