import { Uri, type Webview } from 'vscode';

/** The folder that the page's files are in: the only one that it may read. */
export function pageFolder(extension: Uri): Uri {
  return Uri.joinPath(extension, 'dist/webview');
}

/**
 * The page that draws a graph. It runs our script and no other, loads nothing that doesn't come with the extension, and
 * may start a worker from a blob: the layout.
 */
export function pageOf(webview: Webview, extension: Uri, nonce: string): string {
  const file = (name: string): string => webview.asWebviewUri(Uri.joinPath(pageFolder(extension), name)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} 'nonce-${nonce}'`, // the controls try out a style of their own
    `font-src ${webview.cspSource}`,
    'img-src data: blob:', // a PNG is drawn by way of an image of the SVG
    'worker-src blob:',
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="UTF-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta property="csp-nonce" content="${nonce}" />
    <meta name="viewport" content="width=device-width, initial-scale=1.0" />
    <title>SCV Graph</title>
    <link rel="stylesheet" href="${file('graph.css')}" />
  </head>
  <body>
    <div id="root"></div>
    <script nonce="${nonce}" src="${file('graph.js')}"></script>
  </body>
</html>
`;
}
