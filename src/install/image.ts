/** What names an image. The API server takes any text; the kubelet then cannot start the container, nor is the pod Ready. */

const HOST = '(([a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?|\\[[0-9a-fA-F:]+\\])(:[0-9]+)?/)?';
const PART = '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*';

/** HOST:PORT/PATH without tag and digest; for RE2 and JSON schemas too. */
export const REPOSITORY = `${HOST}${PART}(/${PART})*`;
export const TAG = '[a-zA-Z0-9_][-.a-zA-Z0-9_]{0,127}';
/** `registry.example.org/corespan:0.1.0@sha256:…`, whole. */
export const IMAGE_PATTERN = `^${REPOSITORY}(:${TAG})?(@sha256:[0-9a-f]{64})?$`;

export function isImage(text: string): boolean {
  return new RegExp(IMAGE_PATTERN).test(text);
}
