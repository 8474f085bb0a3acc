"""Where student code runs: the wire, the worker behind it, and the backends that confine it."""
