"""What another tool says of a model of torchvision's, used as its documentation shows.

Arguments: the tool, the model, the height and width of its image, options of the model's as JSON. Prints one line of
JSON, with `parameters` and `macs` (multiply-adds), then one with `seconds` for each line that it reads: `again` asks the
tool again, on the same model; `edited` does what it takes after an edit of the model's class, that is to construct the
model anew and to ask of that one.
"""

import json
import logging
import os
import sys
import time
import warnings

import torch

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "oracle"))
from usable_torchvision import torchvision  # noqa: E402

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)


def torchinfo(model, size):
    from torchinfo import summary

    found = summary(model, input_size=(1, 3, size, size), verbose=0)
    str(found)  # the table, which is what one looks at
    return found.total_params, found.total_mult_adds


def fvcore(model, size):
    from fvcore.nn import FlopCountAnalysis, parameter_count

    flops = FlopCountAnalysis(model.eval(), torch.randn(1, 3, size, size))
    return parameter_count(model)[""], flops.total()  # one multiply-add is one of its flops


def ptflops(model, size):
    from ptflops import get_model_complexity_info

    macs, parameters = get_model_complexity_info(
        model, (3, size, size), as_strings=False, print_per_layer_stat=False
    )
    return parameters, macs


def flop_counter(model, size):
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        model.eval()(torch.randn(1, 3, size, size, device=next(model.parameters()).device))
    return sum(parameter.numel() for parameter in model.parameters()), counter.get_total_flops() // 2


TOOLS = {"torchinfo": torchinfo, "fvcore": fvcore, "ptflops": ptflops, "FlopCounterMode": flop_counter}


def main():
    tool, name, size = TOOLS[sys.argv[1]], sys.argv[2], int(sys.argv[3])

    def get():
        return torchvision().models.get_model(name, weights=None, **json.loads(sys.argv[4]))

    def construct():
        # torch's own counter works on tensors without numbers; the others don't promise to.
        if tool is not flop_counter:
            return get()
        try:
            with torch.device("meta"):
                return get()
        except NotImplementedError:  # RegNet works its widths out with tensors
            return get().to("meta")

    model = construct()
    parameters, macs = tool(model, size)
    print(json.dumps({"parameters": int(parameters), "macs": int(macs)}), flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        tool(construct() if line.strip() == "edited" else model, size)
        print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)


main()
