/**
 * What torch's training classes take: parameters with types and defaults, as the constructors say of
 * torch 2.13.0 and torchvision 0.28.0. Made by scripts/training_tables.py; what depends on the run (`params`, `optimizer`) is left out.
 */

/** `torch.optim` */
export const OPTIMIZERS: Readonly<Record<string, string>> = {
  ASGD: 'lr: float = 0.01, lambd: float = 0.0001, alpha: float = 0.75, t0: float = 1000000.0, weight_decay: float = 0, foreach: bool? = None, maximize: bool = False, differentiable: bool = False, capturable: bool = False',
  Adadelta:
    'lr: float = 1.0, rho: float = 0.9, eps: float = 1e-06, weight_decay: float = 0, foreach: bool? = None, *, capturable: bool = False, maximize: bool = False, differentiable: bool = False',
  Adafactor:
    'lr: float = 0.01, beta2_decay: float = -0.8, eps: any = (None, 0.001), d: float = 1.0, weight_decay: float = 0.0, *, foreach: bool? = None, maximize: bool = False',
  Adagrad:
    'lr: float = 0.01, lr_decay: float = 0, weight_decay: float = 0, initial_accumulator_value: float = 0, eps: float = 1e-10, foreach: bool? = None, *, maximize: bool = False, differentiable: bool = False, fused: bool? = None',
  Adam: 'lr: float = 0.001, betas: any = (0.9, 0.999), eps: float = 1e-08, weight_decay: float = 0, amsgrad: bool = False, *, foreach: bool? = None, maximize: bool = False, capturable: bool = False, differentiable: bool = False, fused: bool? = None, decoupled_weight_decay: bool = False',
  AdamW:
    'lr: float = 0.001, betas: any = (0.9, 0.999), eps: float = 1e-08, weight_decay: float = 0.01, amsgrad: bool = False, *, maximize: bool = False, foreach: bool? = None, capturable: bool = False, differentiable: bool = False, fused: bool? = None',
  Adamax:
    'lr: float = 0.002, betas: any = (0.9, 0.999), eps: float = 1e-08, weight_decay: float = 0, foreach: bool? = None, *, maximize: bool = False, differentiable: bool = False, capturable: bool = False',
  LBFGS:
    'lr: float = 1, max_iter: int = 20, max_eval: int? = None, tolerance_grad: float = 1e-07, tolerance_change: float = 1e-09, history_size: int = 100, line_search_fn: str? = None',
  Muon: 'lr: float = 0.001, weight_decay: float = 0.1, momentum: float = 0.95, nesterov: bool = True, ns_coefficients: any = (3.4445, -4.775, 2.0315), eps: float = 1e-07, ns_steps: int = 5, adjust_lr_fn: str? = None',
  NAdam:
    'lr: float = 0.002, betas: any = (0.9, 0.999), eps: float = 1e-08, weight_decay: float = 0, momentum_decay: float = 0.004, decoupled_weight_decay: bool = False, *, foreach: bool? = None, maximize: bool = False, capturable: bool = False, differentiable: bool = False',
  RAdam:
    'lr: float = 0.001, betas: any = (0.9, 0.999), eps: float = 1e-08, weight_decay: float = 0, decoupled_weight_decay: bool = False, *, foreach: bool? = None, maximize: bool = False, capturable: bool = False, differentiable: bool = False',
  RMSprop:
    'lr: float = 0.01, alpha: float = 0.99, eps: float = 1e-08, weight_decay: float = 0, momentum: float = 0, centered: bool = False, capturable: bool = False, foreach: bool? = None, maximize: bool = False, differentiable: bool = False',
  Rprop:
    'lr: float = 0.01, etas: any = (0.5, 1.2), step_sizes: any = (1e-06, 50), *, capturable: bool = False, foreach: bool? = None, maximize: bool = False, differentiable: bool = False',
  SGD: 'lr: float = 0.001, momentum: float = 0, dampening: float = 0, weight_decay: float = 0, nesterov: bool = False, *, maximize: bool = False, foreach: bool? = None, differentiable: bool = False, fused: bool? = None',
  SparseAdam: 'lr: float = 0.001, betas: any = (0.9, 0.999), eps: float = 1e-08, maximize: bool = False',
};

/** `torch.optim.lr_scheduler` */
export const SCHEDULERS: Readonly<Record<string, string>> = {
  ConstantLR: 'factor: float = 0.3333333333333333, total_iters: int = 5, last_epoch: int = -1',
  CosineAnnealingLR: 'T_max: int, eta_min: float = 0.0, last_epoch: int = -1',
  CosineAnnealingWarmRestarts: 'T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1',
  CyclicLR:
    "base_lr: any, max_lr: any, step_size_up: int = 2000, step_size_down: int? = None, mode: str = 'triangular', gamma: float = 1.0, scale_fn: any = None, scale_mode: str = 'cycle', cycle_momentum: bool = True, base_momentum: float = 0.8, max_momentum: float = 0.9, last_epoch: int = -1",
  ExponentialLR: 'gamma: float, last_epoch: int = -1',
  LinearLR:
    'start_factor: float = 0.3333333333333333, end_factor: float = 1.0, total_iters: int = 5, last_epoch: int = -1',
  MultiStepLR: 'milestones: any, gamma: float = 0.1, last_epoch: int = -1',
  OneCycleLR:
    "max_lr: any, total_steps: int? = None, epochs: int? = None, steps_per_epoch: int? = None, pct_start: float = 0.3, anneal_strategy: str = 'cos', cycle_momentum: bool = True, base_momentum: any = 0.85, max_momentum: any = 0.95, div_factor: float = 25.0, final_div_factor: float = 10000.0, three_phase: bool = False, last_epoch: int = -1",
  PolynomialLR: 'total_iters: int = 5, power: float = 1.0, last_epoch: int = -1',
  ReduceLROnPlateau:
    "mode: str = 'min', factor: float = 0.1, patience: int = 10, threshold: float = 0.0001, threshold_mode: str = 'rel', cooldown: int = 0, min_lr: any = 0, eps: float = 1e-08",
  StepLR: 'step_size: int, gamma: float = 0.1, last_epoch: int = -1',
};

/** `torch.nn`: losses of an output and a target. */
export const LOSSES: Readonly<Record<string, string>> = {
  BCELoss: "weight: any = None, reduction: str = 'mean'",
  BCEWithLogitsLoss: "weight: any = None, reduction: str = 'mean', pos_weight: any = None",
  CrossEntropyLoss:
    "weight: any = None, ignore_index: int = -100, reduction: str = 'mean', label_smoothing: float = 0.0",
  HingeEmbeddingLoss: "margin: float = 1.0, reduction: str = 'mean'",
  HuberLoss: "reduction: str = 'mean', delta: float = 1.0",
  KLDivLoss: "reduction: str = 'mean', log_target: bool = False",
  L1Loss: "reduction: str = 'mean'",
  MSELoss: "reduction: str = 'mean'",
  MultiLabelMarginLoss: "reduction: str = 'mean'",
  MultiLabelSoftMarginLoss: "weight: any = None, reduction: str = 'mean'",
  MultiMarginLoss: "p: int = 1, margin: float = 1.0, weight: any = None, reduction: str = 'mean'",
  NLLLoss: "weight: any = None, ignore_index: int = -100, reduction: str = 'mean'",
  PoissonNLLLoss: "log_input: bool = True, full: bool = False, eps: float = 1e-08, reduction: str = 'mean'",
  SmoothL1Loss: "reduction: str = 'mean', beta: float = 1.0",
  SoftMarginLoss: "reduction: str = 'mean'",
};

/** `torchvision.transforms.v2`: what changes an image. */
export const AUGMENTATIONS: Readonly<Record<string, string>> = {
  AugMix:
    "severity: int = 3, mixture_width: int = 3, chain_depth: int = -1, alpha: float = 1.0, all_ops: bool = True, interpolation: any = 'bilinear', fill: any = None",
  AutoAugment: "policy: any = 'imagenet', interpolation: any = 'nearest', fill: any = None",
  CenterCrop: 'size: any',
  ColorJitter: 'brightness: any = None, contrast: any = None, saturation: any = None, hue: any = None',
  ElasticTransform: "alpha: any = 50.0, sigma: any = 5.0, interpolation: any = 'bilinear', fill: any = 0",
  GaussianBlur: 'kernel_size: any, sigma: any = (0.1, 2.0)',
  GaussianNoise: 'mean: float = 0.0, sigma: float = 0.1, clip: bool = True',
  Grayscale: 'num_output_channels: int = 1',
  JPEG: 'quality: any',
  Normalize: 'mean: any, std: any, inplace: bool = False',
  Pad: "padding: any, fill: any = 0, padding_mode: str = 'constant'",
  RGB: '',
  RandAugment:
    "num_ops: int = 2, magnitude: int = 9, num_magnitude_bins: int = 31, interpolation: any = 'nearest', fill: any = None",
  RandomAdjustSharpness: 'sharpness_factor: float, p: float = 0.5',
  RandomAffine:
    "degrees: any, translate: any = None, scale: any = None, shear: any = None, interpolation: any = 'nearest', fill: any = 0, center: any = None",
  RandomAutocontrast: 'p: float = 0.5',
  RandomChannelPermutation: '',
  RandomCrop:
    "size: any, padding: any = None, pad_if_needed: bool = False, fill: any = 0, padding_mode: str = 'constant'",
  RandomEqualize: 'p: float = 0.5',
  RandomErasing:
    'p: float = 0.5, scale: any = (0.02, 0.33), ratio: any = (0.3, 3.3), value: float = 0.0, inplace: bool = False',
  RandomGrayscale: 'p: float = 0.1',
  RandomHorizontalFlip: 'p: float = 0.5',
  RandomInvert: 'p: float = 0.5',
  RandomPerspective: "distortion_scale: float = 0.5, p: float = 0.5, interpolation: any = 'bilinear', fill: any = 0",
  RandomPhotometricDistort:
    'brightness: any = (0.875, 1.125), contrast: any = (0.5, 1.5), saturation: any = (0.5, 1.5), hue: any = (-0.05, 0.05), p: float = 0.5',
  RandomPosterize: 'bits: int, p: float = 0.5',
  RandomResize: "min_size: int, max_size: int, interpolation: any = 'bilinear', antialias: bool = True",
  RandomResizedCrop:
    "size: any, scale: any = (0.08, 1.0), ratio: any = (0.75, 1.3333333333333333), interpolation: any = 'bilinear', antialias: bool = True",
  RandomRotation:
    "degrees: any, interpolation: any = 'nearest', expand: bool = False, center: any = None, fill: any = 0",
  RandomShortestSize: "min_size: any, max_size: int = None, interpolation: any = 'bilinear', antialias: bool = True",
  RandomSolarize: 'threshold: float, p: float = 0.5',
  RandomVerticalFlip: 'p: float = 0.5',
  RandomZoomOut: 'fill: any = 0, side_range: any = (1.0, 4.0), p: float = 0.5',
  Resize: "size: any, interpolation: any = 'bilinear', max_size: int = None, antialias: bool = True",
  ScaleJitter:
    "target_size: any, scale_range: any = (0.1, 2.0), interpolation: any = 'bilinear', antialias: bool = True",
  TrivialAugmentWide: "num_magnitude_bins: int = 31, interpolation: any = 'nearest', fill: any = None",
};
