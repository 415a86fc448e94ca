/** When something does not work: does the proxy itself, what to send to somebody who helps, and where the files are. */
import { ClipboardCopy, FolderOpen } from 'lucide-react';
import type { ReactNode } from 'react';
import { copy } from '../../actions/host.ts';
import { openFolder } from '../../actions/logs.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { errorText, t } from '../../i18n/index.ts';
import type { Model } from '../../model.ts';
import { toast } from '../../store/ui.ts';
import { SelfTestLine } from '../home/self-test.tsx';

export function Diagnostics(): ReactNode {
  const model = useModel();
  const all = useHost((state) => state.services);
  const desktop = useHost((state) => state.info?.runtime === 'electron');
  const services = all.filter(({ state }) => state === 'up');
  return (
    <>
      {services.length === 0 ? (
        <p className="muted">{t('diagnostics.none')}</p>
      ) : (
        services.map(({ name, udp }) => (
          <div key={name} className="settings-line">
            <span>{t('diagnostics.service', { name })}</span>
            <SelfTestLine service={name} udp={udp} />
          </div>
        ))
      )}
      <div className="settings-line">
        <span className="muted">{t('diagnostics.reportText')}</span>
        <Button icon={<ClipboardCopy aria-hidden />} onClick={() => void copyReport(model)}>
          {t('diagnostics.report')}
        </Button>
      </div>
      {desktop && (
        <div className="settings-line">
          <span className="muted">{t('diagnostics.folders')}</span>
          <Button icon={<FolderOpen aria-hidden />} onClick={() => void openFolder(model, 'data')}>
            {t('diagnostics.openData')}
          </Button>
          <Button icon={<FolderOpen aria-hidden />} onClick={() => void openFolder(model, 'logs')}>
            {t('logs.openFolder')}
          </Button>
        </div>
      )}
    </>
  );
}

async function copyReport(model: Model): Promise<void> {
  const reply = await model.client.call('diagnostics.report', null);
  if (reply.ok) await copy(model, reply.value.text, t('diagnostics.what'));
  else toast(model.ui, errorText(reply.error), { tone: 'bad' });
}
