"""What tools that judge whole projects are told to judge and to read, by their configuration and arguments."""

from __future__ import annotations

import pytest

from pipeline_state.checks.detectors import mypy_configuration, pylint_configuration, pyright_configuration

ENVIRONMENT = {"PATH": "/bin:/usr/bin", "HOME": "/home/nobody"}
FILES = ("a.py", "src/b.py", "tests/c.pyi", "venv/bin/activate_this.py", "docs/d.so")


@pytest.fixture
def root(tmp_path):
    (tmp_path / ".git").mkdir()
    return tmp_path


def mypy(root, *args, **files):
    for name, text in files.items():
        (root / name.replace("__", ".")).write_text(text)
    return mypy_configuration.project_run(root, args, ENVIRONMENT, FILES)


@pytest.mark.parametrize(
    ("name", "text", "args", "targets"),
    [
        ("mypy__ini", "", (), (".",)),
        ("mypy__ini", "[mypy]\nfiles = src\n", (), ()),
        ("mypy__ini", "[mypy]\npackages = src\n", (), ()),
        ("mypy__ini", "[mypy-src]\nfiles = src\n", (), (".",)),
        ("pyproject__toml", "[tool.mypy]\nfiles = ['src']\n", (), ()),
        ("setup__cfg", "[mypy]\nfiles = src\n", (), ()),
        ("setup__cfg", "[other]\nfiles = src\n", (), (".",)),
        ("mypy__ini", "[mypy\n", (), (".",)),
        ("mypy__ini", "", ("--strict", "--exclude", "x"), (".",)),
        ("mypy__ini", "", ("--strict", "src"), ()),
        ("mypy__ini", "", ("-p", "src"), ()),
        ("other__ini", "[mypy]\nfiles = src\n", ("--config-file", "other.ini"), ()),
    ],
)
def test_mypy_judges_what_is_named_else_the_root(root, name, text, args, targets):
    assert mypy(root, *args, **{name: text}).targets == targets


def test_mypy_the_first_configuration_counts(root):
    run = mypy(root, mypy__ini="[mypy]\n", pyproject__toml="[tool.mypy]\nplugins = ['x']\n")
    assert run.unknown is None


def test_mypy_reads_what_its_paths_name(root):
    text = "[mypy]\nmypy_path = $MYPY_CONFIG_FILE_DIR/stubs:~/far, here\npython_executable = .venv/bin/python\n"
    run = mypy(root, "--python-version=3.12", mypy__ini=text)
    assert run.folders[:3] == (f"{root}/stubs", "/home/nobody/far", "here")
    assert run.interpreters == (".venv/bin/python", "/bin/python3.12", "/usr/bin/python3.12")


@pytest.mark.parametrize(
    ("text", "args"),
    [
        ("plugins = x.py", ()),
        ("exclude_gitignore = True", ()),
        ("install_types = true", ()),
        ("bazel = 1", ()),
        ("", ("--shadow-file", "a.py", "b")),
        ("", ("--quickstart-file", "x")),
    ],
)
def test_mypy_code_and_blindness_make_more_count_than_is_seen(root, text, args):
    assert mypy(root, *args, mypy__ini=f"[mypy]\n{text}\n").unknown


def test_mypy_what_is_switched_off_is_no_reason(root):
    assert mypy(root, mypy__ini="[mypy]\nbazel = False\nplugins =\n").unknown is None
    (root / ".git").rmdir()
    assert mypy(root).unknown


def pylint(root, *args, **files):
    for name, text in files.items():
        (root / name.replace("__", ".")).write_text(text)
    return pylint_configuration.project_run(root, args, ENVIRONMENT, FILES)


def test_pylint_judges_all_that_has_sources_in_the_root_but_for_an_environment(root):
    (root / "venv").mkdir()
    (root / "venv/pyvenv.cfg").write_text("")
    assert pylint(root).targets == ("a.py", "src", "tests")
    assert pylint(root, "--errors-only", "src").targets == ()
    assert pylint(root, "--rcfile", "src").targets == ("a.py", "src", "tests")
    assert pylint_configuration.project_run(root, (), ENVIRONMENT, ()).judged == frozenset()
    assert pylint_configuration.project_run(root, (), ENVIRONMENT, ("__init__.py", "a.py")).targets == (".",)


@pytest.mark.parametrize(
    ("name", "text", "args"),
    [
        ("__pylintrc", "[MAIN]\nload-plugins=pylint.extensions.docparams,mine\n", ()),
        ("__pylintrc", "[MASTER]\ninit_hook='x'\n", ()),
        ("pyproject__toml", "[tool.pylint.main]\nload-plugins = ['mine']\n", ()),
        ("setup__cfg", "[pylint.MAIN]\nload-plugins=mine\n", ()),
        ("tox__ini", "[pylint]\nspelling-dict=en\n", ()),
        ("tox__ini", "", ("--load=mine",)),
        ("tox__ini", "", ("--init-hook", "mine")),
        ("rc", "[MAIN]\nload-plugins=mine\n", ("--rc=rc",)),
    ],
)
def test_pylint_code_makes_more_count_than_is_seen(root, name, text, args):
    assert pylint(root, *args, **{name: text}).unknown


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("__pylintrc", "[MAIN]\nload-plugins=pylint.extensions.docparams,\n"),
        ("setup__cfg", "[other]\nload-plugins=mine\n"),
        ("tox__ini", "[pylint\n"),
    ],
)
def test_pylint_its_own_plugins_and_other_tools_sections_do_not(root, name, text):
    assert pylint(root, **{name: text}).unknown is None


def pyright(root, *args, text=None, files=FILES):
    if text is not None:
        (root / "pyrightconfig.json").write_text(text)
    return pyright_configuration.project_run(root, args, ENVIRONMENT, files)


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("{}", {"a.py", "src/b.py", "tests/c.pyi"}),
        ('{"include": ["src"]}', {"src/b.py"}),
        ('{"exclude": ["**/c.pyi", "src"], /* both */ }', {"a.py"}),
        ('{"include": ["./s*"], // these\n}', {"src/b.py"}),
        ('{"extends": "base.json", "exclude": []}', {"tests/c.pyi"}),
        ("{", {"a.py", "src/b.py", "tests/c.pyi"}),
    ],
)
def test_pyright_judges_what_it_includes_and_does_not_exclude(root, text, judged):
    (root / "base.json").write_text('{"include": ["tests"], "exclude": ["tests"]}')
    (root / "venv/bin").mkdir(parents=True)
    (root / "venv/pyvenv.cfg").write_text("")
    files = (*FILES, ".hidden/x.py", "src/node_modules/x.py")
    assert pyright(root, text=text, files=files).judged == judged


def test_pyright_asks_the_python_of_the_worktree_or_of_its_configuration(root):
    assert pyright(root).interpreters == ("/bin/python3", "/usr/bin/python3")
    (root / ".venv/bin").mkdir(parents=True)
    (root / ".venv/bin/python").write_text("")
    assert pyright(root).targets == ("--pythonpath", ".venv/bin/python")
    assert pyright(root, "--pythonpath=/x/python").interpreters == ("/x/python",)
    assert pyright(root, text='{"venvPath": "envs", "venv": "one"}').interpreters == ("envs/one/bin/python",)


def test_pyright_says_nothing_of_what_it_ignores_and_is_not_told_by_arguments_what_to_judge(root):
    assert pyright(root, text='{"ignore": ["src"]}').ignored == {"src/b.py"}
    assert pyright(root, "src").unknown
    assert pyright(root, "--pythonversion", "3.12").unknown is None
    (root / "pyrightconfig.json").unlink()
    (root / "inner").mkdir()
    (root / "pyrightconfig.json").write_text("{}")
    assert pyright(root / "inner").unknown
