/** The dialogs about configuration that comes in, goes out and was before. One chunk, loaded with the first of them. */
import type { ReactNode } from 'react';
import { useUi } from '../../components/context.ts';
import { ConflictDialog } from './conflict-dialog.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { HistoryDialog } from './history-dialog.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { TextDialog } from './text-dialog.tsx';
import './transfer.css';

export function Transfer(): ReactNode {
  const dialog = useUi((state) => state.dialog);
  switch (dialog) {
    case 'import':
      return <ImportDialog />;
    case 'export':
      return <ExportDialog />;
    case 'history':
      return <HistoryDialog />;
    case 'conflict':
      return <ConflictDialog />;
    case 'text':
      return <TextDialog />;
    default:
      return null;
  }
}
