import { LSPPlugin } from '@codemirror/lsp-client';
import { StateEffect, StateField, type Extension, type Range } from '@codemirror/state';
import { Decoration, EditorView, ViewPlugin, WidgetType, type DecorationSet, type ViewUpdate } from '@codemirror/view';
import type * as lsp from 'vscode-languageserver-protocol';

/** Milliseconds without typing before shapes are asked for. */
const delay = 60;

class Shape extends WidgetType {
  constructor(private readonly text: string) {
    super();
  }

  override eq(other: Shape): boolean {
    return other.text === this.text;
  }

  override toDOM(): HTMLElement {
    const element = document.createElement('span');
    element.className = 'shape';
    element.textContent = this.text;
    return element;
  }
}

const setShapes = StateEffect.define<DecorationSet>();

const shown = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shapes, { changes, effects }) {
    const given = effects.find((each) => each.is(setShapes));
    return given === undefined ? shapes.map(changes) : given.value;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function textOf({ label }: lsp.InlayHint): string {
  return typeof label === 'string' ? label : label.map(({ value }) => value).join('');
}

async function shapesOf(view: EditorView): Promise<DecorationSet | undefined> {
  const plugin = LSPPlugin.get(view);
  if (plugin === null) return undefined;
  const { client, uri } = plugin;
  await client.initializing;
  client.sync();
  const document = view.state.doc;
  const range = { start: { line: 0, character: 0 }, end: plugin.toPosition(document.length) };
  const hints = await client.request<lsp.InlayHintParams, lsp.InlayHint[] | null>('textDocument/inlayHint', {
    textDocument: { uri },
    range,
  });
  if (view.state.doc !== document) return undefined;
  const widgets = (hints ?? []).map((hint): Range<Decoration> => {
    return Decoration.widget({ widget: new Shape(textOf(hint)), side: 1 }).range(plugin.fromPosition(hint.position));
  });
  return Decoration.set(widgets, true);
}

/** Asks for the shapes when the text has been still for a moment. */
const asking = ViewPlugin.fromClass(
  class {
    private timer: ReturnType<typeof setTimeout> | undefined;

    constructor(private readonly view: EditorView) {
      this.schedule();
    }

    update({ docChanged }: ViewUpdate): void {
      if (docChanged) this.schedule();
    }

    destroy(): void {
      clearTimeout(this.timer);
    }

    private schedule(): void {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.ask(), delay);
    }

    private async ask(): Promise<void> {
      const shapes = await shapesOf(this.view).catch(() => undefined);
      if (shapes !== undefined) this.view.dispatch({ effects: setShapes.of(shapes) });
    }
  },
);

/** The shape of each step at the end of its line. */
export function inlayShapes(): Extension {
  return [shown, asking];
}
