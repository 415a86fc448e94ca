/** Stands in place of Apply when a service would be open to others without a password: four ways, each spelled out. */
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { anyHost } from '../../format/address.ts';
import { t } from '../../i18n/index.ts';

export function ExposingGate({
  host,
  addPassword,
  restrict,
  loopback,
  allow,
}: {
  host: string;
  addPassword: () => void;
  restrict: () => void;
  loopback: () => void;
  allow: () => void;
}): ReactNode {
  return (
    <div className="gate" role="group" aria-labelledby="gate-title">
      <p id="gate-title">
        <TriangleAlert aria-hidden />
        {anyHost(host) ? t('gate.any') : t('gate.host', { host })}
      </p>
      <Button look="primary" onClick={addPassword}>
        {t('gate.password')}
      </Button>
      <Button onClick={restrict}>{t('gate.restrict')}</Button>
      <Button onClick={loopback}>{t('gate.loopback')}</Button>
      <Button look="quiet" onClick={allow}>
        {t('gate.allow')}
      </Button>
    </div>
  );
}
