/** Entry of Electron's main process (dist/main.js). */
import { startApp } from './app.ts';

startApp(import.meta.dirname, process.argv.slice(1));
