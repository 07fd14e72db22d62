"""Runs generated modules: builds them, compares their state_dict, runs them forward and backward, and holds them
against torchvision. Reads a list of cases as JSON from stdin, writes a list of answers to stdout."""

import contextlib
import importlib.util
import json
import keyword
import sys
import tempfile
import traceback
import warnings
from pathlib import Path

import references
import torch
from usable_torchvision import torchvision

warnings.filterwarnings("ignore")
# On a machine with other work, threads wait for each other most of the time.
torch.set_num_threads(1)


def load(source: str, folder: str, name: str):
    path = Path(folder) / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def make_input(shape: list[int], type: str, limit: int) -> torch.Tensor:
    if type == "int64":
        return torch.randint(0, limit, shape)
    return torch.rand(shape) > 0.5 if type == "bool" else torch.randn(shape)


def tensors(value) -> list[torch.Tensor]:
    return [value] if isinstance(value, torch.Tensor) else list(value)


def run(case: dict, folder: str, number: int) -> dict:
    torch.manual_seed(0)
    if "torchvision" in case["python"]:
        torchvision()
    try:
        module = load(case["python"], folder, f"generated_{number}")
    except ModuleNotFoundError as error:
        # An extern's module, which only its author has.
        return {"missing": error.name}
    with torch.device("meta" if case.get("meta") else "cpu"):
        return run_on_device(case, module)


def run_on_device(case: dict, module) -> dict:
    create = getattr(module, case["model"])
    # A parameter that Python has a word for gets an underscore.
    given = {f"{name}_" if keyword.iskeyword(name) else name: value for name, value in case.get("arguments", {}).items()}
    with uninitialised() if "torchvision" in case else contextlib.nullcontext():
        model = create(**given)
    answer = {
        "keys": [[name, list(value.shape)] for name, value in model.state_dict().items()],
        "parameters": sum(p.numel() for p in model.parameters()),
        "trainable": sum(p.numel() for p in model.parameters() if p.requires_grad),
    }
    if case.get("inputs") is not None:
        inputs = [make_input(each["shape"], each["type"], case.get("limit", 2)) for each in case["inputs"]]
        for each in inputs:
            if each.is_floating_point():
                each.requires_grad_(True)
        outputs = tensors(model(*inputs))
        answer["outputs"] = [list(each.shape) for each in outputs]
        total = sum(each.double().sum() for each in outputs)
        if total.requires_grad:
            total.backward()
    if "torchvision" in case:
        wanted = case["torchvision"]
        reference = build(wanted["name"], wanted["options"])
        answer["differences"] = differences(model, reference, [torch.randn(2, 3, *wanted["size"])])
    if "reference" in case:
        reference = getattr(references, case["reference"])()
        answer["differences"] = differences(model, reference, [each.detach() for each in inputs])
    if case.get("macs"):
        with torch.device("meta"):
            answer["macs"] = count(create(**given), case["macs"])
    return answer


def count(model: torch.nn.Module, shape: list[int]) -> int:
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False)
    # Only this way of working out attention is counted.
    with counter, torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        model.eval()(torch.randn(shape))
    return counter.get_total_flops() // 2


def differences(mine: torch.nn.Module, reference: torch.nn.Module, inputs: list[torch.Tensor]) -> dict[str, float]:
    """Strict loading of the reference's weights, and how far apart what comes out of them is."""
    state = reference.state_dict()
    if list(state) != list(mine.state_dict()):
        # Loading is strict, but doesn't see another order.
        raise ValueError("the keys or their order differ from the reference's")
    # Tables aren't learnt: they must be right without being loaded.
    for key, value in mine.state_dict().items():
        is_table = not value.dtype.is_floating_point and not key.endswith("num_batches_tracked")
        if is_table and not torch.equal(value, state[key]):
            raise ValueError(f"{key} differs from the reference's")
    fill(state)
    mine.load_state_dict(state, strict=True)
    back = reference.state_dict()  # With the version of the layout, which some of torchvision's classes ask for.
    back.update(mine.state_dict())
    reference.load_state_dict(back, strict=True)
    models = reference, mine
    with torch.no_grad():
        wanted, got = (results(model.eval(), inputs) for model in models)
    if [each.shape for each in wanted] != [each.shape for each in got]:
        raise ValueError(f"outputs {[list(each.shape) for each in got]} differ from the reference's")
    # What depends on the input counts: what all samples share could hide a mistake.
    found = {"output": max(((a - b).norm() / (a - a.mean(0)).norm()).item() for a, b in zip(wanted, got))}
    for model in models:
        model.zero_grad()
        sum(each.square().sum() for each in results(model.train(), inputs)).backward()
    for what, (wanted, got) in {
        "gradients": [[each.grad for each in model.parameters()] for model in models],
        "buffers": [[each.double() for each in model.buffers()] for model in models],
    }.items():
        # As one vector: a bias in front of a normalization has a gradient of nothing but rounding.
        apart = sum((a - b).square().sum() for a, b in zip(wanted, got, strict=True))
        found[what] = float((apart / sum(each.square().sum() for each in wanted)) ** 0.5) if wanted else 0.0
    return found


def results(model: torch.nn.Module, inputs: list[torch.Tensor]) -> list[torch.Tensor]:
    torch.manual_seed(1)  # The same chance for dropouts, and for what is drawn.
    value = model(*inputs)
    # Torchvision's models of segmentation give a dict.
    return tensors(value["out"] if isinstance(value, dict) else value)


def build(name: str, options: dict) -> torch.nn.Module:
    """torchvision's model."""
    with uninitialised():
        return torchvision().models.get_model(name, weights=None, **options)


@contextlib.contextmanager
def uninitialised():
    """Large layers take longer to be initialised than to be run, and here others' weights are loaded."""
    functions = {name: each for name, each in vars(torch.nn.init).items() if name.endswith("_") and callable(each)}
    for name in functions:
        setattr(torch.nn.init, name, lambda tensor, *_, **__: tensor)
    try:
        yield
    finally:
        for name, each in functions.items():
            setattr(torch.nn.init, name, each)


def fill(state: dict[str, torch.Tensor]) -> None:
    """Weights with which what comes in is seen at the end, and so is a mistake anywhere."""
    for key, value in state.items():
        if not value.is_floating_point():
            continue
        if key.endswith("running_var") or (value.ndim == 1 and key.endswith("weight")):
            value.uniform_(0.5, 1.5)
        else:
            value.normal_(0, (2 / value[0].numel()) ** 0.5 if value.ndim > 1 else 0.1)


def main() -> None:
    answers = []
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(json.load(sys.stdin)):
            try:
                answers.append(run(case, folder, number))
            except Exception:
                answers.append({"error": traceback.format_exc(limit=-4)})
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
