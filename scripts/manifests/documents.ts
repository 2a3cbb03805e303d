/** How generated manifests are written: a header, then YAML documents. */
import { stringify } from 'yaml';

const MADE = '# Made by `npm run generate`; change scripts/manifests, not this file.\n';

/** Path → content of a generated file. */
export type Files = ReadonlyMap<string, string>;

export function toDocuments(comment: string, ...objects: readonly object[]): string {
  const lines =
    comment === ''
      ? ''
      : comment
          .split('\n')
          .map((line) => `# ${line}\n`)
          .join('');
  return MADE + lines + objects.map(toYaml).join('---\n');
}

export function toYaml(object: object): string {
  return stringify(object, { lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false });
}

export function toKustomization(kind: 'Kustomization' | 'Component', content: object): string {
  const apiVersion =
    kind === 'Component' ? 'kustomize.config.k8s.io/v1alpha1' : 'kustomize.config.k8s.io/v1beta1';
  return toDocuments('', { apiVersion, kind, ...content });
}
