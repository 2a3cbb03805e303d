/** The compose file of examples/grafana: which service runs what with which files. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const EXAMPLE_FOLDER = 'examples/grafana';

export interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly volumes: readonly string[];
  readonly ports: readonly string[];
}

export function readCompose(): Readonly<Record<string, Service>> {
  const { services } = parse(readFileSync(join(EXAMPLE_FOLDER, 'compose.yaml'), 'utf8')) as {
    readonly services: Readonly<Record<string, Service>>;
  };
  return services;
}

/** `source:target:ro` with the source as a path from the repository. */
export function toMounts({ volumes }: Service): { readonly source: string; readonly target: string }[] {
  return volumes.map((volume) => {
    const [source = '', target = ''] = volume.split(':');
    return { source: join(EXAMPLE_FOLDER, source), target };
  });
}
