/** Why a path isn't read, in words that stand behind it. */
export class Unreadable extends Error {}

/** Only regular files are read: a device or a pipe may never end. */
export function refuseOtherThanFiles(stats: { isFile(): boolean; isDirectory(): boolean }): void {
  if (stats.isDirectory()) throw new Unreadable('this is a folder, not a file');
  if (!stats.isFile()) throw new Unreadable('this is a device or a pipe, not a regular file');
}
