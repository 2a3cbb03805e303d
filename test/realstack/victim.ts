/** A run that waits to be killed: with a program as another user, a container under criwriter, and a door. */
import { join } from 'node:path';
import { startContainer } from './criwriter.ts';
import { openDoor } from './doors.ts';
import { addNamespaces, listProcesses } from './namespaces.ts';
import { start } from './processes.ts';
import { claimRun } from './runs.ts';
import { asUser, toArgv } from './sandbox.ts';
import { until } from './until.ts';

const [, , parentFolder = '', registry] = process.argv;
const { id, prefix, folder, socketFolder } = claimRun(join(parentFolder, 'victim'), registry);
const sandbox = { name: 'box', namespace: `${prefix}box`, mounts: [] };
await addNamespaces([sandbox.namespace]);
start(toArgv(sandbox, asUser({ user: 65_532, group: 0 }, ['sleep', '1000'])), {
  name: 'user',
  logFile: join(folder, 'user.log'),
});
openDoor(sandbox.namespace, {
  port: 8080,
  socketPath: join(socketFolder, 'door.sock'),
  logFile: join(folder, 'door.log'),
});
await startContainer({
  name: 'sleeper',
  sandbox,
  argv: ['sleep', '1000'],
  logPath: join(folder, 'shop_sleeper_u-1/web/0.log'),
  complaints: join(folder, 'criwriter.log'),
});
const pids = await until('all of them', async () => {
  const found = await listProcesses(sandbox.namespace);
  return found.length === 4 ? found : undefined;
});
process.stdout.write(JSON.stringify({ id, prefix, socketFolder, pids }));
