/** The window's entry: link, model, language, then the frame. */
import '@fontsource-variable/inter';
import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/frame.css';
import './style/home.css';
import './style/tables.css';
import './style/traffic.css';
import './style/chains.css';
import './style/chain-tests.css';
import './style/shelf.css';
import './style/map.css';
import './style/forms.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { openLink } from './bridge/index.ts';
import { ModelContext } from './components/context.ts';
import { startLanguage } from './i18n/index.ts';
import { createModel } from './model.ts';

const root = document.getElementById('root');
if (root !== null) {
  const model = createModel(openLink());
  startLanguage(model.ui);
  createRoot(root).render(
    <StrictMode>
      <ModelContext value={model}>
        <App />
      </ModelContext>
    </StrictMode>,
  );
}
