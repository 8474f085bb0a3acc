"""All that stands on the sandboxed side of the trust line; imports numpy and the standard library only."""
