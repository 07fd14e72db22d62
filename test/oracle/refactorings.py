"""Runs two modules that should be the same, one with the other's weights."""

import torch
from case_server import answer_cases
from generated import load, make_input, tensors
from usable_torchvision import roi_align, torchvision

torch.set_num_threads(1)


def build(python: str, model: str, folder: str, name: str):
    if "torchvision" in python:
        torchvision()
    module = load(python, folder, name)
    if hasattr(module, "roi_align"):
        module.roi_align = roi_align
    torch.manual_seed(0)
    return getattr(module, model)()


def run(built, inputs: list[dict]) -> list[torch.Tensor]:
    torch.manual_seed(1)
    return list(tensors(built(*[make_input(each["shape"], each["type"], 2) for each in inputs])))


def compare(pair: dict, folder: str, number: int) -> str | None:
    """What is different; None where nothing is."""
    before = build(pair["before"], pair["model"], folder, f"before_{number}").eval()
    after = build(pair["after"], pair["model"], folder, f"after_{number}").eval()
    weights = before.state_dict()
    if not pair["keepsKeys"]:
        # Other names, in the same order.
        names = list(after.state_dict())
        if len(names) != len(weights):
            return f"{len(names)} keys, not {len(weights)}"
        weights = dict(zip(names, weights.values(), strict=True))
    after.load_state_dict(weights, strict=True)
    with torch.no_grad():
        wanted, got = run(before, pair["inputs"]), run(after, pair["inputs"])
    if len(wanted) != len(got):
        return f"{len(got)} outputs, not {len(wanted)}"
    for i, (a, b) in enumerate(zip(wanted, got, strict=True)):
        if not torch.equal(a.nan_to_num(), b.nan_to_num()):
            return f"output {i} is another"
    return None


if __name__ == "__main__":
    answer_cases(compare, lambda _, error: error)
