"""GPUs: which there are, who has leased one, and what a sandbox needs to reach it."""
