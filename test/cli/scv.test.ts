import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { commandLine, copyPngFiles } from '../../scripts/build.ts';

const root = join(import.meta.dirname, '../..');
const LENET = 'examples/lenet5.scv';
const RESNET = 'examples/resnet50.scv';

interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

describe('scv', function () {
  this.timeout(30_000);
  let folder = '';
  const command = join(root, 'out/test/scv.mjs');

  // Bundled as the product is: it starts in a fifth of the time.
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'scv-'));
    await build({ ...commandLine, outfile: command, sourcemap: false });
    copyPngFiles(join(root, 'out/test/png'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  function scv(...args: string[]): Ran {
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, FORCE_COLOR: undefined },
    });
    return { status, out: stdout, err: stderr };
  }

  function file(name: string, content: string | Buffer): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }

  describe('graph', () => {
    it('draws SVG, PNG and Mermaid', () => {
      const [svg, mmd] = ['a.svg', 'a.mmd'].map((name) => join(folder, name));
      assert.deepEqual(scv('graph', LENET, '-o', svg!), { status: 0, out: '', err: '' });
      assert.match(readFileSync(svg!, 'utf8'), /^<svg .*61,706 parameters/s);
      assert.deepEqual(scv('graph', RESNET, '-o', mmd!, '--depth', '1'), { status: 0, out: '', err: '' });
      assert.match(readFileSync(mmd!, 'utf8'), /^flowchart TD\n[^]*Bottleneck × 2/);
      const png = join(folder, 'a.png');
      assert.deepEqual(scv('graph', LENET, '-o', png, '--theme', 'dark', '--unfold'), { status: 0, out: '', err: '' });
      const bytes = readFileSync(png);
      assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
      // Twice as large as the SVG of the same.
      const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(readFileSync(svg!, 'utf8'))!;
      assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [2 * Number(width), 2 * Number(height)]);
    });

    it('draws a long picture in columns', () => {
      const sizes = [['--unfold'], ['--unfold', '--columns', '3'], ['--unfold', '--columns', 'page']].map((more) => {
        const svg = join(folder, 'long.svg');
        assert.equal(scv('graph', RESNET, '-o', svg, ...more).status, 0);
        const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(readFileSync(svg, 'utf8'))!;
        return Number(width) / Number(height);
      });
      const [whole, three, page] = sizes as [number, number, number];
      assert.ok(whole < 0.1 && three > 4 * whole && page > 0.5 && page < 1, sizes.join(' '));
    });

    it('draws a model with a mistake as far as it is known, and tells of it', () => {
      const broken = file('broken.scv', 'model A {\n  input x: [N, 3, 8, 8]\n  output x -> MaxPool2d(99) -> ReLU\n}\n');
      const svg = join(folder, 'broken.svg');
      const { status, err } = scv('graph', broken, '-o', svg);
      assert.equal(status, 1);
      assert.match(err, /size-vanishes/);
      assert.match(readFileSync(svg, 'utf8'), />ReLU</);
    });

    it('says what it can draw', () => {
      assert.match(scv('graph', LENET).err, /needs a file to draw into/);
      assert.match(scv('graph', LENET, '-o', 'a.gif').err, /\.svg, \.png or \.mmd, not a\.gif/);
      assert.match(scv('graph', LENET, '-o', 'a.svg', '--theme', 'blue').err, /light or dark, not blue/);
      assert.match(scv('graph', LENET, '-o', 'a.svg', '--unfold', '--depth', '2').err, /not both/);
      assert.match(scv('graph', LENET, '-o', 'a.svg', '--columns', 'many').err, /--columns is a number from 1/);
      assert.equal(scv('graph', LENET, '-o', 'nowhere/a.svg').status, 2);
    });
  });

  describe('format', () => {
    const loose = 'model A {\n  input   x\n  output   x\n}\n';
    const formed = 'model A {\n  input x\n  output x\n}\n';

    it('rewrites what is not in the form, and names it', () => {
      const [a, b] = [file('loose.scv', loose), file('formed.scv', formed)];
      assert.deepEqual(scv('format', a, b), { status: 0, out: `${a}\n`, err: '' });
      assert.equal(readFileSync(a, 'utf8'), formed);
      assert.deepEqual(scv('format', a, b), { status: 0, out: '', err: '' });
    });

    it('only tells with --check, and ends with 1', () => {
      const path = file('loose.scv', `\ufeff${loose}`);
      assert.deepEqual(scv('format', '--check', path), { status: 1, out: `${path}: not formatted\n`, err: '' });
      assert.equal(readFileSync(path, 'utf8'), `\ufeff${loose}`);
      assert.equal(scv('format', path).status, 0);
      assert.equal(readFileSync(path, 'utf8'), `\ufeff${formed}`);
    });

    it('leaves what it can not read, and says why', () => {
      const text = 'model A {\n  input x\n  output (x\n';
      const path = file('open.scv', text);
      const { status, out, err } = scv('format', path);
      assert.deepEqual({ status, out }, { status: 1, out: '' });
      assert.match(err, /open\.scv:\d+:\d+: error: .*\[/);
      assert.equal(readFileSync(path, 'utf8'), text);
      assert.equal(scv('format', join(folder, 'none.scv')).status, 2);
      assert.equal(scv('format').status, 2);
    });
  });

  describe('check', () => {
    it('says nothing of sound files', () => {
      assert.deepEqual(scv('check', LENET, RESNET), { status: 0, out: '', err: '' });
    });

    it('prints a line a message, in the order of the text, and ends with 1', () => {
      const path = 'test/golden/diagnostics/two-mistakes/main.scv';
      const { status, out, err } = scv('check', path);
      assert.equal(status, 1);
      assert.equal(err, '');
      const lines = out.trimEnd().split('\n');
      assert.equal(lines.length, 2);
      assert.match(lines[0]!, /^test\/golden\/diagnostics\/two-mistakes\/main\.scv:4:16: error: .* \[unknown-layer\]$/);
      assert.match(lines[1]!, /^test\/golden\/diagnostics\/two-mistakes\/main\.scv:5:27: error: .* \[rank-mismatch\]$/);
    });

    it('ends with 0 where there are warnings only, and leaves hints out', () => {
      const warned = scv('check', 'test/golden/diagnostics/unknown-key/main.scv');
      assert.equal(warned.status, 0);
      assert.match(warned.out, /:2:3: warning: .* \[unknown-key\]\n$/);
      assert.deepEqual(scv('check', 'test/golden/diagnostics/unused-binding/main.scv'), {
        status: 0,
        out: '',
        err: '',
      });
    });

    it('gives JSON', () => {
      const path = 'test/golden/diagnostics/two-mistakes/main.scv';
      const { status, out } = scv('check', '--json', LENET, path);
      assert.equal(status, 1);
      const messages = JSON.parse(out) as Record<string, unknown>[];
      assert.deepEqual(
        messages.map(({ file: name, line, column, severity, code }) => ({ name, line, column, severity, code })),
        [
          { name: path, line: 4, column: 16, severity: 'error', code: 'unknown-layer' },
          { name: path, line: 5, column: 27, severity: 'error', code: 'rank-mismatch' },
        ],
      );
      assert.deepEqual(Object.keys(messages[0]!), ['file', 'line', 'column', 'severity', 'code', 'message']);
      assert.equal(scv('check', '--json', LENET).out, '[]\n');
    });

    it('reads a byte order mark, CRLF and an empty file', () => {
      const text = readFileSync(join(root, LENET), 'utf8');
      assert.equal(scv('check', file('crlf.scv', `\ufeff${text.replaceAll('\n', '\r\n')}`)).status, 0);
      assert.deepEqual(scv('check', file('empty.scv', '')), { status: 0, out: '', err: '' });
      const wrong = scv(
        'check',
        file('place.scv', '\ufeffmodel A {\r\n  input x: [N, 4]\r\n\toutput x -> Linea(2)\r\n}\r\n'),
      );
      assert.match(wrong.out, /place\.scv:3:14: error:/);
    });

    it('finds imports beside the file, in folders with odd names', () => {
      file('my blocks#1.scv', 'block Unit { input x  output x -> ReLU }\n');
      const main = file(
        'main.scv',
        'import { Unit } from "./my blocks#1.scv"\nmodel A { input x: [N, 4]  output x -> Unit }\n',
      );
      assert.deepEqual(scv('check', main), { status: 0, out: '', err: '' });
    });

    it('says clearly why a file cannot be read, goes on with the others, and ends with 2', () => {
      for (const [path, why] of [
        ['nowhere.scv', /nowhere\.scv: there is no such file/],
        ['examples', /examples: this is a folder/],
        [file('latin1.scv', Buffer.from('# caf\u00e9\n', 'latin1')), /no UTF-8 text/],
        [file('binary.scv', Buffer.from([0x6d, 0, 0x6f, 0])), /binary file/],
      ] as const) {
        const { status, out, err } = scv('check', path, 'test/golden/diagnostics/two-mistakes/main.scv');
        assert.equal(status, 2, path);
        assert.match(err, why);
        assert.match(out, /\[unknown-layer\]/);
      }
    });

    it('reads only files, of a size that a model may have, and says so at an import too', () => {
      const large = file('large.scv', 'model A { }\n'.repeat(200_000));
      const checked = scv('check', large);
      assert.equal(checked.status, 1);
      assert.match(checked.out, /^[^\n]*large\.scv:1:1: error: This file is larger than 2 MB [^\n]* \[too-large\]\n$/);
      assert.match(scv('summary', large).err, /larger than 2 MB/);
      const importer = file(
        'importer.scv',
        'import { A } from "./large.scv"\nimport { B } from "/dev/zero"\nmodel M { input x: [N, 4]  output x -> A -> B }\n',
      );
      const lines = scv('check', importer).out.trimEnd().split('\n');
      assert.equal(lines.length, 2);
      assert.match(lines[0]!, /:1:19: error: \.\/large\.scv can't be imported: it is larger than 2 MB/);
      assert.match(lines[1]!, /:2:19: error: \/dev\/zero can't be imported: this is a device or a pipe/);
      assert.match(scv('check', '/dev/zero').err, /not a regular file/);
    });

    it('cuts long names in messages short', () => {
      const path = file('long.scv', `model A { input x: [N, 4]  output x -> ${'a'.repeat(1_000_000)} }\n`);
      const { out } = scv('check', path);
      assert.match(out, /no layer or block called a{80}…/);
      assert.ok(out.length < 1000);
    });

    it('has no colours but on a terminal', () => {
      assert.ok(!scv('check', 'test/golden/diagnostics/two-mistakes/main.scv').out.includes('\u001b'));
    });
  });

  describe('summary', () => {
    it('has a row a layer, and totals', () => {
      const { status, out } = scv('summary', LENET);
      assert.equal(status, 0);
      assert.match(out, /^conv1 +Conv2d +\[N, 6, 28, 28\] +156 +117,600 +4,704 +5×5 +1$/m);
      assert.match(out, /^fc1 +Linear +\[N, 120\] +48,120 +48,000 +120 +all$/m);
      assert.match(out, /^Parameters +61,706, all trainable$/m);
      assert.match(out, /416,520 MACs for one sample, 833,040 FLOPs/);
      assert.match(out, /Memory/);
    });

    it("shows people the data set's size where the model leaves it free, and says so", () => {
      const { out } = scv('summary', RESNET);
      assert.match(out, /4\.09 GMACs .* at 224×224/);
      assert.match(out, /ImageNet/);
      assert.match(scv('summary', RESNET, '--input', '1x3x64x64').out, /at 64×64, as --input says\./);
    });

    it('sums deeper modules up', () => {
      const lines = scv('summary', RESNET, '--depth', '1').out.split('\n');
      assert.ok(lines.some((line) => /^layer4 +Sequential +\[N, 2048, 7, 7\] +14,964,736 /.test(line)));
      assert.ok(!lines.some((line) => line.startsWith('layer4.0')));
    });

    it('tells memory for as many samples as --batch says, else as train does', () => {
      assert.match(scv('summary', LENET).out, /what layers make of 64 samples 3\.74 MB/);
      assert.match(scv('summary', LENET, '--batch', '1').out, /what layers make of one sample 58\.4 kB/);
      const { bytes, batch } = JSON.parse(scv('summary', LENET, '--batch', '2', '--json').out) as Record<
        string,
        unknown
      >;
      assert.deepEqual([batch, bytes], [2, { state: 4 * 61706, activations: 2 * 4 * 14602 }]);
    });

    it('says which externs count nothing', () => {
      const path = join(folder, 'extern.scv');
      const text = (macs: string): string =>
        `extern block Twice from "m" { input x  output x.shape ${macs} }\nmodel A { input x: [N, 4]  output y = x -> Twice -> Twice }\n`;
      writeFileSync(path, text(''));
      assert.equal(scv('summary', path).out.match(/Twice declares no macs: 0 multiply-adds/g)?.length, 1);
      writeFileSync(path, text('macs: 0'));
      assert.doesNotMatch(scv('summary', path).out, /declares no macs/);
    });

    it('tells what is frozen and what is counted beside parameters', () => {
      const path = file(
        'frozen.scv',
        'model A { input x: [N, 3, 8, 8]  output x -> frozen stem: Conv2d(4, 3) -> BatchNorm2d -> Flatten -> Linear(2) }\n',
      );
      const { out } = scv('summary', path);
      assert.match(out, /^Layer +Kind +Output +Parameters +Trainable +MACs +Activations +Field +Jump +Buffers$/m);
      assert.match(out, /^stem +Conv2d +\[N, 4, 6, 6\] +112 +3,888 +144 +3×3 +1$/m);
      assert.match(out, /^bn +BatchNorm2d +\[N, 4, 6, 6\] +8 +8 +144 +3×3 +1 +9$/m);
      assert.match(out, /^Parameters +410, 298 trainable, 112 frozen$/m);
    });

    it('gives CSV by RFC 4180, whose columns add up to the totals', () => {
      const { status, out } = scv('summary', RESNET, '--csv', '--input', '2x3x224x224');
      assert.equal(status, 0);
      const [head, ...rows] = out.trimEnd().split('\r\n');
      const names = head!.split(',');
      const first = 'conv1,Conv2d,"[2, 64, 112, 112]",9408,9408,0,118013952,236027904,802816,7x7,2x2';
      assert.equal(rows[0], first);
      const cells = rows.map((row) => Array.from(row.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g), ([, cell]) => cell!));
      const summed = (name: string): number =>
        cells.reduce((total, row) => total + Number(row[names.indexOf(name)]), 0);
      const json = JSON.parse(scv('summary', RESNET, '--json', '--input', '2x3x224x224').out) as {
        params: { total: number; trainable: number };
        macs: number;
        flops: number;
        buffers: number;
        activations: number;
        layers: unknown[];
      };
      assert.equal(rows.length, json.layers.length);
      assert.deepEqual(['params', 'trainable', 'buffers', 'macs', 'flops', 'activations'].map(summed), [
        json.params.total,
        json.params.trainable,
        json.buffers,
        json.macs,
        json.flops,
        json.activations,
      ]);
      assert.equal(json.flops, 2 * json.macs);
    });

    it('gives JSON: free sizes as text, numbers at --input', () => {
      const { status, out } = scv('summary', RESNET, '--json');
      assert.equal(status, 0);
      const free = JSON.parse(out) as Record<string, unknown> & { layers: Record<string, unknown>[] };
      assert.deepEqual(Object.keys(free), [
        ...['model', 'inputs', 'outputs', 'params', 'macs'],
        ...['flops', 'buffers', 'activations', 'batch', 'bytes', 'receptive_field_of'],
        'layers',
      ]);
      assert.equal(free.model, 'ResNet50');
      assert.deepEqual(free.inputs, [{ name: 'image', shape: ['N', 3, 'H', 'W'] }]);
      assert.deepEqual(free.outputs, [{ name: 'logits', shape: ['N', 1000] }]);
      assert.deepEqual(free.params, { total: 25557032, trainable: 25557032 });
      assert.equal(typeof free.macs, 'string');
      const [first] = free.layers;
      assert.deepEqual(Object.keys(first!), [
        ...['path', 'kind', 'output', 'params', 'macs'],
        ...['trainable', 'buffers', 'flops', 'activations', 'receptive_field'],
      ]);
      assert.deepEqual(first!.receptive_field, { size: [7, 7], jump: [2, 2] });
      assert.deepEqual(free.layers.at(-1)!.receptive_field, { size: ['all', 'all'], jump: [null, null] });
      assert.equal(first!.path, 'conv1');
      assert.deepEqual(first!.output, ['N', 64, '(H - 1) // 2 + 1', '(W - 1) // 2 + 1']);

      const sized = JSON.parse(scv('summary', RESNET, '--json', '--input', 'image=4x3x224x224').out) as typeof free;
      assert.deepEqual(sized.outputs, [{ name: 'logits', shape: [4, 1000] }]);
      assert.equal(sized.macs, 4089184256, 'for one sample');
    });

    it('takes sizes by name where there are several inputs', () => {
      const path = 'test/golden/facts/several-inputs-and-outputs/model.scv';
      const { out } = scv('summary', path, '--json', '--input', 'left=1x3x16x16,right=1x3x16x16,hint=1x4');
      assert.equal((JSON.parse(out) as { macs: unknown }).macs, 84808);
      const one = scv('summary', path, '--input', '1x3x16x16');
      assert.equal(one.status, 2);
      assert.match(one.err, /left=1x3x16x16,right=1x3x16x16,hint=1x4\./);
    });

    it('chooses a model by name, else the last', () => {
      const path = file(
        'two.scv',
        'model A { input x: [N, 4]  output x -> Linear(2) }\nmodel B { input x: [N, 4]  output x -> ReLU }\n',
      );
      const model = (...args: string[]): unknown =>
        (JSON.parse(scv('summary', path, '--json', ...args).out) as { model: unknown }).model;
      assert.equal(model(), 'B');
      assert.equal(model('--model', 'A'), 'A');
      const wrong = scv('summary', path, '--model', 'C');
      assert.equal(wrong.status, 2);
      assert.match(wrong.err, /A, B/);
    });

    it('complains of errors instead of wrong numbers, and of sizes that do not fit', () => {
      const { status, out, err } = scv('summary', 'test/golden/diagnostics/two-mistakes/main.scv');
      assert.equal(status, 1);
      assert.equal(out, '');
      assert.match(err, /:4:16: error: .* \[unknown-layer\]/);
      const odd = scv('summary', 'test/golden/facts/symbols-with-condition/model.scv', '--input', '1x3x15x16');
      assert.equal(odd.status, 1);
      assert.match(odd.err, /\[shape-mismatch\]/);
    });

    it('gives whole numbers past 2^53 as text', () => {
      const { out } = scv('summary', 'test/golden/facts/huge-numbers/model.scv', '--json');
      assert.deepEqual((JSON.parse(out) as { params: unknown }).params, {
        total: '1152921505680588800',
        trainable: '1152921505680588800',
      });
    });
  });

  describe('generate', () => {
    it('prints the module, or writes it', () => {
      const { status, out } = scv('generate', LENET);
      assert.equal(status, 0);
      assert.match(out, /^class LeNet5\(nn\.Module\):$/m);
      const path = join(folder, 'lenet5.py');
      assert.deepEqual(scv('generate', LENET, '-o', path), { status: 0, out: '', err: '' });
      assert.equal(readFileSync(path, 'utf8'), out);
    });

    it('writes nothing of a file with an error', () => {
      const path = join(folder, 'wrong.py');
      const { status, err } = scv('generate', 'test/golden/diagnostics/two-mistakes/main.scv', '-o', path);
      assert.equal(status, 1);
      assert.match(err, /\[unknown-layer\]/);
      assert.throws(() => readFileSync(path), { code: 'ENOENT' });
    });
  });

  it('tells its version and how it is used', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    assert.deepEqual(scv('--version'), { status: 0, out: `${version}\n`, err: '' });
    const { status, out } = scv('--help');
    assert.equal(status, 0);
    for (const word of ['check', 'summary', 'generate', 'lsp', '--input', '--json', '--csv', '--batch'])
      assert.ok(out.includes(word), word);
  });

  const misused: [string[], RegExp][] = [
    [[], /check, summary, generate, graph, format, lsp/],
    [['chek', LENET], /Did you mean check/],
    [[LENET], /scv check examples\/lenet5\.scv/],
    [['check'], /needs a file/],
    [['check', '--jsn', LENET], /Did you mean json/],
    [['check', '--model', 'A', LENET], /takes no --model/],
    [['summary'], /needs a file/],
    [['summary', LENET, RESNET], /takes one file/],
    [['summary', LENET, '--input', '1x1xa'], /is no shape/],
    [['summary', LENET, '--input', 'img=1x1x28x28'], /no input img/],
    [['summary', LENET, '--depth', 'x'], /--depth/],
    [['summary', LENET, '--batch', '0'], /--batch is a number from 1/],
    [['summary', LENET, '--json', '--csv'], /--json or --csv/],
    [['check', LENET, '--csv'], /takes no --csv/],
    [['summary', 'examples/blocks/resnet.scv'], /has no model/],
    [['generate', 'nowhere.scv'], /there is no such file/],
    [['generate', LENET, '-o', 'no/such/folder/out.py'], /can't be written/],
  ];
  for (const [args, message] of misused) {
    it(`ends with 2: scv ${args.join(' ')}`, () => {
      const { status, out, err } = scv(...args);
      assert.equal(status, 2);
      assert.equal(out, '');
      assert.match(err, message);
      assert.ok(!err.includes('    at '), 'no stack');
    });
  }
});
