"""How grave a rule of eslint is, and what it is about. The project sets the level; mere looks are never an error."""

from __future__ import annotations

from pipeline_state.checks.findings import Category, Severity

_LAYOUT = frozenset(
    (
        *("array-bracket-newline", "array-bracket-spacing", "array-element-newline", "arrow-parens", "arrow-spacing"),
        *("block-spacing", "brace-style", "comma-dangle", "comma-spacing", "comma-style", "computed-property-spacing"),
        *("dot-location", "eol-last", "func-call-spacing", "function-call-argument-newline", "function-paren-newline"),
        *("generator-star-spacing", "implicit-arrow-linebreak", "indent", "indent-legacy", "jsx-quotes", "key-spacing"),
        *("keyword-spacing", "line-comment-position", "linebreak-style", "lines-around-comment", "max-len"),
        *("lines-around-directive", "lines-between-class-members", "max-statements-per-line", "multiline-ternary"),
        *("new-parens", "newline-after-var", "newline-before-return", "newline-per-chained-call", "no-extra-parens"),
        *("no-mixed-spaces-and-tabs", "no-multi-spaces", "no-multiple-empty-lines", "no-spaced-func", "no-tabs"),
        *("no-trailing-spaces", "no-whitespace-before-property", "nonblock-statement-body-position", "quotes"),
        *("object-curly-newline", "object-curly-spacing", "object-property-newline", "operator-linebreak", "semi"),
        *("padded-blocks", "padding-line-between-statements", "rest-spread-spacing", "semi-spacing", "semi-style"),
        *("space-before-blocks", "space-before-function-paren", "space-in-parens", "space-infix-ops", "unicode-bom"),
        *("space-unary-ops", "switch-colon-spacing", "template-curly-spacing", "template-tag-spacing", "wrap-iife"),
        *("wrap-regex", "yield-star-spacing", "no-extra-semi", "spaced-comment", "quote-props"),
    )
)
"""Those that eslint says are of the type `layout`, and a few that are no different."""

_PROBLEMS = frozenset(
    (
        *("array-callback-return", "constructor-super", "for-direction", "getter-return", "no-async-promise-executor"),
        *("no-await-in-loop", "no-buffer-constructor", "no-class-assign", "no-compare-neg-zero", "no-cond-assign"),
        *("no-const-assign", "no-constant-binary-expression", "no-constant-condition", "no-constructor-return"),
        *(
            "no-control-regex",
            "no-debugger",
            "no-dupe-args",
            "no-dupe-class-members",
            "no-dupe-else-if",
            "no-dupe-keys",
        ),
        *("no-duplicate-case", "no-duplicate-imports", "no-empty-character-class", "no-empty-pattern", "no-ex-assign"),
        *("no-fallthrough", "no-func-assign", "no-import-assign", "no-inner-declarations", "no-invalid-regexp"),
        *("no-irregular-whitespace", "no-loss-of-precision", "no-misleading-character-class", "no-negated-in-lhs"),
        *("no-new-native-nonconstructor", "no-new-symbol", "no-obj-calls", "no-promise-executor-return", "no-undef"),
        *("no-prototype-builtins", "no-self-assign", "no-self-compare", "no-setter-return", "no-sparse-arrays"),
        *("no-template-curly-in-string", "no-this-before-super", "no-unassigned-vars", "no-unexpected-multiline"),
        *("no-unmodified-loop-condition", "no-unreachable", "no-unreachable-loop", "no-unsafe-finally", "use-isnan"),
        *("no-unsafe-negation", "no-unsafe-optional-chaining", "no-unused-private-class-members", "no-unused-vars"),
        *("no-use-before-define", "no-useless-assignment", "no-useless-backreference", "require-atomic-updates"),
        "valid-typeof",
    )
)
"""Those that eslint says are of the type `problem`. Its others are suggestions."""

_DANGERS = frozenset(("no-eval", "no-implied-eval", "no-new-func", "no-script-url", "react/no-danger"))
_DANGEROUS = ("security/", "no-unsanitized/", "no-secrets/", "scanjs-rules/")
_LOOKS = ("@stylistic/", "prettier/")
_TESTS = ("jest/", "vitest/", "mocha/", "jasmine/", "testing-library/", "playwright/", "cypress/")


def rank(rule: str | None, level: int) -> tuple[Severity, Category]:
    """The severity and category of a rule that the project sets to this level: 1 or 2. `None` is eslint itself."""
    severity: Severity = "error" if level == 2 else "warning"
    if rule is None or rule in _LAYOUT or rule.startswith(_LOOKS):
        return "warning", "format" if rule == "prettier/prettier" else "style"
    if rule in _DANGERS or rule.startswith(_DANGEROUS):
        return severity, "security"
    if rule.startswith(_TESTS):
        return severity, "test"
    # Of the rules of plugins it is not known what they are about; they are no mere suggestions, for all we know.
    return severity, "other" if rule in _PROBLEMS or "/" in rule else "style"
