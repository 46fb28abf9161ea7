"""The Python side of a model of the user's own: worker.py FILE CLASS SHARED NUMBERS...

It keeps labels, parameters, gradient, statistics and batch in one file of shared memory, and
answers one line to each line it reads, until its input ends.
"""

import importlib.util
import json
import mmap
import sys

def fail(text):
    print("error " + " ".join(str(text).split()), flush=True)
    sys.exit(1)

try:
    import torch
    import torch.nn.functional as F
except ImportError as error:
    fail(f"PyTorch is not installed for {sys.executable} ({error}); try: pip install torch")

path, name, shared = sys.argv[1:4]
height, width, channels, classes, capacity, seed = map(int, sys.argv[4:10])
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
torch.manual_seed(seed)
try:
    spec = importlib.util.spec_from_file_location("nephoscope_model", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    net = getattr(module, name)()
except FileNotFoundError:
    fail(f"there is no file {path}")
except AttributeError as error:
    fail(f"{path} has no class {name} ({error})")
except Exception as error:
    fail(f"{path}: {type(error).__name__}: {error}")

net = net.float()
named_parameters = [(k, p) for k, p in net.named_parameters() if p.requires_grad]
named_norms = [(k, m) for k, m in net.named_modules()
               if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)
               and m.running_mean is not None]
parameters, norms = [p for _, p in named_parameters], [m for _, m in named_norms]
n = sum(p.numel() for p in parameters)
s = sum(2 * m.running_mean.numel() for m in norms)
pixels = height * width * channels

# Labels first, so that the 8-byte values are aligned.
size = 16 * capacity + 4 * (2 * n + s + capacity * pixels)
file = open(shared, "r+b")
file.truncate(size)
view = memoryview(mmap.mmap(file.fileno(), size))
place = 0

def region(dtype, count):
    global place
    tensor = torch.frombuffer(view, dtype=dtype, count=count, offset=place) if count else \
        torch.empty(0, dtype=dtype)
    place += count * tensor.element_size()
    return tensor

labels, guesses = region(torch.int64, capacity), region(torch.int64, capacity)
values, gradient, statistics = (region(torch.float32, k) for k in (n, n, s))
inputs = region(torch.float32, capacity * pixels)

offset = 0
with torch.no_grad():
    for p in parameters:
        part = slice(offset, offset + p.numel())
        own = values[part].view_as(p)
        own.copy_(p)
        p.data = own
        p.grad = gradient[part].view_as(p)
        offset += p.numel()

def statistics_slots():
    offset = 0
    for m in norms:
        for buffer in (m.running_mean, m.running_var):
            yield buffer, statistics[offset:offset + buffer.numel()]
            offset += buffer.numel()

# With momentum 1 the running statistics are those of the last batch.
for m in norms:
    m.momentum = 1.0
for buffer, slot in statistics_slots():
    slot.copy_(buffer)

def batch(count):
    x = inputs[:count * pixels]
    if height == 1 and width == 1:
        return x.view(count, channels)
    return x.view(count, height, width, channels).permute(0, 3, 1, 2).contiguous()

def measure():
    """Forward operations and kept activations of one sample."""
    from torch.utils.flop_counter import FlopCounterMode
    kept = []
    hooks = [m.register_forward_hook(lambda m, i, o: kept.append(o.numel()))
             for m in net.modules() if not list(m.children())]
    net.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        out = net(batch(1))
    for hook in hooks:
        hook.remove()
    if out.shape != (1, classes):
        raise ValueError(f"it gives shape {tuple(out.shape)} where (1, {classes}) is needed")
    return counter.get_total_flops(), 4 * (pixels + sum(kept))

try:
    flops, activations = measure()
except Exception as error:
    fail(f"{name} cannot read a sample of {height}x{width}x{channels}: {error}")

def tensors(named):
    return [{"name": name, "shape": list(tensor.shape)} for name, tensor in named]

running = [(".".join(filter(None, (name, kind))), getattr(module, kind))
           for name, module in named_norms for kind in ("running_mean", "running_var")]
print(json.dumps({"parameters": n, "statistics": s, "forwardFLOPs": flops,
                  "activationBytes": activations, "version": torch.__version__,
                  "instructionSet": torch.backends.cpu.get_cpu_capability(),
                  "parameterTensors": tensors(named_parameters),
                  "statisticTensors": tensors(running)}), flush=True)

def train(count, seed):
    net.train()
    torch.manual_seed(seed)
    gradient.zero_()
    loss = F.cross_entropy(net(batch(count)), labels[:count])
    loss.backward()
    for buffer, slot in statistics_slots():
        slot.copy_(buffer)
    return loss.item()

def evaluate(count):
    net.eval()
    for buffer, slot in statistics_slots():
        buffer.copy_(slot)
    with torch.no_grad():
        out = net(batch(count))
        guesses[:count] = out.argmax(dim=1)
        return F.cross_entropy(out, labels[:count], reduction="sum").item()

for line in sys.stdin:
    what, count, seed = line.split()
    try:
        loss = train(int(count), int(seed)) if what == "train" else evaluate(int(count))
        print(f"loss {loss!r}", flush=True)
    except Exception as error:
        fail(f"{type(error).__name__}: {error}")
