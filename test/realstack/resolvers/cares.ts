/**
 * Looks names up by c-ares, as Node's `dns.resolve` does: one question of one type, no search path.
 *
 *     node cares.ts <at once> < questions
 *
 * Questions and answers are those of lookup.c; the type is any that `dns.resolve` knows.
 */
import { Resolver } from 'node:dns/promises';
import { text } from 'node:stream/consumers';

const DENIALS = ['ENOTFOUND', 'ENODATA'];
const SILENCES = ['ETIMEOUT', 'ECONNREFUSED'];

const resolver = new Resolver();
const questions = (await text(process.stdin)).trim().split('\n').entries();

async function work(): Promise<void> {
  for (const [number, question] of questions) {
    const [type = '', name = ''] = question.split(' ');
    const start = Date.now();
    const outcome = await ask(name, type);
    process.stdout.write(`${number} ${start * 1000} ${(Date.now() + 1) * 1000} ${outcome} -\n`);
  }
}

async function ask(name: string, type: string): Promise<string> {
  try {
    await resolver.resolve(name, type);
    return 'success';
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (DENIALS.includes(code)) return 'denial';
    return SILENCES.includes(code) ? 'no-answer' : 'error';
  }
}

// They share one iterator: who is free takes the next question.
await Promise.all(Array.from({ length: Number(process.argv[2]) }, work));
