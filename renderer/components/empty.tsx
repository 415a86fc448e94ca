/** Nothing here yet: one sentence, one thing to do. */
import type { ReactNode } from 'react';

export function Empty({
  text,
  children,
  art,
}: {
  text: string;
  children?: ReactNode;
  art?: ReactNode;
}): ReactNode {
  return (
    <div className="empty">
      {art}
      <p>{text}</p>
      {children !== undefined && <div className="empty-do">{children}</div>}
    </div>
  );
}
