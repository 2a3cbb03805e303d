/** Prints the addresses that ask in a log, as JSON: the pods of a made-up cluster. */
import { createParser } from '../../src/parse/parser.ts';
import { createLog } from '../../src/self/log.ts';
import { createSelf } from '../../src/self/self.ts';
import { readLines } from '../../src/sources/replay.ts';

const self = createSelf(createLog({ level: 'error', isTerminal: false, write() {}, now: Date.now }));
const parser = createParser({ format: undefined }, self.parse);
const clients = new Set<string>();
for await (const lines of readLines([process.argv[2] ?? ''], { containers: undefined }, self.sources)) {
  for (const { client } of parser.accept(lines).queries) clients.add(client);
}
process.stdout.write(JSON.stringify([...clients]));
