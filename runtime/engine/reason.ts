/** Whether a package itself is missing, rather than one of its dependencies. */
export function isMissing(error: unknown, name: string): boolean {
  const { code, message = '' } = error as { code?: string; message?: string };
  return (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && message.includes(`'${name}'`);
}

/** Summarises an error of a native module in one line; the caller ends the sentence. */
export function reasonOf(error: unknown): string {
  const { message } = error as { message?: string };
  return (message ?? String(error)).split('\n')[0]!.trim().replace(/\.$/, '');
}
