/**
 * What the window gets of Electron: the contract's pipe and nothing else. Runs sandboxed and isolated; bundled to one CommonJS file.
 * Neither ipcRenderer nor a channel's name nor an event object crosses to the page.
 */
import { contextBridge, ipcRenderer } from 'electron';
import type { Bridge, ToWindow } from '../core/contract/api.ts';
import { CHANNEL } from './channel.ts';

let listener: (message: ToWindow) => void = () => undefined;
ipcRenderer.on(CHANNEL, (_event, message: ToWindow) => listener(message));

const bridge: Bridge = {
  send: (message) => ipcRenderer.send(CHANNEL, message),
  onMessage: (next) => {
    listener = next;
  },
  // the host lives as long as its windows
  onClose: () => undefined,
};

contextBridge.exposeInMainWorld('sockeye', bridge);
