"""The program that judges files with detect-secrets. The interpreter of detect-secrets runs it, and nothing of ours.

Its own commands will not do: the one for baselines writes into the baseline, and asks Git about it; neither says which
files it passed over. This one takes the arguments of `detect-secrets-hook`, and answers with JSON that holds no secret:

    {"judged": [name …], "excluded": [name …], "unread": {name: reason}, "found": [[name, line, type] …]}
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

_VERIFICATION = "detect_secrets.filters.common.is_ignored_due_to_verification_policies"


def main(arguments: Sequence[str]) -> int:
    """Judge the files that are named; return 1 if anything is to be said of one, else 0."""
    arguments_of = import_module("detect_secrets.core.usage").ParserBuilder().add_pre_commit_arguments()
    given = arguments_of.parse_args(list(arguments))
    settings = import_module("detect_secrets.settings")
    # Whether a secret is alive, the network would say; the verdict must not depend on it.
    settings.get_settings().disable_filters(_VERIFICATION)
    settings.get_filters.cache_clear()
    judged, excluded, unread, found = [], [], {}, []
    for name in given.filenames:
        path = os.path.normpath(name)  # as it stands in a baseline
        try:
            if not _is_judged(path):
                excluded.append(name)
                continue
        except OSError as error:
            unread[name] = error.strerror or str(error)
            continue
        judged.append(name)
        found += [[name, secret.line_number, secret.type] for secret in _secrets(path, given.baseline)]
    answer = {"judged": judged, "excluded": excluded, "unread": unread, "found": found}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 1 if found or unread else 0


def _is_judged(path: str) -> bool:
    """Whether detect-secrets looks into this file: no filter leaves it out, and it is text."""
    scan = import_module("detect_secrets.core.scan")
    with open(path) as file:  # as detect-secrets opens it
        if scan._is_filtered_out(["filename"], filename=path):  # noqa: SLF001 - what it asks itself has no other name
            return False
        try:
            file.read()
        except UnicodeDecodeError:
            return False
    return True


def _secrets(path: str, baseline: Any) -> list[Any]:
    found = import_module("detect_secrets.core.secrets_collection").SecretsCollection()
    found.scan_file(path)
    return [secret for _, secret in (found - baseline if baseline else found)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
