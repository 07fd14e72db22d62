/** What the client says of itself when the server starts (LSP's `initializationOptions`). */
export interface InitializationOptions {
  /** The command that shows the page of a layer, given its name; hovers link to it. */
  readonly layerPageCommand?: string;
}

/** Of any other editor, which may say anything or nothing: what is of use. */
export function readInitializationOptions(options: unknown): InitializationOptions {
  if (typeof options !== 'object' || options === null || !('layerPageCommand' in options)) return {};
  const { layerPageCommand } = options;
  return typeof layerPageCommand === 'string' && /^[\w.]+$/.test(layerPageCommand) ? { layerPageCommand } : {};
}
