/** The Python process that answers what PyTorch makes of a layer. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pythonEnvironment } from '../../../scripts/pythonEnvironment.ts';

export interface TorchCase {
  readonly inputs: readonly { readonly shape: readonly number[]; readonly type: string }[];
  readonly source?: string;
  /** How its class is constructed, where it is one. */
  readonly module?: string;
  readonly forward: string;
  readonly also?: readonly string[];
  readonly first?: string;
  readonly unpack?: string;
  /** A torchvision class that must do the same with the same weights. */
  readonly same?: string;
  readonly macs?: boolean;
  /** The same as `forward`, written so that torch's counter sees it. */
  readonly counted?: string | undefined;
  /** Inputs by number that aren't random, as Python. */
  readonly made?: Readonly<Record<number, string>>;
  /** Another shape of the first input and of the output, in which places are told. */
  readonly from?: readonly number[];
  readonly to?: readonly number[];
}

export interface TorchAnswer {
  readonly error?: string;
  /** A Python template that doesn't do what the layer does. */
  readonly mismatch?: string;
  readonly outputs?: readonly { readonly shape: readonly number[]; readonly type: string }[];
  readonly state?: readonly (readonly [string, readonly number[]])[];
  readonly parameters?: number;
  readonly macs?: number;
}

/** What was seen to change what. */
export interface TorchSight {
  readonly error?: string;
  /** Of each output, whether it shares its memory with an input. */
  readonly views: readonly boolean[];
  /** By input, its dimension, and output. */
  readonly seen: readonly (readonly (readonly TorchChanges[])[])[];
}

export interface TorchChanges {
  /** By dimension of the output and place in it: the first and last place of the input that changes it. */
  readonly along: readonly (readonly (readonly [number, number] | null)[])[];
  readonly anywhere: readonly [number, number] | null;
  /** Whether some value is changed by the first place and by the last. */
  readonly ends: boolean;
  /** How many places change one value, at most. */
  readonly most: number;
}

export interface TorchSignature {
  readonly error?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly default: string | null;
    readonly keywordOnly: boolean;
  }[];
}

export interface TorchOverloads {
  readonly error?: string;
  readonly overloads?: readonly (readonly {
    readonly name: string;
    readonly default: string | null;
    readonly type: string;
  }[])[];
}

export class Torch {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  private constructor(process: ChildProcessWithoutNullStreams) {
    this.#process = process;
    this.#answers = createInterface(process.stdout)[Symbol.asyncIterator]();
    process.stderr.pipe(globalThis.process.stderr);
  }

  static async start(): Promise<Torch> {
    const script = new URL('../layers.py', import.meta.url).pathname;
    return new Torch(spawn(await pythonEnvironment(), ['-W', 'ignore', script]));
  }

  async ask(cases: readonly TorchCase[]): Promise<readonly TorchAnswer[]> {
    return (await this.#ask(cases)) as readonly TorchAnswer[];
  }

  async sights(cases: readonly TorchCase[]): Promise<readonly TorchSight[]> {
    return (await this.#ask(cases.map((each) => ({ ...each, sees: true })))) as readonly TorchSight[];
  }

  async signature(expression: string): Promise<TorchSignature> {
    return (await this.#ask([{ signature: expression }]))[0] as TorchSignature;
  }

  /** Of a function, by its name below `torch`: what each of its forms takes. */
  async overloads(name: string): Promise<TorchOverloads> {
    return (await this.#ask([{ overloads: name }]))[0] as TorchOverloads;
  }

  /** The names of all public modules of torch.nn. */
  async classes(): Promise<readonly string[]> {
    const [answer] = (await this.#ask([{ classes: true }])) as [{ classes?: readonly string[]; error?: string }];
    if (answer.classes === undefined) throw new Error(answer.error);
    return answer.classes;
  }

  async #ask(cases: readonly unknown[]): Promise<readonly unknown[]> {
    const answers: unknown[] = [];
    this.#process.stdin.write(cases.map((each) => `${JSON.stringify(each)}\n`).join(''));
    while (answers.length < cases.length) {
      const next = await this.#answers.next();
      if (next.done === true) throw new Error('The Python process ended.');
      answers.push(JSON.parse(next.value));
    }
    return answers;
  }

  stop(): void {
    this.#process.stdin.end();
  }
}
