/** What CoreDNS would refuse to start with, or serve nothing for: what the grammar shows and what its plugins find. */
import type { Block, Corefile, CorefileProblem, Directive } from './blocks.ts';
import { toZone } from './zones.ts';

export function findFaults({ blocks, problems }: Pick<Corefile, 'blocks' | 'problems'>): CorefileProblem[] {
  return [...problems, ...blocks.flatMap(findLogFaults), ...findTwins(blocks)];
}

const CLASSES = ['all', 'success', 'denial', 'error'];

/** plugin/log/setup.go */
function findLogFaults({ directives }: Block): CorefileProblem[] {
  const options = directives.filter(({ name }) => name === 'log').flatMap(({ nested }) => nested);
  return options.flatMap(({ name, args, line }) => {
    if (name !== 'class') return [{ line, message: `log knows no ${name}` }];
    if (args.length === 0) return [{ line, message: `log wants a class of ${CLASSES.join(', ')}` }];
    return args
      .filter((arg) => !CLASSES.includes(arg))
      .map((arg) => ({ line, message: `log knows no class ${arg}, only ${CLASSES.join(', ')}` }));
  });
}

/** Two servers for one zone: allowed on different addresses and in different views (core/dnsserver/register.go). */
function findTwins(blocks: readonly Block[]): CorefileProblem[] {
  const seen = new Map<string, Block>();
  return blocks.flatMap((block) => {
    if (block.directives.some(isView)) return [];
    return block.keys.flatMap((key) => {
      const { transport, zone, port } = toZone(key);
      return toAddresses(block).flatMap((address) => {
        const place = [transport, zone, port, address].join(' ');
        const before = seen.get(place);
        seen.set(place, block);
        if (before === undefined) return [];
        return [
          { line: block.line, message: `${key} is served already by the block of line ${before.line}` },
        ];
      });
    });
  });
}

function isView({ name }: Directive): boolean {
  return name === 'view';
}

function toAddresses({ directives }: Block): string[] {
  const bound = directives.filter(({ name }) => name === 'bind').flatMap(({ args }) => args);
  return bound.length === 0 ? ['every address'] : [...new Set(bound)];
}
