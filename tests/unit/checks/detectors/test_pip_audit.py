"""The declaration of pip-audit, held against the real pip-audit, and a database of advisories on this machine."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import pip_audit_report
from pipeline_state.checks.detectors.pip_audit import PIP_AUDIT
from pipeline_state.checks.detectors.pip_audit_program import arguments_for

ADVISORY = {
    "id": "GHSA-462w-v97r-4m45",
    "summary": "sandbox escape",
    "aliases": ["CVE-2019-10906"],
    "affected": [
        {
            "package": {"name": "jinja2", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.10.1"}]}],
            "versions": ["2.4.1"],
        }
    ],
    "modified": "2024-01-01T00:00:00Z",
}
PINNED = ("--vulnerability-service=osv", "--no-deps", "--disable-pip", "--timeout=5")


class _Advisories(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = [ADVISORY] if asked["package"]["name"] == "jinja2" else []
        answer = json.dumps({"vulns": known} if known else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        """Print nothing."""


@pytest.fixture(scope="module")
def advisories():
    """The arguments with which pip-audit asks this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Advisories) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield (*PINNED, f"--osv-url=http://127.0.0.1:{server.server_port}/")
        server.shutdown()


def test_each_file_is_audited_by_itself_and_one_without_findings_is_clean(bench, advisories):
    bench.write("requirements.txt", "jinja2==2.4.1\nsix==1.16.0\n")
    bench.write("deploy/requirements-é x.txt", "six==1.16.0\n")
    answer = bench.judge(PIP_AUDIT, args=advisories)
    found = answer.problems
    assert answer.errors == {}
    assert sorted(found) == ["deploy/requirements-é x.txt", "requirements.txt"]
    (problem,) = found["requirements.txt"]
    assert (problem.rule, problem.severity, problem.category) == ("CVE-2019-10906", "error", "security")
    assert problem.message == "jinja2 2.4.1 is vulnerable, fixed in 2.10.1: sandbox escape"
    assert not found["deploy/requirements-é x.txt"]


def test_what_is_ignored_by_the_arguments_is_no_finding(bench, advisories):
    bench.write("requirements.txt", "jinja2==2.4.1\n")
    args = (*advisories, "--ignore-vuln", "CVE-2019-10906")
    assert bench.rules(PIP_AUDIT, args=args) == {"requirements.txt": []}


def test_without_the_network_there_is_an_error_and_never_a_verdict(bench):
    bench.write("requirements.txt", "six==1.16.0\n")
    assert bench.rules(PIP_AUDIT, args=(*PINNED, "--osv-url=http://127.0.0.1:1/")) == {"requirements.txt": "error"}
    assert PIP_AUDIT.scope == "never"


def test_what_does_not_resolve_is_an_error(bench, advisories):
    bench.write("requirements.txt", "six>=1\n")  # with --no-deps, it must be pinned
    assert bench.rules(PIP_AUDIT, "requirements.txt", "gone.txt", args=advisories) == {
        "requirements.txt": "error",
        "gone.txt": "error",
    }


@pytest.mark.parametrize("argument", ["--dry-run", "-d", "--fix", "-o", "--output=x", "--local", "-r", "--path=x"])
def test_arguments_with_which_nothing_would_be_audited_are_refused(bench, argument):
    bench.write("requirements.txt", "jinja2==2.4.1\n")
    answer = bench.judge(PIP_AUDIT, args=(argument,))
    assert argument in answer.errors["requirements.txt"]


def test_a_file_is_named_by_the_option_of_its_kind():
    assert arguments_for(["-v", "in/requirements.txt"]) == ["-v", "--requirement=in/requirements.txt"]
    assert arguments_for(["./-r.txt"]) == ["--requirement=./-r.txt"]
    assert arguments_for(["pyproject.toml"]) == ["."]
    assert arguments_for(["in/pyproject.toml"]) == ["in"]
    assert arguments_for(["in/pylock.dev.toml"]) == ["--locked", "in"]
    assert arguments_for(["--version"]) == ["--version"]


WHOLE = (Path(__file__).parent / "reports/pip-audit-2.10.json").read_bytes()


def report(stdout, exit_code=1):
    return pip_audit_report.parse(Output(("x", "a.txt"), exit_code, stdout, b"", ("a.txt",)))


def test_a_recorded_report_is_read():
    found = report(WHOLE).problems["a.txt"]
    assert [(p.rule, p.severity) for p in found] == [("CVE-2019-10906", "error")]


def test_a_dependency_that_was_not_audited_is_not_clean():
    skipped = b'{"dependencies": [{"name": "ours", "skip_reason": "not found on PyPI"}], "fixes": []}'
    (problem,) = report(skipped, 0).problems["a.txt"]
    assert (problem.rule, problem.severity, problem.message) == ("not-audited", "note", "ours: not found on PyPI")


def test_no_beginning_of_a_report_is_a_report():
    for length in range(0, len(WHOLE.rstrip()), 5):
        with pytest.raises(ReportError):
            report(WHOLE[:length])


@pytest.mark.parametrize(
    ("stdout", "exit_code"),
    [
        (WHOLE, 0),
        (b'{"dependencies": []}', 1),
        (b"{}", 0),
        (b"[]", 0),
        (b'{"dependencies": [1]}', 1),
        (b'{"dependencies": [{"name": "a"}]}', 0),
        (WHOLE.replace(b'"id"', b'"x"'), 1),
        (WHOLE.replace(b'["2.10.1"]', b"[[]]"), 1),
        (WHOLE + b"x", 1),
    ],
)
def test_what_pip_audit_would_not_write_is_no_report(stdout, exit_code):
    with pytest.raises(ReportError):
        report(stdout, exit_code)
