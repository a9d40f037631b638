/** An invalid pickle; the message completes "...: ". */
export class PickleError extends Error {}
