"""Incremental error detection: what a verdict depends on, what is proven, running the rest."""
