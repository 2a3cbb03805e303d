/** `npm run realstack:setup`: installs the Debian packages that are missing, and starts none of their services. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { isCommand, isInstalled, PACKAGE_NAMES, PACKAGES, type PackageName } from './packages.ts';

/** Debian asks this program before it starts a service of a package; 101 means no. */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';

process.exitCode = setUp();

function setUp(): number {
  if (!isCommand('go')) tell('Go is not on the path: realstack:build needs it, Go 1.26 or newer');
  const missing = PACKAGE_NAMES.filter((name) => !isInstalled(name));
  if (missing.length === 0) {
    tell('every Debian package is there');
    return 0;
  }
  for (const name of missing) tell(`missing: ${name}, for ${PACKAGES[name].purpose}`);
  if (!isCommand('apt-get') || process.getuid?.() !== 0) {
    tell('they can only be installed by root on a Debian machine');
    return 1;
  }
  return install(missing) ? 0 : 1;
}

function install(missing: readonly PackageName[]): boolean {
  const begin = performance.now();
  const isDone = withoutServices(
    () => aptGet(['update']) && aptGet(['install', '--yes', '--no-install-recommends', ...missing]),
  );
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  const stillMissing = missing.filter((name) => !isInstalled(name));
  if (isDone && stillMissing.length === 0) {
    tell(`installed ${missing.length} packages in ${seconds} s`);
    return true;
  }
  tell(`failed after ${seconds} s; still missing: ${stillMissing.join(', ')}`);
  return false;
}

function aptGet(args: readonly string[]): boolean {
  tell(`apt-get ${args.join(' ')}`);
  const { status } = spawnSync('apt-get', ['-q', ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}

/** A Prometheus or etcd that starts by itself would hold ports of the machine and never be looked at. */
function withoutServices<T>(action: () => T): T {
  // A machine that has a policy already has decided for itself.
  if (existsSync(SERVICE_POLICY)) return action();
  writeFileSync(SERVICE_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return action();
  } finally {
    rmSync(SERVICE_POLICY);
  }
}

function tell(text: string): void {
  process.stderr.write(`realstack:setup  ${text}\n`);
}
