# threat: output floods
# tries: fail at import with a text of many megabytes, which is shown to students
# file: arithmetic.py
# expect: iterations = failed
# expect: updates = failed
# expect: memory_bytes = failed
# expect: n_loads = failed
# expect: training_time = failed

raise RuntimeError("sorry " * 5_000_000)
