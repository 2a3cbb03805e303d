/**
 * The plain parser: one query line of any CoreDNS generation in the `common` or `combined` format.
 *
 * It says in one expression what a query line is. The fast path must equal it on every line, and hands it every
 * line that is out of the ordinary.
 *
 *     127.0.0.1:43518 - 52620 "A IN example.org. udp 29 false 512" NOERROR qr,rd,ra 45 0.000235741s "0"
 *     address :port   - id    "question"                          rcode   flags    size duration   "opcode"
 *
 * Before 1.0.5 there was no id, before 1.1.0 no port and no brackets, up to 1.2.5 `[when]` stood before the id.
 * The source has read it already.
 */
import { type QueryFields, type QuestionFields, toQueryFields, toQuestion } from './fields.ts';
import { ADDRESS, BOOLEAN, DURATION, FLAGS, MNEMONIC, NAME, RCODE, TRANSPORT, UINT } from './grammar.ts';

/** Groups in the order of the line; named ones would double the time that reading takes. */
const QUERY = new RegExp(
  [
    `^(?:(${ADDRESS})(?::(${UINT}))?|([0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:%[^ "]*)?)) - `,
    String.raw`(?:\[[^\]]*\] )?(?:(${UINT}) )?`,
    String.raw`"((?:\\[^]|[^"\\])*)" `,
    `(${RCODE}) (${FLAGS}) (-|${UINT}) (${DURATION})`,
    `(?: "${UINT}")? *$`,
  ].join(''),
);

const QUESTION = new RegExp(
  `^(${MNEMONIC}) (${MNEMONIC}) (${NAME}) (${TRANSPORT}) (${UINT}) (${BOOLEAN}) (${UINT})$`,
);

/** No message of CoreDNS begins with an address or a port, but every query line of the default formats does. */
const BEGINS_LIKE_A_QUERY =
  /^(?:\d{1,3}(?:\.\d{1,3}){3}(?:[: ]|$)|\[[^\] ]*\](?::\d| - )|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:%[^ ]*)? - )/;

/** Reads a message (prefix taken off); undefined if it breaks the grammar or a range. */
export function parseQuery(message: string): QueryFields | undefined {
  const texts = QUERY.exec(message);
  if (texts === null) return undefined;
  const [, remote, port, bareRemote, id, quoted = '', rcode, flags, responseSize, duration] = texts;
  const question = parseQuestion(quoted);
  if (question === undefined) return undefined;
  const answer = { remote: remote ?? bareRemote, port, id, rcode, flags, responseSize, duration };
  return toQueryFields(question, answer, undefined);
}

/** Reads what stands between the quotes. */
export function parseQuestion(quoted: string): QuestionFields | undefined {
  const texts = QUESTION.exec(quoted);
  if (texts === null) return undefined;
  const [, type, qclass, name, transport, size, dnssecOk, bufsize] = texts;
  return toQuestion({ type, class: qclass, name, transport, size, dnssecOk, bufsize });
}

/** Tells a broken query line from a message. */
export function isLikeQuery(message: string): boolean {
  return BEGINS_LIKE_A_QUERY.test(message);
}
