/**
 * What repeats from line to line (questions, clients, answers) as shared objects: equal ones are one object, and
 * what is kept never pins the text of the line it came from.
 */
import type { Query, Question } from '../records/query.ts';
import { copyText } from '../text/copy.ts';
import { type ByteTable, createByteTable, createWindow } from './byteTable.ts';
import { type Answer, type QueryFields, type QuestionFields, toAnswer, toClient } from './fields.ts';
import { FLAGS, RCODE } from './grammar.ts';
import { createNames } from './names.ts';
import { parseQuestion } from './plain.ts';

export interface Interning {
  /** By what stands between the quotes; undefined for what the plain parser has to look at. */
  readonly questions: ByteTable<Question>;
  /** By the address as logged, brackets included. */
  readonly clients: ByteTable<string>;
  /** By `<rcode> <flags>`. */
  readonly answers: ByteTable<Answer>;
  /** The same fields, made of shared parts and copied texts. */
  share(fields: QueryFields): SharedFields;
}

export type SharedFields = Omit<QueryFields, 'question'> & Pick<Query, 'question'>;

/**
 * Keys of a generation and bytes of an average key; under a flood of the longest names a generation ends with its
 * bytes instead.
 *
 * A log of 2 M lines holds some 65,000 different questions, most of them met once or twice. A question costs 250 bytes,
 * and one that is not there is parsed anew, which costs as much as three lines. Not there were, by the number of keys:
 * 65,536: 3.2 %; 32,768: 6.3 %; 16,384: 17.6 %; 8,192: 35.7 %.
 */
const QUESTIONS = { keys: 32_768, recordBytes: 32_768 * 96 };
const CLIENTS = { keys: 16_384, recordBytes: 16_384 * 32 };
const ANSWERS = { keys: 1024, recordBytes: 1024 * 40 };
/** A question with a longer key is copied without being shared. */
const SCRATCH_BYTES = 4096;
const UTF8_BYTES_PER_CHARACTER = 3;

export function createInterning(seed: number): Interning {
  const scratch = createWindow(Buffer.alloc(SCRATCH_BYTES));
  const toWord = createWords();
  const toName = createNames();
  /** Set while a question is shared that the plain parser has read already. */
  let given: QuestionFields | undefined;

  const questions = createByteTable<Question>({
    ...QUESTIONS,
    seed,
    create(bytes, start, end) {
      const question = given ?? parseAscii(bytes, start, end);
      return question && toKept(question);
    },
  });
  const clients = createByteTable<string>({
    ...CLIENTS,
    seed,
    create(bytes, start, end) {
      const client = toClient(bytes.toString('latin1', start, end));
      return client === undefined ? undefined : copyText(client);
    },
  });
  const answers = createByteTable<Answer>({
    ...ANSWERS,
    seed,
    create(bytes, start, end) {
      const answer = parseAnswer(bytes.toString('latin1', start, end));
      return answer && { ...answer, rcode: toWord(answer.rcode), flags: toWord(answer.flags) };
    },
  });

  function toKept({
    qname: text,
    qtype,
    qclass,
    transport,
    size,
    dnssecOk,
    bufsize,
  }: QuestionFields): Question {
    const { qname, stem, nameId, nameHash } = toName(text);
    return {
      qname,
      qtype: toWord(qtype),
      qclass: toWord(qclass),
      transport,
      size,
      dnssecOk,
      bufsize,
      stem,
      nameId,
      nameHash,
    };
  }

  function shareQuestion(question: QuestionFields): Question {
    const key = toKey(question);
    if (key.length * UTF8_BYTES_PER_CHARACTER > SCRATCH_BYTES) return toKept(question);
    given = question;
    const shared = questions.at(scratch, 0, scratch.bytes.write(key));
    given = undefined;
    return shared ?? toKept(question);
  }

  return {
    questions,
    clients,
    answers,
    share(fields) {
      const { metadata } = fields;
      return {
        ...fields,
        client: clients.at(scratch, 0, scratch.bytes.write(fields.client)) ?? fields.client,
        question: shareQuestion(fields.question),
        rcode: toWord(fields.rcode),
        flags: toWord(fields.flags),
        metadata: metadata && new Map([...metadata].map(([label, text]) => [label, copyText(text)])),
      };
    },
  };
}

/** Bytes beyond ASCII mean UTF-8, or something broken; a line that has them is read as a whole. */
function parseAscii(bytes: Buffer, start: number, end: number): QuestionFields | undefined {
  for (let at = start; at < end; at++) {
    if ((bytes[at] ?? 0) > 0x7f) return undefined;
  }
  return parseQuestion(bytes.toString('latin1', start, end));
}

const ANSWER = new RegExp(`^(${RCODE}) (${FLAGS})$`);

function parseAnswer(text: string): Answer | undefined {
  const [whole, rcode = '', flags = ''] = ANSWER.exec(text) ?? [];
  return whole === undefined ? undefined : toAnswer(rcode, flags);
}

/** Stands for what a format leaves out: no line holds one. */
const LEFT_OUT = '\n';

/** The quoted part of the line where the format has all of it. */
function toKey(question: QuestionFields): string {
  const { qtype, qclass, transport, size = LEFT_OUT, dnssecOk = LEFT_OUT, bufsize = LEFT_OUT } = question;
  const qname = question.qname === '' ? LEFT_OUT : question.qname;
  const known = transport === 'unknown' ? LEFT_OUT : transport;
  return `${qtype} ${qclass} ${qname} ${known} ${size} ${dnssecOk} ${bufsize}`;
}

const MAX_WORDS = 1024;

/** Types, classes, response codes and flags: few, unless somebody makes them up. */
function createWords(): (text: string) => string {
  const words = new Map<string, string>();
  return (text) => {
    const known = words.get(text);
    if (known !== undefined) return known;
    if (words.size >= MAX_WORDS) words.clear();
    const word = toMemberName(copyText(text));
    words.set(word, word);
    return word;
  };
}

/**
 * The same text as V8 keeps the names of members and the literals of the code: of those there is one copy each, and two
 * are compared by where they stand.
 */
function toMemberName(text: string): string {
  return Object.keys({ [text]: true })[0] ?? text;
}
