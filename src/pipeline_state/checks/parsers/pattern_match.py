"""The program that matches lines with somebody's regular expressions: `pattern` runs it, by its path.

It imports nothing of ours, and speaks JSON: a request on stdin, `Matched` as a list on stdout.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple


class Matched(NamedTuple):
    """What each line is: a finding's groups by name, empty for what is passed over, `None` for what is neither.

    `counted` is what the closing line counts: empty if it counts nothing, `None` if there is no closing line.
    """

    lines: list[dict[str, str | None] | None]
    counted: str | None


def request(finding: str, passed_over: str | None, closing: str | None, lines: Sequence[str]) -> bytes:
    """Return what the program is asked."""
    return json.dumps([finding, passed_over, closing, lines]).encode("ascii")


def match(finding: str, passed_over: str | None, closing: str | None, lines: Sequence[str]) -> Matched:
    """Match each line, as a whole, with these expressions; the closing one with the last that is not passed over."""
    is_finding, is_passed_over = re.compile(finding), None if passed_over is None else re.compile(passed_over)
    known: list[dict[str, Any] | None] = []
    last = -1
    for line in lines:
        found = is_finding.fullmatch(line)
        if found is not None:
            known.append(found.groupdict())
        else:
            known.append({} if is_passed_over is not None and is_passed_over.fullmatch(line) else None)
        if known[-1] != {}:
            last = len(known) - 1
    end = re.fullmatch(closing, lines[last]) if closing is not None and last >= 0 else None
    if end is None:
        return Matched(known, None)
    known[last] = {}
    return Matched(known, end.groupdict().get("count") or "")


def main() -> None:
    """Answer one request."""
    sys.stdout.write(json.dumps(match(*json.loads(sys.stdin.buffer.read()))))


if __name__ == "__main__":
    main()
