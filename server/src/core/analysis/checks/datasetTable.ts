/** The data sets that a model can name: torchvision's, scikit-learn's digits and one's own folder of images. */
export interface DataSet {
  readonly name: string;
  /** For somebody who has never heard of it. */
  readonly summary: string;
  /** Absent where images may have any. */
  readonly channels?: number;
  /** Height and width, where all images have the same. */
  readonly size?: number;
  /** Where images have many sizes, the crop that is usual: what people are shown numbers at. */
  readonly usualSize?: number;
  /** The smallest crop that these images are used at; less is most likely another data set's. */
  readonly leastSize?: number;
  /** Of the targets; absent where an argument says so. */
  readonly classes?: number;
  /** What a target is: one class an image, or one a pixel. */
  readonly task: 'classification' | 'segmentation';
  readonly arguments?: readonly DataSetArgument[];
}

export interface DataSetArgument {
  readonly name: string;
  readonly type: 'str' | 'int';
  /** What it may be, with the class count that comes of it. */
  readonly classesOf?: Readonly<Record<string, number>>;
  /** It is the class count. */
  readonly isClasses?: true;
}

const classification = { task: 'classification' } as const;

/** Sources: the classes of torchvision.datasets 0.28 and their `classes`; scikit-learn's load_digits. */
export const DATASETS: readonly DataSet[] = [
  { name: 'MNIST', summary: 'Handwritten digits.', channels: 1, size: 28, classes: 10, ...classification },
  { name: 'FashionMNIST', summary: 'Pieces of clothing.', channels: 1, size: 28, classes: 10, ...classification },
  {
    name: 'KMNIST',
    summary: 'Handwritten Japanese characters.',
    channels: 1,
    size: 28,
    classes: 10,
    ...classification,
  },
  {
    name: 'EMNIST',
    summary: 'Handwritten letters and digits, in several splits.',
    channels: 1,
    size: 28,
    arguments: [
      {
        name: 'split',
        type: 'str',
        // The letters are numbered from 1, so there is a class 0 that no image has.
        classesOf: { byclass: 62, bymerge: 47, balanced: 47, letters: 27, digits: 10, mnist: 10 },
      },
    ],
    ...classification,
  },
  {
    name: 'QMNIST',
    summary: 'MNIST, made again with all its test digits.',
    channels: 1,
    size: 28,
    classes: 10,
    ...classification,
  },
  {
    name: 'CIFAR10',
    summary: 'Small photographs of animals and vehicles.',
    channels: 3,
    size: 32,
    classes: 10,
    ...classification,
  },
  {
    name: 'CIFAR100',
    summary: 'Small photographs of a hundred things.',
    channels: 3,
    size: 32,
    classes: 100,
    ...classification,
  },
  {
    name: 'SVHN',
    summary: 'House numbers seen from the street.',
    channels: 3,
    size: 32,
    classes: 10,
    ...classification,
  },
  {
    name: 'STL10',
    summary: 'Photographs of animals and vehicles.',
    channels: 3,
    size: 96,
    classes: 10,
    ...classification,
  },
  {
    name: 'ImageNet',
    summary: 'Photographs of a thousand things.',
    channels: 3,
    usualSize: 224,
    leastSize: 96,
    classes: 1000,
    ...classification,
  },
  {
    name: 'Food101',
    summary: 'Photographs of dishes.',
    channels: 3,
    usualSize: 224,
    leastSize: 96,
    classes: 101,
    ...classification,
  },
  {
    name: 'Flowers102',
    summary: 'Photographs of flowers.',
    channels: 3,
    usualSize: 224,
    leastSize: 96,
    classes: 102,
    ...classification,
  },
  {
    name: 'OxfordIIITPet',
    summary: 'Photographs of cats and dogs.',
    channels: 3,
    usualSize: 224,
    leastSize: 96,
    classes: 37,
    ...classification,
  },
  {
    name: 'VOCSegmentation',
    summary: 'Photographs with the class of each pixel.',
    channels: 3,
    usualSize: 256,
    classes: 21,
    task: 'segmentation',
  },
  { name: 'Digits', summary: 'Handwritten digits, very small.', channels: 1, size: 8, classes: 10, ...classification },
  {
    name: 'ImageFolder',
    summary: 'Images of your own: one folder a class.',
    usualSize: 224,
    arguments: [
      { name: 'root', type: 'str' },
      { name: 'classes', type: 'int', isClasses: true },
    ],
    ...classification,
  },
];

export function findDataSet(name: string): DataSet | undefined {
  return DATASETS.find((each) => each.name === name);
}
