/** `corespan doctor`: why is there nothing to see? Looks at what corespan needs and says what to change. */
import type { Config } from '../config/load.ts';
import type { Patient } from '../install/doctor/examine.ts';
import { type Examination, type Level, RULES, toWorst } from '../install/doctor/rules.ts';
import { loadCredentials } from '../kube/credentials.ts';
import { createQuietSelf } from '../self/self.ts';
import { toOtlpEndpoint } from '../spans/otlpVariables.ts';
import { toPrintable } from '../text/printable.ts';
import { findMissingRecording } from './cluster.ts';
import { type Command, EXIT, isInPod, refuse, type World } from './command.ts';
import { loadConfig } from './configuration.ts';
import { readCorefile } from './readCorefile.ts';

/** By the worst finding; 1 and 2 keep their meaning. */
const EXIT_OF: Readonly<Record<Level, number>> = { note: EXIT.done, warning: 3, error: 4 };

export const doctor: Command = {
  summary: 'look why there is nothing to see, and say what to change',
  usage: 'corespan doctor [options]',
  description:
    'Asks whether CoreDNS logs every query, whether the log may be read, whether the rights are there, whether the watch\nsyncs, whether spans can leave without the DNS that is watched, and whether the memory limit is sane. It changes\nnothing. With --corefile and without a cluster it looks at the Corefile alone; in the pod of a reader at the log too\n(POD: one on a node that has a DNS pod, kubectl -n corespan get pods -o wide):\n  kubectl -n corespan exec POD -- corespan doctor\nNot beside DNS: a second process may exceed the memory limit of the container, and the DNS pod is then not ready.\nExit code: 0 nothing or notes, 2 there was nothing to look at, 3 a warning, 4 an error.',
  async run(world) {
    const { config, paths, problems } = await loadConfig('doctor', world);
    const wrong = [...problems, ...paths.map((path) => `${path}: doctor takes no path, see --corefile`)];
    if (wrong.length > 0) return refuse(world, wrong);
    const patient = await toPatient(config, world);
    if ('problem' in patient) return refuse(world, [patient.problem]);
    const examinations = await examineAll(patient, (one) => {
      if (!config.json) world.out(toText(one));
    });
    const worst = toWorst(examinations.flatMap(({ findings }) => findings));
    if (config.json) world.out(`${JSON.stringify(toReport(worst, examinations))}\n`);
    if (examinations.every(({ name, isSkipped }) => isSkipped || name === 'otlp')) {
      const said =
        'there was nothing to look at: name a cluster (--kubeconfig, --context) or a Corefile (--corefile)';
      return refuse(world, [said]);
    }
    return worst === undefined ? EXIT.done : EXIT_OF[worst];
  },
};

async function examineAll(patient: Patient, tell: (one: Examination) => void): Promise<Examination[]> {
  const { examine } = await import('../install/doctor/examine.ts');
  const examinations: Examination[] = [];
  try {
    for await (const one of examine(patient)) {
      tell(one);
      examinations.push(one);
    }
  } finally {
    if ('reader' in patient.cluster) patient.cluster.reader.close();
  }
  return examinations;
}

async function toPatient(config: Config, world: World): Promise<Patient | { readonly problem: string }> {
  const read = await readCorefile(config.corefile);
  if ('problem' in read) return read;
  const { env } = world;
  const cluster = await openCluster(config, world);
  if ('problem' in cluster) return cluster;
  return {
    cluster,
    isInPod: isInPod(world),
    corefile: read.corefile,
    selector: config.selector,
    platform: config.platform,
    logDir: config.logDir,
    containers: config.containers,
    nodeName: config.nodeName,
    otlpEndpoint: toOtlpEndpoint(config.otlpEndpoint, env),
    toEndpoint: (given) => toOtlpEndpoint(given['CORESPAN_OTLP_ENDPOINT'], given),
    self: createQuietSelf().kube,
  };
}

/** A cluster that was named outright has to be there. */
async function openCluster(
  config: Config,
  { env }: World,
): Promise<Patient['cluster'] | { readonly problem: string }> {
  if (config.cluster === 'none') return { missing: '--cluster none' };
  if (config.cluster !== 'auto') {
    const problem = findMissingRecording(config.cluster);
    if (problem !== undefined) return { problem };
    return { missing: `--cluster ${config.cluster}: a recording has no API server to ask` };
  }
  const credentials = await loadCredentials({ kubeconfig: config.kubeconfig, context: config.context, env });
  if ('problem' in credentials) {
    const isNamed = config.kubeconfig !== undefined || config.context !== undefined;
    return isNamed ? credentials : { missing: credentials.problem };
  }
  const { createClusterReader } = await import('../install/doctor/cluster.ts');
  return { reader: createClusterReader(credentials), credentials };
}

const MARKS: Readonly<Record<Level, string>> = { error: '✖', warning: '!', note: 'i' };

function toText({ name, looked, isSkipped, findings }: Examination): string {
  const head = `${isSkipped ? '-' : findings.length === 0 ? '✔' : ' '} ${name.padEnd(9)}${toPrintable(looked)}\n`;
  const lines = findings.map(({ rule, where, message, fix }) => {
    const advice =
      fix === undefined
        ? ''
        : fix
            .split('\n')
            .map((line) => `\n      ${toPrintable(line)}`)
            .join('');
    return `  ${MARKS[RULES[rule].level]} ${toPrintable(where)} ${rule}: ${toPrintable(message)}${advice}\n`;
  });
  return head + lines.join('');
}

function toReport(worst: Level | undefined, examinations: readonly Examination[]): object {
  return {
    worst: worst ?? 'none',
    examinations: examinations.map(({ name, looked, isSkipped, findings }) => ({
      name,
      result: isSkipped ? 'skipped' : (toWorst(findings) ?? 'ok'),
      looked,
      findings: findings.map((finding) => ({ level: RULES[finding.rule].level, ...finding })),
    })),
  };
}
