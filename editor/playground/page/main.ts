import { formatDocument } from '@codemirror/lsp-client';
import type { Diagnostic } from '@codemirror/lint';
import { EditorView } from '@codemirror/view';
import type { TabName, View, ViewParams } from '../views.js';
import { editorState } from './code-editor.js';
import { examples } from './examples.js';
import { markdownToHtml } from './markdown.js';
import { startServer } from './server.js';
import { fromFragment, keep, keepOnLeaving, kept, leftUnlinked, toFragment, type SharedText } from './shared-text.js';
import { specs } from './specs.js';
import { makeTabs } from './tabs.js';

const firstExample = 'dalight3d.unet';
/** Milliseconds without typing before the tab and the link follow the text. */
const delay = 250;

function element<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

function announce(text: string): void {
  element('status').textContent = text;
}

const client = startServer(() => announce('The compiler could not be started. Reload the page; your text is kept.'));

/** What is shown: the text, where it came from, and the tab beside it. */
let current: SharedText = { path: firstExample, text: specs[firstExample] ?? '' };
let tab: TabName = 'report';
let model: string | undefined;
let base: string | undefined;
let picture: string | undefined;
/** The text that the link contains. */
let remembered: SharedText | undefined;
/** Incremented with every question, so that an answer that has been overtaken is dropped. */
let question = 0;

const view = new EditorView({ parent: element('editor') });

function uriOf(path: string): string {
  return `unet:${path}`;
}

/** The document of the text that a diff starts from, in the folder of the spec, so that its `use` finds the same files. */
function beforeUri(): string {
  return uriOf(`${current.path.slice(0, current.path.lastIndexOf('/') + 1)}text before.unet`);
}

function open(shared: SharedText): void {
  client.notification('textDocument/didClose', { textDocument: { uri: beforeUri() } });
  current = shared;
  [model, base] = [undefined, undefined];
  view.setState(editorState(client, shared, { changed, checked }));
  setBefore(shared.text);
  element<HTMLSelectElement>('example').value = shared.path;
  if (element<HTMLSelectElement>('example').selectedIndex < 0) element<HTMLSelectElement>('example').value = '';
  void remember();
}

/** Makes a spec the one that a diff starts from. */
function setBefore(text: string): void {
  const uri = beforeUri();
  client.notification('textDocument/didClose', { textDocument: { uri } });
  client.notification('textDocument/didOpen', { textDocument: { uri, languageId: 'unet', version: 0, text } });
  void show();
}

let timer: ReturnType<typeof setTimeout> | undefined;

function changed(text: string): void {
  current = { ...current, text };
  clearTimeout(timer);
  timer = setTimeout(() => {
    void remember();
    void show();
  }, delay);
}

/** Keeps the text in the link and in the browser. */
async function remember(): Promise<void> {
  const shared = current;
  const isKept = keep(shared);
  const fragment = await toFragment(shared);
  if (shared !== current) return;
  remembered = shared;
  history.replaceState(null, '', fragment === undefined ? location.pathname + location.search : `#${fragment}`);
  if (fragment === undefined && !isKept) announce('The text is too long to be kept: download it before you leave.');
}

function checked(_: EditorView, found: readonly Diagnostic[]): void {
  const count = (severity: string): number => found.filter((each) => each.severity === severity).length;
  const parts = [
    [count('error'), 'error'],
    [count('warning'), 'warning'],
  ] as const;
  const texts = parts
    .filter(([n]) => n > 0)
    .map(([n, noun]) => `${n.toLocaleString('en-GB')} ${noun}${n === 1 ? '' : 's'}`);
  element('count').textContent = texts.length === 0 ? 'No errors' : texts.join(', ');
  element('problems').replaceChildren(...found.slice(0, 50).map(problemItem));
}

/** A problem as an item of the list below the editor, with buttons that lead to it and that fix it. */
function problemItem(problem: Diagnostic): HTMLLIElement {
  const item = document.createElement('li');
  const line = view.state.doc.lineAt(problem.from).number;
  const place = document.createElement('button');
  place.className = problem.severity;
  place.textContent = `${problem.source === undefined ? '' : `${problem.source}, `}line ${line}: ${problem.message}`;
  place.addEventListener('click', () => {
    view.dispatch({ selection: { anchor: problem.from, head: problem.to }, scrollIntoView: true });
    view.focus();
  });
  const fixes = (problem.actions ?? []).map(({ name, apply }) => {
    const button = document.createElement('button');
    button.className = 'fix';
    button.textContent = name;
    button.addEventListener('click', () => {
      apply(view, problem.from, problem.to);
      view.focus();
    });
    return button;
  });
  item.append(place, ...fixes);
  return item;
}

/** Asks the server for a tab's view of the text. */
async function ask(wanted: TabName): Promise<View> {
  await client.initializing;
  client.sync();
  const from = element<HTMLSelectElement>('before').value === 'text' ? { before: beforeUri() } : {};
  const params: ViewParams = {
    uri: uriOf(current.path),
    tab: wanted,
    ...(model === undefined ? {} : { model }),
    ...(base === undefined ? {} : { base }),
    ...(wanted === 'diff' ? from : {}),
  };
  return client.request<ViewParams, View>('unet/view', params);
}

async function show(): Promise<void> {
  const mine = ++question;
  const panel = element('panel');
  panel.setAttribute('aria-busy', 'true');
  panel.dataset['tab'] = tab;
  try {
    const answer = await ask(tab);
    if (mine === question) render(panel, answer);
  } catch (error) {
    if (mine === question)
      renderNote(panel, `This could not be computed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    if (mine === question) panel.setAttribute('aria-busy', 'false');
  }
}

function choices(id: string, names: readonly string[], chosen: string | undefined): void {
  const select = element<HTMLSelectElement>(id);
  select.replaceChildren(...names.map((name) => new Option(name, name, false, name === chosen)));
  select.closest('label')!.hidden = names.length < 2;
}

function render(panel: HTMLElement, { models, model: shown, bases = [], content }: View): void {
  choices('model', models, shown);
  element('diff-options').hidden = tab !== 'diff';
  choices('base', bases, base);
  if (picture !== undefined) URL.revokeObjectURL(picture);
  picture = undefined;
  if (content.as === 'note') renderNote(panel, content.text);
  else if (content.as === 'markdown') {
    panel.innerHTML = markdownToHtml(content.text);
    for (const table of panel.querySelectorAll('table')) makeScrollable(table);
  } else if (content.as === 'code') {
    const code = document.createElement('pre');
    code.tabIndex = 0;
    code.textContent = content.text;
    panel.replaceChildren(code);
  } else {
    // An image cannot run scripts or reach the page, whatever the spec calls its parts.
    picture = URL.createObjectURL(new Blob([content.text], { type: 'image/svg+xml' }));
    const image = new Image();
    image.src = picture;
    image.alt = `Diagram of ${shown ?? 'the model'}; the report lists the same parts as a table.`;
    panel.replaceChildren(image);
  }
}

function renderNote(panel: HTMLElement, text: string): void {
  const note = document.createElement('p');
  note.className = 'note';
  note.textContent = text;
  panel.replaceChildren(note);
}

/** Puts a table into a region that scrolls, by keyboard too. */
function makeScrollable(table: HTMLTableElement): void {
  const region = document.createElement('div');
  region.className = 'scroll';
  region.tabIndex = 0;
  table.replaceWith(region);
  region.append(table);
}

function download(name: string, text: string, type: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function downloadView(wanted: 'code' | 'diagram', ending: string, type: string): Promise<void> {
  announce(wanted === 'code' ? 'Generating the code ...' : 'Drawing the diagram ...');
  try {
    const { content, model: name = 'model' } = await ask(wanted);
    if (content.as === 'note') announce(content.text);
    else {
      download(`${name.replace(/[^\w-]+/g, '_')}.${ending}`, content.text, type);
      announce('');
    }
  } catch (error) {
    announce(`This could not be computed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function fillExamples(): void {
  const select = element<HTMLSelectElement>('example');
  select.append(new Option('Own text', ''));
  for (const { group, specs: listed } of examples) {
    const options = document.createElement('optgroup');
    options.label = group;
    options.append(...listed.map(({ path, title }) => new Option(title, path)));
    select.append(options);
  }
  select.addEventListener('change', () => void openExample(select.value));
}

async function openExample(path: string): Promise<void> {
  const text = specs[path] ?? (await import('./zoo.js')).specs[path];
  if (text === undefined) return;
  open({ path, text });
  announce('');
}

function listen(): void {
  makeTabs(element('tabs'), (name) => {
    tab = name as TabName;
    void show();
  }).select('report');
  element('model').addEventListener('change', ({ target }) => {
    model = (target as HTMLSelectElement).value;
    void show();
  });
  element('base').addEventListener('change', ({ target }) => {
    base = (target as HTMLSelectElement).value;
    void show();
  });
  element('before').addEventListener('change', () => {
    base = undefined;
    void show();
  });
  element('set-before').addEventListener('click', () => {
    setBefore(current.text);
    announce('Later changes are compared with the text as it is now.');
  });
  element('format').addEventListener('click', () => {
    formatDocument(view);
    view.focus();
  });
  element('share').addEventListener('click', () => void share());
  element('save-spec').addEventListener('click', () => {
    download(current.path.replace(/^.*\//, ''), current.text, 'text/plain');
  });
  element('save-code').addEventListener('click', () => void downloadView('code', 'ts', 'text/plain'));
  element('save-diagram').addEventListener('click', () => void downloadView('diagram', 'svg', 'image/svg+xml'));
}

async function share(): Promise<void> {
  await remember();
  if ((await toFragment(current)) === undefined) {
    announce('The text is too long for a link: download the spec instead.');
    return;
  }
  const copied = await navigator.clipboard.writeText(location.href).then(
    () => true,
    () => false,
  );
  announce(copied ? 'The link to this text has been copied.' : 'The link to this text is in the address bar.');
}

async function start(): Promise<void> {
  fillExamples();
  const left = leftUnlinked();
  const linked = left ? undefined : await fromFragment(location.hash);
  if (linked === undefined && !left && location.hash.length > 1)
    announce('The link holds no text; it may have been cut.');
  open(linked ?? kept() ?? current);
  listen();
  addEventListener('hashchange', () => {
    void fromFragment(location.hash).then((shared) => {
      if (shared !== undefined) open(shared);
    });
  });
  // A spec that is left in the middle of typing is kept too: the link does not contain its end yet.
  addEventListener('pagehide', () => keepOnLeaving(current, current !== remembered));
}

void start();
