import { closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
} from '@codemirror/language';
import { lintKeymap, type Diagnostic } from '@codemirror/lint';
import type { LSPClient } from '@codemirror/lsp-client';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { inlayShapes } from './inlay-shapes.js';
import { unetLanguage } from './language.js';
import { problems } from './problems.js';
import type { SharedText } from './shared-text.js';

/** Colours are variables of the page, so that they follow the scheme. */
const colours = HighlightStyle.define([
  { tag: [tags.definitionKeyword, tags.controlKeyword, tags.operatorKeyword], color: 'var(--keyword)' },
  { tag: [tags.atom, tags.number], color: 'var(--number)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--string)' },
  { tag: [tags.comment, tags.docComment], color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [tags.className, tags.typeName], color: 'var(--type)' },
  { tag: tags.function(tags.variableName), color: 'var(--function)' },
  { tag: tags.propertyName, color: 'var(--property)' },
]);

export interface EditorEvents {
  /** The text has changed. */
  readonly changed: (text: string) => void;
  /** The text has been checked. */
  readonly checked: (view: EditorView, found: readonly Diagnostic[]) => void;
}

function extensions(client: LSPClient, uri: string, { changed, checked }: EditorEvents): Extension {
  return [
    lineNumbers(),
    foldGutter(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    highlightSelectionMatches(),
    unetLanguage(),
    syntaxHighlighting(colours),
    client.plugin(uri, 'unet'),
    problems(checked),
    inlayShapes(),
    EditorView.contentAttributes.of({ 'aria-label': 'Spec', spellcheck: 'false' }),
    // Tab stays the key that leaves the editor, for people who have no pointer.
    keymap.of([
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...completionKeymap,
      ...lintKeymap,
    ]),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) changed(update.state.doc.toString());
    }),
  ];
}

/** The state of an editor of a spec. */
export function editorState(client: LSPClient, { text, path }: SharedText, events: EditorEvents): EditorState {
  return EditorState.create({ doc: text, extensions: extensions(client, `unet:${path}`, events) });
}
