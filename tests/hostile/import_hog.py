# threat: memory and disk bombs
# tries: take the memory before any limit of an exercise could hold
# file: arithmetic.py
# expect: iterations = out_of_memory
# expect: updates = out_of_memory
# expect: memory_bytes = out_of_memory
# expect: n_loads = out_of_memory
# expect: training_time = out_of_memory

_HOARD = [np.zeros(8 * 1024 * 1024) for _ in range(40)]
