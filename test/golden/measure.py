"""Measures generated modules with torch: what facts are held against.

Reads a list of {"python", "model", "inputs": [{"shape", "type"}]} from standard input and answers each with its counts,
output shapes and multiply-adds, or why it can't be run.
"""

import json
import sys
import types
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

sys.path.append(str(Path(__file__).parent.parent / "oracle"))
from usable_torchvision import torchvision


def measure(case: dict) -> dict:
    if "torchvision" in case["python"]:
        torchvision()
    module = types.ModuleType("generated")
    exec(case["python"], module.__dict__)
    # Nothing is computed on meta: only shapes are, and all kernels are counted.
    with torch.device("meta"):
        model = getattr(module, case["model"])().eval()
        inputs = [make(**each) for each in case["inputs"]]
    with FlopCounterMode(display=False) as counter:
        outputs = model(*inputs)
    if isinstance(outputs, torch.Tensor):
        outputs = (outputs,)
    return {
        "total": str(sum(p.numel() for p in model.parameters())),
        "trainable": str(sum(p.numel() for p in model.parameters() if p.requires_grad)),
        "outputs": [list(output.shape) for output in outputs],
        "macs": str(counter.get_total_flops() // 2),
    }


def make(shape: list[int], type: str) -> torch.Tensor:  # noqa: A002
    if type == "int64":
        return torch.zeros(shape, dtype=torch.int64)
    return torch.ones(shape, dtype=torch.bool) if type == "bool" else torch.ones(shape)


def answer(case: dict) -> dict:
    try:
        return measure(case)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
