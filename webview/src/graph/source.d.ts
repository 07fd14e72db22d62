/** A bundle as text (scripts/build.ts makes it). */
declare module '*?source' {
  export const source: string;
}

declare module '*.css';
