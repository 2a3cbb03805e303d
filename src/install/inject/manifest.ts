/** Kubernetes YAML or JSON as people keep it: many documents, Lists, comments; where each object stands in the text. */
import { type Document, isMap, isSeq, parseAllDocuments, type YAMLMap } from 'yaml';
import { toErrorText } from '../../text/errors.ts';

export interface ManifestObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly node: YAMLMap;
  /** The whole object as plain values. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** All objects, those inside of Lists too; or why the text cannot be read. */
export function readManifest(
  text: string,
): { readonly objects: ManifestObject[] } | { readonly problem: string } {
  const documents = parseAllDocuments(text, { keepSourceTokens: true, logLevel: 'silent' });
  if (!Array.isArray(documents)) return { objects: [] };
  const objects: ManifestObject[] = [];
  for (const document of documents as Document.Parsed[]) {
    const [error] = document.errors;
    if (error !== undefined) return { problem: `no YAML: ${error.message.split('\n')[0]}` };
    try {
      collect(document, document.contents, objects);
    } catch (cause) {
      // Aliases that grow without end, or that lead nowhere.
      return { problem: `no YAML that can be read: ${toErrorText(cause)}` };
    }
  }
  return { objects };
}

function collect(document: Document.Parsed, node: unknown, objects: ManifestObject[]): void {
  if (!isMap(node)) return;
  const kind = toText(node.get('kind'));
  if (kind.endsWith('List')) {
    const items = node.get('items');
    if (isSeq(items)) for (const item of items.items) collect(document, item, objects);
    return;
  }
  objects.push({
    kind,
    namespace: toText(node.getIn(['metadata', 'namespace'])),
    name: toText(node.getIn(['metadata', 'name'])),
    node,
    json: node.toJS(document) as Record<string, unknown>,
  });
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** `Deployment kube-system/coredns`, for messages. */
export function toTitle({ kind, namespace, name }: ManifestObject): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}
