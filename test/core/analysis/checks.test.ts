import assert from 'node:assert/strict';
import { DATASETS } from '../../../server/src/core/analysis/checks/datasetTable.ts';
import { TRAINING_KEYS } from '../../../server/src/core/analysis/checks/training.ts';
import { analyseText } from '../texts.ts';

/** What is wrong with a model whose sound rest is given. */
function inModel(statements: string): readonly string[] {
  return analyseText(`model A {\n  input x: [N, 8]\n  output x -> Linear(2)\n${statements}\n}`).problems;
}

function train(content: string): readonly string[] {
  return inModel(`  train { ${content} }`);
}

describe('checks of training', () => {
  it('takes every key with a sound value', () => {
    const problems = train(`optimizer: AdamW(lr=3e-4, betas=(0.9, 0.95), weight_decay=0.1, fused=None)
      loss: CrossEntropyLoss(label_smoothing=0.1) epochs: 90 batch_size: 256
      scheduler: OneCycleLR(0.1) augment: [RandomResizedCrop(224), ColorJitter(0.4, 0.4), RandAugment]
      target: labels weights: "start.pt" seed: 0 validation_split: 0.2 early_stopping: 5 mixed_precision: True device: "cuda:1"`);
    assert.deepEqual(problems, []);
    assert.equal(TRAINING_KEYS.length, 13);
  });

  const slips: [string, string[]][] = [
    ['optimiser: SGD', ['unknown-key optimiser']],
    ['optimizer: "Adam"', ['argument-type "Adam"']],
    ['optimizer: SGD(0.1, 0.9, 0, 0, False, True)', ['too-many-arguments True']],
    ['optimizer: SGD(0.1, lr=0.1)', ['duplicate-argument lr']],
    ['optimizer: SGD(lr="fast")', ['argument-type "fast"']],
    ['optimizer: SGD(nesterov=1)', ['argument-type 1']],
    ['scheduler: StepLR', ['missing-argument StepLR']],
    ['scheduler: LambdaLR', ['unknown-training-name LambdaLR']],
    ['loss: TripletMarginLoss', ['unknown-training-name TripletMarginLoss']],
    ['loss: MSE', ['unknown-training-name MSE']],
    ['augment: RandomHorizontalFlip', ['argument-type RandomHorizontalFlip']],
    ['augment: [RandomFlip]', ['unknown-training-name RandomFlip']],
    ['augment: [RandomCrop]', ['missing-argument RandomCrop']],
    ['epochs: 0', ['argument-value 0']],
    ['epochs: 1.5', ['argument-type 1.5']],
    ['epochs: many', ['unknown-name many']],
    ['validation_split: 1', ['argument-value 1']],
    ['validation_split: -0.1', ['argument-value -0.1']],
    ['early_stopping: "yes"', ['argument-type "yes"']],
    ['target: mask', ['argument-value mask']],
    ['weights: 3', ['argument-type 3']],
    ['mixed_precision: 16', ['argument-type 16']],
  ];
  for (const [content, expected] of slips) {
    it(`says what is wrong with ${content}`, () => {
      assert.deepEqual(train(content), expected);
    });
  }

  it('fills in what depends on the run', () => {
    assert.deepEqual(train('scheduler: CosineAnnealingLR epochs: 5'), []);
  });

  it("takes the model's parameters as values, and counts that as a use", () => {
    const text =
      'model A(rate: float = 0.1, rounds: int = 5) { input x: [N, 8]  output x -> Linear(2)  train { optimizer: SGD(lr=rate) epochs: rounds } }';
    assert.deepEqual(analyseText(text).problems, []);
  });
});

describe('checks of data sets', () => {
  function classified(dataset: string, input: string, classes: number): readonly string[] {
    return analyseText(
      `model A {\n  dataset: ${dataset}\n  input x: ${input}\n  output y = x -> AdaptiveAvgPool2d(1) -> Flatten -> Linear(${classes})\n}`,
    ).problems;
  }

  for (const { name, channels, size, classes, task } of DATASETS) {
    if (classes === undefined || task === 'segmentation') continue;
    it(`knows ${name}`, () => {
      const input = `[N, ${channels ?? 3}, ${size ?? 'H'}, ${size ?? 'W'}]`;
      assert.deepEqual(classified(name, input, classes), []);
      assert.deepEqual(classified(name, input, classes + 1), ['dataset-classes y']);
      assert.deepEqual(classified(name, `[N, ${(channels ?? 3) + 1}, H, W]`, classes), [
        `dataset-channels [N, ${(channels ?? 3) + 1}, H, W]`,
      ]);
    });
  }

  it("reads arguments: EMNIST's split, one's own folder", () => {
    assert.deepEqual(classified('EMNIST("letters")', '[N, 1, 28, 28]', 27), []);
    assert.deepEqual(classified('EMNIST(split="digits")', '[N, 1, 28, 28]', 10), []);
    assert.deepEqual(classified('EMNIST', '[N, 1, 28, 28]', 10), ['missing-argument EMNIST']);
    assert.deepEqual(classified('EMNIST("leters")', '[N, 1, 28, 28]', 10), ['argument-value "leters"']);
    assert.deepEqual(classified('ImageFolder("data/", classes=5)', '[N, 3, 100, 90]', 5), []);
    assert.deepEqual(classified('ImageFolder("data/")', '[N, 3, 64, 64]', 5), ['missing-argument ImageFolder']);
    assert.deepEqual(classified('ImageFolder("data/", clases=5)', '[N, 3, 64, 64]', 5), ['unknown-argument clases']);
    assert.deepEqual(classified('ImageFolder("data/", classes="five")', '[N, 3, 64, 64]', 5), ['argument-type "five"']);
    assert.deepEqual(classified('MNIST(1)', '[N, 1, 28, 28]', 10), ['too-many-arguments 1']);
  });

  it('warns of another size only where nobody means it', () => {
    assert.deepEqual(classified('CIFAR10', '[N, 3, 224, 224]', 10), ['dataset-size [N, 3, 224, 224]']);
    assert.deepEqual(classified('CIFAR10', '[N, 3, 32, W]', 10), []);
    assert.deepEqual(classified('ImageNet', '[N, 3, 32, 32]', 1000), ['dataset-size [N, 3, 32, 32]']);
    for (const size of [96, 224, 299, 480]) {
      assert.deepEqual(classified('ImageNet', `[N, 3, ${size}, ${size}]`, 1000), []);
    }
    assert.deepEqual(classified('ImageFolder("data/", classes=5)', '[N, 3, 20, 20]', 5), []);
  });

  it('checks nothing against what it does not know', () => {
    assert.deepEqual(classified('Imagenet', '[N, 1, 3, 3]', 7), ['unknown-dataset Imagenet']);
    assert.deepEqual(classified('"MNIST"', '[N, 1, 28, 28]', 10), ['unknown-dataset "MNIST"']);
  });

  it('wants a class for each pixel of a segmentation set', () => {
    const masks = (channels: number): readonly string[] =>
      analyseText(
        `model A {\n  dataset: VOCSegmentation\n  input x: [N, 3, H, W]\n  output x -> Conv2d(${channels}, 3, padding=1)\n}`,
      ).problems;
    assert.deepEqual(masks(21), []);
    assert.deepEqual(masks(20), ['dataset-classes x -> Conv2d(20, 3, padding=1)']);
  });
});

describe('checks of imports and names', () => {
  const UNIT = 'block Unit { input x  output x -> ReLU }';
  const USE = 'model A { input x: [N, 4]  output x -> Unit }';

  it('takes aliases, and says what they hide', () => {
    assert.deepEqual(
      analyseText({
        'main.scv': `import { Unit as Part } from "./b.scv"\n${USE.replace('Unit', 'Part')}`,
        'b.scv': UNIT,
      }).problems,
      [],
    );
    assert.deepEqual(
      analyseText({
        'main.scv': `import { Unit, Other as Unit } from "./b.scv"\n${USE}`,
        'b.scv': `${UNIT}\nblock Other { input x  output x }`,
      }).problems,
      ['duplicate-name Unit'],
    );
  });

  it('finds rings of any length, at the path that closes them', () => {
    const files = {
      'main.scv': `import { B } from "./b.scv"\nmodel A { input x: [N, 4]  output x -> B }`,
      'b.scv': 'import { C } from "./c.scv"\nblock B { input x  output x -> C }',
      'c.scv': 'import { A } from "./main.scv"\nblock C { input x  output x -> A }',
    };
    const { problems, messages } = analyseText(files);
    assert.ok(problems.includes('import-cycle "./b.scv"'));
    assert.match(messages[0]!, /main\.scv → b\.scv → c\.scv → main\.scv/);
    const itself = 'import { A } from "./main.scv"\nmodel A { input x: [N, 4]  output x -> ReLU }';
    assert.deepEqual(analyseText(itself).problems, ['import-cycle "./main.scv"', 'duplicate-name A']);
  });

  it('does not take a ring further on for its own', () => {
    const files = {
      'main.scv': `import { B } from "./b.scv"\nmodel A { input x: [N, 4]  output x -> B }`,
      'b.scv': 'import { C } from "./c.scv"\nblock B { input x  output x -> ReLU }',
      'c.scv': 'import { B } from "./b.scv"\nblock C { input x  output x -> B }',
    };
    assert.deepEqual(analyseText(files).problems, []);
  });

  it('says nothing more of a name whose import failed', () => {
    assert.deepEqual(analyseText(`import { Unit } from "./nowhere.scv"\n${USE}`).problems, [
      'import-not-found "./nowhere.scv"',
    ]);
    const passed = `import { Unit } from "./nowhere.scv"\nblock B(act: layer) { input x  output x -> act }\nmodel A { input x: [N, 4]  output x -> B(Unit) -> B(act=Unit) }`;
    assert.deepEqual(analyseText(passed).problems, ['import-not-found "./nowhere.scv"']);
  });

  it('hints at what is never used, and at nothing that is', () => {
    assert.deepEqual(inModel('  a, b = x -> Chunk(2, dim=1)\n  output a -> ReLU'), ['hint:unused-binding b']);
    assert.deepEqual(inModel('  a, _ = x -> Chunk(2, dim=1)\n  output a -> ReLU'), []);
    const named =
      'model A(classes: int = 3) { dataset: ImageFolder("x", classes=classes)  input x: [N, 4]  output y = x -> ReLU }';
    assert.deepEqual(analyseText(named).problems, []);
    assert.deepEqual(analyseText('block B(n: int) { input x  output x -> for i in 0..n { c{i}: ReLU } }').problems, []);
    assert.deepEqual(
      analyseText('extern block E(a: int, b: int) from "m" as C(a) { input x  output x.shape }').problems,
      ['hint:unused-parameter b'],
    );
    assert.deepEqual(analyseText('extern block E(a: int) from "m" { input x  output x.shape }').problems, []);
  });

  it('keeps hints back where something could not be read', () => {
    assert.deepEqual(inModel('  side = x -> Linear(8)\n  other = side -> '), ['syntax ->']);
  });
});
