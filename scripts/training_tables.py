"""Prints server/src/core/analysis/checks/trainingTables.ts: what torch's training classes take, asked of torch itself.

    python scripts/training_tables.py > server/src/core/analysis/checks/trainingTables.ts
"""

import inspect
import re
from collections.abc import Iterator

import torch
import torch.optim
import torch.optim.lr_scheduler
from torch import nn

# torchvision's compiled part may be missing; its Python part wants these two to be declared.
library = torch.library.Library("torchvision", "FRAGMENT")
for name in ("nms", "qnms"):
    try:
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError:
        pass

import torchvision  # noqa: E402
from torchvision.transforms import v2  # noqa: E402

# What has weights of its own, or takes Python functions, other schedulers or the whole batch, can't be said in a model's text.
LEFT_OUT = {
    "AdaptiveLogSoftmaxWithLoss", "LinearCrossEntropyLoss",
    "ChainedScheduler", "LambdaLR", "MultiplicativeLR", "SequentialLR",
    "ClampBoundingBoxes", "ClampKeyPoints", "Compose", "ConvertBoundingBoxFormat", "ConvertImageDtype", "CutMix",
    "FiveCrop", "Identity", "Lambda", "LinearTransformation", "MixUp", "PILToTensor", "RandomApply", "RandomChoice",
    "RandomIoUCrop", "RandomOrder", "SanitizeBoundingBoxes", "SanitizeKeyPoints", "SetClampingMode", "TenCrop",
    "ToDtype", "ToImage", "ToPILImage", "ToPureTensor", "ToTensor", "UniformTemporalSubsample",
}  # fmt: skip
# Long deprecated in favour of `reduction`.
DEPRECATED = {"size_average", "reduce"}


def type_of(annotation: str, default: object) -> str:
    text = re.sub(r"typing\.|collections\.abc\.|<class '|'>|torch\.", "", annotation)
    optional = "None" in text
    if isinstance(default, bool) or text.startswith("bool"):
        kind = "bool"
    elif re.fullmatch(r"int( \| None)?|Optional\[int\]", text):
        kind = "int"
    elif re.fullmatch(r"float( \| Tensor)?( \| None)?|Optional\[float\]", text):
        kind = "float"
    elif re.fullmatch(r"str( \| None)?|Literal\[[^\]]*\]", text):
        kind = "str"
    else:
        return "any"
    return f"{kind}?" if optional else kind


def signature(cls: type, skip: frozenset[str]) -> str:
    parts = []
    for name, parameter in inspect.signature(cls.__init__).parameters.items():
        if name == "self" or name in skip or parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        empty = parameter.default is parameter.empty
        kind = type_of(str(parameter.annotation), None if empty else parameter.default)
        default = "" if empty else f" = {parameter.default!r}"
        default = re.sub(r"<[^>]*?(\'[a-z_]+\')>", r"\1", default)
        parts.append(f"{name}: {kind}{default}")
    return ", ".join(parts)


def classes(module: object, base: type, skip: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    for name in sorted(dir(module)):
        cls = getattr(module, name)
        if name.startswith("_") or name in LEFT_OUT or not inspect.isclass(cls) or cls is base:
            continue
        if issubclass(cls, base):
            yield name, signature(cls, skip)


def losses() -> Iterator[tuple[str, str]]:
    for name in sorted(dir(nn)):
        cls = getattr(nn, name)
        # Those that take the output and the target, and nothing else.
        if name.endswith("Loss") and name not in LEFT_OUT and len(inspect.signature(cls.forward).parameters) == 3:
            yield name, signature(cls, frozenset(DEPRECATED))


def table(name: str, what: str, rows: Iterator[tuple[str, str]]) -> None:
    print(f"\n/** {what} */\nexport const {name}: Readonly<Record<string, string>> = {{")
    for key, text in rows:
        quote = '"' if "'" in text else "'"
        print(f"  {key}:\n    {quote}{text}{quote}," if len(text) > 100 else f"  {key}: {quote}{text}{quote},")
    print("};")


version = f"torch {torch.__version__.split('+')[0]} and torchvision {torchvision.__version__.split('+')[0]}"
print(f"""/**
 * What torch's training classes take: parameters with types and defaults, as the constructors say of
 * {version}. Made by scripts/training_tables.py; what depends on the run (`params`, `optimizer`) is left out.
 */""")
table("OPTIMIZERS", "`torch.optim`", classes(torch.optim, torch.optim.Optimizer, frozenset({"params"})))
table(
    "SCHEDULERS",
    "`torch.optim.lr_scheduler`",
    classes(torch.optim.lr_scheduler, torch.optim.lr_scheduler.LRScheduler, frozenset({"optimizer"})),
)
table("LOSSES", "`torch.nn`: losses of an output and a target.", losses())
table("AUGMENTATIONS", "`torchvision.transforms.v2`: what changes an image.", classes(v2, v2.Transform))
