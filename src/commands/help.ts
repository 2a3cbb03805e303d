/** `corespan help` and `--help`: written from the table of verbs and the table of options. */

import { conditionsOf } from '../config/conditions.ts';
import { optionsOf } from '../config/given.ts';
import { defaultOf } from '../config/load.ts';
import { type ConfiguredVerb, type Option, toFlag, toVariable } from '../config/options.ts';
import type { Command } from './command.ts';

const WIDTH = 100;

export function toOverview(commands: Readonly<Record<string, Command>>): string {
  const verbs = Object.entries(commands).map(([verb, { summary }]) => `  ${verb.padEnd(8)} ${summary}`);
  return `corespan turns the query logs of CoreDNS and NodeLocal DNSCache into who asked for whom.

Usage: corespan <verb> [options] [PATH…]

${verbs.join('\n')}
  help     this text, or help for a verb

  corespan <verb> --help    options of a verb
  corespan --version        which build this is
`;
}

export function toHelp(verb: ConfiguredVerb, command: Command): string {
  const options = optionsOf(verb).map(([name, option]) => toEntry(name, option, verb));
  return `Usage: ${command.usage}

${command.description}

Options; each is also an environment variable (${toVariable('logDir')} for ${toFlag('logDir')}) and a key of the
YAML file given with --config (logDir). A flag beats the environment, the environment beats the file; an empty
variable counts as not set.

${options.join('\n')}
`;
}

function toEntry(name: string, option: Option, verb: ConfiguredVerb): string {
  const fallback = defaultOf(option, verb);
  const flag = `  ${toFlag(name)} ${toPlaceholder(option)}`.trimEnd();
  const isPlain = fallback === undefined || option.type === 'flag';
  const text = `${option.help}${toCondition(option, verb)}${isPlain ? '' : ` [${fallback}]`}`;
  return `${flag}\n${wrap(text, 6)}`;
}

/** What stands behind the flag: where only a few words will do, those. */
function toPlaceholder({ type, placeholder }: Option): string {
  return typeof type === 'object' && 'choices' in type ? type.choices.join('|') : placeholder;
}

function toCondition(option: Option, verb: ConfiguredVerb): string {
  const conditions = conditionsOf(option, verb);
  if (conditions.length === 0) return '';
  const wanted = conditions.map(({ option, values }) => `${toFlag(option)} ${values.join(' or ')}`);
  return ` Only with ${wanted.join(', or with ')}.`;
}

function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > WIDTH - indent) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => ' '.repeat(indent) + one).join('\n');
}
