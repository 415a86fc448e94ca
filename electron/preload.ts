/**
 * What the window gets of Electron: the contract's pipe, and where a file lies that a person dropped or chose; nothing else. Runs
 * sandboxed and isolated; bundled to one CommonJS file.
 * Neither ipcRenderer nor a channel's name nor an event object crosses to the page.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
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
  // of a File that the page made up itself there is no path
  pathOf: (file) => (file instanceof File ? webUtils.getPathForFile(file) : ''),
};

contextBridge.exposeInMainWorld('sockeye', bridge);
