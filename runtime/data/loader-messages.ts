import { UserError } from '../errors/user-error.js';
import type { BatchArrays } from './batch-maker.js';

/** To a worker: make this batch. */
export interface BatchRequest {
  readonly step: number;
  readonly cases: readonly string[];
}

/** An error as plain data: an `Error` loses its class on the way between threads. */
export interface SentError {
  readonly code?: string;
  readonly message: string;
  readonly help?: string;
  readonly stack?: string;
}

/** From a worker: it is up; a batch; or why there is none. */
export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'batch'; readonly step: number; readonly arrays: BatchArrays }
  | { readonly kind: 'error'; readonly step: number; readonly error: SentError };

/** Makes an error plain. */
export function packError(error: unknown): SentError {
  if (error instanceof UserError) {
    return { code: error.code, message: error.message, ...(error.help === undefined ? {} : { help: error.help }) };
  }
  if (!(error instanceof Error)) return { message: String(error) };
  return { message: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }) };
}

/** Makes it an error again: a `UserError` where it was one. */
export function unpackError(sent: SentError): Error {
  if (sent.code !== undefined) return new UserError(sent.code, sent.message, sent.help);
  const error = new Error(sent.message);
  if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
}
