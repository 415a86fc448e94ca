/** A failure in four parts: what failed, where, why, and what to do about it. The raw code is in the details, not in the way. */
import { CircleAlert, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { WireError } from '../../core/contract/errors.ts';
import { errorText, nextStep } from '../i18n/index.ts';

export function Failure({
  what,
  where,
  why,
  next,
  tone = 'bad',
  children,
}: {
  what: string;
  where?: string | undefined;
  why?: string | undefined;
  /** What to do about it, where no button says all of it. */
  next?: string | undefined;
  tone?: 'bad' | 'warn';
  /** One or two buttons. */
  children?: ReactNode;
}): ReactNode {
  const Icon = tone === 'bad' ? CircleAlert : TriangleAlert;
  return (
    <div className={`failure failure-${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      <Icon aria-hidden />
      <div className="failure-text">
        <p className="failure-what">{what}</p>
        {why !== undefined && why !== '' && <p className="failure-why">{why}</p>}
        {where !== undefined && where !== '' && (
          <p className="failure-where" dir="ltr">
            {where}
          </p>
        )}
        {next !== undefined && next !== '' && <p className="failure-next">{next}</p>}
        {children !== undefined && <div className="failure-do">{children}</div>}
      </div>
    </div>
  );
}

/** What the host answered instead of doing it. */
export function RefusedCall({
  what,
  error,
  children,
}: {
  what: string;
  error: WireError;
  children?: ReactNode;
}): ReactNode {
  return (
    <Failure what={what} why={errorText(error)} next={nextStep(error)}>
      {children}
    </Failure>
  );
}
