/** The DNS server of the world outside the cluster: it knows a few zones, and fails or falls silent when told. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { untilReloaded, untilServing } from './coreDnsLog.ts';
import { toUpstreamCorefile, type UpstreamMood } from './corefiles.ts';
import { start, whileRunning } from './processes.ts';
import { toBinary } from './programs.ts';
import { type Sandbox, toArgv } from './sandbox.ts';

export interface Upstream {
  /** Its own query log, as CoreDNS writes it: no wrapping, no times. */
  readonly logFile: string;
  /** The mood holds for every query that arrives after this resolves. */
  become(mood: UpstreamMood): Promise<void>;
  stop(): Promise<void>;
}

/** Resolves once it answers. */
export async function startUpstream(sandbox: Sandbox, folder: string): Promise<Upstream> {
  const corefile = join(folder, 'Corefile.upstream');
  const logFile = join(folder, 'logs/upstream.log');
  writeFileSync(corefile, toUpstreamCorefile('normal'));
  const running = start(toArgv(sandbox, [toBinary('coredns', 'coredns'), `-conf=${corefile}`]), {
    name: 'upstream',
    logFile,
  });
  await whileRunning(running, { logFile, promise: untilServing(logFile) });

  return {
    logFile,
    async become(mood) {
      writeFileSync(corefile, toUpstreamCorefile(mood));
      await untilReloaded(logFile, () => running.child.kill('SIGUSR1'));
    },
    async stop() {
      await running.stop();
    },
  };
}
