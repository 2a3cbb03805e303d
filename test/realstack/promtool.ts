/** promtool in two generations: checks rules, and plays series through them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { attempt } from './commands.ts';
import type { Needs } from './missing.ts';
import { toBinary } from './programs.ts';

export const PROMTOOL_NEEDS: Needs = { programs: ['prometheus'], packages: ['prometheus'] };

export const PROMTOOLS = {
  '2.42': '/usr/bin/promtool',
  '3.15': toBinary('prometheus', 'promtool'),
} as const;
export type PromtoolGeneration = keyof typeof PROMTOOLS;
export const PROMTOOL_GENERATIONS = Object.keys(PROMTOOLS) as PromtoolGeneration[];

/** A test as promtool takes it. */
export interface RuleTest {
  readonly name: string;
  readonly interval: string;
  readonly input_series: readonly { readonly series: string; readonly values: string }[];
  readonly promql_expr_test?: readonly {
    readonly expr: string;
    readonly eval_time: string;
    readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
  }[];
  readonly alert_rule_test?: readonly {
    readonly alertname: string;
    readonly eval_time: string;
    readonly exp_alerts: readonly {
      readonly exp_labels: Readonly<Record<string, string>>;
      readonly exp_annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

/** What promtool complains of; "" if nothing. */
export function checkRules(generation: PromtoolGeneration, rules: string): Promise<string> {
  return complaints(generation, { 'rules.yaml': rules }, ['check', 'rules', 'rules.yaml']);
}

/** The same for tests of rules. Rules are evaluated at every sample, unless told otherwise. */
export function testRules(
  generation: PromtoolGeneration,
  rules: string,
  tests: readonly RuleTest[],
): Promise<string> {
  const [first] = tests;
  const suite = { rule_files: ['rules.yaml'], evaluation_interval: first?.interval ?? '1m', tests };
  const files = { 'rules.yaml': rules, 'tests.yaml': stringify(suite, { lineWidth: 0 }) };
  return complaints(generation, files, ['test', 'rules', 'tests.yaml']);
}

async function complaints(
  generation: PromtoolGeneration,
  files: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'corespan-promtool-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    // promtool looks for files beside the one it was given.
    const paths = args.map((arg) => (arg in files ? join(folder, arg) : arg));
    const { code, stdout, stderr } = await attempt([PROMTOOLS[generation], ...paths]);
    return code === 0 ? '' : `${stdout}${stderr}`.trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}
