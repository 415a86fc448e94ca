/** The certificate a node is known by, where it was trusted on first use: its fingerprint, since when, and a way to forget it. */
import { ShieldCheck } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { PinnedCertificate } from '../../../core/contract/api.ts';
import type { Node } from '../../../core/contract/config.ts';
import { forgetPins, pinsOf } from '../../actions/pins.ts';
import { Button } from '../../components/button.tsx';
import { useModel } from '../../components/context.ts';
import { CopyButton } from '../../components/copy.tsx';
import { day } from '../../format/time.ts';
import { t } from '../../i18n/index.ts';

/** A first connection may be made while somebody looks. */
const LOOK_MS = 4000;

export function PinnedCertificates({ node }: { node: Node }): ReactNode {
  const model = useModel();
  const [pins, setPins] = useState<readonly PinnedCertificate[]>([]);
  useEffect(() => {
    let shown = true;
    const look = (): void => {
      void pinsOf(model, node).then((found) => {
        if (shown) setPins(found);
      });
    };
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => {
      shown = false;
      clearInterval(timer);
    };
  }, [model, node]);
  return pins.map((pin) => (
    <section key={pin.peer} className="pin" aria-label={t('pins.title')}>
      <h3>
        <ShieldCheck aria-hidden />
        {t('pins.title')}
      </h3>
      <p className="pin-hint">{t('pins.hint')}</p>
      <p className="pin-fingerprint mono">
        <span className="hidden">{t('pins.fingerprint')}</span>
        <span>{pin.sha256}</span>
        <CopyButton text={pin.sha256} what={t('pins.fingerprint')} />
      </p>
      <div className="pin-foot">
        <span>{pin.since === null ? t('pins.sinceLong') : t('pins.since', { date: day(pin.since) })}</span>
        <Button
          onClick={() =>
            void forgetPins(model, [pin]).then((gone) => {
              if (gone) setPins((known) => known.filter(({ peer }) => peer !== pin.peer));
            })
          }
        >
          {t('pins.forget')}
        </Button>
      </div>
    </section>
  ));
}
