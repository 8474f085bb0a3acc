# threat: memory and disk bombs
# tries: take all memory of the GPU
# file: training.py
# expect: to_device = out_of_memory


def to_device(batch, model):
    hoard = []
    while True:
        hoard.append(torch.empty(2**26, device="cuda"))
