/** What users set, in their editor: package.json's `configuration` says what there is. */
import type { LangiumSharedCoreServices } from 'langium';

export interface InlayHintSettings {
  /** After the last stage of each line, after every stage, or nowhere. */
  readonly shapes: 'lineEnds' | 'all' | 'off';
  /** Parameter counts behind blocks. */
  readonly parameters: boolean;
  /** Names before arguments that are given without one. */
  readonly argumentNames: boolean;
}

/** Settings of the wrong type count as not set. An editor that has none gets the defaults. */
export class Settings {
  private readonly services: LangiumSharedCoreServices;

  constructor(services: LangiumSharedCoreServices) {
    this.services = services;
  }

  async inlayHints(): Promise<InlayHintSettings> {
    const { shapes, parameters, argumentNames } = record(await this.get('inlayHints'));
    return {
      shapes: shapes === 'all' || shapes === 'off' ? shapes : 'lineEnds',
      parameters: parameters !== false,
      argumentNames: argumentNames === true,
    };
  }

  /** Whether lenses stand over models and blocks. */
  async codeLenses(): Promise<boolean> {
    return record(await this.get('codeLenses')).enabled !== false;
  }

  private get(section: string): Promise<unknown> {
    return this.services.workspace.ConfigurationProvider.getConfiguration('scv', section);
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
