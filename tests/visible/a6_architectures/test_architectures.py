"""Checks for architectures.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it. Large
networks are made on the device "meta", where tensors have shapes and no numbers: that takes neither
time nor memory.
"""

import architectures
import torch


def on_meta(build, *shape, **options):
    """The number of parameters, and the shape that the network makes of images of that shape."""
    with torch.device("meta"):
        network = build(**options).eval()
        result = network(torch.empty(shape))
    return sum(p.numel() for p in network.parameters()), tuple(result.shape)


def test_lenet5():
    """156 + 2,416 + 48,120 + 10,164 + 850 = 61,706 parameters, and 10 scores of each image."""
    count, shape = on_meta(architectures.build_lenet5, 3, 1, 32, 32)
    assert shape == (3, 10), "a score of each class for each image"
    assert count == 61_706, "see the sum above: one number for each line with weights of the table"


def test_lenet5_with_other_classes():
    """The last layer makes `num_classes` scores, the first one takes `in_channels`."""
    count, shape = on_meta(architectures.build_lenet5, 2, 3, 32, 32, num_classes=4, in_channels=3)
    assert shape == (2, 4), "num_classes scores"
    assert count == 61_706 + 2 * 6 * 25 - 6 * 85, "two more channels, six classes less"


def test_lenet5_takes_means():
    """All weights and biases 0.01, every fourth pixel 1: 0.0725, 0.119, 0.485, 0.592 and 0.507.

    A window of 5 x 5 sees 4, 6, 6 or 9 of these pixels; the pooling makes 6.25 of them all.
    """
    network = architectures.build_lenet5()
    image = torch.zeros(1, 1, 32, 32)
    image[..., ::2, ::2] = 1
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(0.01)
        scores = network(image)
    assert torch.allclose(scores, torch.full((1, 10), 0.5073), atol=1e-4), (
        "means in the pooling, a ReLU behind each layer but the last, and no softmax"
    )


def test_alexnet():
    """62,378,344 parameters; most of them in the first fully connected layer."""
    count, shape = on_meta(architectures.build_alexnet, 2, 3, 227, 227)
    assert shape == (2, 1000), "a score of each class for each image"
    assert count == 62_378_344, "every filter sees all channels of the layer before"


def test_alexnet_drops_units_in_training_only():
    """In train mode two passes differ, in eval mode they do not."""
    network = architectures.build_alexnet(num_classes=5, shrink=32)
    image = torch.randn(1, 3, 227, 227, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        network.train()
        assert not torch.equal(network(image), network(image)), "dropout in train mode"
        network.eval()
        assert torch.equal(network(image), network(image)), "dropout rests in eval mode"


def test_vgg16():
    """138,357,544 parameters."""
    count, shape = on_meta(architectures.build_vgg16, 2, 3, 224, 224)
    assert shape == (2, 1000), "a score of each class for each image"
    assert count == 138_357_544, "thirteen convolutions and three fully connected layers"


def test_narrow_vgg16():
    """With shrink = 32 the layers have 2, 4, 8 and 16 channels, and 128 hidden units."""
    count, _ = on_meta(architectures.build_vgg16, 1, 3, 224, 224, num_classes=10, shrink=32)
    convolutions = 56 + 38 + 76 + 148 + 296 + 2 * 584 + 1168 + 5 * 2320
    assert count == convolutions + (784 + 1) * 128 + (128 + 1) * 128 + (128 + 1) * 10


def test_inception_module():
    """64 + 128 + 32 + 32 channels from 163,696 parameters; height and width stay."""
    count, shape = on_meta(architectures.InceptionModule, 2, 192, 28, 28)
    assert shape == (2, 256, 28, 28), "four ways, one behind the other along the channels"
    assert count == 163_696, "12,352 + 18,528 + 110,720 + 3,088 + 12,832 + 6,176"


def test_order_of_the_four_ways():
    """Filters of zeros and biases of 1, 2, ... tell where the results lie."""
    module = architectures.InceptionModule(3, 1, (4, 2), (5, 3), 6)
    biases = {1: 1.0, 2: 2.0, 3: 3.0, 6: 6.0}
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(biases.get(len(parameter), 0.0) if parameter.ndim == 1 else 0.0)
        channels = module(torch.randn(1, 3, 4, 5))[0, :, 0, 0].tolist()
    assert channels == [1.0, *[2.0] * 2, *[3.0] * 3, *[6.0] * 6], "one, three, five, pool"


def test_resnet18():
    """11,689,512 parameters, at any size of the images."""
    count, shape = on_meta(architectures.build_resnet18, 2, 3, 224, 224)
    assert shape == (2, 1000), "a score of each class for each image"
    assert count == 11_689_512, "no biases in convolutions, and 8 blocks, 3 of them with projection"
    assert on_meta(architectures.build_resnet18, 2, 3, 64, 96)[1] == (2, 1000), "any size"


def test_skips_let_the_signal_through():
    """With residuals of zero, blocks without a projection pass on what they get."""
    network = architectures.build_resnet18(num_classes=3, shrink=32).eval()
    image = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        for part in network.modules():
            if isinstance(part, torch.nn.Conv2d):  # positive: chance leaves no ReLU without input
                part.weight.zero_() if part.kernel_size == (3, 3) else part.weight.abs_()
        spread = network(image).var() + network(2 * image).var()
        difference = (network(2 * image) - network(image)).abs().max()
    assert spread > 0, "scores differ"
    assert difference > 1e-6, "the image still reaches the scores, through skips and projections"
