"""Writes PyTorch's gradients, optimizer steps and statistics for Nephoscope's tests.

    python3 golden.py ../../Tests/LearningTests/Fixtures/golden

Parameters and data come from SplitMix64 streams that the tests draw too; PyTorch computes in
double precision. Of each gradient tensor the file keeps its norm, its first entries and its
product with the cosine of the entry's index, which no wrong gradient meets by chance.
"""

import json
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

from models import ZOO

HEAD = 8


def stream(seed, count):
    """The first numbers of Nephoscope's SeededRandom(seed:)."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def signed_units(seed, count):
    return ((stream(seed, count) >> np.uint64(40)).astype(np.float64) / 2**23 - 1).astype(np.float32)


def fill(module):
    """Tensor k holds stream k: within 1 / sqrt(inputs), or near its middle where it has one axis."""
    for index, (name, tensor) in enumerate(module.named_parameters()):
        values = signed_units(index, tensor.numel()).astype(np.float64)
        if tensor.dim() > 1:
            values /= np.sqrt(np.prod(tensor.shape[1:]))
        else:
            values = values * 0.1 + middle(module, name)
        # What the tests can hold are floats.
        values = values.astype(np.float32).astype(np.float64)
        tensor.data = torch.from_numpy(values).view(tensor.shape)


def middle(module, name):
    """Batch normalisation scales by about 1 and shifts by about 2.

    Few rectifiers then sit at their bend, where rounding alone would turn whole paths on or off:
    MobileNet's gradient in single precision is otherwise 4e-4 from that in double.
    """
    path, _, last = name.rpartition(".")
    if isinstance(module.get_submodule(path), torch.nn.BatchNorm2d):
        return 1.0 if last == "weight" else 2.0
    return 0.0


def summary(tensor):
    flat = tensor.detach().reshape(-1).double()
    cosines = torch.cos(torch.arange(flat.numel(), dtype=torch.float64))
    return {
        "norm": flat.norm().item(),
        "projection": (flat @ cosines).item(),
        "head": flat[:HEAD].tolist(),
    }


def network(name, batch):
    build, shape = ZOO[name]
    module = build(shape, 10).double()
    fill(module)
    channels, height, width = shape
    values = signed_units(1000, batch * height * width * channels)
    # Nephoscope keeps channels innermost.
    x = torch.from_numpy(values).double().view(batch, height, width, channels).permute(0, 3, 1, 2)
    y = torch.from_numpy((stream(1001, batch) % np.uint64(10)).astype(np.int64))
    outputs = module(x.contiguous())
    loss = F.multi_margin_loss(outputs, y) if name == "svm" else F.cross_entropy(outputs, y)
    loss.backward()
    tensors = [{"name": n, **summary(p.grad)} for n, p in module.named_parameters()]
    running = {n: b for n, b in module.named_buffers() if not n.endswith("num_batches_tracked")}
    module.eval()
    with torch.no_grad():
        outputs = module(x.contiguous())
        evaluated = F.multi_margin_loss(outputs, y) if name == "svm" else F.cross_entropy(outputs, y)
    return {
        "model": name,
        "batch": batch,
        "loss": loss.item(),
        "evaluationLoss": evaluated.item(),
        "tensors": tensors,
        "statistics": [{"name": n, **summary(b)} for n, b in running.items()],
    }


def optimizers():
    """Ten steps from the same start, each gradient a stream of its own."""
    makers = {
        "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
        "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
        "nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
        "decay": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
        "adam": lambda p: torch.optim.Adam(p, lr=0.01),
        "adam-decay": lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.01),
    }
    result = {}
    for name, make in makers.items():
        parameter = torch.nn.Parameter(torch.from_numpy(signed_units(1, 8)).double())
        optimizer = make([parameter])
        for step in range(10):
            parameter.grad = torch.from_numpy(signed_units(100 + step, 8)).double()
            optimizer.step()
        result[name] = parameter.tolist()
    return result


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    for name in ZOO:
        text = json.dumps(network(name, 8), indent=1)
        (folder / f"{name}.json").write_text(text + "\n")
    (folder / "optimizers.json").write_text(json.dumps(optimizers(), indent=1) + "\n")
