"""What a network costs before it has learnt anything: its parameters, and what a pass must keep."""

import math

import torch


def parameter_count(module, trainable=False):
    """How many numbers a module can learn.

    module: a torch.nn.Module, on any device, with parts that have parts.
    trainable: count only parameters that a gradient is computed for (requires_grad).

    Returns an integer. A parameter that several layers share counts once. Buffers, such as the
    running statistics of batch normalisation, are not learnt and do not count.
    """
    ### BEGIN SOLUTION
    parameters = module.parameters()  # each once, those of all parts included
    return sum(p.numel() for p in parameters if p.requires_grad or not trainable)
    ### END SOLUTION


def activation_memory(layers, dtype=torch.float32, batch=1):
    """How many bytes the results of all layers need when a network is trained.

    The backward pass needs what the forward pass computed, so all of it is kept.

    layers: list of dicts. "kind" says which other keys there are:
        {"kind": "input", "shape": (C, H, W)}: one image; always the first, and kept as well.
        {"kind": "conv", "out": filters, "size": F, "stride": S, "pad": P}: a convolution; the
            stride is 1 and the padding 0 unless the dict says otherwise.
        {"kind": "pool", "size": F, "stride": S, "pad": P}: pooling; the stride is F and the padding
            0 unless the dict says otherwise.
        {"kind": "fc", "out": units}: a fully connected layer; it takes its input as it is.
        {"kind": "relu"}: works in place and needs no memory of its own.
    dtype: torch.dtype of all results.  batch: N, images that go through together.

    Returns the bytes, an integer: one result for each dict but "relu", for all images of the batch.
    Heights and widths are floor((W - F + 2P) / S) + 1. Parameters and gradients are not counted.
    Raises ValueError for any other kind.
    """
    ### BEGIN SOLUTION
    values, shape = 0, ()
    for layer in layers:
        if layer["kind"] == "relu":
            continue
        shape = layer["shape"] if layer["kind"] == "input" else _result(layer, shape)
        values += math.prod(shape)
    return batch * values * dtype.itemsize
    ### END SOLUTION


### BEGIN SOLUTION
def _result(layer, shape):
    """The shape that a layer makes of one."""
    if layer["kind"] == "fc":
        return (layer["out"],)
    if layer["kind"] not in ("conv", "pool"):
        raise ValueError(f"there is no layer of kind {layer['kind']!r}")
    channels, *sides = shape
    F, P = layer["size"], layer.get("pad", 0)
    S = layer.get("stride", F if layer["kind"] == "pool" else 1)
    return (layer.get("out", channels), *((side - F + 2 * P) // S + 1 for side in sides))


### END SOLUTION
