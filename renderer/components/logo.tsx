/** The mark: a salmon going up the stream. */
import type { ReactNode } from 'react';

export function Logo({ size = 24 }: { size?: number }): ReactNode {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} className="logo" aria-hidden>
      <path
        className="logo-body"
        d="M28.5 8.2C23 3.6 14.3 5.2 10.2 12.1L3.4 9.6c1 3.2 1.6 5 1.5 7.1-.1 2.200-.9 4.100-2.300 6.900l7.700-2.400c4.800 4.700 13 3.300 16.400-3.300-1.700.6-3.300.7-4.800.3 3.500-1.600 5.800-5 6.600-10z"
      />
      <circle className="logo-eye" cx="21.700" cy="10.800" r="1.700" />
    </svg>
  );
}
