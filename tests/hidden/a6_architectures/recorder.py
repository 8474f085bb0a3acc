"""Looks at networks from outside: beside the student's code, and beside the reference.

The suites define this file in the sandbox, and use it for the reference as well. What a network's
parts are called does not matter to it, and neither whether they are modules or functions.
"""

from types import SimpleNamespace

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

WEIGHTED = {
    "conv2d": ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
    "linear": ("input", "weight", "bias"),
    "batch_norm": ("input", "running_mean", "running_var", "weight", "bias"),
}
LARGE = 5_000_000  # parameters
HELD = ("weight", "bias", "running_mean", "running_var")


def make(build, options, device):
    """A network; on the device `meta` it has shapes and no numbers."""
    with torch.device(device):
        return build(**options)


def count(build, options):
    """How many numbers the network learns."""
    return size_of(make(build, options, "meta"))


def size_of(model):
    """How many numbers it learns; -1 where some have no shape yet."""
    parameters = list(model.parameters())
    if any(torch.nn.parameter.is_lazy(p) for p in parameters):
        return -1
    return sum(p.numel() for p in parameters)


class Recorder(TorchFunctionMode):
    """Writes down each layer with weights that is called: (kind, key, held, shape of the result).

    The key tells layers apart by what they are: shape of the weight and stride; normalisations by
    the layer in front of them. `held` names parameters and buffers, "" where there is none.
    """

    def __init__(self, model):
        super().__init__()
        held = [*model.named_parameters(), *model.named_buffers()]
        self.names = {id(tensor): name for name, tensor in held}
        self.steps, self.made_by, self.inputs = [], {}, []

    def __torch_function__(self, function, _types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        kind = getattr(function, "__name__", "")
        if kind in WEIGHTED:
            given = dict(zip(WEIGHTED[kind], args, strict=False)) | (kwargs or {})
            before = self.made_by.get(id(given["input"]), (None, "nothing with weights"))[1]
            key = f"batch_norm behind {before}" if kind == "batch_norm" else _key(kind, given)
            held = tuple(self.names.get(id(given.get(name)), "") for name in HELD)
            self.steps.append((kind, key, held, tuple(result.shape)))
            self.made_by[id(result)] = (result, key)  # kept, so that its id stays its own
            self.inputs.append(given["input"])
        return result


def _key(kind, given):
    """What tells a layer from others of its kind."""
    key = f"{kind} {tuple(given['weight'].shape)}"
    if kind == "linear":
        return key
    stride, groups = given.get("stride", 1), given.get("groups", 1)
    return f"{key} stride {stride if isinstance(stride, int) else stride[0]} groups {groups}"


def steps(build, options, shape):
    """The layers with weights in the order of their calls, up to where the pass fails.

    shape: of a batch of images, (N, C, H, W). A pass on the device `meta` would need no memory, but
    what torch loads for the first one takes a second.
    """
    device = "meta" if count(build, options) > LARGE else "cpu"
    model = make(build, options, device).eval()
    recorder = Recorder(model)
    try:
        with recorder, torch.no_grad():
            model(torch.zeros(shape, device=device))
    except NotImplementedError:
        raise
    except Exception:  # noqa: BLE001 - whoever asks for numbers afterwards meets it again
        return {"steps": recorder.steps, "done": False}
    return {"steps": recorder.steps, "done": True}


def load(model, arrays):
    """Copy arrays into parameters and buffers by name; the model in double precision."""
    model.double()
    held = dict(model.named_parameters()) | dict(model.named_buffers())
    with torch.no_grad():
        for name, array in arrays.items():
            held[name].copy_(torch.from_numpy(np.array(array)))
    return model


def state(model, names):
    """Parameters and buffers as arrays, in the order of the names."""
    held = dict(model.named_parameters()) | dict(model.named_buffers())
    return [held[name].detach().cpu().numpy().copy() for name in names]


def learn(model, images, upstream):
    """Gradients of sum(upstream * result): of each parameter by its name, of the images by ""."""
    x = _tensor(model, images).requires_grad_()
    torch.sum(_tensor(model, upstream) * model(x)).backward()
    grads = {name: p.grad for name, p in model.named_parameters()} | {"": x.grad}
    return {"grads": {name: g.cpu().numpy() for name, g in grads.items() if g is not None}}


def features(model, images):
    """What each fully connected layer is given, in the order of their calls, and the result."""
    recorder = Recorder(model)
    with recorder, torch.no_grad():
        result = model(_tensor(model, images))
    given = zip(recorder.steps, recorder.inputs, strict=True)
    given = [x.cpu().numpy() for (kind, *_), x in given if kind == "linear"]
    return {"given": given, "result": result.cpu().numpy()}


def keeps(model, images):
    """Whether the network leaves its images as they are."""
    x = _tensor(model, images)
    with torch.no_grad():
        model(x)
    return bool(torch.equal(x, _tensor(model, images)))


def _tensor(model, array):
    """A fresh tensor where the model is."""
    return torch.from_numpy(np.array(array)).to(next(model.parameters()).device)


tools = SimpleNamespace(
    make=make, count=count, steps=steps, load=load, state=state, learn=learn, features=features,
    keeps=keeps,
)  # fmt: skip
