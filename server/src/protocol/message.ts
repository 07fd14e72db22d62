import { type Check, InvalidMessage } from './check.ts';

/**
 * How both ends speak: a message is a plain object that holds its name and the checks of what it carries. Both ends
 * use the four functions below, so nothing arrives unchecked. They fit the connections of vscode-languageserver and
 * vscode-languageclient alike, without importing either.
 */
export interface Request<Params, Result> {
  readonly method: string;
  readonly params: Check<Params>;
  readonly result: Check<Result>;
}

export interface Notification<Params> {
  readonly method: string;
  readonly params: Check<Params>;
}

interface Sender {
  sendRequest(method: string, params: unknown): Promise<unknown>;
  sendNotification(method: string, params: unknown): Promise<void>;
}

interface Receiver<Registration> {
  onRequest(method: string, handler: (params: unknown) => Promise<unknown>): Registration;
  onNotification(method: string, handler: (params: unknown) => void): Registration;
}

/** Sends a request and gives its checked answer. */
export async function ask<Params, Result>(
  connection: Pick<Sender, 'sendRequest'>,
  request: Request<Params, Result>,
  params: Params,
): Promise<Result> {
  return request.result(await connection.sendRequest(request.method, params), `${request.method} result`);
}

/** Answers a request; one that is malformed is refused with the reason (the sender gets the error). */
export function answer<Params, Result, Registration>(
  connection: Pick<Receiver<Registration>, 'onRequest'>,
  request: Request<Params, Result>,
  handler: (params: Params) => Promise<Result>,
): Registration {
  return connection.onRequest(request.method, async (params) =>
    handler(request.params(params, `${request.method} params`)),
  );
}

/** Sends a notification. */
export async function tell<Params>(
  connection: Pick<Sender, 'sendNotification'>,
  notification: Notification<Params>,
  params: Params,
): Promise<void> {
  await connection.sendNotification(notification.method, params);
}

/** Listens to a notification; `refused` is told of a malformed one, since its sender awaits nothing. */
export function hear<Params, Registration>(
  connection: Pick<Receiver<Registration>, 'onNotification'>,
  notification: Notification<Params>,
  handler: (params: Params) => void,
  refused: (error: InvalidMessage) => void,
): Registration {
  return connection.onNotification(notification.method, (params) => {
    let checked: Params;
    try {
      checked = notification.params(params, `${notification.method} params`);
    } catch (error) {
      if (!(error instanceof InvalidMessage)) throw error;
      refused(error);
      return;
    }
    handler(checked);
  });
}
