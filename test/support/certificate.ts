/** Makes a self-signed certificate for 127.0.0.1 with node:crypto alone, so that tests need no other program. */
import { generateKeyPairSync, sign } from 'node:crypto';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const ECDSA_WITH_SHA256 = '2a8648ce3d040302';
const COMMON_NAME = '550403';
const SUBJECT_ALTERNATIVE_NAME = '551d11';
const BASIC_CONSTRAINTS = '551d13';
/** DER tags (X.690); RFC 5280 says which stands where. */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  text: 0x0c,
  sequence: 0x30,
  set: 0x31,
  time: 0x17,
};

/** Valid from yesterday until tomorrow, its own authority. */
export function createCertificate(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = der(TAG.sequence, oid(ECDSA_WITH_SHA256));
  const commonName = der(TAG.sequence, oid(COMMON_NAME), der(TAG.text, Buffer.from('corespan test')));
  const name = der(TAG.sequence, der(TAG.set, commonName));
  const tbs = der(
    TAG.sequence,
    der(0xa0, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, Buffer.from([1])),
    algorithm,
    name,
    der(TAG.sequence, time(-1), time(1)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(TAG.sequence, ...extensions())),
  );
  const signature = der(TAG.bits, Buffer.from([0]), sign('sha256', tbs, privateKey));
  const certificate = der(TAG.sequence, tbs, algorithm, signature);
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
}

function extensions(): Buffer[] {
  const address = der(0x87, Buffer.from([127, 0, 0, 1]));
  const isAuthority = der(TAG.boolean, Buffer.from([0xff]));
  return [
    der(TAG.sequence, oid(SUBJECT_ALTERNATIVE_NAME), der(TAG.octets, der(TAG.sequence, address))),
    der(TAG.sequence, oid(BASIC_CONSTRAINTS), der(TAG.octets, der(TAG.sequence, isAuthority))),
  ];
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const digits = body.length.toString(16);
  const length = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

function oid(hex: string): Buffer {
  return der(TAG.oid, Buffer.from(hex, 'hex'));
}

/** UTCTime, `days` from today. */
function time(days: number): Buffer {
  const text = new Date(Date.now() + days * 86_400_000).toISOString();
  return der(TAG.time, Buffer.from(`${text.slice(2, 19).replaceAll(/[-T:]/g, '')}Z`));
}
