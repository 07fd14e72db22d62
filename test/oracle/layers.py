"""What PyTorch makes of a layer: reads one case a line (JSON), writes one answer a line.

A case has `inputs` (shape and dtype), for a module how it is constructed (`module`, with a `source` where torch
has no such class), then `forward` (Python over `m`, `x0`,
`x1`, ...) and perhaps `functional` that must do the same. An answer has `outputs` and `state` (keys with shapes), or
`error`: what PyTorch refused.
"""

import copy
import functools
import importlib
import inspect
import json
import math
import pkgutil
import re
import sys
import warnings
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from usable_torchvision import roi_align, torchvision

warnings.filterwarnings("ignore")
torch.manual_seed(0)
torch.set_num_threads(1)

DTYPES = {"float": torch.float32, "int64": torch.int64, "bool": torch.bool}
NAMES = {dtype: name for name, dtype in DTYPES.items()}


def make(given):
    shape, dtype = given["shape"], DTYPES[given["type"]]
    if dtype is torch.float32:
        return torch.randn(shape)
    return torch.zeros(shape, dtype=dtype)


def flat(value):
    if isinstance(value, torch.Tensor):
        return [value]
    return [tensor for item in value for tensor in flat(item)]


def described(value):
    return [{"shape": list(tensor.shape), "type": NAMES.get(tensor.dtype, str(tensor.dtype))} for tensor in flat(value)]


def scope(case):
    names = {"torch": torch, "nn": nn, "F": F, "math": math, "functools": functools, "roi_align": roi_align}
    names["pool_indices"] = pool_indices
    names |= {"Callable": Callable, "Sequence": Sequence}
    exec(case.get("source") or "", names)
    return names


def run(case):
    names = scope(case)
    answer = {}
    for i, given in enumerate(case["inputs"]):
        names[f"x{i}"] = make(given)
    if "module" in case:
        module = eval(case["module"], names)
        names["m"] = module
        answer["state"] = [[key, list(value.shape)] for key, value in module.state_dict().items()]
        answer["parameters"] = sum(p.numel() for p in module.parameters())
    # What is refused in training can't be trained, what is refused in evaluation can't be used.
    outputs = described(eval(case["forward"], names))
    if "m" in names:
        names["m"].eval()
        if described(eval(case["forward"], names)) != outputs:
            raise AssertionError("training and evaluation differ")
    answer["outputs"] = outputs
    for text in case.get("also", []):
        if described(eval(text, names)) != outputs:
            answer["mismatch"] = f"{text} gives {described(eval(text, names))}"
        elif not alike(case, names, text):
            answer["mismatch"] = f"{text} gives other values"
    if "first" in case and described(eval(case["first"], names)) != outputs[:1]:
        answer["mismatch"] = f"{case['first']} isn't the first output"
    if "unpack" in case:
        exec(f"{case['unpack']} = {case['forward']}", names)
        if described([names[f"y{i}"] for i in range(len(outputs))]) != outputs:
            answer["mismatch"] = f"{case['unpack']} doesn't take the outputs apart"
    if "same" in case:
        same(case, names)
    if "counted" in case:
        # Values, not only shapes: what is counted in its place must be the same.
        torch.testing.assert_close(eval(case["counted"], names), eval(case["forward"], names), rtol=1e-4, atol=1e-5)
    if case.get("macs"):
        answer["macs"] = macs(case)
    return answer


def alike(case, names, text):
    """Whether a call gives what the module gives, in training by the same chance, too."""
    given = {name: value for name, value in names.items() if re.fullmatch(r"x\d+", name)}
    for training in (True, False):
        names["m"].train(training)
        results = []
        for each in (case["forward"], text):
            # Some overwrite what comes in.
            own = names | {name: value.clone() for name, value in given.items()}
            torch.manual_seed(1)
            results.append(flat(eval(each, own)))
        if not all(torch.equal(one.nan_to_num(), other.nan_to_num()) for one, other in zip(*results, strict=True)):
            return False
    return True


def made_by_torchvision(case, names):
    return eval(case["same"], {**names, "torchvision": torchvision()})


def same(case, names):
    """Torchvision's class takes our weights and does the same, in training by the same chance."""
    other = made_by_torchvision(case, names)
    if list(other.state_dict()) != list(names["m"].state_dict()):
        raise AssertionError("torchvision's keys are in another order")
    other.load_state_dict(names["m"].state_dict(), strict=True)
    for training in (True, False):
        results = []
        for module in (names["m"], other):
            torch.manual_seed(1)
            results.append(module.train(training)(names["x0"].clone()))
        torch.testing.assert_close(*results, equal_nan=True)


def refused_by_torchvision(case):
    names = scope(case)
    try:
        other = made_by_torchvision(case, names)
        for training in (True, False):
            other.train(training)(*[make(given) for given in case["inputs"]])
    except Exception:
        return True
    return False


def macs(case):
    names = scope(case)
    # Looks at a mask's values, which meta hasn't; what is multiplied doesn't hang on them.
    nn.modules.transformer._detect_is_causal_mask = lambda mask, is_causal=None, size=None: False
    torch.backends.mha.set_fastpath_enabled(False)  # Its kernels aren't counted, nor are they there on meta.
    with torch.device("meta"):
        for i, given in enumerate(case["inputs"]):
            names[f"x{i}"] = make(given)
        if "module" in case:
            # What is counted is inference.
            names["m"] = eval(case["module"], names).eval()
        with FlopCounterMode(display=False) as counter:
            eval(case.get("counted", case["forward"]), names)
    total = counter.get_total_flops()
    assert total % 2 == 0
    return total // 2


def seen(case):
    """Which places of each input change which places of the outputs, in evaluation; and which outputs are views."""
    names = scope(case)
    if "module" in case:
        names["m"] = eval(case["module"], names)
    bases = [spread_out(given, i) for i, given in enumerate(case["inputs"])]
    fitting = case.get("made", {})
    for i, text in fitting.items():
        bases[int(i)] = eval(text, names)

    def outputs(inputs):
        torch.manual_seed(1)
        given = {f"x{i}": tensor.reshape(base.shape) for i, (tensor, base) in enumerate(zip(inputs, bases, strict=True))}
        scope = {**names, **given}
        # It shortens the rows of its table for good.
        if "max_norm" in case.get("module", ""):
            scope["m"] = copy.deepcopy(names["m"])
        return flat(eval(case["forward"], scope))

    inputs = [tensor.clone() for tensor in bases]
    made = outputs(inputs)
    stores = {tensor.untyped_storage().data_ptr() for tensor in inputs}
    answer = {"views": [tensor.untyped_storage().data_ptr() in stores for tensor in made]}
    if "m" in names:
        names["m"].double().eval()
    doubled = [tensor.double() if tensor.is_floating_point() else tensor for tensor in bases]
    # Numbered as the entry says it.
    if case.get("from"):
        doubled[0] = doubled[0].reshape(case["from"])
    to = case.get("to")

    def numbered(inputs):
        return [tensor.reshape(to) if to else tensor for tensor in outputs(inputs)]

    base = numbered([tensor.clone() for tensor in doubled])
    answer["seen"] = [
        # Others than those don't fit.
        [] if str(i) in fitting else [changes(numbered, base, doubled, i, dim) for dim in range(tensor.ndim)]
        for i, tensor in enumerate(doubled)
    ]
    return answer


def pool_indices(shape, pooled, kernel, stride, padding):
    """Where a max pooling of `shape` that gives `pooled` finds its values."""
    pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[len(shape) - 3]
    torch.manual_seed(3)
    values = torch.rand(shape)
    for ceil_mode in (False, True):
        _, indices = pool(values, kernel, stride, padding, ceil_mode=ceil_mode, return_indices=True)
        if list(indices.shape) == pooled:
            return indices
    raise ValueError(f"no pooling of {shape} gives {pooled}")


def spread_out(given, index):
    """Different values, so that the largest and the smallest are known."""
    shape, dtype = given["shape"], DTYPES[given["type"]]
    if dtype is not torch.float32:
        return torch.zeros(shape, dtype=dtype)
    torch.manual_seed(7 + index)
    return torch.rand(shape) + 1


def changes(outputs, base, inputs, which, dim):
    """For each output: for each of its dimensions, the first and last place of the input that changes each place."""
    count = inputs[which].shape[dim]
    changed = [torch.zeros((count, *tensor.shape), dtype=torch.bool) for tensor in base]
    for place in range(count):
        for amount in (60.0, -60.0):
            other = [tensor.clone() for tensor in inputs]
            part = other[which].select(dim, place)
            if part.is_floating_point():
                part += amount * (1 + torch.rand(part.shape, dtype=part.dtype))
            elif part.dtype is torch.bool:
                part.logical_not_()
            else:
                part += 1
            for mask, before, after in zip(changed, base, outputs(other), strict=True):
                mask[place] |= (before != after) & ~(before.isnan() & after.isnan())
    return [described_changes(mask) for mask in changed]


def described_changes(mask):
    along = []
    for dim in range(1, mask.ndim):
        rest = [each for each in range(1, mask.ndim) if each != dim]
        table = mask.amax(rest) if rest else mask
        along.append([hull(table[:, place]) for place in range(table.shape[1])])
    single = mask.reshape(mask.shape[0], -1)
    return {
        "along": along,
        "anywhere": hull(single.any(1)),
        # Of one value: whether some sees the first and the last, and how many are seen at most.
        "ends": bool((single[0] & single[-1]).any()),
        "most": int(single.sum(0).max()) if single.numel() else 0,
    }


def hull(row):
    places = row.nonzero().flatten().tolist()
    return [places[0], places[-1]] if places else None


def default(parameter):
    """As Python writes it; a function or class by its name."""
    value = parameter.default
    if value is parameter.empty:
        return None
    return repr(value.__name__) if inspect.isfunction(value) else value.__name__ if inspect.isclass(value) else repr(value)


def signature(case):
    """Parameter names and defaults of a class or function, in order."""
    names = scope(case)
    if case["signature"].startswith("torchvision."):
        names["torchvision"] = torchvision()
    target = eval(case["signature"], names)
    target = target.__init__ if inspect.isclass(target) else target
    found = inspect.signature(target).parameters.values()
    return {
        "parameters": [
            {
                "name": p.name,
                "default": default(p),
                "keywordOnly": p.kind is p.KEYWORD_ONLY,
            }
            for p in found
            if p.name not in ("self", "device", "dtype")
        ]
    }


def overloads(name):
    """What a function of torch takes besides tensors: as its Python says, else all forms of the operator."""
    target = torch
    for part in name.split("."):
        target = getattr(target, part)
    try:
        found = inspect.signature(target.__init__ if inspect.isclass(target) else target).parameters.values()
    except ValueError:  # it is written in C++
        found = None
    if found is not None and "args" not in [p.name for p in found]:
        return {
            "overloads": [
                [
                    {"name": p.name, "default": None if p.default is p.empty else repr(p.default), "type": str(p.annotation)}
                    for p in found
                ]
            ]
        }
    else:
        operator = getattr(torch.ops.aten, name.split(".")[-1])
        schemas = [getattr(operator, each)._schema for each in operator.overloads()]
        return {
            "overloads": [
                [
                    {
                        "name": a.name,
                        "default": repr(a.default_value) if a.has_default_value() else None,
                        "type": str(a.type),
                    }
                    for a in schema.arguments
                    if not a.is_out
                ]
                for schema in schemas
            ]
        }


def classes():
    """All public modules of torch.nn; what is quantized lives in torch.ao."""
    for module in pkgutil.walk_packages(nn.__path__, "torch.nn."):
        if not re.search(r"quantiz|intrinsic|qat", module.name):
            importlib.import_module(module.name)
    found, waiting = set(), [nn.Module]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting.extend(each.__subclasses__())
    return {
        "classes": sorted(
            each.__name__
            for each in found
            if each.__module__.startswith("torch.nn.") and not each.__name__.startswith("_")
        )
    }


def answer(case):
    try:
        if "classes" in case:
            return classes()
        if "overloads" in case:
            return overloads(case["overloads"])
        if "signature" in case:
            return signature(case)
        return seen(case) if case.get("sees") else run(case)
    except Exception as error:
        if "same" in case and not refused_by_torchvision(case):
            return {"mismatch": f"torchvision's class takes what ours refuses: {error}"}
        return {"error": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
