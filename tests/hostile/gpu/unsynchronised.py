# threat: endless code
# tries: leave with a kernel still running, so that the next exercise or student has to wait
# file: training.py

honest_train_epoch = train_epoch


def train_epoch(model, loader, loss_fn, optimizer):
    with torch.cuda.stream(torch.cuda.Stream()):
        torch.cuda._sleep(2**60)
    return honest_train_epoch(model, loader, loss_fn, optimizer)
