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
createRoot(document.getElementById('root')!).render(<App host={host} />);
