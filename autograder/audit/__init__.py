"""The suite on trial: it must catch every known wrong implementation and accept every right one."""
