/** A bundle as text (scripts/build.ts makes it). */
declare module '*?source' {
  const source: string;
  // esbuild's text loader exports it so.
  export default source;
}

declare module '*.css';
