"""What --collect-only, --setup-plan and --setup-only list."""


def test_listed():
    """listed by `--collect-only`, `--setup-plan` or `--setup-only` | not run |"""
    assert 0
