# threat: endless code
# tries: hold up the GPU with a kernel that does not end, and the process with waiting for it
# file: training.py
# expect: evaluate = timeout


def evaluate(model, loader, loss_fn):
    torch.cuda._sleep(2**60)
    torch.cuda.synchronize()
