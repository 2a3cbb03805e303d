/** A refusal in the API server's words: a body of kind Status, or an ERROR inside a watch. */
import { property, textAt } from './json.ts';

export interface ApiStatus {
  /** As HTTP's. */
  readonly code: number;
  readonly message: string;
  /** How long the server asks to be left alone, in milliseconds. */
  readonly retryAfter: number | undefined;
}

/** The refusal, whatever is missing of it; `httpCode` stands in for its code. */
export function toApiStatus(json: unknown, httpCode: number): ApiStatus {
  const code = property(json, 'code');
  const seconds = property(property(json, 'details'), 'retryAfterSeconds');
  return {
    code: typeof code === 'number' ? code : httpCode,
    message: textAt(json, 'message') ?? textAt(json, 'reason') ?? '',
    retryAfter: typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined,
  };
}

/** HTTP's `Retry-After` in milliseconds: it is written as seconds or as a date. */
export function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
