/** Whether a package itself is missing, rather than something that it wants. */
export function isMissing(error: unknown, name: string): boolean {
  const { code, message = '' } = error as { code?: string; message?: string };
  return (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && message.includes(`'${name}'`);
}

/** One line for people out of whatever a native module throws; the caller ends the sentence. */
export function reasonOf(error: unknown): string {
  const { message } = error as { message?: string };
  return (message ?? String(error)).split('\n')[0]!.trim().replace(/\.$/, '');
}
