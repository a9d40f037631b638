/** What a terminal shows after a program has written to it, by xterm.js's emulator. */
import xterm from '@xterm/headless';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** The lines of a terminal from the first that was written, with those scrolled away; a wrapped one is one line. */
export async function screenLines(written: string, { columns, rows }: ScreenSize): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(written, resolve));
  const { buffer } = terminal;
  const lines: string[] = [];
  for (let index = 0; index < buffer.active.length; index++) {
    const line = buffer.active.getLine(index)!;
    const text = line.translateToString(!(buffer.active.getLine(index + 1)?.isWrapped ?? false));
    if (line.isWrapped) lines[lines.length - 1] += text;
    else lines.push(text);
  }
  terminal.dispose();
  while (lines.at(-1) === '') lines.pop();
  return lines;
}
