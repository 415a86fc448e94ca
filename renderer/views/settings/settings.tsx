/** Settings: how the window looks, and where things are. Only what works is here. */
import type { ReactNode } from 'react';
import type { LoginState } from '../../../core/contract/api.ts';
import { setLogin } from '../../actions/host.ts';
import { stopLinking } from '../../actions/list.ts';
import { openImport, openText } from '../../actions/transfer.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel, useUi } from '../../components/context.ts';
import { CopyButton } from '../../components/copy.tsx';
import { Findings } from '../../components/findings.tsx';
import { Logo } from '../../components/logo.tsx';
import { Segments } from '../../components/segments.tsx';
import { CheckInput } from '../../form/inputs.tsx';
import { t } from '../../i18n/index.ts';
import { DENSITIES, LANGUAGES, THEMES, type Prefs } from '../../store/prefs.ts';
import { setPrefs } from '../../store/ui.ts';
import { ScreenHead } from '../frame/screen-head.tsx';
import { Diagnostics } from './diagnostics.tsx';
import { StorageSettings } from './storage.tsx';

export function Settings(): ReactNode {
  const model = useModel();
  const prefs = useUi((state) => state.prefs);
  const config = useHost((state) => state.config);
  const info = useHost((state) => state.info);
  const login = useHost((state) => state.login);
  const set = (change: Partial<Prefs>): void => setPrefs(model.ui, change);
  return (
    <>
      <ScreenHead title={t('screen.settings')} />
      <div className="page settings">
        <Group title={t('settings.look')}>
          <Segments
            titled
            label={t('settings.theme')}
            options={THEMES}
            value={prefs.theme}
            name={(theme) => t(`theme.${theme}`)}
            choose={(theme) => set({ theme })}
          />
          <Segments
            titled
            label={t('settings.density')}
            options={DENSITIES}
            value={prefs.density}
            name={(density) => t(`density.${density}`)}
            choose={(density) => set({ density })}
          />
          <Segments
            titled
            label={t('settings.language')}
            options={LANGUAGES}
            value={prefs.language}
            name={(one) => t(`language.${one}`)}
            choose={(next) => set({ language: next })}
          />
          <CheckInput
            label={t('settings.letterKeys')}
            hint={t('settings.letterKeysHint')}
            checked={prefs.letterKeys}
            change={(letterKeys) => set({ letterKeys })}
          />
        </Group>
        {login?.supported === true && (
          <Group title={t('settings.computer')}>
            <CheckInput
              label={t('settings.login')}
              hint={loginHint(login.note)}
              checked={login.on}
              change={(on) => void setLogin(model, on)}
            />
          </Group>
        )}
        <Group title={t('settings.files')}>
          <PathRow label={t('settings.config')} path={config?.path ?? ''} />
          <p className="muted small">
            {t(config?.link == null ? 'settings.passwords' : 'settings.passwordsLinked')}
          </p>
          <div className="settings-row">
            <Button onClick={() => openImport(model)}>{t('action.importOpen')}</Button>
            <Button onClick={() => model.ui.setState({ dialog: 'export' })}>{t('action.exportOpen')}</Button>
            <Button onClick={() => model.ui.setState({ dialog: 'history' })}>
              {t('transfer.historyTitle')}
            </Button>
            <Button onClick={() => openText(model)}>{t('transfer.editText')}</Button>
            {config?.link != null && (
              <Button look="quiet" onClick={() => void stopLinking(model)}>
                {t('transfer.unlink')}
              </Button>
            )}
          </div>
          <PathRow label={t('settings.data')} path={info?.dataDir ?? ''} />
          {config !== null && config.findings.length > 0 && (
            <div className="settings-findings">
              <h3>{t('settings.findings', { count: config.findings.length })}</h3>
              <Findings findings={config.findings} goTo={(line) => openText(model, line)} />
            </div>
          )}
        </Group>
        <Group title={t('settings.storage')}>
          <StorageSettings />
        </Group>
        <Group title={t('settings.diagnostics')}>
          <Diagnostics />
        </Group>
        <Group title={t('settings.about')}>
          <div className="about">
            <Logo size={40} />
            <div>
              <p>
                <strong>Sockeye {info?.version ?? ''}</strong>
              </p>
              <p className="muted">
                {info === null
                  ? ''
                  : `${t(`runtime.${info.runtime}`)} · ${info.platform} · Node ${info.node}`}
              </p>
            </div>
          </div>
        </Group>
      </div>
    </>
  );
}

function loginHint(note: LoginState['note']): string {
  if (note === 'approval') return t('settings.loginApproval');
  return note === 'disabled' ? t('settings.loginDisabled') : t('settings.loginHint');
}

function Group({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <section className="settings-group" aria-label={title}>
      <h2>{title}</h2>
      <div className="panel settings-body">{children}</div>
    </section>
  );
}

function PathRow({ label, path }: { label: string; path: string }): ReactNode {
  return (
    <div className="path-row">
      <span>{label}</span>
      <code dir="ltr">{path}</code>
      <CopyButton text={path} what={label} />
    </div>
  );
}
