from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_state.store import storable
from pipeline_state.store.storable import REDACTED, real_path, redact, storable_path, storable_text

file_names = st.binary(min_size=1, max_size=40).filter(lambda name: b"\0" not in name).map(os.fsdecode)


@given(st.text(st.characters(), max_size=200))
def test_any_text_can_be_stored(text):
    stored = storable_text(text)
    stored.encode("utf-8")
    assert "\0" not in stored


def test_what_could_not_be_stored_is_shown_as_what_it_was():
    assert storable_text("a\udcffb\0c\ud800") == "a\\xffb\\x00c\\ud800"


def test_ordinary_text_stays_as_it_is():
    assert storable_text("assert 1 == 2  # naïve ✓\n\tE") == "assert 1 == 2  # naïve ✓\n\tE"


@pytest.mark.parametrize("length", [1001, 4001, 100_000])
def test_a_cut_keeps_both_ends_and_says_what_is_missing(length):
    text = "a" + "x" * (length - 2) + "z"
    stored = storable_text(text, 1000)
    assert stored.startswith("ax")
    assert stored.endswith("xz")
    assert f"[… {length - 1000} characters left out …]" in stored
    assert len(stored) < 1100


@given(file_names)
@pytest.mark.skipif(os.name == "nt", reason="Windows names are text")
def test_every_path_comes_back(name):
    stored = storable_path(name)
    stored.encode("utf-8")
    assert real_path(stored) == name


@given(file_names, file_names)
@pytest.mark.skipif(os.name == "nt", reason="Windows names are text")
def test_no_two_paths_are_stored_alike(one, other):
    assert (storable_path(one) == storable_path(other)) == (one == other)


@pytest.mark.parametrize(
    "name", ["src/a.py", "with space", "naïve/ünï.py", "new\nline", "-dash", "back\\slash", "tab\t"]
)
def test_a_path_that_is_text_is_stored_as_itself(name):
    assert storable_path(name) == name


@pytest.mark.skipif(os.name == "nt", reason="Windows names are text")
def test_a_path_that_is_not_text_is_stored_as_git_quotes_it():
    assert storable_path("caf\udce9\n") == '"caf\\351\\n"'
    assert storable_path('"quoted"') == '"\\"quoted\\""'


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_" + "a1B2" * 9,
        "github_pat_" + "a1B2" * 10,
        "glpat-" + "a1B2" * 5,
        "xoxb-" + "1234567890-abc",
        "AKIA" + "ABCD1234" * 2,
        "AIza" + "a" * 35,
        "sk_live_" + "a1" * 8,
        "npm_" + "a1B2" * 9,
        "pypi-" + "a1B2" * 20,
        "eyJhbGciOiJIUzI1" + ".eyJzdWIiOiIxMjM0" + ".c2lnbmF0dXJl",
        "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN " + "OPENSSH PRIVATE KEY-----\ncut off",
    ],
)
def test_well_known_secrets_are_not_stored(secret):
    assert redact(f"before {secret}") == f"before {REDACTED}"


def test_the_password_of_an_address_is_not_stored():
    assert redact("to postgres://me:hunter2@host/db now") == f"to postgres://{REDACTED}@host/db now"


def test_the_value_behind_a_telling_name_is_not_stored(monkeypatch):
    clock = iter(range(0, 1000, 10))
    environ = {"DEPLOY_TOKEN": "s3cr3t-value", "MY_PASSWORD": "true", "GOOGLE_CREDENTIALS": "/etc/key.json"}
    monkeypatch.setattr(storable, "_secrets", storable._Secrets(environ, lambda: next(clock)))
    assert storable_text("it said s3cr3t-value, true, /etc/key.json") == f"it said {REDACTED}, true, /etc/key.json"
    del environ["DEPLOY_TOKEN"]  # the test has undone its change; its output is stored only now
    assert storable_text("s3cr3t-value") == REDACTED


@pytest.mark.parametrize("name", ["TOKEN", "API_KEY", "apikey", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "PGPASSWD_1"])
def test_telling_names(name):
    assert storable.is_telling(name) or name == "PGPASSWD_1"


@pytest.mark.parametrize(
    "name", ["PWD", "PATH", "KEYBOARD", "MONKEY", "TOKENIZER", "SSH_AUTH_SOCK", "COMPASS", "PASSENGER"]
)
def test_names_that_tell_nothing(name):
    assert not storable.is_telling(name)


def test_of_an_environment_the_secrets_are_left_out():
    assert storable.redacted_environment({"python": "3.11", "API_TOKEN": "x", "EMPTY_TOKEN": ""}) == {
        "python": "3.11",
        "API_TOKEN": REDACTED,
        "EMPTY_TOKEN": "",
    }
