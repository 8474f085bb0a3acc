# threat: endless code
# tries: never come back from being imported
# file: arithmetic.py
# expect: iterations = timeout
# expect: updates = timeout
# expect: memory_bytes = timeout
# expect: n_loads = timeout
# expect: training_time = timeout

while True:
    try:
        sum(range(10**6))
    except BaseException:
        pass
