/** The process edge: arguments and environment in, a verb, an exit code out; the only place that ends the process. */
import { networkInterfaces } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { type Command, EXIT, say, type World } from './commands/command.ts';
import { demo } from './commands/demo.ts';
import { doctor } from './commands/doctor.ts';
import { toHelp, toOverview } from './commands/help.ts';
import { inject } from './commands/inject.ts';
import { replay } from './commands/replay.ts';
import { run } from './commands/run.ts';
import { OutputFailed, toStandardOutput } from './commands/standardOutput.ts';
import { withoutEmpty } from './config/environment.ts';
import { CONFIGURED_VERBS, type ConfiguredVerb } from './config/options.ts';
import { suggest } from './config/suggest.ts';
import { toErrorText, toStackText } from './text/errors.ts';
import { toPrintable } from './text/printable.ts';
import { VERSION } from './version.ts';

// Else V8 makes some records of the hot path old at once, by chance, and whatever they lead to with them: a sixth of the CPU
// and 10 MB at 10,000 lines/s (docs/adr/013).
setFlagsFromString('--no-allocation-site-pretenuring');

/** Milliseconds; more would be taken for 1. */
const LONGEST_TIMER = 2 ** 31 - 1;

const COMMANDS: Readonly<Record<ConfiguredVerb, Command>> = { run, replay, demo, inject, doctor };

async function main(world: World): Promise<number> {
  const [verb, ...args] = world.args;
  if (verb === '--version') return tellVersion(world);
  if (verb === undefined) return help(world, undefined, true);
  if (asksForHelp(verb)) return help(world, args[0], false);
  if (!isVerb(verb)) return refuseVerb(world, verb);
  if (args.some((arg) => arg !== 'help' && asksForHelp(arg))) return help(world, verb, false);
  if (args.includes('--version')) return tellVersion(world);
  return await COMMANDS[verb].run({ ...world, args });
}

function tellVersion(world: World): number {
  world.out(`${VERSION}\n`);
  return EXIT.done;
}

function asksForHelp(word: string): boolean {
  return word === 'help' || word === '--help' || word === '-h';
}

/** Without a verb the overview is an error message: nothing was done. */
function help(world: World, about: string | undefined, isError: boolean): number {
  const verb = about !== undefined && asksForHelp(about) ? undefined : about;
  if (verb !== undefined && !isVerb(verb)) return refuseVerb(world, verb);
  const text = verb === undefined ? toOverview(COMMANDS) : toHelp(verb, COMMANDS[verb]);
  if (isError) world.err(text);
  else world.out(text);
  return isError ? EXIT.usage : EXIT.done;
}

function refuseVerb(world: World, verb: string): number {
  const near = suggest(verb, [...CONFIGURED_VERBS, 'help', '--help', '--version']);
  const hint = near === undefined ? 'see corespan help' : `did you mean ${near}?`;
  world.err(`corespan: ${JSON.stringify(verb)} is no verb, ${hint}\n`);
  return EXIT.usage;
}

function isVerb(word: string): word is ConfiguredVerb {
  return (CONFIGURED_VERBS as readonly string[]).includes(word);
}

/**
 * Holds Node's loop until `end`. Listening for signals holds nothing, so with nothing served Node would end a verb that
 * waits for one, with 0, in the middle: in a DNS pod a crash loop.
 */
function stayUntilTheEnd(): void {
  setInterval(() => {}, LONGEST_TIMER);
}

/** SIGTERM and SIGINT ask to stop; a second one, whichever, ends the process as it stands. */
function listenToSignals(): Promise<void> {
  return new Promise((resolve) => {
    let isAsked = false;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (isAsked) process.exit(EXIT.failed);
        isAsked = true;
        resolve();
      });
    }
  });
}

function toAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((ends = []) => ends.map(({ address }) => address));
}

/** Whoever reads our output may stop early (head, less): that is no failure. */
function isLoss(error: NodeJS.ErrnoException): boolean {
  return error.code !== 'EPIPE';
}

function endWith(error: Error): never {
  process.stderr.write(`corespan: standard output: ${toErrorText(error)}\n`);
  process.exit(EXIT.failed);
}

const stdout = toStandardOutput(process.stdout);
process.stdout.on('error', (error) => {
  if (isLoss(error)) endWith(error);
  process.exit(EXIT.done);
});
// There is nobody left to tell.
process.stderr.on('error', () => {});

const world: World = {
  args: process.argv.slice(2),
  env: withoutEmpty(process.env),
  stdin: process.stdin,
  out: stdout.write,
  err: (text) => process.stderr.write(text),
  isTerminal: process.stderr.isTTY,
  now: Date.now,
  addresses: toAddresses,
  stopped: listenToSignals(),
  onFault: (take) => process.on('uncaughtException', take),
};

stayUntilTheEnd();
main(world).then(end, (error: unknown) => {
  const isBug = !(error instanceof OutputFailed);
  if (isBug) world.err(`corespan: ${toStackText(error).split('\n').map(toPrintable).join('\n')}\n`);
  else say(world, error.message);
  end(EXIT.failed);
});

/** A request that hangs must not keep the process; what was written before leaves first. */
function end(code: number): void {
  stdout.whenLeft((error) => {
    if (error !== null && isLoss(error)) endWith(error);
    process.exit(code);
  });
}
