import type { FileSystemNode, LangiumSharedCoreServices } from 'langium';
import { DefaultWorkspaceManager, UriUtils } from 'langium';

/** Folders that hold no models of the user's. */
const SKIPPED = new Set(['node_modules', 'out', 'dist', 'build', '__pycache__', 'venv', 'site-packages']);

export class ScvWorkspaceManager extends DefaultWorkspaceManager {
  constructor(services: LangiumSharedCoreServices) {
    super(services);
    this.initialBuildOptions = { validation: true };
  }

  override shouldIncludeEntry(entry: FileSystemNode): boolean {
    if (entry.isDirectory && SKIPPED.has(UriUtils.basename(entry.uri))) return false;
    return super.shouldIncludeEntry(entry);
  }
}
