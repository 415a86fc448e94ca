/** One of a few, all in sight: radio buttons that look like one control. */
import { useId, type ReactNode } from 'react';

export function Segments<T extends string>({
  label,
  options,
  value,
  name,
  choose,
  titled = false,
}: {
  label: string;
  options: readonly T[];
  value: T;
  name: (option: T) => string;
  choose: (option: T) => void;
  /** The label stands above, for everybody to see. */
  titled?: boolean;
}): ReactNode {
  const group = useId();
  const control = (
    <div className="segments" role="radiogroup" aria-label={label}>
      {options.map((option) => (
        <label key={option} className="segment">
          <input type="radio" name={group} checked={option === value} onChange={() => choose(option)} />
          <span>{name(option)}</span>
        </label>
      ))}
    </div>
  );
  if (!titled) return control;
  return (
    <div className="choices">
      <span className="choices-title" aria-hidden>
        {label}
      </span>
      {control}
    </div>
  );
}
