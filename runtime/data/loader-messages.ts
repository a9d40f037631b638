import { UserError } from '../errors/user-error.js';
import type { BatchArrays } from './batch-maker.js';

/** A request to a worker for a batch. */
export interface BatchRequest {
  readonly step: number;
  readonly cases: readonly string[];
}

/** An error as plain data: an `Error` loses its class between threads. */
export interface SentError {
  readonly code?: string;
  readonly message: string;
  readonly help?: string;
  readonly stack?: string;
}

/** A reply from a worker: that it is ready; a batch; or an error. */
export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'batch'; readonly step: number; readonly arrays: BatchArrays }
  | { readonly kind: 'error'; readonly step: number; readonly error: SentError };

/** Converts an error to plain data. */
export function packError(error: unknown): SentError {
  if (error instanceof UserError) {
    return { code: error.code, message: error.message, ...(error.help === undefined ? {} : { help: error.help }) };
  }
  if (!(error instanceof Error)) return { message: String(error) };
  return { message: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }) };
}

/** Converts plain data back to an error: a `UserError` if it was one. */
export function unpackError(sent: SentError): Error {
  if (sent.code !== undefined) return new UserError(sent.code, sent.message, sent.help);
  const error = new Error(sent.message);
  if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
}
