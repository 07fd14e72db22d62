"""Runs generated modules as they come, with all their uses."""

import inspect
import traceback

import torch
from case_server import answer_cases
from generated import load, make_input, tensors
from usable_torchvision import roi_align, torchvision

# The models are small: threads would only wait for one another.
torch.set_num_threads(1)


def run(case: dict, folder: str, number: int) -> list[dict]:
    """What each use of a module is: with other arguments, at other sizes."""
    if "torchvision" in case["python"]:
        torchvision()
    module = load(case["python"], folder, f"program_{number}")
    if hasattr(module, "roi_align"):
        # Which image a box is in is a weight here: any number.
        module.roi_align = roi_align
    model = getattr(module, case["model"])
    names = list(inspect.signature(model).parameters)
    answers = []
    for use in case["uses"]:
        try:
            # By position: a parameter called `class` has another name in Python.
            arguments = {names[int(at)]: value for at, value in use["arguments"].items()}
            answers.append(run_use(model, arguments, use["inputs"], case["trains"]))
        except Exception:
            answers.append({"error": traceback.format_exc(limit=-4)})
    return answers


def run_use(model, arguments: dict, inputs: list[dict], trains: bool) -> dict:
    torch.manual_seed(0)
    built = model(**arguments).train(trains)
    answer = {
        "keys": [[name, list(value.shape)] for name, value in built.state_dict().items()],
        "parameters": sum(p.numel() for p in built.parameters()),
        "trainable": sum(p.numel() for p in built.parameters() if p.requires_grad),
    }
    fed = [make_input(each["shape"], each["type"], 2) for each in inputs]
    for each in fed:
        if each.is_floating_point():
            each.requires_grad_(True)
    outputs = tensors(built(*fed))
    answer["outputs"] = [list(each.shape) for each in outputs]
    total = sum(each.double().sum() for each in outputs)
    if total.requires_grad:
        total.backward()
    return answer


if __name__ == "__main__":
    answer_cases(run, lambda case, error: [{"error": error} for _ in case["uses"]])
