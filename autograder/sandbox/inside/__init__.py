"""All that stands on the sandboxed side of the trust line; needs numpy and nothing of ours."""
