"""Torchvision, also where its compiled part is missing because it was built for another torch: with Python in its place."""

import functools
import sys

import torch


@functools.cache
def torchvision():
    library = torch.library.Library("torchvision", "FRAGMENT")
    # These two are all that importing it asks for.
    for operator in ("nms", "qnms"):
        try:
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        except RuntimeError:
            pass
    import torchvision as module

    # Its roi_align in Python would be compiled at its first use, which takes longer than all else, and not on meta.
    roi_align = sys.modules["torchvision.ops.roi_align"]
    roi_align._roi_align = getattr(roi_align._roi_align, "__wrapped__", roi_align._roi_align)
    roi_align.is_compile_supported = lambda device: True
    sys.modules["torchvision.ops.deform_conv"].deform_conv2d = deform_conv2d
    return module


def roi_align(input, boxes, *args, **kwargs):
    """Torchvision's, with all boxes in the first image."""
    boxes = boxes.clone()
    boxes[:, 0] = 0
    return torchvision().ops.roi_align(input, boxes, *args, **kwargs)


def deform_conv2d(input, offset, weight, bias=None, stride=(1, 1), padding=(0, 0), dilation=(1, 1), mask=None):
    """Torchvision's, of which there is only a compiled one: for one group, without a mask."""
    assert mask is None and weight.shape[1] == input.shape[1] and offset.shape[1] == 2 * weight[0, 0].numel()
    height, width = input.shape[2:]
    places = []
    for axis, size in enumerate(weight.shape[2:]):
        kernel = torch.arange(size, device=input.device) * dilation[axis] - padding[axis]
        steps = torch.arange(offset.shape[2 + axis], device=input.device) * stride[axis]
        kernel = kernel[:, None].expand(*weight.shape[2:]) if axis == 0 else kernel.expand(*weight.shape[2:])
        steps = steps[:, None] if axis == 0 else steps
        places.append(kernel.reshape(-1, 1, 1) + steps + offset[:, axis::2])
    y, x = places
    grid = torch.stack([2 * x / (width - 1) - 1, 2 * y / (height - 1) - 1], -1)
    seen = torch.nn.functional.grid_sample(input, grid.flatten(1, 2), align_corners=True)
    out = weight.flatten(1) @ seen.reshape(len(input), -1, offset.shape[2] * offset.shape[3])
    out = out.unflatten(-1, offset.shape[2:])
    return out if bias is None else out + bias[:, None, None]
