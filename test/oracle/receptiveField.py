"""Which places of the input change which places of the output: reads networks (JSON), writes what was found.

Weights are positive, so that nothing cancels out: a network is then larger wherever its input is. Each line has the
module's `python`, its class `model` and the input's `shape` [1, channels, height, width]; the answer has, for height and
width, the first and last place of the input that each place in the middle of the output sees.
"""

import json
import sys

import torch
from torch import nn

torch.manual_seed(0)
torch.set_num_threads(1)


def find(case):
    names = {}
    exec(case["python"], names)
    module = names[case["model"]]().double().eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.rand_like(parameter) + 0.1)
        base = torch.rand(case["shape"], dtype=torch.double) + 1
        return [along(module, base, dim) for dim in (2, 3)]


def along(module, base, dim):
    size = base.shape[dim]
    batch = base.repeat(size, 1, 1, 1)
    for place in range(size):
        batch[place].select(dim - 1, place).add_(1000)
    changed = module(batch) != module(base)
    table = changed.amax([1, 5 - dim])
    return [hull(table[:, place]) for place in range(table.shape[1])]


def hull(row):
    places = row.nonzero().flatten().tolist()
    return [places[0], places[-1]] if places else None


for line in sys.stdin:
    print(json.dumps(find(json.loads(line))), flush=True)
