import {
  ErrorCodes,
  Message,
  type MessageStrategy,
  type MessageWriter,
  type RequestMessage,
} from 'vscode-languageserver';

type State = 'started' | 'initialized' | 'shut down';

/**
 * Enforces the order that the protocol prescribes: requests before `initialize` or after `shutdown` (LSP 3.17, "Server
 * lifecycle") get an error, notifications other than `exit` are dropped.
 * @param writer sends the errors
 */
export function lifecycle(writer: MessageWriter): MessageStrategy {
  let state: State = 'started';
  return {
    handleMessage(message, next) {
      if (Message.isRequest(message)) {
        const refusal = refusalOf(message.method, state);
        if (refusal !== undefined) {
          return writer.write(errorResponse(message, refusal));
        }
        if (message.method === 'initialize') state = 'initialized';
        if (message.method === 'shutdown') state = 'shut down';
      } else if (Message.isNotification(message) && state !== 'initialized' && message.method !== 'exit') {
        return;
      }
      return next(message);
    },
  };
}

interface Refusal {
  readonly code: number;
  readonly message: string;
}

/** The reason why a request cannot be handled now; undefined if it can. */
function refusalOf(method: string, state: State): Refusal | undefined {
  if (state === 'shut down') return { code: ErrorCodes.InvalidRequest, message: 'The server has been shut down.' };
  const isInitialize = method === 'initialize';
  if (state === 'started' && !isInitialize) {
    return { code: ErrorCodes.ServerNotInitialized, message: 'The server has not been initialised.' };
  }
  if (state === 'initialized' && isInitialize) {
    return { code: ErrorCodes.InvalidRequest, message: 'The server is already initialised.' };
  }
  return undefined;
}

function errorResponse({ id }: RequestMessage, error: Refusal): Message & { id: RequestMessage['id']; error: Refusal } {
  return { jsonrpc: '2.0', id, error };
}
