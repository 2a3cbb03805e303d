/** Network namespaces as such: made, filled by a batch of `ip` commands, and removed with all that runs in them. */
import { attempt, run } from './commands.ts';
import { until } from './until.ts';

export async function addNamespaces(names: readonly string[]): Promise<void> {
  await run(['ip', '-batch', '-'], { input: toBatch(names.map((name) => `netns add ${name}`)) });
}

/** Runs `ip` commands inside a namespace, all in one process. */
export async function configure(namespace: string, commands: readonly string[]): Promise<void> {
  await run(['ip', '-n', namespace, '-batch', '-'], { input: toBatch(commands) });
}

/** Sets kernel settings of the namespace, as paths under /proc/sys/net. */
export async function setKernel(
  namespace: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const script = Object.entries(settings).map(([path, value]) => `echo ${value} > /proc/sys/net/${path}`);
  await run(['ip', 'netns', 'exec', namespace, 'sh', '-ec', script.join('\n')]);
}

export async function listNamespaces(prefix: string): Promise<string[]> {
  const listed = await run(['ip', 'netns', 'list']);
  return listed
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name.startsWith(prefix));
}

/** Processes that live in the namespace; none if there is no such namespace any more. */
export async function listProcesses(namespace: string): Promise<number[]> {
  const { stdout } = await attempt(['ip', 'netns', 'pids', namespace]);
  return stdout.split('\n').filter(Boolean).map(Number);
}

/** Every namespace whose name begins so; what runs in them is ours by that name, and is killed first. */
export async function removeNamespaces(prefix: string): Promise<void> {
  const names = await listNamespaces(prefix);
  for (const name of names) await removeNamespace(name);
}

export async function removeNamespace(name: string): Promise<void> {
  await until(`the end of what runs in ${name}`, async () => {
    const pids = await listProcesses(name);
    for (const pid of pids) killIfThere(pid);
    return pids.length === 0 ? true : undefined;
  });
  const { code, stderr } = await attempt(['ip', 'netns', 'delete', name]);
  // Someone else may be sweeping the same dead run.
  const isGone = code === 0 || (await listNamespaces(name)).length === 0;
  if (!isGone) throw new Error(`cannot delete the network namespace ${name}: ${stderr.trim()}`);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in the meantime.
  }
}

function toBatch(commands: readonly string[]): string {
  return commands.map((command) => `${command}\n`).join('');
}
