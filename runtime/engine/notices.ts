import { printableLines } from '../../text/printable.js';

/** What an engine has to say while it works: a kernel that it lacks, a step that it cannot record. Each once. */
type Listener = (text: string) => void;

const said = new Set<string>();

let listener: Listener = (text) => void process.stderr.write(`${printableLines(text)}\n`);

/** Says it, unless it has been said. */
export function notice(text: string): void {
  if (said.has(text)) return;
  said.add(text);
  listener(text);
}

/** Who hears it from now on (standard error at first); gives the one before. */
export function onNotice(next: Listener): Listener {
  const before = listener;
  listener = next;
  return before;
}
