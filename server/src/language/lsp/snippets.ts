import { ENCODER_LAYER, RESIDUAL } from '../../core/templates.ts';

/** What completion offers to begin with, by place: bodies in LSP's snippet syntax. */
export type Snippets = Readonly<Record<string, Snippet>>;

interface Snippet {
  readonly body: string;
  readonly summary: string;
}

/** A block whose name is the first thing to change. */
function named(block: string): string {
  return block.replace(/(?<=^block )\w+/, '${1:$&}');
}

export const TOP_LEVEL: Snippets = {
  model: {
    body: 'model ${1:Name} {\n  input ${2:image}: [N, ${3:3, 224, 224}]\n\n  output ${4:logits} = ${2:image}\n    -> $0\n}',
    summary: 'A model: what goes in, what comes out.',
  },
  block: {
    body: 'block ${1:Name}(${2:channels: int}) {\n  input ${3:x}\n  output ${3:x} -> $0\n}',
    summary: 'A part that models and blocks use, with its parameters.',
  },
  import: { body: 'import { $0 } from "$1"', summary: 'Blocks of another file.' },
  extern: {
    body: 'extern block ${1:Name}(${2:out: int}) from "${3:module}" {\n  input ${4:x}\n  output [${4:x}.shape[0], ${2:out}]\n}',
    summary: "A Python class that isn't known here: how it is made, and what comes out.",
  },
  'block Residual': {
    body: named(RESIDUAL),
    summary: 'Two convolutions, added to what came in (He et al., 2015).',
  },
  'block InvertedResidual': {
    body: `block \${1:InvertedResidual}(channels: int, stride: int = 1, expand: int = 6) {
  input x
  wide = x.channels * expand
  y = x
    -> Conv2d(wide, 1, bias=False) -> BatchNorm2d -> ReLU6
    -> Conv2d(wide, 3, stride, padding=1, groups=wide, bias=False) -> BatchNorm2d -> ReLU6
    -> Conv2d(channels, 1, bias=False) -> BatchNorm2d
  output if stride == 1 and x.channels == channels { x + y } else { y }
}`,
    summary: 'Wide in between, narrow at both ends (Sandler et al., 2018).',
  },
  'block EncoderLayer': {
    body: named(ENCODER_LAYER),
    summary: 'Self-attention and two linear layers, each added to what came in (Vaswani et al., 2017).',
  },
};

export const STATEMENTS: Snippets = {
  input: { body: 'input ${1:x}', summary: 'What goes in.' },
  output: { body: 'output $0', summary: 'What comes out.' },
  weight: { body: 'weight ${1:name}: [${2:1}] = ${3:Zeros}', summary: 'A tensor that is trained.' },
  buffer: { body: 'buffer ${1:name}: [${2:1}] = ${3:Zeros}', summary: 'A tensor that is kept, but not trained.' },
  layer: { body: 'layer ${1:name} = $0', summary: 'One layer, with one set of weights, for several places.' },
  frozen: { body: 'frozen $0', summary: 'Weights that training leaves as they are.' },
};

export const MODEL_STATEMENTS: Snippets = {
  train: {
    body: 'train {\n  optimizer: ${1:Adam(lr=1e-3)}\n  loss: ${2:CrossEntropyLoss}\n  epochs: ${3:5}\n  batch_size: ${4:64}\n}',
    summary: 'How the model is trained.',
  },
};

export const STAGE_WORDS: Snippets = {
  for: { body: 'for ${1:i} in 0..${2:n} { $0 }', summary: 'The stages, once for each value.' },
  if: { body: 'if ${1:condition} { $0 }', summary: 'The stages, if the condition holds when the model is built.' },
  frozen: { body: 'frozen ${1:label}: $0', summary: 'A layer whose weights training leaves as they are.' },
};

/** Stages that usually stand together; for images. */
export const STAGES: Snippets = {
  'Conv2d -> BatchNorm2d -> ReLU': {
    body: 'Conv2d(${1:64}, ${2:3}, padding=${3:1}, bias=False) -> BatchNorm2d -> ReLU',
    summary: 'A convolution without bias, its normalization, an activation.',
  },
  'AdaptiveAvgPool2d -> Flatten -> Linear': {
    body: 'AdaptiveAvgPool2d(1) -> Flatten -> Linear(${1:10})',
    summary: "A classifier's end: one value a channel, then a number for each class.",
  },
};
