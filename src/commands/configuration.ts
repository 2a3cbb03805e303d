/** Reads the configuration of a verb, and checks what only the other rooms can check. */
import { readFileSync } from 'node:fs';
import { type Config, type Loaded, load } from '../config/load.ts';
import { type ConfiguredVerb, OPTIONS } from '../config/options.ts';
import { suggest } from '../config/suggest.ts';
import { readValue } from '../config/values.ts';
import { compileFormat } from '../parse/format.ts';
import { findEndpoint, findProtocol, OTLP_PROTOCOLS, toOtlpEndpoint } from '../spans/otlpVariables.ts';
import type { World } from './command.ts';

export async function loadConfig(verb: ConfiguredVerb, world: World): Promise<Loaded> {
  const parseYaml = await loadYaml(world);
  const loaded = load({
    verb,
    args: world.args,
    env: world.env,
    readFile: (path) => parseYaml(readFileSync(path, 'utf8')),
  });
  return { ...loaded, problems: [...loaded.problems, ...checkFurther(loaded.config, world)] };
}

/** The YAML library is loaded only where a file is given. */
async function loadYaml({ args, env }: World): Promise<(text: string) => unknown> {
  const isGiven = env['CORESPAN_CONFIG'] !== undefined || args.some((arg) => arg.startsWith('--config'));
  if (!isGiven) return () => undefined;
  const { parse } = await import('yaml');
  return parse;
}

function checkFurther(config: Config, { env }: World): string[] {
  const problems: string[] = [];
  if (config.logFormat !== undefined) problems.push(...checkFormat(config.logFormat));
  const { from = -Infinity, to = Infinity } = config;
  if (from >= to) {
    problems.push(
      `--from: got ${new Date(from).toISOString()}, wants a time before --to ${new Date(to).toISOString()}`,
    );
  }
  return [...problems, ...checkOtlp(config, env)];
}

/** What the environment says of the way out; where no span leaves by it, it is meant for others. */
function checkOtlp({ otlpEndpoint, spansOut }: Config, env: World['env']): string[] {
  if (spansOut !== undefined || (toOtlpEndpoint(otlpEndpoint, env) ?? 'none') === 'none') return [];
  const problems: string[] = [];
  const endpoint = otlpEndpoint === undefined ? findEndpoint(env) : undefined;
  const read = endpoint && readValue('endpoint', endpoint.value);
  if (endpoint !== undefined && read !== undefined && 'wanted' in read) {
    problems.push(`${endpoint.name}: got ${JSON.stringify(endpoint.value)}, wants ${read.wanted}`);
  }
  const protocol = findProtocol(env);
  if (protocol !== undefined && !(OTLP_PROTOCOLS as readonly string[]).includes(protocol.value)) {
    const wanted = OTLP_PROTOCOLS.join(' or ');
    problems.push(`${protocol.name}: got ${JSON.stringify(protocol.value)}, wants ${wanted}`);
  }
  return problems;
}

function checkFormat(format: string): string[] {
  const reason = findFormatProblem(format);
  if (reason === undefined) return [];
  const near = suggest(format.replaceAll(/[{}]/g, ''), ['common', 'combined', 'json']);
  const hint = near === undefined ? reason : `did you mean ${near}?`;
  return [`--log-format: got ${JSON.stringify(format)}, wants ${OPTIONS.logFormat.wants}: ${hint}`];
}

function findFormatProblem(format: string): string | undefined {
  const compiled = compileFormat(format);
  if ('problem' in compiled) return compiled.problem;
  const tellsOutcome = /^(common|combined|json)$|\{(rcode|common|combined)\}/.test(format);
  return tellsOutcome ? undefined : 'the format has no {rcode}: its lines do not tell what failed';
}
