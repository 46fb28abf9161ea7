"""The zoo in PyTorch: modules in the order of Nephoscope's layers, so that names agree."""

import torch
from torch import nn


class BatchNorm(nn.BatchNorm2d):
    """Batch normalisation and, where asked for, the rectifier after it: one layer in Nephoscope."""

    def __init__(self, channels, relu=True):
        super().__init__(channels)
        self.relu = relu

    def forward(self, x):
        y = super().forward(x)
        return torch.relu(y) if self.relu else y


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            BatchNorm(outputs),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            BatchNorm(outputs, relu=False),
        )
        identity = stride == 1 and inputs == outputs
        self.shortcut = nn.Sequential() if identity else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), BatchNorm(outputs, relu=False))

    def forward(self, x):
        return torch.relu(self.main(x) + self.shortcut(x))


class GlobalAverage(nn.Module):
    def forward(self, x):
        return x.mean(dim=(2, 3))


def linear(shape, classes):
    channels, height, width = shape
    return nn.Sequential(nn.Flatten(), nn.Linear(channels * height * width, classes))


def mlp(shape, classes):
    channels, height, width = shape
    return nn.Sequential(
        nn.Flatten(), nn.Linear(channels * height * width, 128), nn.ReLU(), nn.Linear(128, classes))


def lenet5(shape, classes):
    return nn.Sequential(
        nn.Conv2d(shape[0], 6, 5, padding=(32 - shape[1]) // 2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, classes))


def residual_network(shape, classes, stem, blocks):
    layers = [nn.Conv2d(shape[0], stem, 3, padding=1, bias=False), BatchNorm(stem)]
    inputs = stem
    for outputs, stride in blocks:
        layers.append(Residual(inputs, outputs, stride))
        inputs = outputs
    return nn.Sequential(*layers, GlobalAverage(), nn.Linear(inputs, classes))


def resnet8(shape, classes):
    return residual_network(shape, classes, 16, [(16, 1), (32, 2), (64, 2)])


def resnet18(shape, classes):
    blocks = [(64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)]
    return residual_network(shape, classes, 64, blocks)


def mobilenet(shape, classes):
    layers = [nn.Conv2d(shape[0], 32, 3, padding=1, bias=False), BatchNorm(32)]
    inputs = 32
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + 5 * [(512, 1)]
    for outputs, stride in blocks + [(1024, 2), (1024, 1)]:
        layers += [
            nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False), BatchNorm(inputs),
            nn.Conv2d(inputs, outputs, 1, bias=False), BatchNorm(outputs)]
        inputs = outputs
    return nn.Sequential(*layers, GlobalAverage(), nn.Linear(inputs, classes))


# name -> (builder, shape of a sample as channels, height, width)
ZOO = {
    "logistic-regression": (linear, (1, 28, 28)),
    "svm": (linear, (1, 28, 28)),
    "mlp": (mlp, (1, 28, 28)),
    "lenet5": (lenet5, (1, 28, 28)),
    "resnet8": (resnet8, (3, 32, 32)),
    "resnet18": (resnet18, (3, 32, 32)),
    "mobilenet": (mobilenet, (3, 32, 32)),
}
