"""One small module per detector. Importing one costs next to nothing: parsers are imported when they are used.

`case-conflict` and `broken-link` are not here: a built-in detector is a function of one file's bytes, and those
two need the listing and the link's target.
"""
