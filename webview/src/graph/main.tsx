import '@xyflow/react/dist/base.css';
import './theme.css';
import './graph.css';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { Host } from './host.ts';

declare function acquireVsCodeApi(): ConstructorParameters<typeof Host>[0];

const host = new Host(acquireVsCodeApi());
window.addEventListener('error', ({ message }) => host.post({ kind: 'failed', message }));
window.addEventListener('unhandledrejection', ({ reason }) => host.post({ kind: 'failed', message: String(reason) }));
const root = document.getElementById('root')!;
createRoot(root, {
  // Without it the page would be empty, and nobody would know why.
  onUncaughtError: (error) => {
    host.post({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    root.textContent = 'The graph failed; the log of SCV says why. Close this editor and open it again.';
  },
}).render(<App host={host} />);
