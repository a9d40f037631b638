import { printableLines } from '../../text/printable.js';

/** Receives notices of an engine: a kernel that it lacks, a step that it cannot record. Each is reported once. */
type Listener = (text: string) => void;

const said = new Set<string>();

let listener: Listener = (text) => void process.stderr.write(`${printableLines(text)}\n`);

/** Reports a notice, unless it has been reported before. */
export function notice(text: string): void {
  if (said.has(text)) return;
  said.add(text);
  listener(text);
}

/** Sets the listener for notices (standard error by default); returns the previous one. */
export function onNotice(next: Listener): Listener {
  const before = listener;
  listener = next;
  return before;
}
