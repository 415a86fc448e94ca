/**
 * CodeMirror for the configuration: YAML colours, findings in the gutter, completion of keys and words from the schema. It lives in a shadow
 * root, where its styles are adopted style sheets; in the document it would insert <style>, which the content security policy refuses.
 */
import {
  autocompletion,
  completionKeymap,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { basicSetup } from 'codemirror';
import { tags } from '@lezer/highlight';
import { useEffect, useRef, type ReactNode } from 'react';
import type { Finding, Grade } from '../../../core/contract/config.ts';
import type { FileShapes } from '../../../core/contract/imports.ts';
import type { Schemas } from '../../../core/contract/api.ts';
import { useHost } from '../../components/context.ts';
import { completionsAt } from '../../edits/completion.ts';
import { hostText, t } from '../../i18n/index.ts';

const SEVERITY: Readonly<Record<Grade, Diagnostic['severity']>> = {
  blocks: 'error',
  changes: 'warning',
  ignored: 'info',
  hint: 'hint',
};

const theme = EditorView.theme({
  '&': { height: '100%', color: 'var(--fg)', backgroundColor: 'var(--raised)', fontSize: '13px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '20px' },
  '.cm-gutters': { backgroundColor: 'var(--sunken)', color: 'var(--muted)', border: '0' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '.cm-cursor': { borderLeftColor: 'var(--fg)' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection': {
    backgroundColor: 'var(--selected) !important',
  },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--fg)', border: '1px solid var(--line)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--selected)', color: 'var(--fg)' },
  '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--fg)' },
  '.cm-panels input, .cm-panels button': { font: 'inherit' },
});

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--down)' },
  { tag: [tags.string, tags.content], color: 'var(--fg)' },
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: 'var(--accent-text)' },
  { tag: [tags.labelName, tags.typeName], color: 'var(--warn)' },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: 'var(--muted)' },
]);

export function Editor({
  text,
  findings,
  shapes,
  line,
  change,
}: {
  text: string;
  findings: readonly Finding[];
  shapes: FileShapes;
  /** Where to go; 0 for nowhere. */
  line: number;
  change: (text: string) => void;
}): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const schemas = useHost((state) => state.schemas);
  const latest = useRef({ change, shapes, schemas });
  useEffect(() => {
    latest.current = { change, shapes, schemas };
  });

  useEffect(() => {
    const host = place.current;
    if (host === null) return undefined;
    const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
    const complete = (context: CompletionContext): CompletionResult | null =>
      completed(context, latest.current.shapes, latest.current.schemas);
    const made = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: text,
        extensions: [
          basicSetup,
          yaml(),
          syntaxHighlighting(colours),
          theme,
          lintGutter(),
          autocompletion({ override: [complete] }),
          keymap.of(completionKeymap),
          EditorView.contentAttributes.of({ 'aria-label': t('transfer.editorLabel') }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.change(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    made.focus();
    return () => {
      view.current = null;
      made.destroy();
    };
    // the editor holds the text from here on; later texts are put in below
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === text) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, [text]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(findings, editor)));
  }, [findings]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || line <= 0) return;
    const { from } = editor.state.doc.line(Math.min(line, editor.state.doc.lines));
    editor.dispatch({
      selection: { anchor: from },
      effects: EditorView.scrollIntoView(from, { y: 'center' }),
    });
    editor.focus();
  }, [line]);

  // Escape leaves the field for the rest of the dialog, so that Tab, which indents nothing here, is no trap either
  return <div ref={place} className="text-editor" data-editor dir="ltr" />;
}

function diagnosticsOf(findings: readonly Finding[], { state }: EditorView): Diagnostic[] {
  return findings
    .filter(({ line }) => line > 0 && line <= state.doc.lines)
    .map(({ line, column, grade, message }) => {
      const row = state.doc.line(line);
      const from = Math.min(row.to, row.from + Math.max(0, column - 1));
      return { from, to: row.to, severity: SEVERITY[grade], message: hostText(message) };
    });
}

function completed(
  context: CompletionContext,
  shapes: FileShapes,
  schemas: Schemas | null,
): CompletionResult | null {
  const row = context.state.doc.lineAt(context.pos);
  const before = context.state.doc.sliceString(0, context.pos).split('\n');
  const found = completionsAt(before, shapes, schemas);
  const word = /[\w.]*$/.exec(row.text.slice(0, context.pos - row.from))?.[0] ?? '';
  if (found.length === 0 || (word === '' && !context.explicit)) return null;
  return {
    from: context.pos - word.length,
    options: found.map(({ label, detail, insert, kind }) => ({ label, detail, apply: insert, type: kind })),
    validFor: /^[\w.]*$/,
  };
}
