/** `corespan inject`: Kubernetes YAML in, the same with corespan beside every DNS server out. */
import { readFileSync } from 'node:fs';
import { buffer as readAll } from 'node:stream/consumers';
import type { Config, Loaded } from '../config/load.ts';
import { OPTIONS, type Option } from '../config/options.ts';
import { LEAST_MEMORY } from '../install/heap.ts';
import { isImage } from '../install/image.ts';
import type { Injected, InjectOptions } from '../install/inject/inject.ts';
import { parseCpu, parseMemory } from '../install/quantities.ts';
import { type Settings, TUNABLE, toResources, toSettings, type Vantage } from '../install/settings.ts';
import { toErrorText } from '../text/errors.ts';
import { type Command, EXIT, refuse, say, type World } from './command.ts';
import { loadConfig } from './configuration.ts';
import { readCorefile } from './readCorefile.ts';

export const inject: Command = {
  summary: 'put corespan beside the DNS servers in Kubernetes YAML',
  usage: 'corespan inject --image IMAGE [options] [FILE…]',
  description:
    "Reads Kubernetes YAML or JSON from files or standard input and writes the same with corespan's container in every\nDeployment and DaemonSet of DNS pods. Nothing else is changed. What cannot work, or would harm DNS, is refused.\nOptions that `corespan run` has too become variables of the container.",
  async run(world) {
    const { config, paths, given, problems } = await loadConfig('inject', world);
    const wrong = [...problems, ...(config.uninject ? [] : checkAll(config))];
    if (wrong.length > 0) return refuse(world, wrong);
    const inputs = await readInputs(world, paths);
    if ('problem' in inputs) return refuse(world, [inputs.problem]);
    const read = await readCorefile(config.corefile);
    if ('problem' in read) return refuse(world, [read.problem]);
    const options = toOptions(config, given, read.corefile);
    return await write(world, config, { inputs: inputs.texts, options });
  },
};

type Given = Loaded['given'];

interface Input {
  readonly name: string;
  readonly text: string;
}

async function write(
  world: World,
  config: Config,
  { inputs, options }: { readonly inputs: readonly Input[]; readonly options: InjectOptions },
): Promise<number> {
  // The YAML library comes only here: the sidecar never needs it.
  const { inject: add, uninject: remove } = await import('../install/inject/inject.ts');
  const { toUnifiedDiff } = await import('../install/inject/diff.ts');
  // Files are one input: the Corefile may lie in another one than the Deployment.
  const text = inputs.map((input) => input.text).join(inputs.every(endsItsLine) ? '---\n' : '\n---\n');
  const result: Injected = config.uninject ? remove(text, options) : add(text, options);
  if ('problems' in result) {
    for (const problem of result.problems) say(world, problem);
    return EXIT.failed;
  }
  const names = inputs.map(({ name }) => name).join(' ');
  world.out(config.diff ? toUnifiedDiff(names, text, result.text) : result.text);
  const done = config.uninject ? 'taken out of' : 'put into';
  for (const workload of result.workloads) say(world, `${done} ${workload}`);
  if (result.workloads.length === 0) say(world, 'there was no corespan to take out');
  for (const note of result.notes) say(world, note);
  return EXIT.done;
}

function checkAll(config: Config): string[] {
  return [...checkImage(config), ...checkListen(config), ...checkSecret(config), ...checkQuantities(config)];
}

function checkImage({ image }: Config): string[] {
  if (image === undefined) {
    return [
      '--image: got nothing, wants an image of corespan that every node can pull; one that cannot be pulled keeps the DNS pods from being ready',
    ];
  }
  if (isImage(image)) return [];
  return [
    `--image: got ${JSON.stringify(image)}, wants a reference such as registry.example.org/corespan:0.1.0`,
  ];
}

/** The container decides the address: all of the pod's, or the node's own on the host network. */
function checkListen({ listen }: Config): string[] {
  if (listen === 'none') return [];
  if (listen.host !== undefined) {
    return [`--listen: got the host ${listen.host}, wants :PORT or none, as the address is that of the pod`];
  }
  return listen.port > 0
    ? []
    : ['--listen: got port 0, wants one that the probe of the pod can name, or none'];
}

function checkSecret({ otlpHeadersSecret: name }: Config): string[] {
  if (name === undefined || (/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(name) && name.length <= 253)) return [];
  return [`--otlp-headers-secret: got ${JSON.stringify(name)}, wants the name of a Secret`];
}

function checkQuantities({ cpuRequest, cpuLimit, memoryRequest, memoryLimit }: Config): string[] {
  const isCpu = (text: string): boolean => (parseCpu(text) ?? 0) > 0;
  const isMemory = (text: string): boolean => (parseMemory(text) ?? 0) > 0;
  const isEnough = (text: string): boolean => (parseMemory(text) ?? 0) >= LEAST_MEMORY;
  const quantities = [
    ['--cpu-request', cpuRequest, isCpu, WANTED.cpu],
    ['--cpu-limit', cpuLimit === 'none' ? undefined : cpuLimit, isCpu, WANTED.cpu],
    ['--memory-request', memoryRequest, isMemory, WANTED.memory],
    ['--memory-limit', memoryLimit, isEnough, WANTED.memoryLimit],
  ] as const;
  return quantities.flatMap(([option, text, isRight, wanted]) =>
    text === undefined || isRight(text) ? [] : [`${option}: got ${JSON.stringify(text)}, wants ${wanted}`],
  );
}

const WANTED = {
  cpu: 'a quantity such as 250m or 1',
  memory: 'a quantity such as 128Mi',
  memoryLimit: `a quantity of ${LEAST_MEMORY / 2 ** 20}Mi at least: with less corespan ends again and again, which makes the DNS pod unready`,
} as const;

function endsItsLine({ text }: Input): boolean {
  return text.endsWith('\n');
}

async function readInputs(
  { stdin }: World,
  paths: readonly string[],
): Promise<{ readonly texts: Input[] } | { readonly problem: string }> {
  const texts: Input[] = [];
  for (const path of paths.length === 0 ? ['-'] : paths) {
    try {
      // Decoded with its byte order mark, which is given back.
      const text = (path === '-' ? await readAll(stdin) : readFileSync(path)).toString('utf8');
      texts.push({ name: path === '-' ? 'stdin' : path, text });
    } catch (error) {
      return { problem: `${path}: cannot be read: ${toErrorText(error)}` };
    }
  }
  return { texts };
}

function toOptions(config: Config, given: Given, corefile: InjectOptions['corefile']): InjectOptions {
  const chosen = toChosen(config, given);
  return {
    containers: config.containers,
    selector: config.selector,
    corefile,
    settingsOf: ({ vantage, pod }) => ({
      ...toInjected(config, vantage, pod.hostNetwork === true),
      options: chosen,
    }),
  };
}

function toInjected(config: Config, vantage: Vantage, isHostNetwork: boolean): Settings {
  const { requests, limits } = toResources(vantage);
  return toSettings(vantage, {
    image: config.image ?? '',
    logSource: config.logSource,
    checkpointVolume: config.checkpointVolume,
    otlpHeadersSecret: config.otlpHeadersSecret,
    isHostNetwork,
    port: config.listen === 'none' ? undefined : config.listen.port,
    resources: {
      requests: { cpu: config.cpuRequest, memory: config.memoryRequest ?? requests.memory },
      limits: {
        ...(config.cpuLimit !== 'none' && { cpu: config.cpuLimit }),
        memory: config.memoryLimit ?? limits.memory,
      },
    },
  });
}

/** Options of `run` that were given, their defaults too: the container has defaults of its own beside a cache. */
function toChosen(config: Config, given: Given): Settings['options'] {
  return Object.fromEntries(
    TUNABLE.flatMap((name) => {
      const value = config[name];
      return value === undefined || !given.has(name) ? [] : [[name, toText(OPTIONS[name], value)]];
    }),
  );
}

function toText({ type }: Option, value: string | number | readonly string[]): string {
  if (type === 'duration') return `${String(value)}ms`;
  return Array.isArray(value) ? value.join(',') : String(value);
}
