# threat: notebook tampering
# tries: exhaust the reader of the notebook with brackets
# upload: notebook_deep.ipynb
# expect: rejected


def content(solution):
    return b'{"nbformat": 4, "cells": ' + b"[" * 400_000 + b"]" * 400_000 + b"}"
