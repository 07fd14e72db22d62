/** Models to begin with: `.scv` texts that fit a data set, in the formatter's form. */
import { DATASETS, type DataSet, findDataSet } from './analysis/checks/datasetTable.ts';

export interface Template {
  readonly id: string;
  /** `Classifier`. */
  readonly title: string;
  /** For somebody who has never heard of it. */
  readonly summary: string;
  readonly datasets: readonly DataSet[];
  readonly write: (images: Images) => string;
}

/** What a template has to know of a data set. */
interface Images {
  /** As `dataset:` has it. */
  readonly dataset: string;
  readonly channels: number;
  /** Height and width. */
  readonly size: number;
  readonly classes: number;
}

/** A block that many models use; completion offers it too. */
export const RESIDUAL = `block Residual(channels: int, stride: int = 1) {
  input x
  shortcut = x
    -> if stride != 1 or x.channels != channels {
      Conv2d(channels, 1, stride, bias=False) -> BatchNorm2d
    }
  y = x
    -> Conv2d(channels, 3, stride, padding=1, bias=False) -> BatchNorm2d -> ReLU
    -> Conv2d(channels, 3, padding=1, bias=False) -> BatchNorm2d
  output y + shortcut -> ReLU
}`;

/** A block of transformers; completion offers it too. */
export const ENCODER_LAYER = `block EncoderLayer(heads: int, hidden: int) {
  input x
  normed = x -> LayerNorm
  y = x + ((normed, normed, normed) -> MultiheadAttention(heads))
  output y + (y -> LayerNorm -> Linear(hidden) -> GELU -> Linear(x.features))
}`;

/** Images of that size or less have few places to look at, and get a plain chain. */
const SMALL = 40;

const classified = DATASETS.filter(({ task }) => task === 'classification');

export const TEMPLATES: readonly Template[] = [
  {
    id: 'classifier',
    title: 'Classifier',
    summary: 'Says what an image shows: convolutions, then a number for each class.',
    datasets: classified,
    write: (images) => (images.size <= SMALL ? smallClassifier(images) : residualClassifier(images)),
  },
  {
    id: 'vit',
    title: 'Vision Transformer',
    summary: 'Says what an image shows: its patches ask each other.',
    datasets: classified,
    write: visionTransformer,
  },
  {
    id: 'unet',
    title: 'U-Net',
    summary: 'Says of each pixel what it shows: down to a small map and up again, with what was seen on the way.',
    datasets: DATASETS.filter(({ task }) => task === 'segmentation'),
    write: unet,
  },
  {
    id: 'autoencoder',
    title: 'Autoencoder',
    summary: 'Squeezes an image into few numbers and draws it again, without labels.',
    datasets: classified.filter(({ size }) => size !== undefined),
    write: autoencoder,
  },
];

/**
 * The text of a new file.
 * @throws RangeError where there is no such template, or it isn't for that data set
 */
export function newModel(template: string, dataset: string): string {
  const found = TEMPLATES.find(({ id }) => id === template);
  const set = findDataSet(dataset);
  if (found === undefined || set === undefined || !found.datasets.includes(set))
    throw new RangeError(`There is no template ${template} for ${dataset}.`);
  return found.write(imagesOf(set));
}

function imagesOf({ name, channels = 3, size, usualSize = 224, classes, arguments: given = [] }: DataSet): Images {
  let count = classes ?? 10;
  const written = given.map((argument) => {
    if (argument.isClasses === true) return `${argument.name}=${String(count)}`;
    const [choice] = Object.entries(argument.classesOf ?? {}).filter(([split]) => split === 'balanced');
    if (choice === undefined) return '"data"';
    count = choice[1];
    return `${argument.name}="${choice[0]}"`;
  });
  const dataset = written.length === 0 ? name : `${name}(${written.join(', ')})`;
  return { dataset, channels, size: size ?? usualSize, classes: count };
}

function head({ dataset, channels, size }: Images): string {
  return `  dataset: ${dataset}

  input image: [N, ${String(channels)}, ${String(size)}, ${String(size)}]
`;
}

function smallClassifier(images: Images): string {
  return `# Two convolutions, each followed by half the height and width, then two linear layers.
model Classifier {
${head(images)}
  output logits = image
    -> Conv2d(32, 3, padding=1) -> ReLU -> MaxPool2d(2)
    -> Conv2d(64, 3, padding=1) -> ReLU -> MaxPool2d(2)
    -> Flatten -> Linear(64) -> ReLU -> Linear(${String(images.classes)})
}
`;
}

function residualClassifier(images: Images): string {
  return `# Two convolutions, added to what came in (He et al., 2015).
${RESIDUAL}

# Four stages, each with half the height and width of the one before and twice its channels.
model Classifier {
${head(images)}
  output logits = image
    -> Conv2d(64, 7, stride=2, padding=3, bias=False) -> BatchNorm2d -> ReLU
    -> MaxPool2d(3, stride=2, padding=1)
    -> Residual(64) * 2
    -> Residual(128, stride=2) -> Residual(128)
    -> Residual(256, stride=2) -> Residual(256)
    -> Residual(512, stride=2) -> Residual(512)
    -> AdaptiveAvgPool2d(1) -> Flatten -> Linear(${String(images.classes)})
}
`;
}

/** Some 50 to 200 patches: enough to see something, few enough to be quick. */
function patchOf(size: number): number {
  return size >= 224 ? 16 : size >= 96 ? 8 : size >= 28 ? 4 : 2;
}

function visionTransformer(images: Images): string {
  const patch = patchOf(images.size);
  const places = (images.size / patch) ** 2;
  return `# Each patch asks all others, then two linear layers look at each by itself.
${ENCODER_LAYER}

# A small vision transformer (Dosovitskiy et al., 2020) on ${String(places)} patches of ${String(patch)}×${String(patch)} pixels.
model VisionTransformer(width: int = 192, depth: int = 6) {
${head(images)}
  weight places: [1, ${String(places)}, width] = Normal(std=0.02)

  patches = image -> Conv2d(width, ${String(patch)}, stride=${String(patch)}) -> Flatten(2) -> Transpose(1, 2)

  output logits = patches + places
    -> EncoderLayer(heads=3, hidden=4 * width) * depth
    -> LayerNorm -> Mean(1) -> Linear(${String(images.classes)})
}
`;
}

function unet({ dataset, channels, classes }: Images): string {
  return `block DoubleConv(channels: int) {
  input x
  output x
    -> Conv2d(channels, 3, padding=1, bias=False) -> BatchNorm2d -> ReLU
    -> Conv2d(channels, 3, padding=1, bias=False) -> BatchNorm2d -> ReLU
}

# Twice the height and width; beside it comes the map of that size from the way down.
block Up(channels: int) {
  input x, skip
  up = x -> ConvTranspose2d(channels, 2, stride=2)
  output (skip, up) -> Concat(1) -> DoubleConv(channels)
}

# U-Net (Ronneberger, Fischer and Brox, 2015): of any height and width that 8 divides.
model UNet(classes: int = ${String(classes)}, width: int = 32) {
  dataset: ${dataset}

  input image: [N, ${String(channels)}, H, W]

  e1 = image -> DoubleConv(width)
  e2 = e1 -> MaxPool2d(2) -> DoubleConv(2 * width)
  e3 = e2 -> MaxPool2d(2) -> DoubleConv(4 * width)
  middle = e3 -> MaxPool2d(2) -> DoubleConv(8 * width)
  d3 = (middle, e3) -> Up(4 * width)
  d2 = (d3, e2) -> Up(2 * width)
  d1 = (d2, e1) -> Up(width)

  output mask: [N, classes, H, W] = d1 -> Conv2d(classes, 1)
}
`;
}

function autoencoder(images: Images): string {
  const { channels, size } = images;
  const least = String(size / 4);
  return `# Through a few numbers and back.
model Autoencoder(code: int = 32) {
${head(images)}
  latent = image
    -> Conv2d(16, 3, stride=2, padding=1) -> ReLU
    -> Conv2d(32, 3, stride=2, padding=1) -> ReLU
    -> Flatten -> Linear(code)

  output reconstruction = latent
    -> Linear(32 * ${least} * ${least}) -> ReLU -> Unflatten(1, [32, ${least}, ${least}])
    -> ConvTranspose2d(16, 2, stride=2) -> ReLU
    -> ConvTranspose2d(${String(channels)}, 2, stride=2) -> Sigmoid

  train {
    target: input
    loss: MSELoss
    optimizer: Adam(lr=1e-3)
  }
}
`;
}
