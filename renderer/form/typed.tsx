/**
 * A text field whose value is something else than text (a list, a map): it keeps what is typed while it has the focus, so
 * that nothing is tidied under the cursor, and hands on the value of every keystroke.
 */
import { useState, type ReactNode } from 'react';
import { TextInput } from './inputs.tsx';

export function TypedInput({ value, change, ...rest }: Parameters<typeof TextInput>[0]): ReactNode {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <div onBlur={() => setTyped(null)}>
      <TextInput
        {...rest}
        value={typed ?? value}
        change={(text) => {
          setTyped(text);
          change(text);
        }}
      />
    </div>
  );
}
