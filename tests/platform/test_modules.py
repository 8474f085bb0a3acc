"""Hands on torch modules, behind a real sandbox: weights, gradients, shapes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from autograder.assignment import Limits
from autograder.errors import UsageError
from autograder.sandbox import backends, faults
from autograder.sandbox.backend import Backend
from autograder.sandbox.imports import Load
from autograder.sandbox.inside.wire import Ref
from autograder.sandbox.session import Session
from autograder.suite.compare import close
from autograder.suite.modules import Modules, tensor
from autograder.suite.remote import Remote, Sandbox
from autograder.suite.requests import Requests

REPO = Path(__file__).parents[2]
LIMITS = Limits(import_s=30, call_s=20, exercise_s=60, submission_s=200, memory_mb=2048)
SOURCE = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.head = nn.Linear(width, 2)

    def forward(self, x):
        return self.head(torch.relu(self.norm(self.conv(x))).mean((2, 3)))

def twice(x, n):
    return 2 * x * n

def train(seed):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
    x = torch.randn(16, 4)
    for _ in range(30):
        loss = ((net(x) - x.sum(1, keepdim=True)) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss

def hog():
    return torch.zeros(1 << 40)

def threads():
    return torch.get_num_threads()
"""


@pytest.fixture(scope="module", params=["process", "docker"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """The process sandbox and a container, both with PyTorch."""
    plan = request.getfixturevalue("torch_containers") if request.param == "docker" else None
    made = backends.of_plan(plan, REPO, "torch")
    yield made
    made.shutdown()


@pytest.fixture
def session(backend: Backend) -> Iterator[Session]:
    """A session with the module, in its first exercise."""
    session = Session(backend, Load({"m.py": SOURCE.encode()}, ["m"]), LIMITS)
    session.begin("m")
    yield session
    session.close()


@pytest.fixture
def requests(session: Session) -> Requests:
    """A test's requests."""
    return Requests(session)


@pytest.fixture
def student(requests: Requests) -> Remote:
    """The student's module."""
    return Remote(requests, Ref(0))


@pytest.fixture
def modules(requests: Requests) -> Modules:
    """Hands on its modules."""
    return Modules(Sandbox(requests))


@pytest.fixture
def net() -> torch.nn.Module:
    """The same network on our side, of double precision, in training."""
    namespace: dict[str, type[torch.nn.Module]] = {}
    exec(SOURCE, namespace)
    torch.manual_seed(1)
    return namespace["Net"]().double()


def test_weights_go_over_and_come_back(
    student: Remote, modules: Modules, net: torch.nn.Module
) -> None:
    """By name, buffers too; the output is then the reference's."""
    mine = student.Net().double()
    modules.load(mine, {name: value.numpy() for name, value in net.state_dict().items()})
    state = modules.state(mine)
    assert list(state) == list(net.state_dict())
    assert all(np.array_equal(state[name], value) for name, value in net.state_dict().items())
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 6))
    mine.eval()
    close(mine(tensor(x, "float64")), net.eval()(torch.from_numpy(x)), rtol=1e-9)


def test_gradients_are_those_of_autograd(
    student: Remote, modules: Modules, net: torch.nn.Module
) -> None:
    """Of the input and of each parameter, for any upstream gradient."""
    mine = student.Net().double()
    modules.load(mine, {name: value.numpy() for name, value in net.state_dict().items()})
    rng = np.random.default_rng(2)
    x, upstream = rng.normal(size=(3, 3, 4, 4)), rng.normal(size=(3, 2))
    got = modules.vjp(mine, [tensor(x, "float64")], tensor(upstream, "float64"))
    leaf = torch.from_numpy(x).requires_grad_()
    output = net(leaf)
    names = [name for name, _ in net.named_parameters()]
    dx, *rest = torch.autograd.grad(output, [leaf, *net.parameters()], torch.from_numpy(upstream))
    close(got, (output, (dx,), dict(zip(names, rest, strict=True))), rtol=1e-8)


def test_functions_have_gradients_too(student: Remote, modules: Modules) -> None:
    """Inputs of integers have none."""
    x, n = tensor([1.0, 2.0]), tensor([3, 4], "int64")
    output, gradients, weights = modules.vjp(student.twice, [x, n], tensor([1.0, 10.0]))
    assert output.array.tolist() == [6, 16]
    assert [each.array.tolist() for each in gradients] == [[6, 80]]
    assert weights == {}


def test_large_networks_are_looked_at_without_values(student: Remote, modules: Modules) -> None:
    """A network of a terabyte has shapes, and its layers are told in the order of their calls."""
    mine = modules.meta(student.Net, width=1 << 33)
    layers, output = modules.trace(mine, (2, 3, 5, 6))
    assert [name for name, _ in layers] == ["Conv2d", "BatchNorm2d", "Linear"]
    assert layers[0][1] == (2, 1 << 33, 5, 6)
    assert output == (2, 2)


def test_each_exercise_can_train(student: Remote, session: Session) -> None:
    """No pool of threads is lost in a fork: one exercise after the other, with the same result."""
    losses = []
    for _ in range(2):
        session.begin("m")
        assert student.threads() == 1
        losses.append(float(student.train(3).array))
    assert losses[0] == losses[1] < 0.5


def test_too_much_memory_is_told(student: Remote, session: Session) -> None:
    """Torch's own error for that is a RuntimeError like any other; the next exercise works."""
    with pytest.raises(faults.OutOfMemory):
        student.hog()
    session.begin("m")
    assert student.threads() == 1


def test_without_pytorch_on_our_side_it_is_said(
    mini_course: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, with what to do."""
    from autograder import assignment as assignments
    from autograder.suite.reference import load_reference

    course = assignments.load("mini", mini_course.root)  # type: ignore[attr-defined]
    course = course.model_copy(update={"runtime": "torch"})
    (course.solutions / "basics.py").write_text("import torch\n")
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(UsageError, match="make torch"):
        load_reference(course)
