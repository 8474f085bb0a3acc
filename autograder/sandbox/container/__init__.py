"""The `docker` backend: student code in hardened containers of the Docker engine."""
