"""Runs generated modules: builds them, compares their state_dict, runs them forward and backward, and holds them
against torchvision. Reads a list of cases as JSON from stdin, writes a list of answers to stdout."""

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

warnings.filterwarnings("ignore")


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
        answer["difference"] = difference_from_torchvision(model, **case["torchvision"])
    if "reference" in case:
        reference = getattr(references, case["reference"])()
        answer["difference"] = difference(model, reference, [each.detach() for each in inputs])
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


def difference_from_torchvision(mine: torch.nn.Module, name: str, options: dict, size: list[int]) -> float:
    """Strict loading of torchvision's weights, and how far the outputs are apart."""
    # torchvision's binary part isn't loaded; these two are all that importing it asks for.
    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in (
        "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
        "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    ):
        try:
            library.define(schema)
        except RuntimeError:
            pass
    import torchvision

    reference = torchvision.models.get_model(name, weights=None, **options)
    return difference(mine, reference, [torch.randn(2, 3, *size)])


def difference(mine: torch.nn.Module, reference: torch.nn.Module, inputs: list[torch.Tensor]) -> float:
    """Strict loading of the reference's weights, and how far the outputs are apart, relative to the largest."""
    state = reference.state_dict()
    if list(state) != list(mine.state_dict()):
        # Loading is strict, but doesn't see another order.
        raise ValueError("the keys or their order differ from the reference's")
    # Tables aren't learnt: they must be right without being loaded.
    for key, value in mine.state_dict().items():
        is_table = not value.dtype.is_floating_point and not key.endswith("num_batches_tracked")
        if is_table and not torch.equal(value, state[key]):
            raise ValueError(f"{key} differs from the reference's")
    # Fresh weights hide mistakes: a head that begins at zero, or nearly so, makes everything before it the same.
    for key, value in state.items():
        if key.endswith("running_mean"):
            value.normal_(0, 0.1)
        elif key.endswith("running_var"):
            value.uniform_(0.01, 1.5)
        elif value.dtype.is_floating_point and value.abs().max() < 1e-3:
            value.normal_(0, 0.1)
    mine.load_state_dict(state, strict=True)
    results = []
    for model in (reference.eval(), mine.eval()):
        # What is drawn by chance is drawn alike.
        torch.manual_seed(1)
        with torch.no_grad():
            result = model(*inputs)
        # torchvision's models of segmentation give a dict.
        results.append(tensors(result["out"] if isinstance(result, dict) else result))
    if len(results[0]) != len(results[1]):
        raise ValueError(f"{len(results[1])} outputs, the reference has {len(results[0])}")
    return max(
        ((wanted - got).abs().max() / wanted.abs().max()).item() if wanted.shape == got.shape else float("inf")
        for wanted, got in zip(*results)
    )


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
