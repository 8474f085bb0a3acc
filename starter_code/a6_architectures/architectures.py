# Generated from solutions/a6_architectures/architectures.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""Five networks that made history, put together from layers of torch.nn.

Every function returns a fresh torch.nn.Module. All its parameters belong to layers of torch.nn
(Conv2d, Linear, BatchNorm2d), with PyTorch's own defaults wherever nothing else is said. How you
put the layers together, and what you call them, is up to you: Sequentials, classes of your own.
Parameters have their shapes from the start: lazy layers, which wait for an image, are left out.

Images come as tensors (N, C, H, W). The results are scores (N, num_classes): the softmax belongs to
the loss. The tables below list the layers that compute something from first to last, and what each
makes of N images; padding is left out where it follows from the sizes. A layer has biases unless it
is said to have none.

`shrink` divides the numbers of channels and hidden units, but not num_classes: 1 is the real
network, 16 or 32 a toy that computes in milliseconds and has all layers of the real one.
"""

import torch
from torch import nn


def build_lenet5(num_classes=10, in_channels=1):
    """LeNet-5 for images of 32 x 32 pixels, in the form of today's textbooks: 61,706 parameters.

    num_classes: scores of an image.  in_channels: C, 1 for grey images.

        images                                     (N, in_channels, 32, 32)
        convolution, 6 filters of 5 x 5            (N, 6, 28, 28)
        average pooling of 2 x 2, stride 2         (N, 6, 14, 14)
        convolution, 16 filters of 5 x 5           (N, 16, 10, 10)
        average pooling of 2 x 2, stride 2         (N, 16, 5, 5)
        fully connected                            (N, 120)
        fully connected                            (N, 84)
        fully connected                            (N, num_classes)

    A ReLU follows each convolution and each fully connected layer but the last. (In 1998 it was a
    tanh.) The pooling takes means.
    """
    raise NotImplementedError("build_lenet5: your code here")


def build_alexnet(num_classes=1000, in_channels=3, shrink=1):
    """AlexNet for images of 227 x 227 pixels, on one GPU: 62,378,344 parameters.

    num_classes: scores of an image.  in_channels: C, 3 for colour images.
    shrink: divides all numbers of channels and hidden units; 1, 2, 4, 8, 16 or 32.

        images                                     (N, in_channels, 227, 227)
        convolution, 96 filters of 11 x 11         (N, 96, 55, 55)
        max pooling of 3 x 3, stride 2             (N, 96, 27, 27)
        convolution, 256 filters of 5 x 5          (N, 256, 27, 27)
        max pooling of 3 x 3, stride 2             (N, 256, 13, 13)
        convolution, 384 filters of 3 x 3          (N, 384, 13, 13)
        convolution, 384 filters of 3 x 3          (N, 384, 13, 13)
        convolution, 256 filters of 3 x 3          (N, 256, 13, 13)
        max pooling of 3 x 3, stride 2             (N, 256, 6, 6)
        fully connected                            (N, 4096)
        fully connected                            (N, 4096)
        fully connected                            (N, num_classes)

    A ReLU follows each convolution and each fully connected layer but the last. Dropout with
    probability 0.5 follows the ReLU of each of the two hidden fully connected layers. Every filter
    sees all channels: the two groups of 2012, one for each GPU of then, are gone, and so is the
    normalisation between neighbouring channels.
    """
    raise NotImplementedError("build_alexnet: your code here")


def build_vgg16(num_classes=1000, in_channels=3, shrink=1):
    """VGG-16 for images of 224 x 224 pixels: 138,357,544 parameters.

    num_classes: scores of an image.  in_channels: C, 3 for colour images.
    shrink: divides all numbers of channels and hidden units; 1, 2, 4, 8, 16 or 32.

        images                                     (N, in_channels, 224, 224)
        2 convolutions of 64 filters,  pooling     (N, 64, 112, 112)
        2 convolutions of 128 filters, pooling     (N, 128, 56, 56)
        3 convolutions of 256 filters, pooling     (N, 256, 28, 28)
        3 convolutions of 512 filters, pooling     (N, 512, 14, 14)
        3 convolutions of 512 filters, pooling     (N, 512, 7, 7)
        fully connected                            (N, 4096)
        fully connected                            (N, 4096)
        fully connected                            (N, num_classes)

    All filters are 3 x 3 and keep height and width. All pooling takes the largest of 2 x 2 and has
    stride 2. A ReLU follows each convolution and each fully connected layer but the last. Dropout
    with probability 0.5 follows the ReLU of each of the two hidden fully connected layers.
    """
    raise NotImplementedError("build_vgg16: your code here")


class InceptionModule(nn.Module):
    """Four ways to look at the same image side by side; as it stands, 163,696 parameters.

    This is the first such module of GoogLeNet ("3a"). The ways are, in this order,

        1. convolution of 1 x 1 with `one` filters
        2. convolution of 1 x 1 with three[0] filters, convolution of 3 x 3 with three[1] filters
        3. convolution of 1 x 1 with five[0] filters, convolution of 5 x 5 with five[1] filters
        4. max pooling of 3 x 3 with stride 1, convolution of 1 x 1 with `pool` filters

    A ReLU follows each convolution. Everything keeps height and width, and the results lie behind
    one another along the channels.
    """

    def __init__(self, in_channels=192, one=64, three=(96, 128), five=(16, 32), pool=32):
        """Make the layers.

        in_channels: C of the images.  one, three, five, pool: numbers of filters, see above.
        """
        raise NotImplementedError("InceptionModule.__init__: your code here")

    def forward(self, x):
        """Look at the images in all four ways.

        x: (N, in_channels, H, W) images of any height and width.

        Returns (N, one + three[1] + five[1] + pool, H, W).
        """
        raise NotImplementedError("InceptionModule.forward: your code here")


def build_resnet18(num_classes=1000, in_channels=3, shrink=1):
    """ResNet-18 for images of 224 x 224 pixels, or of any other size: 11,689,512 parameters.

    num_classes: scores of an image.  in_channels: C, 3 for colour images.
    shrink: divides all numbers of channels; 1, 2, 4, 8, 16 or 32.

        images                                          (N, in_channels, 224, 224)
        convolution, 64 filters of 7 x 7, padding 3     (N, 64, 112, 112)
        max pooling of 3 x 3, stride 2, padding 1       (N, 64, 56, 56)
        2 blocks of 64 filters                          (N, 64, 56, 56)
        2 blocks of 128 filters                         (N, 128, 28, 28)
        2 blocks of 256 filters                         (N, 256, 14, 14)
        2 blocks of 512 filters                         (N, 512, 7, 7)
        mean over height and width                      (N, 512)
        fully connected                                 (N, num_classes)

    Convolutions have no biases: batch normalisation follows each of them. A ReLU follows the
    normalisation of the first convolution.

    A block makes relu(r + skip) of its input x, where r is: convolution of 3 x 3 with padding 1,
    batch normalisation, ReLU, convolution of 3 x 3 with padding 1, batch normalisation. The skip is
    x itself. In the first block of 128, of 256 and of 512 filters the first convolution has stride
    2, and the skip is a projection of x: convolution of 1 x 1 with stride 2, batch normalisation.
    """
    raise NotImplementedError("build_resnet18: your code here")
