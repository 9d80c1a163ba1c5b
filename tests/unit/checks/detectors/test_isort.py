"""The declaration of isort, held against the real isort."""

from __future__ import annotations

import os

import pytest

from pipeline_state.checks.declaration import Output, References, ReportError
from pipeline_state.checks.detectors import isort_report, isort_sources
from pipeline_state.checks.detectors.isort import ISORT

BAD, GOOD = "import sys\nimport os\n", "import os\nimport sys\n"
FOUND = ["unsorted"]


def test_a_file_that_would_be_changed_is_found_and_left_as_it_is(bench):
    bench.write("bad.py", BAD)
    bench.write("good.py", GOOD)
    bench.write("syntax.py", "def f(:\n")  # isort does not parse it
    answer = bench.judge(ISORT)
    (problem,) = answer.problems["bad.py"]
    assert (problem.rule, problem.line, problem.severity, problem.category) == ("unsorted", None, "warning", "format")
    assert (answer.problems["good.py"], answer.problems["syntax.py"]) == ((), ())
    assert (bench.root / "bad.py").read_text() == BAD


@pytest.mark.parametrize("other", [BAD, GOOD])
def test_what_isort_cannot_read_is_never_clean(bench, other):
    bench.write("undecodable.py", b'x = "\xff"\n' + BAD.encode())
    bench.write("encoding.py", "# -*- coding: nonsense -*-\n" + BAD)
    bench.write("other.py", other)
    assert bench.rules(ISORT, "undecodable.py", "encoding.py", "gone.py", "other.py") == {
        "undecodable.py": "error",
        "encoding.py": "error",
        "gone.py": "error",
        "other.py": FOUND if other == BAD else [],
    }


def test_a_file_that_says_skip_me_is_excluded(bench):
    bench.write("a.py", f"# isort: skip_file\n{BAD}")
    bench.write("b.py", BAD)
    assert bench.rules(ISORT) == {"a.py": "excluded", "b.py": FOUND}


def test_a_fixed_file_is_clean(bench):
    bench.write("a.py", BAD)
    bench.write("b.py", b'x = "\xff"\n')
    bench.runner(ISORT).fix(["a.py", "b.py"])
    assert (bench.root / "a.py").read_text() == GOOD
    assert bench.rules(ISORT) == {"a.py": [], "b.py": "error"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_strange_names_are_names(bench):
    names = ["-c.py", "@d.py", "a b.py", "é.py", "we\nird.py", "quote'\".py", "x: ERROR y.py"]
    for name in names:
        bench.write(name, BAD)
    assert bench.rules(ISORT, *names) == dict.fromkeys(names, FOUND)
    bench.runner(ISORT).fix(names)
    assert bench.rules(ISORT, *names) == {name: [] for name in names}


EXCLUSIONS = {
    "names": (".isort.cfg", "[settings]\nskip = out,b.py\n"),
    "paths": ("pyproject.toml", "[tool.isort]\nextend_skip = ['in/out', 'a.py']\n"),
    "patterns of folders": ("setup.cfg", "[isort]\nskip_glob = i*\n"),
    "patterns of files": ("tox.ini", "[tool:isort]\nextend_skip_glob =\n  */a.py\n  out/*\n"),
    "endings": ("setup.cfg", "[isort]\nsupported_extensions = py,txt\nblocked_extensions = sh\n"),
    "editorconfig": (".editorconfig", "root = true\n[*.py]\nskip = out\n"),
    "no configuration": ("setup.cfg", ""),
}


@pytest.mark.parametrize(
    ("case", "args"),
    [*((case, ()) for case in EXCLUSIONS), ("names", ("--skip", "in")), ("paths", ("--sg=o*", "-s", "b.py"))],
)
def test_what_isort_would_not_judge_in_its_own_run_is_excluded_and_not_changed(bench, case, args):
    for name in ("a.py", "b.py", "c.pyi", "out/a.py", "in/a.py", "in/out/b.py", "build/a.py", "a.txt", "script"):
        bench.write(name, BAD)
    bench.write("tool", f"#!/usr/bin/env python3\n\n{BAD}")
    bench.write("run.sh", f"#!/usr/bin/env python3\n\n{BAD}")
    bench.write(*EXCLUSIONS[case])
    said = bench.run(ISORT, "--check-only", "--settings-path=.", *args, ".").stderr.decode().splitlines()
    paths = [path for path in bench.paths() if path != EXCLUSIONS[case][0]]
    root = os.path.realpath(bench.root)
    own = {path for path in paths if f"ERROR: {root}/{path} Imports are incorrectly sorted and/or formatted." in said}
    assert bench.rules(ISORT, *paths, args=args) == {path: FOUND if path in own else "excluded" for path in paths}
    bench.runner(ISORT, *args).fix(paths)
    assert {path for path in paths if GOOD in (bench.root / path).read_text()} == own


def test_the_configuration_is_that_of_the_root_whichever_file_comes_first(bench):
    bench.write("in/a.py", BAD)
    bench.write("b.py", BAD)
    bench.write("in/.isort.cfg", "[settings]\nforce_sort_within_sections = true\nskip = a.py\n")
    assert bench.rules(ISORT, "in/a.py", "b.py") == {"in/a.py": FOUND, "b.py": FOUND}
    bench.write("other.cfg", "[isort]\nskip = b.py\n")
    assert bench.rules(ISORT, "in/a.py", "b.py", args=("--sp", "other.cfg")) == {"in/a.py": FOUND, "b.py": "excluded"}


def test_no_setting_of_the_project_hides_a_finding(bench):
    bench.write("a.py", BAD)
    bench.write("b.py", GOOD)
    bench.write("setup.cfg", "[isort]\nquiet = true\nformat_error = no\nverbose = false\n")
    assert bench.rules(ISORT, "a.py", "b.py") == {"a.py": FOUND, "b.py": []}
    bench.write("setup.cfg", "[isort]\nonly_modified = true\n")
    assert bench.rules(ISORT, "b.py") == {"b.py": "error"}, "isort does not say that it judged it"


@pytest.mark.parametrize("text", ["unknown = 1", "profile = gone", "formatter = gone"])
def test_a_configuration_that_isort_refuses_is_an_error(bench, text):
    bench.write("a.py", GOOD)
    bench.write("setup.cfg", f"[isort]\n{text}\n")
    assert bench.rules(ISORT, "a.py") == {"a.py": "error"}


NAMESPACES = "[isort]\nauto_identify_namespace_packages = false\n"


def references(name, text):
    return isort_sources.references(name, text.encode())


@pytest.mark.parametrize(
    ("name", "text", "folders"),
    [
        ("setup.cfg", "[isort]\nprofile = black\n", ()),
        ("setup.cfg", "[isort]\nsrc_paths = lib, in/pkg\n", ("lib", "in/pkg")),
        ("tox.ini", "[tool:isort]\nsrc_paths =\n  lib\n  pkg\n", ("lib", "pkg")),
        ("pyproject.toml", "[tool.isort]\nsrc_paths = ['lib']\n", ("lib",)),
        (".isort.cfg", "[settings]\nsrc_paths=lib\nsections = FUTURE,STDLIB\nknown_django = django\n", ("lib",)),
        (".editorconfig", "root = true\n[*.{py, pyi}]\ncharset = utf-8\nsrc_paths = lib\n", ("lib",)),
        ("other.toml", "[isort]\nsrc_paths = 'lib'\n", ("lib",)),
        ("setup.cfg", NAMESPACES + "namespace_packages = a\nskip = lib/\nskip_gitignore = false\n", ()),
        ("setup.cfg", "[isort]\nadd_imports = from __future__ import annotations\nsort_order=native\n", ()),
    ],
)
def test_a_configuration_names_the_source_folders(name, text, folders):
    found = references(name, text)
    assert (found.import_roots, found.unknown) == ((".", "src", *folders), None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("setup.cfg", "[metadata]\nname = x\n"),
        ("pyproject.toml", "[tool.black]\n"),
        ("pyproject.toml", "not toml ["),
        ("setup.cfg", "no section"),
        (".editorconfig", "[*.md]\nindent_size = 2\n"),
        ("tox.ini", "[isort]\nline_length = %(no)s\n"),
    ],
)
def test_a_file_without_settings_of_isort_decides_nothing(name, text):
    assert references(name, text) == References()


UNSEEN = [
    *("src_paths = lib*", "src_paths = ../lib", "src_paths = /lib", "skip_gitignore = true", "virtual_env = .venv"),
    *("conda_env = x", "formatter = x", "sort_order = x", "profile = x", "directory = in", "old_finders = true"),
    *("supported_extensions = py,txt", "known_first_party = in/", "known_ours = a,in/", "extra_standard_library = in/"),
    *("add_imports = import os", "add_imports = from __future__ import a, b"),
]


@pytest.mark.parametrize("setting", UNSEEN)
def test_a_setting_that_makes_isort_look_at_more_is_unknown(setting):
    found = references("setup.cfg", f"[isort]\n{setting}\n")
    assert found.unknown is not None
    assert setting.partition(" ")[0] in found.unknown
    assert found.import_roots == (".", "src")


@pytest.mark.parametrize(
    "args",
    [
        *("--src lib", "--src-path=lib", "--skip-gitignore", "--gitignore", "--skip-git", "-a os", "-aos", "-qa os"),
        *("--add-import=os", "--virtual-env=.venv", "--conda-e x", "--formatter=x", "--sort-order x", "--profile=x"),
        *("--prof x", "--ext txt", "--resolve-all-configs", "--cr=.", "-p in/", "-pin/", "--project=in/", "-sp x"),
        *("--sp ../x.cfg", "--settings-p=x", "--settings-path=/x", "--old-finders", "--magic", "--sp=*"),
    ],
)
def test_an_argument_that_makes_isort_look_at_more_is_unknown(args):
    assert isort_sources.in_arguments(args.split()).unknown


@pytest.mark.parametrize(
    "args",
    [
        *(
            (),
            ("--profile", "black"),
            ("--profile=google", "-l", "100"),
            ("--skip", "lib/"),
            ("--sg=a/*",),
            ("-sbuild/",),
        ),
        *(("-m3", "--trailing-comma"), ("--force-sort-within-sections",), ("-p", "ours"), ("--line-length=90",)),
        ("-a", "from __future__ import annotations"),
    ],
)
def test_any_other_argument_is_not(args):
    assert isort_sources.in_arguments(args) == References()


def test_the_files_of_settings_that_arguments_name_are_followed(bench):
    named = isort_sources.in_arguments(("--sp", "./in/deep/x.cfg"))
    assert named.unknown is None
    assert {"./in/deep/x.cfg", "in/deep/x.cfg/.isort.cfg", "in/deep/setup.cfg", "in/.editorconfig"} <= set(named.paths)
    bench.write("a.py", "import os\n\nimport foreign\nimport ours\n")
    bench.write("in/setup.cfg", "[isort]\nsrc_paths = lib\n")
    bench.write("in/lib/ours.py")
    (bench.root / "in/deep").mkdir()
    assert bench.rules(ISORT, "a.py", args=("--sp=in/deep",)) == {"a.py": FOUND}
    assert bench.rules(ISORT, "a.py", args=("--sp=in/setup.cfg",)) == {"a.py": FOUND}


def test_isort_looks_at_no_configuration_that_is_not_declared(bench):
    bench.write("pkg/a.py", "import os\nimport foo.bar\n")
    root = os.path.realpath(bench.root)
    modules = {path for path in bench.looked_at(ISORT, "pkg/a.py") if "/foo" in path or path.startswith(f"{root}/src")}
    expected = bench.declared(ISORT, "pkg/a.py") | modules | {f"{root}/.git", f"{root}/.hg"}
    assert {path for path in bench.looked_at(ISORT, "pkg/a.py") if ".isorted" not in path} <= expected


M = isort_report.MARK
STDOUT = (
    f"\n   VERSION 9.0.2 (compiled yes)\n\nelse-type place_module for sys returned STDLIB\n"
    f"{M}SUCCESS /t/b.py Everything Looks Good!{M}\n/t/s.py was skipped\nSkipped 1 files\n"
).encode()
STDERR = (
    f"{M}ERROR /t/we\nird.py Imports are incorrectly sorted and/or formatted.{M}\n"
    "sys:1: UserWarning: Encoding not supported for u.py\n"
).encode()


def report(stdout, stderr, exit_code=1):
    names = ("b.py", "s.py", "we\nird.py", "u.py")
    return isort_report.parse(Output(("isort", *names), exit_code, stdout, stderr, names))


def test_a_whole_report_is_read():
    found = report(STDOUT, STDERR)
    assert (set(found.problems), set(found.unprocessed)) == ({"/t/we\nird.py"}, {"u.py"})
    assert (found.judged, found.others) == ({"/t/b.py"}, "excluded")


def test_no_beginning_of_a_report_is_a_report():
    for length in range(0, len(STDOUT) - 1, 3):
        with pytest.raises(ReportError):
            report(STDOUT[:length], STDERR)


def test_no_beginning_of_what_it_complains_of_is_a_report():
    for length in range(0, len(STDERR) - 2, 3):
        with pytest.raises(ReportError):
            report(STDOUT, STDERR[:length])
