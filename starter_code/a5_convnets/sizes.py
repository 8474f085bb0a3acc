# Generated from solutions/a5_convnets/sizes.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""The arithmetic of convolutional networks: output sizes, receptive fields, parameters.

All of it fits on the back of an envelope, and all of it is needed before a network is built: layers
whose sizes do not fit together fail late, and with an unhelpful message.
"""


def conv_output_size(W, F, S, P):
    """How many places a filter of size F takes along an image of size W.

    W: size of the input along one axis.  F: size of the filter along that axis.
    S: stride, 1 or more.  P: padding, the zeros added at each of the two ends, 0 or more.

    Returns floor((W - F + 2P) / S) + 1, an integer. When the stride does not divide W - F + 2P, the
    last pixels are not reached and the size is rounded down: (10, 3, 2, 0) gives 4. (Some courses
    call such sizes invalid; this one does as the deep-learning frameworks do.)
    Raises ValueError when the filter is larger than the padded input.
    """
    raise NotImplementedError("conv_output_size: your code here")


def same_pad(F):
    """The padding that keeps the size of the input, for a filter of odd size F and stride 1.

    F: size of the filter, 1 or more.

    Returns the padding P at each end, an integer. Raises ValueError when F is even: then no padding
    that is equal at both ends keeps the size.
    """
    raise NotImplementedError("same_pad: your code here")


def receptive_field(layers):
    """How many pixels of the image, along one axis, one value after the last layer depends on.

    layers: list of pairs (F, S) from the first layer to the last: the size and the stride of a
    convolution or a pooling layer. Padding has no part in it, and the image is large enough.

    Returns an integer; 1 for an empty list. One layer sees F pixels. A later layer sees F values of
    the layer before it, and neighbours among these are as many pixels apart as the product of all
    strides before it.
    """
    raise NotImplementedError("receptive_field: your code here")


def param_count(layers):
    """How many parameters a network has, weights and biases together.

    layers: list of dicts. "kind" says which other keys there are:
        {"kind": "conv", "in": channels, "out": filters, "size": F}: F x F filters, each through all
            input channels.
        {"kind": "fc", "in": features, "out": units}: a fully connected layer.
        {"kind": "batchnorm", "in": channels}: a gamma and a beta for each channel; running
            statistics are not learnt and do not count.
        {"kind": "pool", "size": F}: nothing to learn.
    "conv" and "fc" have one bias for each output, unless the dict says "bias": False.

    Returns an integer; 0 for an empty list. Raises ValueError for any other kind.
    """
    raise NotImplementedError("param_count: your code here")
