"""Waiting for threads in a way that Ctrl-C ends."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future, wait
from typing import TypeVar

T = TypeVar("T")

_LOOKS_UP_EVERY_S = 0.2
"""The system may hand Ctrl-C to any thread, and Python acts on it in the main thread alone, which it does not wake."""


def first_done(tasks: Collection[Future[T]]) -> set[Future[T]]:
    """Wait until at least one of these is done; return those that are. Raises `KeyboardInterrupt` on Ctrl-C."""
    while True:
        done, _ = wait(tasks, timeout=_LOOKS_UP_EVERY_S, return_when="FIRST_COMPLETED")
        if done:
            return done
