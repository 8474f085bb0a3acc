"""The environment of processes in sandboxes, and of what grades beside others."""

# Numpy and torch would start as many threads as there are processors.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
ENVIRONMENT = {
    "HOME": "/tmp",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "PYTHONHASHSEED": "0",
    "LANG": "C.UTF-8",
    "MALLOC_ARENA_MAX": "1",  # or each thread takes 64 MB of the address space
    **dict.fromkeys(THREADS, "1"),
}
