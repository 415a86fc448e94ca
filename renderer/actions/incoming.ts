/** Files that are dropped anywhere and texts that are pasted outside of a field: both open the review, and change nothing by themselves. */
import type { Model } from '../model.ts';
import { t } from '../i18n/index.ts';
import { reviewFile, reviewText } from './transfer.ts';

/** Starts listening; returns how to stop. */
export function listenToIncoming(model: Model): () => void {
  const dragged = (event: DragEvent): void => {
    if (event.dataTransfer === null || !carries(event.dataTransfer)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    model.ui.setState({ dropping: true });
  };
  const left = (event: DragEvent): void => {
    if (event.relatedTarget === null) model.ui.setState({ dropping: false });
  };
  const dropped = (event: DragEvent): void => {
    model.ui.setState({ dropping: false });
    if (event.dataTransfer === null || !carries(event.dataTransfer)) return;
    event.preventDefault();
    take(model, event.dataTransfer, t('transfer.dropped'));
  };
  const pasted = (event: ClipboardEvent): void => {
    if (event.defaultPrevented || event.clipboardData === null || isField(event.target)) return;
    const { dialog } = model.ui.getState();
    if (dialog !== null && dialog !== 'import') return;
    if (!take(model, event.clipboardData, t('transfer.clipboard'))) return;
    event.preventDefault();
  };
  window.addEventListener('dragover', dragged);
  window.addEventListener('dragleave', left);
  window.addEventListener('drop', dropped);
  window.addEventListener('paste', pasted);
  return () => {
    window.removeEventListener('dragover', dragged);
    window.removeEventListener('dragleave', left);
    window.removeEventListener('drop', dropped);
    window.removeEventListener('paste', pasted);
  };
}

/** Files and text; not what is dragged within the window, which carries neither. */
function carries({ types }: DataTransfer): boolean {
  return types.includes('Files') || types.includes('text/plain');
}

function take(model: Model, data: DataTransfer, name: string): boolean {
  if (!model.host.getState().ready) return false;
  const [file] = data.files;
  const text = data.getData('text/plain');
  if (file !== undefined) void reviewFile(model, file);
  else if (text.trim() !== '') void reviewText(model, name, text);
  else return false;
  return true;
}

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input, textarea, select, [contenteditable], [data-editor]') !== null
  );
}
