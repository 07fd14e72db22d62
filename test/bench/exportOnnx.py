"""Exports a generated module: MODULE CLASS OUT CHANNELS HEIGHT WIDTH."""

import importlib.util
import sys

import torch

path, name, out, *shape = sys.argv[1:]
spec = importlib.util.spec_from_file_location("generated", path)
module = importlib.util.module_from_spec(spec)
sys.setrecursionlimit(100_000)
spec.loader.exec_module(module)
model = getattr(module, name)().eval()
torch.onnx.export(model, torch.zeros(1, *map(int, shape)), out, dynamo=False)
